package dev.firn.server.redo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.corpus.Corpus;
import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.process.ShortCommand;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.pagestore.replay.Coverage;
import dev.firn.pagestore.replay.DirectoryReplay;
import dev.firn.pagestore.replay.ReplayConfig;
import dev.firn.pagestore.replay.ReplayListener;
import dev.firn.pagestore.replay.Verification;
import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.wal.WalDirectory;
import dev.firn.server.wal.WalFeed;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds a replay of a corpus against all that is known of it: the images in the log, stock Postgres' own recovery, the primary's
 * directory, and what a stock Postgres that starts on the outcome finds there.
 */
final class RedoOracle {
    private static final long PAGE_MEMORY_BYTES = 512L << 20;
    /** A database that was just made has about a thousand pages. */
    private static final long MIN_PAGES = 1_500;

    /** pd_checksum is not redone: it is computed when a page is written. */
    private static final PageMask CHECKSUM = (page, block) -> page.checksum(0);

    private final Corpus corpus;
    private final Path directory;
    private final PostgresVersion version;
    private final WalDirectory wal;

    /** @param directory for what it makes; the user who runs Postgres has to be able to enter what is above it. */
    RedoOracle(final Corpus corpus, final Path directory) {
        this.corpus = corpus;
        this.directory = directory;
        this.version = PostgresVersion.ofMajor(corpus.binaries().major());
        this.wal = WalDirectory.open(corpus.wal(), Optional.empty());
    }

    /** Every image of the log: none differs, nothing is unsupported. Returns what was seen. */
    Coverage holdAgainstImages() {
        final Verification.Result result = verify();
        assertThat(result.firstMismatch()).as("the first mismatch").isNull();
        assertThat(result.mismatches()).as("mismatches").isZero();
        assertThat(result.unsupported()).as("records that could not be applied").isZero();
        assertThat(result.imagesCompared()).isPositive();
        return result.coverage();
    }

    Verification.Result verify() {
        try (WalFeed feed = new WalFeed(wal)) {
            return Verification.run(config(), feed, ReplayListener.NONE);
        }
    }

    /** Replays, and compares the outcome with all else that there is. */
    void holdEndState() throws IOException, SQLException {
        final Path server = directory.resolve("replayed");
        final Path replayed = server.resolve("data");
        Files.createDirectories(server);
        try (WalFeed feed = new WalFeed(wal)) {
            assertThat(DirectoryReplay.run(config(), feed, wal, replayed, ReplayListener.NONE)
                            .cleanlyShutDown())
                    .isTrue();
        }
        holdAgainstStockRecovery(replayed);
        final Map<String, String> kinds = holdAgainstSessions(server, replayed);
        assertThat(kinds).isNotEmpty();
    }

    private ReplayConfig config() {
        return new ReplayConfig(corpus.base(), PAGE_MEMORY_BYTES, directory, Long.MAX_VALUE, SystemClock.INSTANCE);
    }

    private void holdAgainstStockRecovery(final Path replayed) throws IOException {
        final long last = checkpointLsn(corpus.end());
        final Path stock = StockRecovery.run(corpus, directory.resolve("stock"), last);
        final ClusterComparison comparison = new ClusterComparison(version, stock, replayed);
        comparison.relations(comparison::logged, path -> CHECKSUM);
        comparison.others();
        assertThat(comparison.differences())
                .as("replayed against stock recovery")
                .isEmpty();
        assertThat(control(replayed)).as("control values").isEqualTo(control(stock));
    }

    /** The primary's directory and the replayed one: under the masks, and by what sessions see. */
    private Map<String, String> holdAgainstSessions(final Path serverDirectory, final Path replayed)
            throws IOException, SQLException {
        final Map<String, String> theirs;
        final Map<String, String> kinds;
        final Path primary = directory.resolve("primary");
        Files.createDirectories(primary);
        CorpusMaker.copyTree(corpus.end(), primary.resolve("data"));
        final List<String> dump = new ArrayList<>();
        try (PostgresServer server = server(primary)) {
            server.adopt();
            server.start();
            theirs = ClusterContents.rows(server);
            kinds = ClusterContents.kinds(server);
            dump.addAll(dump(server));
            server.stop(StopMode.FAST);
        }
        holdAgainstPrimary(replayed, kinds);
        try (PostgresServer server = server(serverDirectory)) {
            server.adopt();
            server.start();
            assertThat(ClusterContents.rows(server)).as("rows").isEqualTo(theirs);
            assertThat(dump(server)).as("dump").isEqualTo(dump);
            final List<String> corruption = ClusterContents.corruption(server);
            if (corruption != null) {
                assertThat(corruption).as("amcheck").isEmpty();
            }
            server.stop(StopMode.FAST);
        }
        return kinds;
    }

    private PostgresServer server(final Path root) {
        ServerConfig config = ServerConfig.of(corpus.binaries(), root);
        for (final Map.Entry<String, String> setting :
                corpus.settings().server().entrySet()) {
            config = config.with(setting.getKey(), setting.getValue());
        }
        return new PostgresServer(config, SystemClock.INSTANCE);
    }

    /** What pg_dumpall says, without sequences' positions, which run ahead in a replay; nothing where it does not come with Postgres. */
    private List<String> dump(final PostgresServer server) {
        if (!corpus.binaries().has("pg_dumpall")) {
            return List.of();
        }
        final ShortCommand.Result result = server.run("pg_dumpall", "--no-unlogged-table-data");
        assertThat(result.succeeded()).as(result.output()).isTrue();
        return result.output()
                .lines()
                .filter(line -> !line.startsWith("SELECT pg_catalog.setval(")
                        && !line.startsWith("\\restrict")
                        && !line.startsWith("\\unrestrict"))
                .toList();
    }

    private void holdAgainstPrimary(final Path replayed, final Map<String, String> kinds) throws IOException {
        final PrimaryComparison comparison =
                new PrimaryComparison(version, corpus.base(), corpus.end(), replayed, kinds);
        assertThat(comparison.differences()).as("replayed against the primary").isEmpty();
        assertThat(comparison.pages()).isGreaterThan(MIN_PAGES);
    }

    private static long checkpointLsn(final Path data) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return new ControlFile().wrap(read(data, arena), 0).checkpointLsn();
        }
    }

    /** What of the control file a replay determines. */
    private static List<String> control(final Path data) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            final ControlFile control = new ControlFile().wrap(read(data, arena), 0);
            final Checkpoint checkpoint = control.checkpoint();
            return List.of(
                    "checkpoint " + Lsn.format(control.checkpointLsn()),
                    "redo " + Lsn.format(checkpoint.redo()),
                    "timelines " + checkpoint.timeline() + ' ' + checkpoint.previousTimeline(),
                    "next xid " + checkpoint.nextXid(),
                    "next oid " + checkpoint.nextOid(),
                    "next multixact " + checkpoint.nextMulti() + ' ' + checkpoint.nextMultiOffset(),
                    "oldest xid " + checkpoint.oldestXid() + ' ' + checkpoint.oldestXidDatabase(),
                    "oldest multixact " + checkpoint.oldestMulti() + ' ' + checkpoint.oldestMultiDatabase(),
                    "commit timestamps " + checkpoint.oldestCommitTsXid() + ' ' + checkpoint.newestCommitTsXid(),
                    "oldest active xid " + checkpoint.oldestActiveXid(),
                    "full page writes " + checkpoint.fullPageWrites(),
                    "time " + checkpoint.time(),
                    "system " + control.systemIdentifier(),
                    "parameters " + control.walLevel() + ' ' + control.maxConnections() + ' '
                            + control.maxWorkerProcesses() + ' ' + control.maxWalSenders() + ' '
                            + control.maxPreparedTransactions() + ' ' + control.maxLocksPerTransaction() + ' '
                            + control.trackCommitTimestamp() + ' ' + control.walLogHints());
        }
    }

    private static MemorySegment read(final Path data, final Arena arena) throws IOException {
        final byte[] bytes = Files.readAllBytes(data.resolve(ControlFile.PATH));
        final MemorySegment segment = arena.allocate(bytes.length, 8);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }
}
