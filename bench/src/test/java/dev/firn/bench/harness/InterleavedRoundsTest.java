package dev.firn.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InterleavedRoundsTest {
    private final List<String> turns = new ArrayList<>();

    @Test
    void shouldAlternateTheOrderOfEachPair() throws Exception {
        new InterleavedRounds(3, List.of(contender("A", 1), contender("B", 1))).run((round, contender) -> {});

        assertThat(turns).containsExactly("A", "B", "B", "A", "A", "B");
    }

    @Test
    void shouldKeepSamplesByRoundWhenAContenderSitsOut() throws Exception {
        final List<List<Sample>> samples = new InterleavedRounds(
                        4, List.of(contender("A", 1), contender("B", 1), contender("C", 3)))
                .run((round, contender) -> {});

        assertThat(turns).containsExactly("A", "B", "C", "B", "A", "A", "B", "C", "B", "A");
        assertThat(samples.get(0)).doesNotContainNull().hasSize(4);
        assertThat(samples.get(2).get(0)).isNotNull();
        assertThat(samples.get(2).get(1)).isNull();
        assertThat(samples.get(2).get(2)).isNull();
        assertThat(samples.get(2).get(3)).isNotNull();
    }

    @Test
    void shouldTellWhoIsNext() throws Exception {
        final List<String> told = new ArrayList<>();

        new InterleavedRounds(2, List.of(contender("A", 1), contender("B", 1)))
                .run((round, contender) -> told.add(round + contender.name()));

        assertThat(told).containsExactly("0A", "0B", "1B", "1A");
    }

    @Test
    void shouldRefuseNoRounds() {
        assertThatThrownBy(() -> new InterleavedRounds(0, List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> contender("A", 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private Contender contender(final String name, final int everyRounds) {
        return new Contender(name, everyRounds, () -> {
            turns.add(name);
            return Sample.ofValue(turns.size());
        });
    }
}
