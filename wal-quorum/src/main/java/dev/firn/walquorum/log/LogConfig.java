package dev.firn.walquorum.log;

/**
 * The sizes of a log.
 *
 * @param segmentBytes length of a segment, preallocated.
 * @param frameBytes longest frame, header included: how much one write takes along.
 * @param writesInFlight most writes on their way at once. With one, everything that comes while it is on its way goes along
 *     with the next; more keep a fast device busy.
 * @param readsInFlight most reads on their way at once.
 */
public record LogConfig(long segmentBytes, int frameBytes, int writesInFlight, int readsInFlight) {
    public static final LogConfig DEFAULT = new LogConfig(64L << 20, 1 << 20, 2, 4);

    /** Recovery relies on it: no version of Firn may write a log with more. */
    static final int MAX_IN_FLIGHT = 16;

    public LogConfig {
        if (frameBytes < 2 * FrameLayout.ALIGNMENT || frameBytes % FrameLayout.ALIGNMENT != 0) {
            throw new IllegalArgumentException("a log's frameBytes is a multiple of " + FrameLayout.ALIGNMENT
                    + ", and not less than two, not " + frameBytes);
        }
        if (segmentBytes < frameBytes || segmentBytes % FrameLayout.ALIGNMENT != 0) {
            throw new IllegalArgumentException("a log's segmentBytes is a multiple of " + FrameLayout.ALIGNMENT
                    + ", and holds a frame of " + frameBytes + " bytes, which " + segmentBytes + " does not");
        }
        if (writesInFlight < 1 || writesInFlight > MAX_IN_FLIGHT) {
            throw new IllegalArgumentException(
                    "a log has 1 to " + MAX_IN_FLIGHT + " writes in flight, not " + writesInFlight);
        }
        if (readsInFlight < 1 || readsInFlight > MAX_IN_FLIGHT) {
            throw new IllegalArgumentException(
                    "a log has 1 to " + MAX_IN_FLIGHT + " reads in flight, not " + readsInFlight);
        }
    }

    /** What a log of these sizes takes of its module's memory. */
    public long memoryBytes() {
        return (long) frameBytes * (writesInFlight + 1 + readsInFlight);
    }
}
