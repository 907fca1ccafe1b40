package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.corpus.Corpus;
import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.compute.corpus.CorpusSettings;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.wal.WalDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a shard answers is what a cold replay of the same log comes to, page by page and byte by byte: with nearly everything in layers, after restarts
 * from manifest and log, on a branch and a branch of it, after merges, images and garbage collection.
 */
@Timeout(900)
class ShardOracleTest {
    private static final long SEED = 20_261_122;

    private static final List<String> SCRIPTS = List.of("heap", "transactions", "system");

    @TempDir
    private Path temporary;

    @BeforeEach
    void letTheUnprivilegedUserIn() throws Exception {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Test
    void shouldAnswerWhatAReplayComesTo() throws Exception {
        final PostgresBinaries binaries = binaries(17);
        final Corpus corpus = maker(binaries, "some").make(CorpusSettings.quick(binaries), SCRIPTS);
        hold(corpus, 1);
        holdWithoutHistory(corpus);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldAnswerWhatAReplayComesToWithEveryRecordType(final int major) throws Exception {
        final PostgresBinaries binaries = binaries(major);
        final Corpus corpus = maker(binaries, "mix").make(CorpusSettings.quick(binaries), CorpusMaker.MIX);
        hold(corpus, 4);
        holdWithoutHistory(corpus);
    }

    private void hold(final Corpus corpus, final int lsns) throws Exception {
        final IngestOracle oracle = oracle(corpus);
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final long start = oracle.startLsn();
        final long end = oracle.endLsn(Long.MAX_VALUE);
        final long middle = oracle.endLsn((start + end) / 2);
        final long later = oracle.endLsn(start + (end - start) / 4 * 3);
        try (ShardedLog log = open(corpus, start, Long.MAX_VALUE)) {
            // The import alone, before any WAL has come.
            log.flush();
            log.ingest(middle);
            log.restart();
            log.ingest(end);
            log.flush();
            log.settle();
            assertThat(log.layers(LayerKind.IMAGE)).isPositive();
            oracle.compare(log, end);
            for (int i = 0; i < lsns; i++) {
                oracle.compare(log, start + random.nextLong((end - start) / 8, end - start));
            }
            log.branch(ShardedLog.MAIN, "branch", middle);
            log.ingest(later);
            log.branch("branch", "twig", oracle.endLsn((middle + later) / 2));
            log.ingest(end);
            log.restart();
            log.ingest(end);
            oracle.compare(log, end);
            oracle.compare(log, middle);
            // A branch goes with what it holds, also with a flush of it under way; its parent stays as it is.
            final long held = log.heldBytes();
            log.current("branch");
            log.delete("twig");
            log.current(ShardedLog.MAIN);
            log.delete("branch");
            assertThat(log.heldBytes()).isLessThan(held);
            oracle.compare(log, end);
        }
        assertThat(oracle.pages()).isGreaterThan(4_000);
    }

    /** Only the end and a branch's LSN stay readable, and what else there was goes. */
    private void holdWithoutHistory(final Corpus corpus) throws Exception {
        final IngestOracle oracle = oracle(corpus);
        final long start = oracle.startLsn();
        final long end = oracle.endLsn(Long.MAX_VALUE);
        final long middle = oracle.endLsn((start + end) / 2);
        try (ShardedLog log = open(corpus, start, 0)) {
            log.ingest(middle);
            log.branch(ShardedLog.MAIN, "branch", middle);
            log.current(ShardedLog.MAIN);
            log.ingest(end);
            log.flush();
            log.settle();
            assertThat(log.historyLsn()).isEqualTo(end);
            assertThat(log.layers(LayerKind.DELTA) + log.layers(LayerKind.IMAGE))
                    .isLessThan(log.layersEver());
            oracle.compare(log, end);
            log.current("branch");
            oracle.compare(log, middle);
        }
    }

    private IngestOracle oracle(final Corpus corpus) throws Exception {
        return new IngestOracle(
                corpus.base(), corpus.wal(), corpus.binaries().major(), Files.createTempDirectory(temporary, "spill"));
    }

    private static ShardedLog open(final Corpus corpus, final long startLsn, final long historyNs) {
        final WalDirectory wal = WalDirectory.open(corpus.wal(), Optional.empty());
        return new ShardedLog(
                corpus.base(),
                startLsn,
                wal,
                PostgresVersion.ofMajor(corpus.binaries().major()),
                wal.header().systemIdentifier(),
                historyNs,
                ShardedLog.Shape.SMALLEST);
    }

    private static PostgresBinaries binaries(final int major) {
        return BinariesFinder.ofThisMachine(System.err::println).find(major);
    }

    private CorpusMaker maker(final PostgresBinaries binaries, final String name) throws Exception {
        return new CorpusMaker(
                binaries, Files.createDirectory(temporary.resolve(name)), SystemClock.INSTANCE, step -> {});
    }
}
