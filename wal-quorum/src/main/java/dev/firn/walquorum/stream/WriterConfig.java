package dev.firn.walquorum.stream;

import dev.firn.walquorum.proposer.ProposerConfig;

/**
 * The times and sizes of a writer.
 *
 * @param windowBytes WAL that is kept: what is not committed yet, and before it as much as there is room for. A power of two.
 * @param maxAppendBytes longest piece of WAL in one message.
 * @param coalesceBytes a shorter piece waits while bytes are on the way to the same acceptor,
 * @param coalesceNs but no longer than this after the last one.
 * @param trailNs a shorter piece waits for so long before it goes to an acceptor that no majority needs; 0 sends it to all at once.
 * @param askRetryNs how soon a node that has not answered is asked again while nothing else can go on.
 * @param searchNs how long a candidate waits for all nodes to say what they have before it makes do with those that did.
 * @param creationNs how long the makers of a log wait for all nodes before they make do with a majority.
 * @param silenceNs a majority that was not heard of for so long counts as missing.
 * @param watchNs how often a leader asks nodes whose acceptor does not follow what they have.
 * @param changeIntervalNs least time between two changes of the membership.
 */
public record WriterConfig(
        ProposerConfig proposer,
        int windowBytes,
        int maxAppendBytes,
        int coalesceBytes,
        long coalesceNs,
        long trailNs,
        long askRetryNs,
        long searchNs,
        long creationNs,
        long silenceNs,
        long watchNs,
        long changeIntervalNs) {
    /**
     * For acceptors on one host: many times what a flush takes, so that one that trails writes rarely; and so little that nobody waits
     * long when it has to take over.
     */
    public static final long ONE_HOST_TRAIL_NS = 2_000_000L;

    /**
     * Fits one frame of shared memory with all that stands before it, so that it is read where it lies: on one host, putting longer
     * pieces together would be one of three copies that an acceptor makes.
     */
    static final int ONE_FRAME_BYTES = (64 << 10) - (1 << 10);

    public static final int MIN_WINDOW_BYTES = 1 << 16;
    public static final int MAX_WINDOW_BYTES = 1 << 30;

    private static final long MILLISECOND_NS = 1_000_000L;

    public static final WriterConfig DEFAULT = new WriterConfig(
            ProposerConfig.DEFAULT,
            64 << 20,
            ONE_FRAME_BYTES,
            16 << 10,
            MILLISECOND_NS / 20,
            0,
            20 * MILLISECOND_NS,
            500 * MILLISECOND_NS,
            5_000 * MILLISECOND_NS,
            2_000 * MILLISECOND_NS,
            1_000 * MILLISECOND_NS,
            5_000 * MILLISECOND_NS);

    public WriterConfig {
        if (windowBytes < MIN_WINDOW_BYTES || windowBytes > MAX_WINDOW_BYTES || Integer.bitCount(windowBytes) != 1) {
            throw new IllegalArgumentException("a window of " + windowBytes + " bytes is no power of two from "
                    + MIN_WINDOW_BYTES + " to " + MAX_WINDOW_BYTES);
        }
        if (maxAppendBytes < 1 || maxAppendBytes > windowBytes) {
            throw new IllegalArgumentException(
                    "messages of " + maxAppendBytes + " bytes do not fit a window of " + windowBytes);
        }
    }

    public WriterConfig withWindowBytes(final int bytes) {
        return new WriterConfig(
                proposer,
                bytes,
                Math.min(maxAppendBytes, bytes),
                coalesceBytes,
                coalesceNs,
                trailNs,
                askRetryNs,
                searchNs,
                creationNs,
                silenceNs,
                watchNs,
                changeIntervalNs);
    }

    public WriterConfig withProposer(final ProposerConfig config) {
        return new WriterConfig(
                config,
                windowBytes,
                maxAppendBytes,
                coalesceBytes,
                coalesceNs,
                trailNs,
                askRetryNs,
                searchNs,
                creationNs,
                silenceNs,
                watchNs,
                changeIntervalNs);
    }

    public WriterConfig withTrailNs(final long ns) {
        return new WriterConfig(
                proposer,
                windowBytes,
                maxAppendBytes,
                coalesceBytes,
                coalesceNs,
                ns,
                askRetryNs,
                searchNs,
                creationNs,
                silenceNs,
                watchNs,
                changeIntervalNs);
    }

    public WriterConfig withChangeIntervalNs(final long intervalNs) {
        return new WriterConfig(
                proposer,
                windowBytes,
                maxAppendBytes,
                coalesceBytes,
                coalesceNs,
                trailNs,
                askRetryNs,
                searchNs,
                creationNs,
                silenceNs,
                watchNs,
                intervalNs);
    }
}
