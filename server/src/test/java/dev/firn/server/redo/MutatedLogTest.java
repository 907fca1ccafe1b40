package dev.firn.server.redo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.corpus.Corpus;
import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.compute.corpus.CorpusSettings;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.pagestore.replay.ReplayConfig;
import dev.firn.pagestore.replay.ReplayException;
import dev.firn.pagestore.replay.ReplayListener;
import dev.firn.pagestore.replay.Verification;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.wal.WalDirectory;
import dev.firn.server.wal.WalFeed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real log in which records say anything: each is applied, or refused in words, and whatever it did to its page meets the next record. No other
 * exception, no endless loop, no memory without bound.
 */
@Timeout(1800)
class MutatedLogTest {
    private static final long PAGE_MEMORY_BYTES = 256L << 20;
    private static final int SEEDS = 10;
    private static final int ONE_RECORD_IN = 10;

    /** What reaches every access method soon. */
    private static final List<String> SCRIPTS =
            List.of("heap", "btree", "hash", "gin", "gist", "spgist", "brin", "sequence", "transactions", "system");

    @TempDir
    private Path temporary;

    @BeforeEach
    void letTheUnprivilegedUserIn() throws Exception {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Test
    void shouldRefuseInWordsWhatDoesNotFit() throws Exception {
        mutateAndReplay(17, 1);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldRefuseInWordsWhatDoesNotFitForManySeeds(final int major) throws Exception {
        mutateAndReplay(major, SEEDS);
    }

    private void mutateAndReplay(final int major, final int seeds) throws Exception {
        final PostgresBinaries binaries =
                BinariesFinder.ofThisMachine(System.err::println).find(major);
        final Path place = Files.createDirectory(temporary.resolve("corpus"));
        final CorpusSettings settings = CorpusSettings.quick(binaries);
        final Corpus corpus =
                new CorpusMaker(binaries, place, SystemClock.INSTANCE, step -> {}).make(settings, SCRIPTS);
        for (long seed = 1; seed <= seeds; seed++) {
            final Path wal = temporary.resolve("wal-" + seed);
            CorpusMaker.copyTree(corpus.wal(), wal);
            final LogMutator mutator =
                    new LogMutator(PostgresVersion.ofMajor(major), settings.walSegmentMiB() << 20, seed, ONE_RECORD_IN);
            mutator.mutate(wal);
            assertThat(mutator.changed()).as("records changed by seed " + seed).isGreaterThan(1_000);
            final List<String> words = new ArrayList<>();
            try (WalFeed feed = new WalFeed(WalDirectory.open(wal, Optional.empty()))) {
                final Verification.Result result = Verification.run(config(corpus), feed, new ReplayListener() {
                    @Override
                    public void warn(final String sentence) {
                        words.add(sentence);
                    }
                });
                assertThat(result.unsupported())
                        .as("records refused, seed " + seed)
                        .isPositive();
                assertThat(words).as("seed " + seed).noneMatch(sentence -> sentence.contains("null"));
            } catch (final ReplayException e) {
                // A record may ask for what a replay refuses as a whole, such as the copy of a database that isn't
                // there.
                assertThat(e.getMessage()).as("seed " + seed).isNotBlank();
            }
        }
    }

    private ReplayConfig config(final Corpus corpus) {
        return new ReplayConfig(corpus.base(), PAGE_MEMORY_BYTES, temporary, Long.MAX_VALUE, SystemClock.INSTANCE);
    }
}
