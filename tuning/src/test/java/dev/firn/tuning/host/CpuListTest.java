package dev.firn.tuning.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class CpuListTest {
    @Test
    void shouldReadWhatTheKernelWrites() {
        assertThat(CpuList.parse("0-3,8,10-11\n")).containsExactly(0, 1, 2, 3, 8, 10, 11);
        assertThat(CpuList.parse("5")).containsExactly(5);
    }

    @Test
    void shouldBeEmptyWhenThereIsNoList() {
        assertThat(CpuList.parse("")).isEmpty();
        assertThat(CpuList.parse("(null)")).isEmpty();
        assertThat(CpuList.parse("1,x-3")).isEmpty();
    }

    @Test
    void shouldStopAtTheLargestCpuThatAKernelCanHave() {
        assertThat(CpuList.parse("8190-2147483647")).containsExactly(8190, 8191, 8192);
    }

    @Test
    void shouldWriteTheShortestList() {
        assertThat(CpuList.format(Set.of(3, 1, 2, 9, 0))).isEqualTo("0-3,9");
        assertThat(CpuList.format(Set.of())).isEmpty();
    }

    @Test
    void shouldComeBackUnchangedWhenWrittenAndRead() {
        final long seed = 20_261_121L;
        final RandomGenerator random = SystemRandom.seeded(seed);
        for (int round = 0; round < 500; round++) {
            final SortedSet<Integer> cpus = new TreeSet<>();
            for (int count = random.nextInt(20); count > 0; count--) {
                cpus.add(random.nextInt(64));
            }
            assertThat(CpuList.parse(CpuList.format(cpus)))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(cpus);
        }
    }
}
