package dev.firn.walquorum.pgwire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.lsn.Lsn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with stock Postgres of each supported major version: each sslmode, certificates, SCRAM that is bound to it. */
class TlsTest {
    private static final String HBA = """
            hostnossl replication open 127.0.0.1/32 trust
            hostssl replication secured 127.0.0.1/32 trust
            hostssl replication known 127.0.0.1/32 cert
            hostssl replication old 127.0.0.1/32 md5
            host replication safe 127.0.0.1/32 scram-sha-256
            """;
    private static final Map<Integer, TestServer> SERVERS = new HashMap<>();
    private static final Map<String, Path> FILES = new HashMap<>();

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(16 << 20);

    @BeforeAll
    static void startServers(@TempDir final Path temporary) throws Exception {
        final TestCertificates.Pair server = TestCertificates.make(temporary, "server", "dns:localhost");
        final TestCertificates.Pair stranger = TestCertificates.make(temporary, "stranger", "dns:localhost");
        final TestCertificates.Pair client = TestCertificates.make(temporary, "known", "");
        FILES.put("root", TestCertificates.write(temporary.resolve("root.crt"), server.certificate()));
        FILES.put("stranger", TestCertificates.write(temporary.resolve("stranger.crt"), stranger.certificate()));
        FILES.put("cert", TestCertificates.write(temporary.resolve("client.crt"), client.certificate()));
        FILES.put("key", TestCertificates.write(temporary.resolve("client.key"), client.key()));
        FILES.put("open-key", TestCertificates.write(temporary.resolve("open.key"), client.key()));
        Files.setPosixFilePermissions(FILES.get("open-key"), PosixFilePermissions.fromString("rw-r--r--"));
        for (final SupportedMajor major : SupportedMajor.values()) {
            final TestServer made = TestServer.make(
                    major.number(),
                    temporary,
                    Map.of(
                            "ssl", "on",
                            "ssl_cert_file", "it.crt",
                            "ssl_key_file", "it.key",
                            "ssl_ca_file", "clients.crt"),
                    HBA);
            SERVERS.put(major.number(), made);
            made.put("it.crt", server.certificate());
            made.put("it.key", server.key());
            made.put("clients.crt", client.certificate());
            made.postgres().start();
            made.execute(
                    "CREATE ROLE open LOGIN REPLICATION",
                    "CREATE ROLE secured LOGIN REPLICATION",
                    "CREATE ROLE known LOGIN REPLICATION",
                    "CREATE ROLE safe LOGIN REPLICATION PASSWORD 'p'",
                    "SET password_encryption = 'md5'; CREATE ROLE old LOGIN REPLICATION PASSWORD 'p'");
        }
    }

    @AfterAll
    static void stopServers() {
        SERVERS.values().forEach(TestServer::close);
        SERVERS.clear();
        FILES.clear();
    }

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    @ParameterizedTest
    @CsvSource({
        "localhost,disable,open,false",
        "localhost,allow,open,false",
        "localhost,allow,secured,true",
        "localhost,prefer,open,false",
        "localhost,prefer,secured,true",
        "localhost,prefer,safe,true",
        "localhost,require,safe,true",
        "127.0.0.1,require,safe,true",
        "127.0.0.1,verify-ca,safe,true",
        "localhost,verify-ca,safe,true",
        "localhost,verify-full,safe,true"
    })
    void shouldUseTlsAsTheModeHasIt(final String host, final String mode, final String user, final boolean isTls) {
        for (final int major : SERVERS.keySet()) {
            try (ReplicationConnection connection =
                    connect(major, host, user, "password=p sslmode=" + mode + rootFor(mode))) {
                assertThat(connection.isTls()).isEqualTo(isTls);
                assertThat(connection.identifySystem().timeline()).isEqualTo(1);
            }
        }
    }

    private static String rootFor(final String mode) {
        return mode.startsWith("verify") ? " sslrootcert=" + FILES.get("root") : "";
    }

    @Test
    void shouldRefuseACertificateForAnotherHost() {
        refuses("127.0.0.1", "sslmode=verify-full sslrootcert=root", "its certificate is for another host");
        refuses(
                "127.0.0.1",
                "sslmode=verify-full sslrootcert=root",
                "connect under a name that it is made for, or use sslmode=verify-ca");
        try (ReplicationConnection connection = connect(
                17, "localhost", "safe", "hostaddr=127.0.0.1 password=p sslmode=verify-full sslrootcert=root")) {
            assertThat(connection.isTls()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"require", "verify-ca", "verify-full"})
    void shouldRefuseACertificateThatNobodyKnownVouchesFor(final String mode) {
        refuses(
                "localhost",
                "sslmode=" + mode + " sslrootcert=stranger",
                "is not vouched for by " + FILES.get("stranger"));
    }

    @Test
    void shouldSayWhichFileIsWrong() throws Exception {
        refuses("localhost", "sslmode=verify-full", "let sslrootcert name it");
        refuses("localhost", "sslmode=verify-ca sslrootcert=/nonexistent", "cannot be read from /nonexistent");
        refuses("localhost", "sslmode=verify-ca sslrootcert=key", "that sslrootcert names");
        refuses("localhost", "sslmode=require sslcert=cert", "let sslkey name it");
        refuses("localhost", "sslmode=require sslcert=cert sslkey=open-key", "chmod 0600 ");
        refuses("localhost", "sslmode=require sslcert=cert sslkey=cert", "openssl pkcs8 -topk8");
        refuses("localhost", "sslmode=verify-full sslrootcert=system", "is not vouched for by those whom Java trusts");
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldProveWhoItIsByACertificate(final int major) {
        try (ReplicationConnection connection =
                connect(major, "localhost", "known", "sslmode=require sslcert=cert sslkey=key")) {
            assertThat(connection.isTls()).isTrue();
        }
        assertThatThrownBy(() -> connect(major, "localhost", "known", "sslmode=require"))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("certificate");
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldBindScramToTls(final int major) throws Exception {
        final TestServer server = SERVERS.get(major);
        try (ReplicationConnection connection =
                connect(major, "localhost", "safe", "password=p sslmode=require channel_binding=require")) {
            assertThat(connection.isTls()).isTrue();
        }
        try (ReplicationConnection connection =
                connect(major, "localhost", "safe", "password=p sslmode=require channel_binding=disable")) {
            assertThat(connection.isTls()).isTrue();
        }
        assertThatThrownBy(() ->
                        connect(major, "localhost", "safe", "password=wrong sslmode=require channel_binding=require"))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.sqlState()).isEqualTo("28P01"));
        for (final String user : new String[] {"old", "secured"}) {
            assertThatThrownBy(() ->
                            connect(major, "localhost", user, "password=p sslmode=require channel_binding=require"))
                    .isInstanceOf(PgwireException.class)
                    .hasMessageContaining("does not use SCRAM for this user");
        }
        assertThat(server.value("SHOW ssl")).isEqualTo("on");
    }

    @Test
    void shouldSpeakTheVersionsThatAreAskedFor() {
        for (final String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
            try (ReplicationConnection connection = connect(
                    17,
                    "localhost",
                    "secured",
                    "sslmode=require ssl_min_protocol_version=" + version + " ssl_max_protocol_version=" + version)) {
                assertThat(connection.isTls()).isTrue();
            }
        }
        refuses(
                "localhost",
                "sslmode=require ssl_min_protocol_version=TLSv1 ssl_max_protocol_version=TLSv1.1",
                "no TLS with Postgres at localhost");
    }

    @ParameterizedTest
    @CsvSource({"15,TLSv1.2", "15,TLSv1.3", "17,TLSv1.2", "17,TLSv1.3"})
    void shouldHandOnTheBytesOfPgWalUnderTls(final int major, final String version) throws Exception {
        final TestServer server = SERVERS.get(major);
        try (ReplicationConnection connection =
                connect(major, "localhost", "secured", "sslmode=require ssl_max_protocol_version=" + version)) {
            final long from = connection.identifySystem().flushLsn();
            try (WalStream stream = connection.startReplication(null, from, 1)) {
                final WalCollector collector = new WalCollector(from);
                server.execute(
                        "DROP TABLE IF EXISTS t",
                        "CREATE TABLE t AS SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 5000) i");
                final long target = Lsn.parse(server.value("SELECT pg_current_wal_flush_lsn()"));
                collector.runUntil(stream, () -> collector.nextLsn >= target);
                assertThat(collector.nextLsn - from).isGreaterThan(TestServer.WAL_SEGMENT_BYTES);
                assertThat(collector.bytes.toByteArray()).isEqualTo(server.wal(1, from, collector.nextLsn));

                final int before = collector.keepalives;
                assertThat(stream.sendStatus(target, target, target, true)).isTrue();
                collector.runUntil(stream, () -> collector.keepalives > before);
                assertThat(server.value("SELECT flush_lsn FROM pg_stat_replication WHERE usename = 'secured'"))
                        .isEqualTo(Lsn.format(target));
            }
        }
    }

    @Test
    void shouldTakeABaseBackupUnderTls() {
        final BackupCollector backup = new BackupCollector();
        try (ReplicationConnection connection = connect(17, "localhost", "secured", "sslmode=require")) {
            assertThat(connection.baseBackup(BaseBackupOptions.of("x"), backup).endLsn())
                    .isPositive();
        }
        assertThat(backup.archives.get("base.tar").size()).isGreaterThan(10 << 20);
        assertThat(backup.progress).isEqualTo(backup.archives.get("base.tar").size());
    }

    private void refuses(final String host, final String parameters, final String sentence) {
        assertThatThrownBy(() -> connect(17, host, "safe", "password=s3cret " + parameters))
                .isInstanceOf(PgwireException.class)
                .hasMessageContaining(sentence)
                .message()
                .doesNotContain("s3cret", "\n");
    }

    /** Files are named by what they are. */
    private ReplicationConnection connect(
            final int major, final String host, final String user, final String parameters) {
        String text = parameters;
        for (final Map.Entry<String, Path> file : FILES.entrySet()) {
            text = text.replaceAll("=" + file.getKey() + "(?= |$)", "=" + file.getValue());
        }
        return ReplicationConnection.connect(
                TestServer.parse("host=" + host + " port="
                        + SERVERS.get(major).postgres().port() + " user=" + user + " " + text),
                TestServer.config(memory));
    }
}
