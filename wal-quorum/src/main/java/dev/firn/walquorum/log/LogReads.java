package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Completion;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads of runs on their way: whole frames, so that each one's checksum says whether its bytes are right.
 *
 * <p>What was asked for is handed on even when the log has been cut off, trimmed or begun anew since: frames are not written over
 * while a read of their segment is on its way.
 */
final class LogReads {
    /** Tokens of reads, upwards. */
    static final long FIRST_TOKEN = LogOperations.OTHERS + 16;

    private final LogOperations operations;
    private final SegmentFiles files;
    private final LogListener listener;
    private final long log;
    private final MemorySegment memory;
    private final UnsafeBuffer view;
    private final Slot[] slots;

    /** @param memory for the buffers of all slots; borrowed. */
    LogReads(
            final LogOperations operations,
            final SegmentFiles files,
            final LogListener listener,
            final long log,
            final MemorySegment memory,
            final int slotBytes) {
        this.operations = operations;
        this.files = files;
        this.listener = listener;
        this.log = log;
        this.memory = memory;
        this.view = new UnsafeBuffer(memory.address(), (int) memory.byteSize());
        this.slots = new Slot[(int) (memory.byteSize() / slotBytes)];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot(i * slotBytes);
        }
    }

    /**
     * Begins to read the rest of a run; false when all slots are taken, or the ring is full.
     *
     * @param endLsn where the bytes end that are handed on: in the run, or at its end.
     */
    boolean begin(final long token, final long lsn, final RunIndex index, final int run, final long endLsn) {
        for (int i = 0; i < slots.length; i++) {
            final Slot slot = slots[i];
            if (slot.file == null) {
                final SegmentFiles.Open file = files.acquire(index.segment(run));
                final int length = index.lengthBytes(run);
                if (!operations.read(
                        file.onRing(), index.offset(run), memory, slot.position, length, FIRST_TOKEN + i)) {
                    files.release(file);
                    return false;
                }
                slot.file = file;
                slot.token = token;
                slot.lsn = lsn;
                slot.endLsn = endLsn;
                slot.runLsn = index.beginLsn(run);
                slot.offset = index.offset(run);
                slot.lengthBytes = length;
                slot.doneBytes = 0;
                return true;
            }
        }
        return false;
    }

    /** A completion with a token of reads. */
    void onCompletion(final Completion completion) {
        final Slot slot = slots[(int) (LogOperations.tokenOf(completion) - FIRST_TOKEN)];
        if (completion.failed()) {
            throw completion.failure();
        }
        final int alignment = slot.file.alignmentBytes();
        slot.doneBytes += completion.result() - completion.result() % alignment;
        if (slot.doneBytes < slot.lengthBytes && completion.result() >= alignment) {
            readRest(slot, completion);
            return;
        }
        handOn(slot, completion);
        files.release(slot.file);
        slot.file = null;
    }

    /** A read may end early: the rest is asked for. */
    private void readRest(final Slot slot, final Completion completion) {
        if (!operations.read(
                slot.file.onRing(),
                slot.offset + slot.doneBytes,
                memory,
                (long) slot.position + slot.doneBytes,
                (long) slot.lengthBytes - slot.doneBytes,
                LogOperations.tokenOf(completion))) {
            throw new IllegalStateException("the log's ring has no room for the rest of a read that it took");
        }
    }

    private void handOn(final Slot slot, final Completion completion) {
        long frameLsn = slot.runLsn;
        int at = 0;
        while (frameLsn < slot.endLsn) {
            final int position = slot.position + at;
            final int payload = payloadOf(slot, at, frameLsn, completion);
            final long frameEnd = Math.min(frameLsn + payload, slot.endLsn);
            if (frameEnd > slot.lsn) {
                final int skipped = (int) Math.max(0, slot.lsn - frameLsn);
                final long from = frameLsn + skipped;
                listener.onRead(
                        slot.token,
                        from,
                        view,
                        position + FrameLayout.HEADER_BYTES + skipped,
                        (int) (frameEnd - from),
                        frameEnd == slot.endLsn);
            }
            frameLsn += payload;
            at += FrameLayout.alignedBytes(payload);
        }
    }

    /** How many bytes the frame holds that is to stand here. */
    private int payloadOf(final Slot slot, final int at, final long frameLsn, final Completion completion) {
        final long position = (long) slot.position + at;
        final int left = slot.doneBytes - at;
        if (left >= FrameLayout.ALIGNMENT
                && FrameLayout.hasHeader(memory, position)
                && FrameLayout.kind(memory, position) == FrameKind.APPEND
                && FrameLayout.log(memory, position) == log
                && FrameLayout.lsn(memory, position) == frameLsn) {
            final int payload = FrameLayout.payloadBytes(memory, position);
            if (payload > 0 && payload <= left - FrameLayout.HEADER_BYTES && FrameLayout.isIntact(memory, position)) {
                return payload;
            }
        }
        throw new LogException("the WAL log's " + completion.file().name() + " is damaged at " + (slot.offset + at)
                + ", where the bytes of LSN " + frameLsn + " stood: remove this log's directory, and the log is made"
                + " again from its peers");
    }

    private static final class Slot {
        /** Where its buffer begins in the memory. */
        private final int position;

        /** Null when the slot is free. */
        private SegmentFiles.Open file;

        private long token;
        private long lsn;
        private long endLsn;
        private long runLsn;
        private long offset;
        private int lengthBytes;
        private int doneBytes;

        Slot(final int position) {
            this.position = position;
        }
    }
}
