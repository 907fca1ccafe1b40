package dev.firn.bench.harness;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Measures contenders in turns: A B, B A, A B, … so that what drifts on the host (a noisy neighbour, a disk's credit, heat)
 * meets both sides alike. Samples of the same round are neighbours in time, and only they are compared.
 */
public final class InterleavedRounds {
    private final int rounds;
    private final List<Contender> contenders;

    public InterleavedRounds(final int rounds, final List<Contender> contenders) {
        if (rounds < 1) {
            throw new IllegalArgumentException("no result is made of " + rounds + " rounds");
        }
        this.rounds = rounds;
        this.contenders = List.copyOf(contenders);
    }

    /**
     * @param onTurn told the round and who is measured next.
     * @return for each contender, in the order given, its sample of each round; null for a round it sat out.
     */
    public List<List<Sample>> run(final BiConsumer<Integer, Contender> onTurn)
            throws BenchmarkException, InterruptedException {
        final List<List<Sample>> samples = new ArrayList<>();
        for (int i = 0; i < contenders.size(); i++) {
            samples.add(new ArrayList<>(Collections.nCopies(rounds, null)));
        }
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < contenders.size(); turn++) {
                final int index = round % 2 == 0 ? turn : contenders.size() - 1 - turn;
                final Contender contender = contenders.get(index);
                if (contender.takesPartIn(round)) {
                    onTurn.accept(round, contender);
                    samples.get(index).set(round, contender.sampler().measure());
                }
            }
        }
        return samples;
    }
}
