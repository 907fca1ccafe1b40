package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.corpus.CorpusSettings;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.FirnProcess;
import dev.firn.server.pages.IngestOracle;
import dev.firn.server.pages.Restore;
import dev.firn.server.redo.PrimaryComparison;
import dev.firn.server.up.QuorumLayout;
import dev.firn.server.wal.ArchivedChain;
import dev.firn.server.wal.ArchivedTimeline;
import dev.firn.walquorum.catalog.BranchCatalog;
import dev.firn.walquorum.catalog.BranchEntry;
import dev.firn.walquorum.catalog.BranchOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Postgres that a system follows, with page servers on hosts of their own, and the proof of what they say: against an independent replay of
 * base backup and WAL, and against the primary's own files.
 */
final class PageTrial implements AutoCloseable {
    static final String MAIN = "main";
    static final Duration LIMIT = Duration.ofMinutes(4);

    /** Nodes that the system keeps for commands, the last ones: commands take the first that is free. */
    private static final int FIRST_HOST = QuorumLayout.reader(QuorumLayout.READERS - 1);

    private final Path folder;
    private final FollowedPostgres postgres;
    private final FaultedSystem system;
    private final PageServerHost host;
    private int proofs;

    private PageTrial(
            final Path folder, final FollowedPostgres postgres, final FaultedSystem system, final PageServerHost host) {
        this.folder = folder;
        this.postgres = postgres;
        this.system = system;
        this.host = host;
    }

    /**
     * @param folder a test's temporary one.
     * @param options of {@code up}.
     */
    static PageTrial start(final Path folder, final int major, final String... options) throws Exception {
        final FollowedPostgres postgres = FollowedPostgres.start(folder, major, settings());
        FaultedSystem system = null;
        try {
            system = FaultedSystem.attach(postgres, folder.resolve("data"), options);
            final PageServerHost host = new PageServerHost(system.dir(), FIRST_HOST);
            final PageTrial trial = new PageTrial(folder, postgres, system, host);
            host.start();
            awaitLive(host, MAIN);
            return trial;
        } catch (final Exception | AssertionError e) {
            if (system != null) {
                system.close();
            }
            postgres.close();
            throw e;
        }
    }

    /** What the scripts of every record type want. */
    private static Map<String, String> settings() {
        final Map<String, String> settings = new LinkedHashMap<>(
                CorpusSettings.DEFAULT.withConsistency(false).server());
        settings.remove("wal_keep_size");
        settings.put("wal_compression", "off");
        settings.put("autovacuum", "on");
        settings.put("checkpoint_timeout", "30s");
        return settings;
    }

    /** Of the first host's own, below the system's directory. */
    static String hostFolder() {
        return PageServerHost.folder(FIRST_HOST);
    }

    PostgresServer postgres() {
        return postgres.server();
    }

    FollowedPostgres followed() {
        return postgres;
    }

    FaultedSystem system() {
        return system;
    }

    /** The first host with a page server. */
    PageServerHost host() {
        return host;
    }

    /** Another host; the caller starts and closes it. */
    PageServerHost anotherHost() throws IOException {
        return new PageServerHost(system.dir(), FIRST_HOST - 1);
    }

    long flushedLsn() throws SQLException {
        return flushedLsn(postgres.server());
    }

    static long flushedLsn(final PostgresServer server) throws SQLException {
        return Lsn.parse(
                server.query("SELECT pg_current_wal_flush_lsn()").getFirst().getFirst());
    }

    /** Makes a branch, as {@code firn branch create} does, and waits until a page server has it. */
    void branch(final PageServerHost server, final String parent, final String name, final long lsn) throws Exception {
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("branch", 16L << 20));
                ArchivedTimeline store = ArchivedTimeline.open(
                        StoreLocation.parse(server.store()), MAIN, memory, SystemClock.INSTANCE, () -> false)) {
            final BranchCatalog branches = new BranchCatalog(store.session(), memory, ArchivedTimeline.OPTIONS);
            final BranchOutcome made = store.ask(handler -> branches.create(
                    new BranchEntry(
                            name,
                            SystemRandom.secure().nextLong(),
                            parent,
                            lsn,
                            Instant.ofEpochSecond(TimeUnit.NANOSECONDS.toSeconds(SystemClock.INSTANCE.epochNs()))),
                    handler));
            assertThat(made).isInstanceOf(BranchOutcome.Found.class);
        }
        awaitLive(server, name);
    }

    /** Has the system follow a Postgres that was restored from a branch: that branch goes on with its WAL. */
    void attach(final PostgresServer server, final String branch) throws Exception {
        run("attach", "user=postgres host=127.0.0.1 port=" + server.port(), "--branch", branch);
    }

    /** Waits until a page server takes a timeline's WAL. */
    static void awaitLive(final PageServerHost server, final String timeline) throws Exception {
        server.await(
                timeline,
                LIMIT,
                "live",
                found -> found.path("pages").path("state").asText().equals("live"));
    }

    ServedLog served(final PageServerHost server, final String timeline) {
        return new ServedLog(system.dir(), server.node(), timeline);
    }

    PageSamples sample(final PageServerHost server, final String timeline, final long seed) {
        return PageSamples.start(system.dir(), server.node(), timeline, seed);
    }

    /** What an independent replay goes by: the base backup and the committed WAL, as commands fetch them. */
    record Log(Path base, Path wal, Path spill, int major) {
        IngestOracle oracle() {
            return new IngestOracle(base, wal, major, spill);
        }
    }

    Log fetch() throws IOException, InterruptedException {
        final Path to = Files.createDirectory(folder.resolve("proof-" + ++proofs));
        final Log log = new Log(
                to.resolve("base"),
                to.resolve("wal"),
                Files.createDirectory(to.resolve("spill")),
                postgres.server().config().binaries().major());
        run("backup", "fetch", "--to", log.base().toString());
        run("wal", "fetch", "--output", log.wal().toString());
        return log;
    }

    private void run(final String... arguments) throws IOException, InterruptedException {
        final String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--dir";
        all[arguments.length + 1] = system.dir().toString();
        final FirnProcess.Result result = FirnProcess.run(all);
        assertThat(result.exitCode()).as("%s: %s", arguments[0], result.err()).isZero();
    }

    /**
     * Ends the clients and shuts the primary down: what a server has at the end is as the primary has it and as a replay makes it, and
     * so is every answer that a client was given.
     *
     * @param server who serves at the end.
     */
    void prove(final PageServerHost server, final String what, final PageSamples... clients) throws Exception {
        for (final PageSamples client : clients) {
            client.close();
        }
        final long end = shutDown(server);
        final Log log = fetch();
        for (final PageSamples client : clients) {
            final int pages = client.holdAgainst(log.base(), log.wal(), log.spill(), what);
            System.err.println(pages + " pages at random LSNs are as replayed; refused: " + client.refusals());
        }
        try (ServedLog served = served(server, MAIN)) {
            log.oracle().compare(served, end);
        }
    }

    /** Shuts the primary down, and returns where its log ends, when the page server has all of it. */
    long shutDown(final PageServerHost server) throws Exception {
        final Map<String, String> kinds = PrimaryComparison.kinds(postgres.server());
        postgres.server().stop(StopMode.FAST);
        final Log log = fetch();
        final long end = log.oracle().endLsn(Long.MAX_VALUE);
        server.awaitApplied(MAIN, end, LIMIT);
        final Path made =
                Files.createDirectories(folder.resolve("made-" + proofs)).resolve("data");
        restore(server, MAIN, end, made);
        final PrimaryComparison comparison = new PrimaryComparison(
                PostgresVersion.ofMajor(log.major()),
                log.base(),
                postgres.server().dataDirectory(),
                made,
                kinds);
        assertThat(comparison.differences())
                .as("what the page server has at the end, against the primary's files")
                .isEmpty();
        System.err.println(comparison.pages() + " pages are as the primary has them");
        return end;
    }

    /** Writes a data directory, as {@code firn restore} does, from the page server of a host. */
    void restore(final PageServerHost server, final String timeline, final long lsn, final Path to) throws Exception {
        try (ServedLog served = served(server, timeline);
                OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("restore", 256L << 20));
                ArchivedChain archived = ArchivedChain.open(
                        StoreLocation.parse(server.store()), timeline, memory, SystemClock.INSTANCE, () -> false)) {
            final TimelineFacts facts = served.facts();
            new Restore(
                            new Restore.Tools(
                                    served.seat().endpoint(),
                                    server.node(),
                                    QuorumLayout.WAL_NODES,
                                    memory,
                                    SystemClock.INSTANCE,
                                    SystemRandom.secure(),
                                    () -> false,
                                    (bytes, total) -> {},
                                    System.err::println),
                            archived,
                            facts,
                            lsn,
                            lsn)
                    .run(served.connection(), to);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        host.close();
        system.close();
        postgres.close();
    }
}
