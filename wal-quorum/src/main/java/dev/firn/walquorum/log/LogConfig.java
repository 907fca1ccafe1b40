package dev.firn.walquorum.log;

/**
 * The sizes of a log.
 *
 * @param segmentBytes length of a segment, preallocated. Settled when a log is made: an existing one keeps its own.
 * @param frameBytes longest frame, header included: how much one write takes along. Settled likewise.
 * @param bufferBytes of the frames that are filled, on their way, or kept to be read without the disk.
 * @param writesInFlight most writes on their way at once. With one, everything that comes while it is on its way goes along
 *     with the next; more keep a fast device busy.
 * @param readsInFlight most reads on their way at once.
 * @param spareSegments how many trimmed segments are kept to be written again.
 */
public record LogConfig(
        long segmentBytes, int frameBytes, int bufferBytes, int writesInFlight, int readsInFlight, int spareSegments) {
    public static final LogConfig DEFAULT = new LogConfig(64L << 20, 1 << 20, 8 << 20, 2, 2, 2);

    /** Longest frame of any log. */
    public static final int MAX_FRAME_BYTES = 1 << 20;

    /** Recovery relies on it: no version of Firn may write a log with more. */
    static final int MAX_IN_FLIGHT = 16;

    private static final int MAX_BUFFER_BYTES = 1 << 30;
    private static final int MAX_SPARE_SEGMENTS = 16;

    public LogConfig {
        if (frameBytes < 2 * FrameLayout.ALIGNMENT
                || frameBytes > MAX_FRAME_BYTES
                || frameBytes % FrameLayout.ALIGNMENT != 0) {
            throw new IllegalArgumentException("a log's frameBytes is a multiple of " + FrameLayout.ALIGNMENT
                    + ", from two of them to " + MAX_FRAME_BYTES + ", not " + frameBytes);
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
        if (bufferBytes < leastBufferBytes(frameBytes, writesInFlight)
                || bufferBytes > MAX_BUFFER_BYTES
                || bufferBytes % FrameLayout.ALIGNMENT != 0) {
            throw new IllegalArgumentException("a log's bufferBytes is a multiple of " + FrameLayout.ALIGNMENT
                    + " and holds two frames more than the " + writesInFlight + " of " + frameBytes
                    + " bytes on their way, which " + bufferBytes + " does not");
        }
        if (spareSegments < 0 || spareSegments > MAX_SPARE_SEGMENTS) {
            throw new IllegalArgumentException(
                    "a log keeps 0 to " + MAX_SPARE_SEGMENTS + " spare segments, not " + spareSegments);
        }
    }

    /** This with the sizes that an existing log was made with. */
    LogConfig withSettled(final long itsSegmentBytes, final int itsFrameBytes) {
        return new LogConfig(
                itsSegmentBytes,
                itsFrameBytes,
                (int) Math.max(bufferBytes, leastBufferBytes(itsFrameBytes, writesInFlight)),
                writesInFlight,
                readsInFlight,
                spareSegments);
    }

    /** What a log of these sizes takes of its module's memory. */
    public long memoryBytes() {
        return (long) bufferBytes
                + (long) frameBytes * readsInFlight
                + ControlCodec.SLOT_BYTES
                + LogSegments.ZERO_BYTES;
    }

    /** Writes of so many bytes are a stream's: they take a device longer than its flush does. */
    int longWriteBytes() {
        return frameBytes / 2;
    }

    /** What a log takes at least beyond what it has on disk: its buffer but for a frame that is filled, and the buffer's end. */
    public int roomBytes() {
        return bufferBytes - 2 * frameBytes;
    }

    /** One frame that is filled, and what the end of the buffer is too short for. */
    private static long leastBufferBytes(final int frameBytes, final int writesInFlight) {
        return (long) frameBytes * (writesInFlight + 2);
    }
}
