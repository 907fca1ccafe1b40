package dev.firn.bench.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.firn.nativeio.seam.SystemRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rivals do what their names say, and the trace is what it claims to be. */
final class ReplacementTest {
    private static final long SEED = 4711;

    @Test
    void shouldDropTheLeastRecentlyUsed() {
        final Replacement lru = new LruReplacement(3);
        touchAll(lru, 1, 2, 3);
        assertThat(lru.touch(1)).isTrue();
        assertThat(lru.touch(4)).isFalse();
        assertThat(lru.touch(1)).isTrue();
        assertThat(lru.touch(3)).isTrue();
        assertThat(lru.touch(2)).as("dropped for 4").isFalse();
    }

    @Test
    void shouldGiveReferencedFramesASecondChance() {
        final Replacement clock = new ClockReplacement(3);
        touchAll(clock, 1, 2, 3);
        assertThat(clock.touch(1)).isTrue();
        assertThat(clock.touch(4))
                .as("takes the frame of 2, as 1 is referenced")
                .isFalse();
        assertThat(clock.touch(1)).isTrue();
        assertThat(clock.touch(3)).isTrue();
        assertThat(clock.touch(5)).as("passes 3 and 1, takes the frame of 4").isFalse();
        assertThat(clock.touch(3)).isTrue();
        assertThat(clock.touch(4)).isFalse();
    }

    @Test
    void shouldAgreeWithPlainModels() {
        final int capacity = 50;
        final ZipfNumbers numbers = new ZipfNumbers(500, 0.8, SystemRandom.seeded(SEED));
        final Replacement lru = new LruReplacement(capacity);
        final Replacement clock = new ClockReplacement(capacity);
        final Deque<Long> recency = new ArrayDeque<>();
        // CLOCK as second chance: a queue, in which a referenced block goes to the end once more.
        final Deque<Long> chances = new ArrayDeque<>();
        final Set<Long> referenced = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            final long block = numbers.next();
            assertThat(lru.touch(block)).as("access %d", i).isEqualTo(recency.remove(block));
            recency.addLast(block);
            if (recency.size() > capacity) {
                recency.removeFirst();
            }
            final boolean there = chances.contains(block);
            assertThat(clock.touch(block)).as("access %d", i).isEqualTo(there);
            if (there) {
                referenced.add(block);
            } else {
                while (chances.size() == capacity && referenced.remove(chances.getFirst())) {
                    chances.addLast(chances.removeFirst());
                }
                if (chances.size() == capacity) {
                    chances.removeFirst();
                }
                chances.addLast(block);
            }
        }
    }

    @Test
    void shouldFollowZipfsLaw() {
        final int count = 1_000;
        final int draws = 200_000;
        final ZipfNumbers numbers = new ZipfNumbers(count, 1, SystemRandom.seeded(SEED));
        final int[] seen = new int[count];
        for (int i = 0; i < draws; i++) {
            seen[numbers.next()]++;
        }
        double harmonic = 0;
        for (int rank = 1; rank <= count; rank++) {
            harmonic += 1.0 / rank;
        }
        for (final int rank : new int[] {1, 2, 10, 100}) {
            assertThat((double) seen[rank - 1] / draws)
                    .as("rank %d", rank)
                    .isCloseTo(1 / (rank * harmonic), within(0.1 / (rank * harmonic) + 0.0005));
        }
    }

    @Test
    void shouldAlternatePointsAndScansThatComeOnce() {
        final BlockTrace trace = new BlockTrace(SEED, true);
        final Set<Long> scanned = new HashSet<>();
        int points = 0;
        for (int i = 0; i < 4 * BlockTrace.SCAN_BLOCKS; i++) {
            final long block = trace.next();
            assertThat(trace.scanning()).as("access %d", i).isEqualTo(i / BlockTrace.SCAN_BLOCKS % 2 == 1);
            if (trace.scanning()) {
                assertThat(block).isGreaterThanOrEqualTo(BlockTrace.BLOCKS);
                assertThat(scanned.add(block)).isTrue();
            } else {
                assertThat(block).isBetween(0L, BlockTrace.BLOCKS - 1L);
                points++;
            }
        }
        assertThat(points).isEqualTo(scanned.size());
    }

    @Test
    void shouldRepeatTheTraceOfASeed() {
        final BlockTrace one = new BlockTrace(SEED, true);
        final BlockTrace other = new BlockTrace(SEED, true);
        for (int i = 0; i < 10_000; i++) {
            assertThat(other.next()).isEqualTo(one.next());
        }
    }

    private static void touchAll(final Replacement replacement, final long... blocks) {
        for (final long block : blocks) {
            assertThat(replacement.touch(block)).isFalse();
        }
    }
}
