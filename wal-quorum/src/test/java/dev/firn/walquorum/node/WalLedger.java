package dev.firn.walquorum.node;

import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** What was committed, outside of all hosts: never changes below its end. The bytes of a term are like no other term's. */
final class WalLedger {
    static final long START_LSN = 16L << 20;

    private byte[] committed = new byte[1 << 16];
    private int length;

    /** As a catalogue would keep it: of the first generation. */
    Membership membership;

    int memberChanges;

    long endLsn() {
        return START_LSN + length;
    }

    static byte byteOf(final long term, final long lsn) {
        return (byte) (31 * term + 7 * lsn + (lsn >> 8));
    }

    static void fill(final MutableDirectBuffer buffer, final long term, final long lsn, final int bytes) {
        for (int i = 0; i < bytes; i++) {
            buffer.putByte(i, byteOf(term, lsn + i));
        }
    }

    /** A proposer with this history has committed its log up to here. */
    void onCommitted(final TermHistory history, final long lsn) {
        while (endLsn() < lsn) {
            if (length == committed.length) {
                committed = Arrays.copyOf(committed, 2 * length);
            }
            committed[length] = byteOf(history.lastTermAt(endLsn()), endLsn());
            length++;
        }
    }

    /** Throws when these are not the committed bytes. */
    void check(final String who, final long lsn, final DirectBuffer buffer, final int offset, final int bytes) {
        if (lsn + bytes > endLsn()) {
            throw new AssertionError(
                    who + " shows bytes up to " + (lsn + bytes) + ", but " + endLsn() + " is committed");
        }
        for (int i = 0; i < bytes; i++) {
            if (buffer.getByte(offset + i) != committed[(int) (lsn - START_LSN) + i]) {
                throw new AssertionError(who + " shows another byte at " + (lsn + i) + " than was committed");
            }
        }
    }
}
