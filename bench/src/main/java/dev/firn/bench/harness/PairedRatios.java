package dev.firn.bench.harness;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The ratio of each round in which both sides were measured. The median is <em>the</em> ratio: a burst of noise spoils one
 * pair, not the result.
 *
 * @param ratios in the order measured; above 1 means that Firn is better.
 */
public record PairedRatios(List<Double> ratios, double min, double median, double max) {
    public PairedRatios {
        ratios = List.copyOf(ratios);
    }

    /** Pairs the samples of each round; a round that either side sat out (null) makes no pair. */
    public static PairedRatios of(final Direction direction, final List<Sample> firn, final List<Sample> rival) {
        if (firn.size() != rival.size()) {
            throw new IllegalArgumentException(
                    firn.size() + " rounds of Firn beside " + rival.size() + " of the rival");
        }
        final List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < firn.size(); round++) {
            if (firn.get(round) != null && rival.get(round) != null) {
                ratios.add(direction.ratio(
                        firn.get(round).value(), rival.get(round).value()));
            }
        }
        if (ratios.isEmpty()) {
            throw new IllegalArgumentException("no round measured both sides");
        }
        return new PairedRatios(ratios, Collections.min(ratios), median(ratios), Collections.max(ratios));
    }

    /** The middle value, or the mean of the two in the middle. */
    public static double median(final List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values have no median");
        }
        final List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        final int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
