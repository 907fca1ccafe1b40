package dev.firn.walquorum.pgwire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the running stream leaves on the heap, once it is compiled: nothing, but for what the JDK's TLS leaves. */
class WalStreamAllocationTest {
    private static final long START_LSN = 1 << 20;
    private static final int WAL_BYTES = 8 << 10;
    private static final int MESSAGES = 4_000;
    private static final int MAX_PASSES = 60;
    private static final int TLS_PASSES = 3;
    /** Of the JDK's engine, for a record of 8 KiB and the status that answers it: 5.5 KiB when this was written. */
    private static final long MAX_TLS_BYTES = 8_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Counter counter = new Counter();

    private static final class Counter implements WalStreamHandler {
        long nextLsn = START_LSN;

        @Override
        public void onWal(
                final long lsn,
                final DirectBuffer buffer,
                final int offset,
                final int length,
                final long serverEndLsn,
                final long serverTimeUs) {
            nextLsn = lsn + length;
        }

        @Override
        public void onKeepalive(final long serverEndLsn, final long serverTimeUs, final boolean isReplyRequested) {
            // Nothing to keep.
        }

        @Override
        public void onEnd(final long nextTimeline, final long switchLsn) {
            throw new AssertionError("no timeline ends here");
        }

        @Override
        public void onServerShutdown() {
            throw new AssertionError("nothing is shut down here");
        }

        @Override
        public void onServerError(final PostgresException error) {
            throw error;
        }
    }

    @Test
    void shouldAllocateNothingWhenThereIsNoTls() throws Exception {
        try (FakeServer server = new FakeServer((socket, input, output) -> {
            FakeServer.readStartup(input);
            stream(input, output);
        })) {
            assertThat(perMessage(server.port(), "sslmode=disable", MAX_PASSES)).isZero();
        }
    }

    @Test
    void shouldAllocateLittleUnderTls(@TempDir final Path temporary) throws Exception {
        final SSLContext context = context(TestCertificates.make(temporary, "server", "dns:localhost"));
        try (FakeServer server = new FakeServer((socket, input, output) -> {
            input.readNBytes(8);
            output.write('S');
            try (SSLSocket secured =
                    (SSLSocket) context.getSocketFactory().createSocket(socket, null, socket.getPort(), true)) {
                secured.setUseClientMode(false);
                FakeServer.readStartup(secured.getInputStream());
                stream(secured.getInputStream(), secured.getOutputStream());
            }
        })) {
            final long bytes = perMessage(server.port(), "sslmode=require", TLS_PASSES);
            assertThat(bytes).isLessThan(MAX_TLS_BYTES);
        }
    }

    /** One message, then one more for each status: so each takes a read, a write and a wait. */
    private static void stream(final InputStream input, final OutputStream output) throws IOException {
        output.write(new ServerScript().login("17.4").copyBoth().bytes());
        final byte[] message = new ServerScript()
                .wal(START_LSN, new byte[WAL_BYTES])
                .keepalive(START_LSN, false)
                .bytes();
        final ByteBuffer view = ByteBuffer.wrap(message);
        final byte[] status = new byte[39];
        // The client's START_REPLICATION.
        final byte[] head = input.readNBytes(5);
        input.readNBytes(ByteBuffer.wrap(head).getInt(1) - Integer.BYTES);
        for (long lsn = START_LSN; ; lsn += WAL_BYTES) {
            view.putLong(6, lsn);
            output.write(message);
            output.flush();
            if (input.readNBytes(status, 0, status.length) < status.length) {
                return;
            }
        }
    }

    private long perMessage(final int port, final String more, final int passes) {
        // Not in checked mode, in which each buffer has an arena of its own.
        try (OffHeapMemory memory =
                        OffHeapMemory.open(OffHeapConfig.of("test", 8 << 20).withChecked(false));
                ReplicationConnection connection = ReplicationConnection.connect(
                        TestServer.parse("host=127.0.0.1 user=u port=" + port + " " + more),
                        TestServer.config(memory));
                WalStream stream = connection.startReplication(null, START_LSN, 1)) {
            long allocated = Long.MAX_VALUE;
            for (int pass = 0; pass < passes && allocated >= MESSAGES; pass++) {
                final long before = allocated();
                run(stream);
                allocated = allocated() - before;
            }
            // What is left is the measurement's own.
            return allocated / MESSAGES;
        }
    }

    private long allocated() {
        return threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
    }

    private void run(final WalStream stream) {
        final long end = counter.nextLsn + (long) MESSAGES * WAL_BYTES;
        long answered = counter.nextLsn;
        while (counter.nextLsn < end) {
            if (stream.poll(counter) == 0) {
                stream.await(Duration.ofSeconds(1).toNanos());
            }
            if (counter.nextLsn >= answered + WAL_BYTES) {
                answered += WAL_BYTES;
                assertThatTrue(stream.sendStatus(answered, answered, answered, false));
            }
        }
    }

    private static void assertThatTrue(final boolean wasSent) {
        if (!wasSent) {
            throw new AssertionError("a status did not fit the socket");
        }
    }

    private static SSLContext context(final TestCertificates.Pair pair) throws Exception {
        final KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        final String key = pair.key().replaceAll("-----[A-Z ]+-----|\\s", "");
        store.setKeyEntry(
                "it",
                KeyFactory.getInstance("EC")
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key))),
                new char[0],
                new Certificate[] {
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(pair.certificate().getBytes(StandardCharsets.UTF_8)))
                });
        final KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        final SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
