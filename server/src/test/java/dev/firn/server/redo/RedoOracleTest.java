package dev.firn.server.redo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.corpus.Corpus;
import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.compute.corpus.CorpusSettings;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.pagestore.replay.Coverage;
import dev.firn.pagestore.replay.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Redo of WAL that stock Postgres wrote, held against stock Postgres: a corpus per version that has every record type. */
@Timeout(900)
class RedoOracleTest {
    /** By version, of this run. */
    private static final Map<Integer, RecordCoverage> COVERAGE = new TreeMap<>();

    @TempDir
    private Path temporary;

    @BeforeEach
    void letTheUnprivilegedUserIn() throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Test
    void shouldRedoEveryRecordTypeOf17AsPostgresDoes() throws Exception {
        redoEveryRecordType(17);
    }

    @Test
    @Tag("long")
    void shouldRedoEveryRecordTypeOf15AsPostgresDoes() throws Exception {
        redoEveryRecordType(15);
    }

    /** What is left to the long run are a standby's and a crash's records, and what stock recovery makes of all. */
    @Test
    void shouldRedoAMixOf15AsItsImagesSay() throws Exception {
        final PostgresBinaries binaries = binaries(15);
        final CorpusMaker maker = maker(binaries, "mix");
        oracle(maker.make(CorpusSettings.quick(binaries), CorpusMaker.MIX), "mix")
                .holdAgainstImages();
    }

    private void redoEveryRecordType(final int major) throws Exception {
        final PostgresBinaries binaries = binaries(major);
        final CorpusMaker maker = maker(binaries, "mix");
        final RedoOracle mix = oracle(maker.make(CorpusSettings.quick(binaries), CorpusMaker.MIX), "mix");
        final RecordCoverage coverage = new RecordCoverage(major);
        COVERAGE.put(major, coverage);
        coverage.add(mix.holdAgainstImages());
        mix.holdEndState();

        final Corpus recovered = maker(binaries, "recovered").makeRecovered(CorpusSettings.quick(binaries));
        final RedoOracle recovery = oracle(recovered, "recovered");
        coverage.add(recovery.holdAgainstImages());
        recovery.holdEndState();

        coverage.add(gistDeletion(binaries));
        assertThat(coverage.unexplained())
                .as("record types that nothing verified")
                .isEmpty();
    }

    /** What docs/redo-coverage.md shows. */
    @AfterAll
    static void writeCoverage() throws IOException {
        final String table = RecordCoverage.table(List.copyOf(COVERAGE.values()));
        Files.writeString(Path.of("target", "redo-coverage.md"), table);
    }

    /** Stock redo differs from the primary here, in a flag that the masks do not hide. It is the only place. */
    private Coverage gistDeletion(final PostgresBinaries binaries) throws Exception {
        final Corpus corpus = maker(binaries, "gist").make(CorpusSettings.DEFAULT, List.of("gist-kill"));
        final Verification.Result result = oracle(corpus, "gist").verify();
        assertThat(result.unsupported()).isZero();
        assertThat(result.mismatches()).isZero();
        assertThat(result.knownDifferences()).isPositive();
        for (final Coverage.Row row : result.coverage().rows()) {
            if (row.resourceManager().equals("Gist") && row.operation().equals("DELETE")) {
                assertThat(row.verified()).isEqualTo(result.knownDifferences());
            }
        }
        return result.coverage();
    }

    private static PostgresBinaries binaries(final int major) {
        return BinariesFinder.ofThisMachine(System.err::println).find(major);
    }

    private CorpusMaker maker(final PostgresBinaries binaries, final String name) throws IOException {
        return new CorpusMaker(
                binaries, Files.createDirectory(temporary.resolve(name)), SystemClock.INSTANCE, step -> {});
    }

    private RedoOracle oracle(final Corpus corpus, final String name) throws IOException {
        return new RedoOracle(corpus, Files.createDirectory(temporary.resolve(name + "-outcome")));
    }
}
