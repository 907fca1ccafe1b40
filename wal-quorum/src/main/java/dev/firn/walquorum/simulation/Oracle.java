package dev.firn.walquorum.simulation;

import dev.firn.walquorum.term.Membership;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;

/**
 * Knows, outside of all hosts, what was committed, and throws when anybody says otherwise.
 *
 * <p>Each writer's bytes are like no other's at the same place. What a writer commits of its own is known by that; what it commits of
 * others', as a new term does with the end of the log that it continues, becomes known with the first reader that shows it.
 */
final class Oracle {
    static final long START_LSN = 16L << 20;
    private static final int INITIAL_BYTES = 1 << 16;

    /** As the catalogue would keep it: of the first generation. The first who stores it wins. */
    Membership membership = Membership.NONE;

    /** From here on nothing goes wrong any more. */
    boolean isCalm;

    /** Nobody appends beyond. */
    long limitLsn = Long.MAX_VALUE;

    private byte[] bytes = new byte[INITIAL_BYTES];
    private boolean[] isKnown = new boolean[INITIAL_BYTES];
    private long committedLsn = START_LSN;
    private final Map<Long, Integer> committerOfTerm = new HashMap<>();
    private int tags;
    private long commits;

    /** A new kind of bytes. */
    int drawTag() {
        return ++tags;
    }

    static byte byteOf(final int tag, final long lsn) {
        return (byte) (tag * 37 + lsn * 7 + (lsn >> 9) * 3);
    }

    /** Up to here somebody was told that the log is committed. */
    long committedLsn() {
        return committedLsn;
    }

    long commits() {
        return commits;
    }

    /**
     * A writer says that the log is committed up to here.
     *
     * @param writer who, in which of its lives.
     * @param term 0 when that cannot be told.
     * @param ownFromLsn its own bytes are those from here on, and were not told before,
     * @param tag of this kind.
     */
    void onCommitted(final int writer, final long term, final long ownFromLsn, final int tag, final long lsn) {
        final Integer before = term == 0 ? null : committerOfTerm.putIfAbsent(term, writer);
        if (before != null && before != writer) {
            throw new AssertionError("two writers have committed in term " + term);
        }
        commits++;
        reserve(lsn);
        committedLsn = Math.max(committedLsn, lsn);
        for (long at = ownFromLsn; at < lsn; at++) {
            learn("the writer of term " + term, at, byteOf(tag, at));
        }
    }

    /** A reader, or a node by it, shows these bytes as committed. */
    void onShown(final String who, final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        requireCommitted(who, lsn + length);
        for (int i = 0; i < length; i++) {
            learn(who, lsn + i, buffer.getByte(offset + i));
        }
    }

    void requireCommitted(final String who, final long lsn) {
        if (lsn > committedLsn) {
            throw new AssertionError(
                    who + " takes the log for committed up to " + lsn + ", but that is " + committedLsn);
        }
    }

    private void learn(final String who, final long lsn, final byte value) {
        final int at = (int) (lsn - START_LSN);
        if (isKnown[at] && bytes[at] != value) {
            throw new AssertionError(who + " has another byte at " + lsn + " than the one that was committed there");
        }
        isKnown[at] = true;
        bytes[at] = value;
    }

    private void reserve(final long lsn) {
        final int needed = (int) (lsn - START_LSN);
        if (needed > bytes.length) {
            final int length = Math.max(needed, 2 * bytes.length);
            bytes = Arrays.copyOf(bytes, length);
            isKnown = Arrays.copyOf(isKnown, length);
        }
    }
}
