package dev.firn.walquorum.log;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.firn.walquorum.term.TermHistory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout.OfInt;
import java.lang.foreign.ValueLayout.OfLong;
import java.nio.ByteOrder;

/** A term history as bytes: a count, then term and start of each. Little-endian. */
final class HistoryCodec {
    private static final OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int ENTRY_BYTES = 16;

    private HistoryCodec() {}

    static int bytes(final TermHistory history) {
        return Integer.BYTES + history.count() * ENTRY_BYTES;
    }

    static void encode(final TermHistory history, final MemorySegment into, final long offset) {
        into.set(INT, offset, history.count());
        long at = offset + Integer.BYTES;
        for (int i = 0; i < history.count(); i++) {
            into.set(LONG, at, history.term(i));
            into.set(LONG, at + Long.BYTES, history.startLsn(i));
            at += ENTRY_BYTES;
        }
    }

    /** @throws IllegalArgumentException when these bytes are no history. */
    static TermHistory decode(final MemorySegment from, final long offset, final int length) {
        if (length < Integer.BYTES) {
            throw new IllegalArgumentException("a history of " + length + " bytes has no count");
        }
        final int count = from.get(INT, offset);
        if (count < 0 || count > TermHistory.MAX_TERMS || length != Integer.BYTES + count * ENTRY_BYTES) {
            throw new IllegalArgumentException("a history of " + count + " terms does not have " + length + " bytes");
        }
        final TermHistory history = new TermHistory();
        long at = offset + Integer.BYTES;
        for (int i = 0; i < count; i++) {
            history.add(from.get(LONG, at), from.get(LONG, at + Long.BYTES));
            at += ENTRY_BYTES;
        }
        return history;
    }
}
