package dev.firn.nvmecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process, killed with SIGKILL in the middle of its writes, on the host's file system. */
class KillTest {
    @TempDir
    Path directory;

    @Test
    void shouldBeWarmAndRightAfterAKill() throws Exception {
        killAndCheck(2);
    }

    @Test
    @Tag("long")
    void shouldBeWarmAndRightAfterManyKills() throws Exception {
        killAndCheck(30);
    }

    private void killAndCheck(final int rounds) throws Exception {
        for (int round = 0; round < rounds; round++) {
            final long held = runAndKill(directory, round);
            check(directory, held, round);
        }
    }

    /** Returns how many blocks the process held shortly before its end. */
    private static long runAndKill(final Path files, final int round) throws Exception {
        final Path root = Path.of(System.getProperty("firn.root"));
        final Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + root.resolve("tuning/jvm.options"),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CacheVictim.class.getName(),
                        files.toString(),
                        Integer.toString(round))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long held = -1;
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
            // About a second of work: ten intervals, and the cache more than full.
            for (int lines = 0; lines < 40 + new SplittableRandom(round).nextInt(20); lines++) {
                final String line = said.readLine();
                assertThat(line).as("what the process says").startsWith("holds ");
                held = Long.parseLong(line.substring("holds ".length()));
            }
        } finally {
            victim.destroyForcibly();
            assertThat(victim.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(victim.exitValue()).as("128 + SIGKILL").isEqualTo(137);
        return held;
    }

    private static void check(final Path files, final long held, final int round) throws IOException {
        final LeakCheck leaks = LeakCheck.start();
        final OffHeapMemory memory = leaks.memory(96 << 20);
        try (Arena arena = Arena.ofConfined();
                BlockCache cache = BlockCache.open(
                        new HostStorage(files),
                        CacheVictim.config(),
                        memory,
                        SystemClock.INSTANCE,
                        new SplittableRandom(1))) {
            final CacheCounters counters = cache.counters();
            final MemorySegment bytes = arena.allocate(CacheVictim.config().blockBytes(), 4096);
            final MemorySegment expected = arena.allocate(CacheVictim.config().blockBytes(), 4096);
            int right = 0;
            for (int object = 0; object < CacheVictim.OBJECTS; object++) {
                for (int block = 0; block < CacheVictim.BLOCKS; block++) {
                    if (cache.read(CacheVictim.object(object), block, 0, bytes, 0) == BlockCache.ACCEPTED) {
                        while (cache.readsInFlight() > 0) {
                            cache.poll((token, result) -> assertThat(result).isPositive(), 1);
                            cache.awaitCompletions(1_000_000);
                        }
                        TrueBytes.fill(CacheVictim.object(object), block, expected);
                        assertThat(bytes.mismatch(expected))
                                .as("block " + block + " of object " + object)
                                .isEqualTo(-1);
                        right++;
                    }
                }
            }
            System.out.printf(
                    "kill %d: %,d of %,d blocks are warm (%.1f %%), all right; %,d torn entries; map of %,d bytes read in %.1f ms%n",
                    round,
                    right,
                    held,
                    100.0 * right / held,
                    counters.entriesRefused.get(),
                    CacheLayout.mapPages(CacheVictim.config().slots()) * CacheLayout.MAP_PAGE_BYTES,
                    counters.recoveryNs.get() / 1e6);
            assertThat(right).isEqualTo((int) counters.recovered.get());
            assertThat(counters.checksumFailures.get()).isZero();
            assertThat((double) right / held).isGreaterThan(0.5);
        }
        leaks.close();
        assertThat(Files.exists(files.resolve("cache/blocks.new"))).isFalse();
    }
}
