package dev.firn.pagestore.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.page.PageLayout;
import dev.firn.transport.aeron.AddressTable;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.DriverChoice;
import dev.firn.transport.aeron.DriverProfile;
import dev.firn.transport.aeron.NodeAddress;
import dev.firn.transport.request.RequestFailure;
import dev.firn.transport.request.RequestServerCounter;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asking for pages and sizes over Aeron, waiting for ingest among it, and answering, allocate nothing on either side. */
final class PageServiceAllocationTest {
    private static final int ROUNDS = 500;

    /** Compilation ends somewhere on the way: then one exchange allocates nothing. */
    private static final int MAX_EXCHANGES = 20;

    private static final int LIMIT = 16;
    private static final int SHARD_ROOM = 2;
    private static final long TIMEOUT_NS = 10_000_000_000L;
    private static final MemoryTag TAG = MemoryTag.of("page-service-test");

    @TempDir
    private Path parent;

    /** One page for all keys; its outcomes are told in the order of the reads. */
    private static final class OnePage implements PageReads {
        private final MemorySegment page;
        private final long[] tokens = new long[256];
        private final int[] lengths = new int[256];
        private int first;
        private int count;
        private long appliedLsn = 1_000;

        OnePage(final MemorySegment page) {
            this.page = page;
        }

        @Override
        public int timeline(final long timelineId) {
            return 0;
        }

        @Override
        public int timeline(final String name) {
            return 0;
        }

        @Override
        public TimelineFacts facts(final int timeline) {
            throw new UnsupportedOperationException("nobody asks for facts");
        }

        @Override
        public long appliedLsn(final int timeline) {
            return appliedLsn;
        }

        @Override
        public long historyLsn(final int timeline) {
            return 1;
        }

        /** Every second one. */
        @Override
        public MemorySegment pageInMemory(
                final int timeline, final long high, final long middle, final long low, final long lsn) {
            return (low & 1) == 0 ? page : null;
        }

        @Override
        public boolean read(
                final long token,
                final int timeline,
                final long high,
                final long middle,
                final long low,
                final long lsn) {
            if (count == SHARD_ROOM) {
                return false;
            }
            final int slot = (first + count) % tokens.length;
            tokens[slot] = token;
            lengths[slot] = high >>> Integer.SIZE == 0 ? PageLayout.PAGE_BYTES : Integer.BYTES;
            count++;
            return true;
        }

        @Override
        public boolean scan(
                final long token,
                final int timeline,
                final long fromHigh,
                final long fromMiddle,
                final long fromLow,
                final long toHigh,
                final long toMiddle,
                final long toLow,
                final long lsn,
                final int maxBytes) {
            throw new UnsupportedOperationException("nobody asks for scans");
        }

        @Override
        public boolean lsnAt(final long token, final int timeline, final long timestampMicros) {
            throw new UnsupportedOperationException("nobody asks for times");
        }

        @Override
        public boolean isHeld(final int timeline, final long lsn) {
            return false;
        }

        @Override
        public void lease(
                final int timeline,
                final String holder,
                final long lsn,
                final long untilEpochMs,
                final HoldHandler handler) {
            throw new UnsupportedOperationException("nobody asks for leases");
        }

        @Override
        public void endLease(final int timeline, final String holder, final long lsn) {
            throw new UnsupportedOperationException("nobody has leases");
        }

        @Override
        public void abandon(final long token) {
            throw new AssertionError("nobody gives up");
        }

        @Override
        public int poll(final ReadHandler handler, final int limit) {
            int done = 0;
            appliedLsn += 3;
            while (count > 0 && done < limit && handler.onRead(tokens[first], page, 0, lengths[first])) {
                first = (first + 1) % tokens.length;
                count--;
                done++;
            }
            return done;
        }
    }

    /** Counts. */
    private static final class Tally implements PageHandler {
        private long pages;
        private long sizes;
        private long bytes;

        @Override
        public void onPage(final long token, final long lsn, final DirectBuffer buffer, final int offset) {
            pages++;
            bytes += buffer.getByte(offset + PageLayout.PAGE_BYTES - 1);
        }

        @Override
        public void onSize(final long token, final long lsn, final long blocks) {
            sizes++;
        }

        @Override
        public void onRefused(
                final long token, final ReadRefusal refusal, final long appliedLsn, final String sentence) {
            throw new AssertionError(sentence);
        }

        @Override
        public void onFailure(final long token, final RequestFailure failure) {
            throw new AssertionError(failure);
        }
    }

    /** The two ends, polled by one thread. */
    private static final class Ends implements AutoCloseable {
        private final OnePage reads;
        private final AeronEndpoint serverEnd;
        private final AeronEndpoint clientEnd;
        private final PageService service;
        private final PageClient client;
        private final MessageHandler toService;
        private final MessageHandler toClient;

        Ends(final AeronNetwork network, final OnePage reads, final Tally tally, final OffHeapMemory memory) {
            this.reads = reads;
            this.serverEnd = network.open(0);
            this.clientEnd = network.open(1);
            this.service = new PageService(serverEnd, SystemClock.INSTANCE, PageServiceConfig.DEFAULT, reads, memory);
            this.client = new PageClient(
                    clientEnd, SystemClock.INSTANCE, SystemRandom.seeded(1), PageClientConfig.DEFAULT, tally);
            this.toService = service::onMessage;
            this.toClient = client::onMessage;
        }

        void connect() {
            final long deadlineNs = SystemClock.INSTANCE.nanoTime() + TIMEOUT_NS;
            // What is sent before the log buffers are there would be refused, here and there.
            while (!clientEnd.connectedTo(0) || !serverEnd.connectedTo(1)) {
                assertThat(SystemClock.INSTANCE.nanoTime() - deadlineNs).isNegative();
                poll();
            }
        }

        void exchange() {
            for (int round = 0; round < ROUNDS; round++) {
                ask(client, reads.appliedLsn + 5, round);
                while (client.inFlight() > 0) {
                    poll();
                }
            }
        }

        private void poll() {
            serverEnd.poll(toService, LIMIT);
            service.doWork(LIMIT);
            clientEnd.poll(toClient, LIMIT);
            client.doWork();
        }

        @Override
        public void close() {
            service.close();
        }
    }

    @Test
    void shouldAllocateNothingForPagesAndSizes() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final AddressTable table = AddressTable.of(Map.of(0, NodeAddress.IPC, 1, NodeAddress.IPC));
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("page-service-test", 32 << 20));
                AeronNetwork network =
                        new AeronNetwork(table, new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, parent))) {
            final MemorySegment page = memory.allocate(PageLayout.PAGE_BYTES, TAG);
            page.fill((byte) 1);
            final Tally tally = new Tally();
            try (Ends ends = new Ends(network, new OnePage(page), tally, memory)) {
                ends.connect();
                long least = Long.MAX_VALUE;
                for (int i = 0; i < MAX_EXCHANGES && least > 0; i++) {
                    final long before = threads.getCurrentThreadAllocatedBytes();
                    ends.exchange();
                    least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                }
                assertThat(least)
                        .as("bytes allocated by %d rounds of requests", ROUNDS)
                        .isZero();
                assertThat(tally.pages % (2 * ROUNDS)).isZero();
                assertThat(tally.bytes).isEqualTo(tally.pages);
                assertThat(tally.sizes).isEqualTo(tally.pages / 4);
                assertThat(ends.service.counters().get(PageServiceCounter.WAITED))
                        .isGreaterThanOrEqualTo(ROUNDS);
                assertThat(ends.service.server().counters().get(RequestServerCounter.ANSWERED_ON_ARRIVAL))
                        .isEqualTo(tally.pages / 4);
            }
            memory.free(page);
        }
    }

    private static void ask(final PageClient client, final long futureLsn, final int round) {
        final SendResult sent = client.getPage(0, 1, PageService.NEWEST, 0, 1, 2, 3, 0, round, TIMEOUT_NS, round);
        if (sent != SendResult.SENT) {
            throw new AssertionError(sent);
        }
        client.beginBatch(0);
        client.addPage(1, futureLsn, 0, 1, 2, 3, 0, round, TIMEOUT_NS, round);
        client.sendBatch();
        if (round % 2 == 0) {
            client.relationSize(0, 1, PageService.NEWEST, 0, 1, 2, 3, 0, TIMEOUT_NS, round);
        }
    }
}
