package dev.firn.walquorum.reader;

/**
 * The times and limits of readers.
 *
 * @param windowBytes most bytes on the way to one reader, or waiting for its handler: as much memory is taken for each.
 * @param consumedNs how often a node is told how far the reader is, at least.
 * @param answerNs a node that has not answered a subscription within this time is passed over.
 * @param silentNs a node that was not heard of for so long is left.
 * @param gapNs what is missing is asked for again after this time.
 * @param stalledNs a reader that waits for so long, with all that is committed, asks other nodes whether they have more.
 * @param roundNs how long to wait, at most, when no node could serve: some milliseconds at first, twice as long each time.
 * @param messagesPerCycle most messages taken in one duty cycle.
 */
public record ReaderConfig(
        int windowBytes,
        long consumedNs,
        long answerNs,
        long silentNs,
        long gapNs,
        long stalledNs,
        long roundNs,
        int messagesPerCycle) {
    private static final long MILLISECOND_NS = 1_000_000L;

    public static final ReaderConfig DEFAULT = new ReaderConfig(
            4 << 20,
            500 * MILLISECOND_NS,
            1_000 * MILLISECOND_NS,
            2_000 * MILLISECOND_NS,
            30 * MILLISECOND_NS,
            1_000 * MILLISECOND_NS,
            500 * MILLISECOND_NS,
            64);

    public ReaderConfig {
        if (windowBytes < 4_096 || messagesPerCycle < 1) {
            throw new IllegalArgumentException("a reader's window has at least 4096 bytes, not " + windowBytes
                    + ", and it takes at least one message in a cycle, not " + messagesPerCycle);
        }
        if (consumedNs < 1 || answerNs < 1 || silentNs < 1 || gapNs < 1 || stalledNs < 1 || roundNs < 1) {
            throw new IllegalArgumentException("a reader's times are positive");
        }
    }

    public ReaderConfig withWindow(final int bytes) {
        return new ReaderConfig(bytes, consumedNs, answerNs, silentNs, gapNs, stalledNs, roundNs, messagesPerCycle);
    }
}
