package dev.firn.walquorum.log;

import dev.firn.walquorum.term.TermHistory;
import java.lang.foreign.MemorySegment;

/** One frame on its way: filled, sealed, written, durable. Used again and again. */
final class FrameWrite {
    final MemorySegment buffer;

    /** The buffer's part that is written, made new only when its length differs from the last time. */
    MemorySegment sealed;

    FrameKind kind;
    int payloadBytes;
    long term;

    /** Where the frame's bytes begin; for a hand-over, where the log ends. */
    long lsn;

    /** What of it has been written by writes that ended early. */
    long doneBytes;

    boolean isDurable;

    FrameWrite(final MemorySegment buffer) {
        this.buffer = buffer;
        this.sealed = buffer;
    }

    void begin(final FrameKind newKind, final long newTerm, final long newLsn) {
        kind = newKind;
        term = newTerm;
        lsn = newLsn;
        payloadBytes = 0;
        isDurable = false;
        doneBytes = 0;
    }

    void history(final TermHistory history) {
        HistoryCodec.encode(history, buffer, FrameLayout.HEADER_BYTES);
        payloadBytes = HistoryCodec.bytes(history);
    }

    int room() {
        return (int) buffer.byteSize() - FrameLayout.HEADER_BYTES - payloadBytes;
    }

    MemorySegment seal(final int previousCrc, final long log, final long sequence) {
        FrameLayout.seal(buffer, kind, payloadBytes, previousCrc, log, sequence, term, lsn);
        final int length = FrameLayout.alignedBytes(payloadBytes);
        if (sealed.byteSize() != length) {
            sealed = buffer.asSlice(0, length);
        }
        return sealed;
    }

    int crc() {
        return FrameLayout.crc(buffer, 0);
    }
}
