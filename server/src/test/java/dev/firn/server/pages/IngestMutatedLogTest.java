package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.corpus.Corpus;
import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.compute.corpus.CorpusSettings;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.redo.LogMutator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real log in which some records say anything: ingest takes them or ends in words, and what it has taken up to there is well formed. */
@Timeout(900)
class IngestMutatedLogTest {
    private static final List<String> SCRIPTS = List.of("heap", "transactions", "system");
    private static final int SEEDS = 5;
    private static final int LONG_SEEDS = 300;

    @TempDir
    private Path temporary;

    @BeforeEach
    void letTheUnprivilegedUserIn() throws Exception {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Test
    void shouldEndInWordsOrTakeWhatItIsTold() throws Exception {
        mutateAndIngest(17, SEEDS);
    }

    @Tag("long")
    @Test
    void shouldEndInWordsOrTakeWhatItIsToldForManySeeds() throws Exception {
        mutateAndIngest(15, LONG_SEEDS);
    }

    private void mutateAndIngest(final int major, final int seeds) throws Exception {
        final PostgresBinaries binaries =
                BinariesFinder.ofThisMachine(System.err::println).find(major);
        final CorpusSettings settings = CorpusSettings.quick(binaries);
        final Corpus corpus = new CorpusMaker(
                        binaries, Files.createDirectory(temporary.resolve("corpus")), SystemClock.INSTANCE, step -> {})
                .make(settings, SCRIPTS);
        int ended = 0;
        for (long seed = 1; seed <= seeds; seed++) {
            final Path wal = temporary.resolve("wal");
            CorpusMaker.copyTree(corpus.wal(), wal);
            // From one record in ten to one in some thousands: ends early and late.
            final int oneIn = 10 << (seed % 9);
            new LogMutator(PostgresVersion.ofMajor(major), settings.walSegmentMiB() << 20, seed, oneIn).mutate(wal);
            final IngestOracle oracle = new IngestOracle(corpus.base(), wal, major, temporary);
            try (IngestedLog log = oracle.open(IngestedLog.SMALL_TABLE_BYTES)) {
                final String words = log.ingestAll();
                ended += words == null ? 0 : 1;
                assertThat(words == null || (!words.isBlank() && !words.contains("null")))
                        .as("seed %d: %s", seed, words)
                        .isTrue();
                log.requireWellFormed();
            }
            try (var files = Files.list(wal)) {
                for (final Path file : (Iterable<Path>) files::iterator) {
                    Files.deleteIfExists(file);
                }
            }
            Files.delete(wal);
        }
        assertThat(ended).isPositive();
    }
}
