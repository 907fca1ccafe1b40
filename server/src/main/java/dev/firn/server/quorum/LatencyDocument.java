package dev.firn.server.quorum;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.AbstractHistogram;

/** A latency histogram as a document: count, sum, percentiles, and how many fell into each of some buckets. */
public final class LatencyDocument {
    /** From 10 µs to 5 s: a device with a protected cache, to a disk that is about to be lost. */
    private static final double FIRST_BOUND_SECONDS = 10e-6;

    private static final int BOUNDS = 20;
    private static final double NANOS_A_SECOND = 1e9;
    private static final double NANOS_A_MICROSECOND = 1e3;

    private LatencyDocument() {}

    /** @param histogram in nanoseconds; nobody changes it meanwhile. */
    public static ObjectNode of(final AbstractHistogram histogram) {
        final ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("count", histogram.getTotalCount());
        node.put(
                "sumSeconds",
                histogram.getTotalCount() == 0 ? 0 : histogram.getMean() * histogram.getTotalCount() / NANOS_A_SECOND);
        node.put("p50Us", histogram.getValueAtPercentile(50) / NANOS_A_MICROSECOND);
        node.put("p99Us", histogram.getValueAtPercentile(99) / NANOS_A_MICROSECOND);
        node.put("p999Us", histogram.getValueAtPercentile(99.9) / NANOS_A_MICROSECOND);
        node.put("maxUs", histogram.getMaxValue() / NANOS_A_MICROSECOND);
        final ArrayNode buckets = node.putArray("buckets");
        long fromNs = 0;
        double boundSeconds = FIRST_BOUND_SECONDS;
        long counted = 0;
        for (int i = 0; i < BOUNDS; i++, boundSeconds *= 2) {
            final long boundNs = Math.round(boundSeconds * TimeUnit.SECONDS.toNanos(1));
            final long count = fromNs > histogram.getHighestTrackableValue()
                    ? 0
                    : histogram.getCountBetweenValues(fromNs, Math.min(boundNs, histogram.getHighestTrackableValue()));
            buckets.addObject().put("belowSeconds", boundSeconds).put("count", count);
            counted += count;
            fromNs = histogram.nextNonEquivalentValue(boundNs);
        }
        buckets.addObject().putNull("belowSeconds").put("count", Math.max(0, histogram.getTotalCount() - counted));
        return node;
    }
}
