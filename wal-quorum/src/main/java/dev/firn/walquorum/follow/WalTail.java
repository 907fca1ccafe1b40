package dev.firn.walquorum.follow;

import org.agrona.DirectBuffer;

/**
 * The last bytes that a follower has taken: what a server must have as well that is asked for what comes next. Belongs to the
 * follower's thread; allocates only when it is asked.
 */
final class WalTail {
    /** Some records, each with its checksum. */
    static final int MOST_BYTES = 8 << 10;

    private static final byte[] NOTHING = {};

    private final byte[] bytes = new byte[MOST_BYTES];
    private int length;
    private long endLsn;

    /** Takes what was appended; what does not follow the bytes before makes these forgotten. */
    void keep(final long lsn, final DirectBuffer buffer, final int offset, final int lengthBytes) {
        if (lsn != endLsn) {
            length = 0;
        }
        final int taken = Math.min(lengthBytes, MOST_BYTES);
        final int kept = Math.min(length, MOST_BYTES - taken);
        System.arraycopy(bytes, length - kept, bytes, 0, kept);
        buffer.getBytes(offset + lengthBytes - taken, bytes, kept, taken);
        length = kept + taken;
        endLsn = lsn + lengthBytes;
    }

    /** The bytes that end at a position; none when they are not known. */
    byte[] before(final long lsn) {
        final long beginLsn = endLsn - length;
        if (lsn <= beginLsn || lsn > endLsn) {
            return NOTHING;
        }
        final byte[] copy = new byte[(int) (lsn - beginLsn)];
        System.arraycopy(bytes, 0, copy, 0, copy.length);
        return copy;
    }
}
