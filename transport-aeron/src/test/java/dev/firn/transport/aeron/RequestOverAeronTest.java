package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.transport.request.RequestClient;
import dev.firn.transport.request.RequestClientConfig;
import dev.firn.transport.request.RequestFailure;
import dev.firn.transport.request.RequestHandler;
import dev.firn.transport.request.RequestServer;
import dev.firn.transport.request.RequestServerConfig;
import dev.firn.transport.request.ResponseHandler;
import dev.firn.transport.request.ResponseStatus;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages of 8 KiB, asked for in batches and written in place, between nodes that authenticate. */
final class RequestOverAeronTest {
    private static final int PAGE_BYTES = 8_192;
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    @TempDir(factory = SharedMemory.class)
    private Path parent;

    private final UnsafeBuffer body = new UnsafeBuffer(new byte[64]);
    private long answered;

    @Test
    void shouldAllocateNothingWhenPagesAreAskedForInBatches() {
        try (AeronNetwork network =
                Secrets.network(Wait.ipcTable(2), new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, parent), 1)) {
            final Pages pages = new Pages(network.open(0), network.open(1));
            pages.exchange(1, 1);
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 10 && least > 0; round++) {
                final long before = threads.getCurrentThreadAllocatedBytes();
                pages.exchange(60, 16);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).as("bytes allocated by 960 pages").isZero();
            assertThat(answered % 960).isEqualTo(1);
        }
    }

    private final class Pages implements RequestHandler, ResponseHandler {
        private final AeronEndpoint asking;
        private final AeronEndpoint answering;
        private final RequestClient client;
        private final RequestServer server;
        private final MessageClaim claim = new MessageClaim();
        private final MessageHandler toClient = this::onClientMessage;
        private final MessageHandler toServer = this::onServerMessage;

        private Pages(final AeronEndpoint asking, final AeronEndpoint answering) {
            this.asking = asking;
            this.answering = answering;
            this.client = new RequestClient(
                    asking, SystemClock.INSTANCE, SystemRandom.create(), RequestClientConfig.DEFAULT, this);
            this.server = new RequestServer(answering, SystemClock.INSTANCE, RequestServerConfig.DEFAULT, this);
            assertThat(server.maxClaimLength()).isGreaterThanOrEqualTo(PAGE_BYTES + 64);
            Wait.until("both ways are open", () -> {
                poll();
                return asking.connectedTo(1) && answering.connectedTo(0);
            });
        }

        private void exchange(final int batches, final int pagesEach) {
            for (int i = 0; i < batches; i++) {
                client.beginBatch(1);
                for (int page = 0; page < pagesEach; page++) {
                    body.putLong(0, page);
                    if (!client.addToBatch(1, body, 0, 40, TIMEOUT_NS, page)) {
                        throw new AssertionError("no room in the batch");
                    }
                }
                while (client.sendBatch() != SendResult.SENT) {
                    poll();
                }
                while (client.inFlight() > 0) {
                    poll();
                }
            }
        }

        private void poll() {
            answering.poll(toServer, 10);
            server.doWork(10);
            asking.poll(toClient, 10);
            client.doWork();
        }

        private void onClientMessage(final int source, final DirectBuffer buffer, final int offset, final int length) {
            client.onMessage(source, buffer, offset, length);
        }

        private void onServerMessage(final int source, final DirectBuffer buffer, final int offset, final int length) {
            server.onMessage(source, buffer, offset, length);
        }

        @Override
        public boolean onRequest(
                final long ticket,
                final int sourceNodeId,
                final int kind,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            // Not taken when the client's log is full: it comes again.
            if (server.claim(ticket, ResponseStatus.OK, PAGE_BYTES, claim) != SendResult.SENT) {
                return false;
            }
            claim.buffer().setMemory(0, PAGE_BYTES, (byte) buffer.getLong(offset));
            claim.commit();
            return true;
        }

        @Override
        public void onAbandoned(final long ticket) {
            throw new AssertionError("ticket " + ticket + " was abandoned");
        }

        @Override
        public void onResponse(
                final long token,
                final int sourceNodeId,
                final int status,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            if (length != PAGE_BYTES || buffer.getByte(offset + PAGE_BYTES - 1) != (byte) token) {
                throw new AssertionError("page " + token + " is wrong");
            }
            answered++;
        }

        @Override
        public void onFailure(final long token, final RequestFailure failure) {
            throw new AssertionError("page " + token + " " + failure);
        }
    }
}
