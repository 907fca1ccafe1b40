package dev.firn.server.redo;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.compute.corpus.CorpusSettings;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole mix, and forty thousand transactions more, under each setting that changes what is logged: a corpus of about a
 * gigabyte and some minutes for each.
 */
@Tag("long")
@Timeout(3600)
class RedoMatrixTest {
    @TempDir
    private Path temporary;

    @BeforeEach
    void letTheUnprivilegedUserIn() throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    static Stream<Arguments> settings() {
        final List<Arguments> all = new ArrayList<>();
        for (final int major : new int[] {15, 17}) {
            final PostgresBinaries binaries =
                    BinariesFinder.ofThisMachine(System.err::println).find(major);
            final CorpusSettings quick = CorpusSettings.quick(binaries);
            for (final String compression : CorpusSettings.compressions(binaries)) {
                all.add(Arguments.of(binaries, quick.withCompression(compression)));
            }
            all.add(Arguments.of(binaries, quick.withChecksums(false)));
            all.add(Arguments.of(binaries, quick.withWalLevel("replica").withWalSegmentMiB(1)));
            all.add(Arguments.of(binaries, quick.withWalLevel("replica").withChecksums(false)));
            all.add(Arguments.of(binaries, quick.withFullPageWrites(false)));
            all.add(Arguments.of(
                    binaries,
                    quick.withFullPageWrites(false).withChecksums(false).withWalSegmentMiB(16)));
            all.add(Arguments.of(binaries, quick.withConsistency(false)));
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void shouldRedoTheMixUnderEverySetting(final PostgresBinaries binaries, final CorpusSettings settings)
            throws Exception {
        final List<String> scripts = new ArrayList<>(CorpusMaker.MIX);
        scripts.add(scripts.indexOf("prepared"), "bank-large");
        final CorpusMaker maker = new CorpusMaker(
                binaries, Files.createDirectory(temporary.resolve("mix")), SystemClock.INSTANCE, step -> {});
        final RedoOracle oracle =
                new RedoOracle(maker.make(settings, scripts), Files.createDirectory(temporary.resolve("outcome")));
        if (settings.consistency()) {
            oracle.holdAgainstImages();
        }
        oracle.holdEndState();
    }
}
