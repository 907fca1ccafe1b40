package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.corpus.Corpus;
import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.compute.corpus.CorpusSettings;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.memory.MemoryTableConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is ingested of a real log is what a cold replay of it comes to, page by page and byte by byte: at the end and at LSNs in between, across
 * memory tables and a restart.
 */
@Timeout(900)
class IngestOracleTest {
    private static final long SEED = 20_261_121;

    /** The smallest object. */
    private static final int OBJECT_BYTES = 8;

    /** Until the code is compiled. */
    private static final int MAX_PASSES = 10;

    /** So small that a log takes many. */
    private static final long TABLE_BYTES = 8L << 20;

    /** Among them truncations, drops, copies of databases, tablespaces, two-phase commits, multixacts, commit timestamps. */
    private static final List<String> SCRIPTS = List.of("heap", "btree", "transactions", "system");

    @TempDir
    private Path temporary;

    @BeforeEach
    void letTheUnprivilegedUserIn() throws Exception {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Test
    void shouldComeToWhatAReplayComesTo() throws Exception {
        final PostgresBinaries binaries = binaries(17);
        final Corpus corpus = maker(binaries, "some").make(CorpusSettings.quick(binaries), SCRIPTS);
        hold(corpus, 1);
        holdAllocation(corpus);
    }

    /** Only rare records allocate, such as those that make a relation: less than an object for each that there is. */
    private void holdAllocation(final Corpus corpus) throws Exception {
        final IngestOracle oracle = oracle(corpus);
        final long end = oracle.endLsn(Long.MAX_VALUE);
        double allocated = Double.MAX_VALUE;
        for (int pass = 0; pass < MAX_PASSES && allocated >= OBJECT_BYTES; pass++) {
            try (IngestedLog log = oracle.open(TABLE_BYTES)) {
                log.ingest(end);
                allocated = log.allocatedBytesARecord();
            }
        }
        assertThat(allocated).as("bytes a record").isLessThan(OBJECT_BYTES);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldComeToWhatAReplayComesToWithEveryRecordType(final int major) throws Exception {
        final PostgresBinaries binaries = binaries(major);
        hold(maker(binaries, "mix").make(CorpusSettings.quick(binaries), CorpusMaker.MIX), 4);
        hold(maker(binaries, "recovered").makeRecovered(CorpusSettings.quick(binaries)), 2);
    }

    @Tag("long")
    @Test
    void shouldCopyADatabaseThatDoesNotFitIntoOneTable() throws Exception {
        final PostgresBinaries binaries = binaries(17);
        final Corpus corpus =
                maker(binaries, "forks").make(CorpusSettings.quick(binaries).withConsistency(false), List.of("forks"));
        hold(corpus, 2, MemoryTableConfig.MIN_BYTES);
    }

    private void hold(final Corpus corpus, final int lsns) throws Exception {
        hold(corpus, lsns, TABLE_BYTES);
    }

    private void hold(final Corpus corpus, final int lsns, final long tableBytes) throws Exception {
        final IngestOracle oracle = oracle(corpus);
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final long start = oracle.startLsn();
        final long end = oracle.endLsn(Long.MAX_VALUE);
        final long middle = oracle.endLsn(start + random.nextLong((end - start) / 2, end - start));
        try (IngestedLog log = oracle.open(tableBytes)) {
            log.ingest(middle);
            log.restart();
            log.ingest(end);
            assertThat(log.tables()).isGreaterThan(3);
            oracle.compareHead(log);
            oracle.compare(log, Long.MAX_VALUE);
            oracle.compare(log, middle);
            for (int i = 0; i < lsns; i++) {
                oracle.compare(log, start + random.nextLong((end - start) / 8, end - start));
            }
        }
        assertThat(oracle.pages()).isGreaterThan(4_000);
    }

    private IngestOracle oracle(final Corpus corpus) throws Exception {
        return new IngestOracle(
                corpus.base(), corpus.wal(), corpus.binaries().major(), Files.createTempDirectory(temporary, "spill"));
    }

    private static PostgresBinaries binaries(final int major) {
        return BinariesFinder.ofThisMachine(System.err::println).find(major);
    }

    private CorpusMaker maker(final PostgresBinaries binaries, final String name) throws Exception {
        return new CorpusMaker(
                binaries, Files.createDirectory(temporary.resolve(name)), SystemClock.INSTANCE, step -> {});
    }
}
