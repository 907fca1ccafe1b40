package dev.firn.bench.harness;

/**
 * One side of a comparison.
 *
 * @param name what the table calls it.
 * @param everyRounds takes part in each n-th round only: 1 for all.
 * @param sampler measures it.
 */
public record Contender(String name, int everyRounds, Sampler sampler) {
    public Contender {
        if (everyRounds < 1) {
            throw new IllegalArgumentException(name + " cannot take part every " + everyRounds + " rounds");
        }
    }

    boolean takesPartIn(final int round) {
        return round % everyRounds == 0;
    }
}
