package dev.firn.walquorum.pgwire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.lsn.Lsn;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against stock Postgres of each supported major version. */
class ReplicationConnectionTest {
    private static final String HBA = """
            host replication trusted 127.0.0.1/32 trust
            host replication plain 127.0.0.1/32 password
            host replication old 127.0.0.1/32 md5
            host replication safe 127.0.0.1/32 scram-sha-256
            host replication norepl 127.0.0.1/32 trust
            host replication gone 127.0.0.1/32 trust
            host all safe 127.0.0.1/32 scram-sha-256
            """;
    private static final Map<Integer, TestServer> SERVERS = new HashMap<>();

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(8 << 20);

    @BeforeAll
    static void startServers(@TempDir final Path temporary) throws Exception {
        for (final SupportedMajor major : SupportedMajor.values()) {
            final TestServer server = TestServer.start(
                    major.number(), temporary, Map.of("max_wal_senders", "4", "max_replication_slots", "3"), HBA);
            SERVERS.put(major.number(), server);
            server.execute(
                    "CREATE ROLE trusted LOGIN REPLICATION",
                    "CREATE ROLE norepl LOGIN",
                    "CREATE ROLE plain LOGIN REPLICATION PASSWORD 'p w'",
                    "CREATE ROLE safe LOGIN REPLICATION PASSWORD 'päß wort'",
                    "SET password_encryption = 'md5'; CREATE ROLE old LOGIN REPLICATION PASSWORD 'old one'");
        }
    }

    @AfterAll
    static void stopServers() {
        SERVERS.values().forEach(TestServer::close);
    }

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    // --- authentication -----------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "15,trusted,''",
        "17,trusted,''",
        "15,plain,'p w'",
        "17,plain,'p w'",
        "15,old,'old one'",
        "17,old,'old one'",
        "15,safe,'päß wort'",
        "17,safe,'päß wort'"
    })
    void shouldConnectByEachMethod(final int major, final String user, final String password) {
        try (ReplicationConnection connection = connect(major, user, "password='" + password + "'")) {
            assertThat(connection.serverVersion().major()).isEqualTo(major);
            assertThat(connection.isTls()).isFalse();
            assertThat(connection.show("server_version"))
                    .isEqualTo(connection.serverVersion().text());
        }
    }

    @ParameterizedTest
    @CsvSource({"15,plain", "15,old", "15,safe", "17,plain", "17,old", "17,safe"})
    void shouldSaySoWhenThePasswordIsWrong(final int major, final String user) {
        assertThatThrownBy(() -> connect(major, user, "password=wr0ng"))
                .isInstanceOfSatisfying(PostgresException.class, error -> {
                    assertThat(error.sqlState()).isEqualTo("28P01");
                    assertThat(error.isTransient()).isFalse();
                })
                .hasMessageContaining("give the right password of " + user)
                .message()
                .doesNotContain("wr0ng", "\n");
        assertThatThrownBy(() -> connect(major, user, "passfile=/nonexistent/pass"))
                .isInstanceOf(PgwireException.class)
                .hasMessageContaining("wants a password for " + user)
                .hasMessageContaining("/nonexistent/pass");
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldSaySoWhenTheRoleMayNot(final int major) {
        assertThat(refusal(major, "norepl").sqlState()).isEqualTo("42501");
        assertThat(refusal(major, "norepl")).hasMessageContaining("ALTER ROLE norepl REPLICATION");
        assertThat(refusal(major, "gone").sqlState()).isEqualTo("28000");
        assertThat(refusal(major, "stranger").sqlState()).isEqualTo("28000");
        assertThat(refusal(major, "stranger"))
                .hasMessageContaining("\"host replication stranger ADDRESS scram-sha-256\"");
    }

    @Test
    void shouldConnectOverTheSocketOfTheFileSystem() {
        try (ReplicationConnection connection =
                ReplicationConnection.connect(SERVERS.get(17).socketInfo(), TestServer.config(memory))) {
            assertThat(connection.identifySystem().timeline()).isEqualTo(1);
        }
        final String socket = SERVERS.get(17).socketInfo().withoutSecrets();
        assertThatThrownBy(() -> ReplicationConnection.connect(
                        TestServer.parse(socket + " requirepeer=somebody"), TestServer.config(memory)))
                .isInstanceOf(PgwireException.class)
                .hasMessageContaining("requirepeer=somebody asks for another's");
    }

    @Test
    void shouldRefuseToSendAPasswordOpenlyWhenBindingIsRequired() {
        assertThatThrownBy(() -> connect(17, "plain", "password='p w' channel_binding=require"))
                .isInstanceOf(PgwireException.class)
                .hasMessageContaining("channel_binding=require binds SCRAM to TLS");
    }

    // --- finding a server ---------------------------------------------------------------------------------------

    @Test
    void shouldTakeTheNextHostWhenOneIsNotThere() throws Exception {
        final int port = SERVERS.get(15).postgres().port();
        try (ServerSocket closed = new ServerSocket(0)) {
            final int free = closed.getLocalPort();
            closed.close();
            final String hosts =
                    "host=no-such-host.invalid,127.0.0.1,localhost user=trusted port=1," + free + "," + port;
            try (ReplicationConnection connection =
                    ReplicationConnection.connect(TestServer.parse(hosts), TestServer.config(memory))) {
                assertThat(connection.host()).isEqualTo("localhost:" + port);
            }
            assertThatThrownBy(() -> ReplicationConnection.connect(
                            TestServer.parse("host=no-such-host.invalid,127.0.0.1 user=trusted port=" + free),
                            TestServer.config(memory)))
                    .isInstanceOfSatisfying(
                            PgwireException.class,
                            error -> assertThat(error.isTransient()).isTrue())
                    .hasMessageContaining("there is no host no-such-host.invalid")
                    .hasMessageContaining("127.0.0.1:" + free + " cannot be reached");
        }
    }

    @Test
    void shouldGiveUpWhenAServerSaysNothing() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            assertThatThrownBy(() -> ReplicationConnection.connect(
                            TestServer.parse("host=127.0.0.1 user=u connect_timeout=2 port=" + silent.getLocalPort()),
                            TestServer.config(memory)))
                    .isInstanceOf(PgwireException.class)
                    .hasMessageContaining("it took too long to answer");
        }
    }

    @Test
    void shouldTakeAServerThatWritesWhenThatIsAskedFor() {
        try (ReplicationConnection connection = connect(17, "trusted", "target_session_attrs=read-write")) {
            assertThat(connection.isOpen()).isTrue();
        }
        try (ReplicationConnection connection = connect(17, "trusted", "target_session_attrs=prefer-standby")) {
            assertThat(connection.isOpen()).isTrue();
        }
        assertThatThrownBy(() -> connect(17, "trusted", "target_session_attrs=standby"))
                .isInstanceOf(PgwireException.class)
                .hasMessageContaining("is not what target_session_attrs=standby asks for");
    }

    @Test
    void shouldBeSeenUnderItsName() throws Exception {
        try (ReplicationConnection connection = connect(17, "trusted", "application_name=someone")) {
            assertThat(connection.isOpen()).isTrue();
            assertThat(SERVERS.get(17)
                            .value("SELECT application_name FROM pg_stat_activity WHERE backend_type = 'walsender'"))
                    .isEqualTo("someone");
        }
    }

    // --- questions ----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldIdentifyTheSystem(final int major) throws Exception {
        final TestServer server = SERVERS.get(major);
        try (ReplicationConnection connection = connect(major, "trusted", "")) {
            final SystemIdentity identity = connection.identifySystem();
            assertThat(Long.toUnsignedString(identity.systemIdentifier()))
                    .isEqualTo(server.value("SELECT system_identifier FROM pg_control_system()"));
            assertThat(identity.timeline()).isEqualTo(1);
            assertThat(identity.flushLsn())
                    .isGreaterThan(Lsn.parse("0/100000"))
                    .isLessThanOrEqualTo(Lsn.parse(server.value("SELECT pg_current_wal_flush_lsn()")));
            assertThat(connection.show("wal_segment_size")).isEqualTo("1MB");
            assertThat(connection.query("SHOW max_wal_senders"))
                    .isEqualTo(new QueryResult(List.of("max_wal_senders"), List.of(List.of("4"))));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldGoOnWhenACommandWasRefused(final int major) {
        try (ReplicationConnection connection = connect(major, "trusted", "")) {
            assertThatThrownBy(() -> connection.show("no_such_setting"))
                    .isInstanceOfSatisfying(
                            PostgresException.class,
                            error -> assertThat(error.sqlState()).isEqualTo("42704"));
            assertThatThrownBy(() -> connection.query("SELECT 1")).isInstanceOf(PostgresException.class);
            assertThatThrownBy(() -> connection.timelineHistory(1))
                    .isInstanceOfSatisfying(
                            PostgresException.class,
                            error -> assertThat(error.sqlState()).isEqualTo("58P01"));
            assertThatThrownBy(() -> connection.timelineHistory(0)).isInstanceOf(IllegalArgumentException.class);
            assertThat(connection.identifySystem().timeline()).isEqualTo(1);
            assertThat(connection.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldMakeReadAndDropSlots(final int major) throws Exception {
        try (ReplicationConnection connection = connect(major, "trusted", "")) {
            assertThat(connection.readSlot("mine")).isEmpty();
            connection.createPhysicalSlot("mine", true);
            connection.createPhysicalSlot("lazy", false);
            final SlotState state = connection.readSlot("mine").orElseThrow();
            assertThat(Lsn.format(state.restartLsn()))
                    .isEqualTo(SERVERS.get(major)
                            .value("SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'mine'"));
            assertThat(state.restartTimeline()).isEqualTo(1);
            assertThat(connection.readSlot("lazy")).contains(new SlotState("lazy", Lsn.INVALID, 0));

            assertThat(error(() -> connection.createPhysicalSlot("mine", true)).sqlState())
                    .isEqualTo("42710");
            assertThat(error(() -> connection.createPhysicalSlot("Not one", true))
                            .sqlState())
                    .isEqualTo("42602");
            connection.createPhysicalSlot("third", false);
            assertThat(error(() -> connection.createPhysicalSlot("fourth", false)))
                    .hasMessageContaining("raise max_replication_slots");

            connection.dropSlot("mine", true);
            connection.dropSlot("lazy", false);
            connection.dropSlot("third", false);
            assertThat(connection.readSlot("mine")).isEmpty();
            assertThat(error(() -> connection.dropSlot("mine", false)).sqlState())
                    .isEqualTo("42704");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldRunStatementsInAnOrdinarySession(final int major) {
        try (SqlConnection connection = SqlConnection.connect(
                SERVERS.get(major).info("safe", "password='päß wort' dbname=postgres"), TestServer.config(memory))) {
            assertThat(connection.query("SELECT 1 AS a, NULL AS b, 'ä' AS c UNION ALL SELECT 2, '', current_user"))
                    .isEqualTo(new QueryResult(
                            List.of("a", "b", "c"), List.of(Arrays.asList("1", null, "ä"), List.of("2", "", "safe"))));
            assertThat(connection.query("SET work_mem = '1MB'").rows()).isEmpty();
            assertThat(connection.query("").rows()).isEmpty();
            assertThat(error(() -> connection.query("SELECT 1/0")).sqlState()).isEqualTo("22012");
            assertThatThrownBy(() -> connection.query("COPY (SELECT 1) TO STDOUT"))
                    .isInstanceOf(PgwireException.class)
                    .hasMessageContaining("type 'H', which has no place here");
        }
        assertThatThrownBy(() -> SqlConnection.connect(
                        SERVERS.get(major).info("safe", "password='päß wort' dbname=nowhere"),
                        TestServer.config(memory)))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("let dbname name a database that exists");
    }

    @Test
    void shouldSaySoWhenThereAreTooManyWalsenders() {
        try (ReplicationConnection first = connect(17, "trusted", "");
                ReplicationConnection second = connect(17, "trusted", "");
                ReplicationConnection third = connect(17, "trusted", "");
                ReplicationConnection fourth = connect(17, "trusted", "")) {
            assertThat(List.of(first, second, third, fourth)).allMatch(ReplicationConnection::isOpen);
            assertThatThrownBy(() -> connect(17, "trusted", ""))
                    .isInstanceOfSatisfying(PostgresException.class, error -> {
                        assertThat(error.sqlState()).isEqualTo("53300");
                        assertThat(error.isTransient()).isTrue();
                    })
                    .hasMessageContaining("raise max_wal_senders");
        }
    }

    private ReplicationConnection connect(final int major, final String user, final String more) {
        return ReplicationConnection.connect(SERVERS.get(major).info(user, more), TestServer.config(memory));
    }

    private PostgresException refusal(final int major, final String user) {
        return error(() -> connect(major, user, ""));
    }

    private static PostgresException error(final ThrowingCallable call) {
        return catchThrowableOfType(PostgresException.class, call);
    }
}
