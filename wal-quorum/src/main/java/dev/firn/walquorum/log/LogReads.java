package dev.firn.walquorum.log;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads of frames on their way: a whole frame each, so that its checksum says whether the bytes are right.
 *
 * <p>Each slot keeps the segment that it read last open: who reads a log goes through it in order.
 */
final class LogReads implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("wal-log-reads");

    private final Storage storage;
    private final Ring ring;
    private final OffHeapMemory memory;
    private final LogListener listener;
    private final Slot[] slots;

    LogReads(
            final Storage storage,
            final Ring ring,
            final OffHeapMemory memory,
            final LogConfig config,
            final LogListener listener) {
        this.storage = storage;
        this.ring = ring;
        this.memory = memory;
        this.listener = listener;
        this.slots = new Slot[config.readsInFlight()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot(memory.allocate(config.frameBytes(), TAG));
        }
    }

    /**
     * Begins to read the frame that holds an LSN; false when all slots are taken, or the ring is full.
     *
     * @param endLsn where the bytes end that are handed on.
     */
    boolean begin(final long lsn, final FrameIndex index, final int frame, final long endLsn) {
        for (int i = 0; i < slots.length; i++) {
            final Slot slot = slots[i];
            if (!slot.isTaken) {
                slot.open(index.segment(frame));
                final long begin = index.payloadOffset(frame) - FrameLayout.HEADER_BYTES;
                final int length = FrameLayout.alignedBytes(index.payloadBytes(frame));
                if (!ring.read(slot.onRing, begin, slot.window(length), WalLog.FIRST_READ_TOKEN - i, 0)) {
                    return false;
                }
                slot.isTaken = true;
                slot.doneBytes = 0;
                slot.lsn = lsn;
                slot.frameLsn = index.beginLsn(frame);
                slot.payloadBytes = index.payloadBytes(frame);
                slot.endLsn = endLsn;
                return true;
            }
        }
        return false;
    }

    /** @return whether the completion was one of a read. */
    boolean onCompletion(final Completion completion) {
        if (completion.token() > WalLog.FIRST_READ_TOKEN) {
            return false;
        }
        final Slot slot = slots[(int) (WalLog.FIRST_READ_TOKEN - completion.token())];
        if (completion.failed()) {
            throw completion.failure();
        }
        if (completion.result() < completion.requestedBytes() && completion.result() >= slot.file.alignmentBytes()) {
            goOn(slot, completion);
            return true;
        }
        slot.isTaken = false;
        if (completion.result() != completion.requestedBytes()
                || !FrameLayout.hasHeader(slot.buffer, 0)
                || FrameLayout.lsn(slot.buffer, 0) != slot.frameLsn
                || FrameLayout.payloadBytes(slot.buffer, 0) != slot.payloadBytes
                || !FrameLayout.isIntact(slot.buffer, 0)) {
            throw new LogException("the WAL log's " + completion.file().name() + " is damaged at "
                    + completion.fileOffset() + ", where the bytes of LSN " + slot.frameLsn
                    + " stood: remove this WAL node's directory, and it fills itself from its peers");
        }
        final int skipped = (int) (slot.lsn - slot.frameLsn);
        listener.onRead(slot.lsn, slot.view, FrameLayout.HEADER_BYTES + skipped, (int) (slot.endLsn - slot.lsn));
        return true;
    }

    /** A read may end early: the rest is asked for. */
    private void goOn(final Slot slot, final Completion completion) {
        final int done = completion.result() - completion.result() % slot.file.alignmentBytes();
        slot.doneBytes += done;
        if (!ring.read(
                slot.onRing,
                completion.fileOffset() + done,
                slot.window.asSlice(slot.doneBytes),
                completion.token(),
                0)) {
            throw new IllegalStateException("the log's ring has no room for the rest of a read that it took");
        }
    }

    /** The ring must be closed before. */
    @Override
    public void close() {
        for (final Slot slot : slots) {
            if (slot.file != null) {
                slot.file.close();
            }
            memory.free(slot.buffer);
        }
    }

    private final class Slot {
        private final MemorySegment buffer;
        private final UnsafeBuffer view;
        private MemorySegment window;
        private boolean isTaken;
        private long doneBytes;
        private long lsn;
        private long frameLsn;
        private int payloadBytes;
        private long endLsn;
        private long segment = -1;
        private StorageFile file;
        private RingFile onRing;

        Slot(final MemorySegment buffer) {
            this.buffer = buffer;
            this.window = buffer;
            this.view = new UnsafeBuffer(buffer.address(), (int) buffer.byteSize());
        }

        void open(final long wanted) {
            if (segment == wanted) {
                return;
            }
            if (file != null) {
                ring.detach(onRing);
                file.close();
                file = null;
            }
            file = storage.openForRead(SegmentNames.of(wanted), Access.DIRECT);
            onRing = ring.attach(file);
            segment = wanted;
        }

        MemorySegment window(final int length) {
            if (window.byteSize() != length) {
                window = buffer.asSlice(0, length);
            }
            return window;
        }
    }
}
