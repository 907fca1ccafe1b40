package dev.firn.walquorum.pgwire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.lsn.Lsn;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that are none, or not in their right mind: one sentence, bounded memory, and in good time. */
class MalformedServerTest {
    private static final int ROUNDS = 200;
    private static final int MANY_ROUNDS = 20_000;
    /** What a claimed length alone must not get. */
    private static final long MAX_HEAP_BYTES = 48L << 20;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(8 << 20);
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    // --- what a client does, from beginning to end --------------------------------------------------------------

    /** Asks all that there is to ask. The answers are those of the script, whatever is asked. */
    private void talk(final int port, final long startLsn, final boolean withBackup) {
        try (ReplicationConnection connection = ReplicationConnection.connect(
                TestServer.parse("host=127.0.0.1 sslmode=disable user=u port=" + port),
                TestServer.config(memory).withCommandLimit(Duration.ofSeconds(10)))) {
            connection.identifySystem();
            connection.show("wal_segment_size");
            connection.readSlot("mine");
            if (withBackup) {
                connection.baseBackup(BaseBackupOptions.of("x"), new BackupCollector());
            }
            final WalCollector collector = new WalCollector(startLsn);
            final WalStream stream = connection.startReplication(null, startLsn, 1);
            collector.runUntil(stream, stream::isEnded);
        }
    }

    private static byte[] script() {
        final byte[] wal = new byte[5000];
        final Map<String, byte[]> archives = new LinkedHashMap<>();
        archives.put("16384.tar", new byte[3000]);
        archives.put("base.tar", new byte[70_000]);
        return new ServerScript()
                .login("17.4")
                .columns("systemid", "timeline", "xlogpos", "dbname")
                .row("7400000000000000001", "1", "0/2000000", null)
                .complete("IDENTIFY_SYSTEM")
                .ready()
                .columns("wal_segment_size")
                .row("16MB")
                .complete("SHOW")
                .ready()
                .columns("slot_type", "restart_lsn", "restart_tli")
                .row("physical", "0/2000000", "1")
                .complete("READ_REPLICATION_SLOT")
                .ready()
                .baseBackup(archives, new byte[500])
                .copyBoth()
                .wal(0x2000000, wal)
                .keepalive(0x2000000 + wal.length, true)
                .wal(0x2000000 + wal.length, wal)
                .endOfTimeline(2, "0/2002710")
                .bytes();
    }

    @Test
    void shouldUnderstandTheScriptAsItIs() throws Exception {
        try (FakeServer server = FakeServer.saying(script())) {
            talk(server.port(), 0x2000000, true);
        }
    }

    @Test
    void shouldBearAnythingInPlaceOfTheScript() throws Exception {
        fuzz(script(), 0x2000000, true, ROUNDS);
    }

    @Test
    @Tag("long")
    void shouldBearAnythingInPlaceOfTheScriptManyTimes() throws Exception {
        fuzz(script(), 0x2000000, true, MANY_ROUNDS);
    }

    @Test
    void shouldBearAnythingInPlaceOfARealServer(@TempDir final Path temporary) throws Exception {
        final byte[] said;
        final long startLsn;
        try (TestServer server = TestServer.start(17, temporary, Map.of(), "host replication u 127.0.0.1/32 trust\n")) {
            server.execute("CREATE ROLE u LOGIN REPLICATION", "CREATE TABLE t AS SELECT generate_series(1, 1000)");
            startLsn = Lsn.parse(server.value("SELECT pg_current_wal_flush_lsn()")) & -8192L;
            try (RecordingProxy proxy = new RecordingProxy(server.postgres().port())) {
                final Thread stopper = new Thread(() -> server.postgres().stop(StopMode.FAST));
                stopper.setDaemon(true);
                record(proxy.port(), startLsn, stopper);
                stopper.join();
                proxy.close();
                said = proxy.said();
            }
        }
        try (FakeServer server = FakeServer.saying(said)) {
            talk(server.port(), startLsn, false);
        }
        fuzz(said, startLsn, false, ROUNDS);
    }

    /** The same as {@link #talk}, until the server stops. */
    private void record(final int port, final long startLsn, final Thread stopper) {
        try (ReplicationConnection connection = ReplicationConnection.connect(
                TestServer.parse("host=127.0.0.1 sslmode=disable user=u port=" + port), TestServer.config(memory))) {
            connection.identifySystem();
            connection.show("wal_segment_size");
            connection.readSlot("mine");
            final WalCollector collector = new WalCollector(startLsn);
            final WalStream stream = connection.startReplication(null, startLsn, 1);
            collector.runUntil(stream, () -> collector.nextLsn > startLsn);
            stopper.start();
            collector.runUntil(stream, stream::isEnded);
            assertThat(collector.isShutDown).isTrue();
        }
    }

    private void fuzz(final byte[] script, final long startLsn, final boolean withBackup, final int rounds)
            throws Exception {
        final byte[][] current = new byte[1][];
        try (FakeServer server = new FakeServer((socket, input, output) -> {
            output.write(current[0]);
            output.flush();
            socket.shutdownOutput();
            input.transferTo(OutputStream.nullOutputStream());
        })) {
            for (int seed = 0; seed < rounds; seed++) {
                final RandomGenerator random = SystemRandom.seeded(seed);
                current[0] = Mutation.of(script, random);
                final long before = allocated();
                try {
                    talk(server.port(), startLsn, withBackup);
                } catch (final PgwireException e) {
                    assertThat(e.getMessage())
                            .as("seed %d", seed)
                            .contains("Postgres at 127.0.0.1")
                            .doesNotContain("\n");
                } catch (final RuntimeException | AssertionError e) {
                    throw new AssertionError("seed " + seed, e);
                }
                assertThat(allocated() - before).as("heap, seed %d", seed).isLessThan(MAX_HEAP_BYTES);
            }
        }
    }

    private long allocated() {
        return threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
    }

    // --- one by one ---------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0, 3, 1 << 30, (16 << 20) + 5})
    void shouldRefuseALengthThatIsNone(final int length) throws Exception {
        final ServerScript script = new ServerScript().raw('R');
        for (final byte part : ServerScript.int32(length)) {
            script.raw(part);
        }
        refuses(script, "that claims a length of");
    }

    @Test
    void shouldAskForMemoryOnlyAsItComes() throws Exception {
        // 16 MiB are claimed, and a hundred bytes come.
        final ServerScript script = new ServerScript().raw('E', 1, 0, 0, 0).raw(new int[100]);
        final long before = allocated();
        refuses(script, "closed the connection");
        assertThat(allocated() - before).isLessThan(4L << 20);
    }

    @Test
    void shouldSayWhatTheServerDidWrong() throws Exception {
        refuses(new ServerScript().message('!'), "a message of type '!', which has no place here");
        refuses(new ServerScript().message('R', new byte[2]), "that ends within a field");
        refuses(new ServerScript().authentication(99), "authentication request 99, which nobody knows");
        refuses(new ServerScript().authentication(11, new byte[4]), "a step of SASL that was not begun");
        refuses(new ServerScript().ready(), "type 'Z', which has no place here");
        refuses(new ServerScript().authentication(7), "wants Kerberos for this user");
        refuses(
                new ServerScript().authentication(10, ServerScript.text("SCRAM-SHA-512"), new byte[1]),
                "SCRAM-SHA-256");
        refuses(
                new ServerScript().error("FATAL", "57P03", "the database system is starting up"),
                "it starts, stops or recovers: try again");
        refuses(
                new ServerScript().raw('H', 'T', 'T', 'P', '/', '1', '.', '1', ' ', '4', '0', '0'),
                "it is no Postgres");
    }

    @Test
    void shouldNameTheVersionsThatAreSupported() throws Exception {
        refuses(new ServerScript().login("14.11 (Debian)"), "is version 14.11 (Debian), and Firn follows 15 and 17");
        refuses(new ServerScript().login("18beta1"), "is version 18beta1, and Firn follows 15 and 17");
        refuses(new ServerScript().login("unknown"), "is version unknown");
        refuses(new ServerScript().authentication(0).ready(), "is version null");
    }

    /** Somebody who does not know the password must not be taken for the server. */
    @Test
    void shouldNotBelieveAServerThatDoesNotProveItself() throws Exception {
        final ServerScript skipping = new ServerScript()
                .authentication(10, ServerScript.text("SCRAM-SHA-256"), new byte[1])
                .login("17.4");
        refuses(skipping, "no proof that it knows the password");

        try (FakeServer server = new FakeServer((socket, input, output) -> {
            FakeServer.readStartup(input);
            output.write(new ServerScript()
                    .authentication(10, ServerScript.text("SCRAM-SHA-256"), new byte[1])
                    .bytes());
            final byte[] first = new byte[256];
            final String said = new String(first, 0, input.read(first), StandardCharsets.UTF_8);
            final String nonce = said.substring(said.indexOf("r=") + 2);
            output.write(new ServerScript()
                    .authentication(11, ("r=" + nonce + "x,s=c2FsdHNhbHQ=,i=4096").getBytes(StandardCharsets.UTF_8))
                    .authentication(12, ("v=" + "A".repeat(43) + "=").getBytes(StandardCharsets.UTF_8))
                    .login("17.4")
                    .bytes());
            input.transferTo(OutputStream.nullOutputStream());
        })) {
            assertThatThrownBy(() -> connect(server.port(), "sslmode=disable"))
                    .isInstanceOfSatisfying(
                            PgwireException.class,
                            e -> assertThat(e.isTransient()).isFalse())
                    .hasMessageContaining("does not prove that it knows the password");
        }
    }

    @Test
    void shouldNotTakeWordsFromBeforeTls() throws Exception {
        try (FakeServer server =
                FakeServer.saying(new ServerScript().raw('S').login("17.4").bytes())) {
            assertThatThrownBy(() -> connect(server.port(), "sslmode=require"))
                    .isInstanceOf(PgwireException.class)
                    .hasMessageContaining("something behind its answer to the question for TLS");
        }
        try (FakeServer server = FakeServer.saying(new byte[] {'N'})) {
            assertThatThrownBy(() -> connect(server.port(), "sslmode=require"))
                    .isInstanceOf(PgwireException.class)
                    .hasMessageContaining("offers no TLS, and sslmode=require asks for it");
        }
        try (FakeServer server = new FakeServer((socket, input, output) -> {
            input.readNBytes(8);
            output.write('S');
            input.read();
            output.write(new byte[100]);
            input.transferTo(OutputStream.nullOutputStream());
        })) {
            assertThatThrownBy(() -> connect(server.port(), "sslmode=require"))
                    .isInstanceOf(PgwireException.class)
                    .hasMessageContaining("TLS");
        }
    }

    @Test
    void shouldNotWaitForeverWhenTheServerStopsInTheMiddle() throws Exception {
        final byte[] login = new ServerScript().login("17.4").raw('T', 0, 0).bytes();
        try (FakeServer server = new FakeServer((socket, input, output) -> {
            output.write(login);
            input.transferTo(OutputStream.nullOutputStream());
        })) {
            try (ReplicationConnection connection = connect(server.port(), "sslmode=disable")) {
                assertThatThrownBy(connection::identifySystem)
                        .isInstanceOf(PgwireException.class)
                        .hasMessageContaining("it took too long to answer");
                assertThat(connection.isOpen()).isFalse();
                assertThatThrownBy(connection::identifySystem).hasMessageContaining("was closed before");
            }
        }
    }

    /** Who answers a server that has hung up shall still read why. */
    @Test
    void shouldSayWhyTheServerHungUpAlsoWhenAStatusFailsFirst() throws Exception {
        try (FakeServer server = new FakeServer((socket, input, output) -> {
            FakeServer.readStartup(input);
            output.write(new ServerScript().login("17.4").copyBoth().bytes());
            input.readNBytes(40);
            output.write(new ServerScript()
                    .error("FATAL", "57P01", "terminating connection due to administrator command")
                    .bytes());
            output.flush();
            // Without an end of its own: the client's next words meet a closed socket.
            socket.shutdownInput();
            input.transferTo(OutputStream.nullOutputStream());
        })) {
            try (ReplicationConnection connection = connect(server.port(), "sslmode=disable")) {
                final WalStream stream = connection.startReplication(null, 8, 1);
                final WalCollector collector = new WalCollector(8);
                final long deadlineNs =
                        SystemClock.INSTANCE.nanoTime() + Duration.ofSeconds(20).toNanos();
                while (stream.sendStatus(8, 8, 8, false) && SystemClock.INSTANCE.nanoTime() < deadlineNs) {
                    Thread.onSpinWait();
                }
                collector.runUntil(stream, stream::isEnded);
                assertThat(collector.error.sqlState()).isEqualTo("57P01");
            }
        }
    }

    @Test
    void shouldNotGoOnWhenAnAnswerEndsWithinAField() throws Exception {
        final byte[] answer = new ServerScript()
                .login("17.4")
                .columns("a", "b", "c")
                .message('D', ServerScript.int16(3), ServerScript.int32(9))
                .ready()
                .bytes();
        try (FakeServer server = FakeServer.saying(answer);
                ReplicationConnection connection = connect(server.port(), "sslmode=disable")) {
            assertThatThrownBy(connection::identifySystem)
                    .isInstanceOf(PgwireException.class)
                    .hasMessageContaining("ends within a field");
            assertThat(connection.isOpen()).isFalse();
        }
    }

    @Test
    void shouldEndTheStreamWhenTheHandlerThrows() throws Exception {
        final byte[] answer = new ServerScript()
                .login("17.4")
                .copyBoth()
                .keepalive(8, true)
                .wal(8, new byte[8])
                .bytes();
        try (FakeServer server = FakeServer.saying(answer);
                ReplicationConnection connection = connect(server.port(), "sslmode=disable")) {
            final WalStream stream = connection.startReplication(null, 8, 1);
            final WalCollector collector = new WalCollector(8) {
                @Override
                public void onKeepalive(
                        final long serverEndLsn, final long serverTimeUs, final boolean isReplyRequested) {
                    throw new IllegalStateException("not mine");
                }
            };
            assertThatThrownBy(() -> collector.runUntil(stream, stream::isEnded))
                    .hasMessage("not mine");
            assertThat(stream.isEnded()).isTrue();
            assertThat(stream.poll(collector)).isZero();
            assertThat(connection.isOpen()).isFalse();
            assertThat(collector.bytes.size()).isZero();
        }
    }

    private void refuses(final ServerScript script, final String sentence) throws Exception {
        try (FakeServer server = FakeServer.saying(script.bytes())) {
            assertThatThrownBy(() -> connect(server.port(), "sslmode=disable"))
                    .isInstanceOf(PgwireException.class)
                    .hasMessageContaining(sentence)
                    .message()
                    .doesNotContain("\n", "s3cret");
        }
    }

    private ReplicationConnection connect(final int port, final String more) {
        return ReplicationConnection.connect(
                TestServer.parse("host=127.0.0.1 user=u password=s3cret port=" + port + " " + more),
                TestServer.config(memory).withCommandLimit(Duration.ofSeconds(1)));
    }
}
