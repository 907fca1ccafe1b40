package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;

/**
 * The promise and the base on disk: two copies, written in turn through the ring, each durable before the other is touched.
 *
 * <p>A change is durable with its first copy. The second follows at once, so that one damaged copy costs nothing unless it was hit
 * in between.
 */
final class ControlFile implements AutoCloseable {
    static final long TOKEN = LogOperations.OTHERS + 5;

    private final LogOperations operations;
    private final MemorySegment memory;
    private final StorageFile file;
    private final RingFile onRing;

    /** As it is on disk, or will be with the write that is on its way. */
    private ControlState written;

    private int newestSlot;
    private Promise promise;
    private LogBase base;
    private Promise durablePromise;
    private LogBase durableBase;
    private boolean isOnItsWay;
    private boolean isSecondOwed;
    private int doneBytes;
    private int lengthBytes;

    /** @param memory of {@link ControlCodec#SLOT_BYTES}; borrowed. */
    ControlFile(
            final Storage storage,
            final LogNames names,
            final LogOperations operations,
            final MemorySegment memory,
            final ControlStart.Placed found) {
        this.operations = operations;
        this.memory = memory;
        this.written = found.state();
        this.newestSlot = found.slot();
        this.promise = written.promise();
        this.base = written.base();
        this.durablePromise = promise;
        this.durableBase = base;
        this.file = storage.open(names.control(), Access.DIRECT);
        this.onRing = operations.attach(file);
    }

    LogIdentity identity() {
        return written.identity();
    }

    /** The base that is durable. */
    LogBase base() {
        return durableBase;
    }

    Promise promise() {
        return durablePromise;
    }

    boolean isPromiseOnItsWay() {
        return promise != durablePromise;
    }

    boolean isBaseOnItsWay() {
        return base != durableBase;
    }

    void write(final Promise newPromise) {
        promise = newPromise;
    }

    /** Replaces a base that is wanted and not yet on its way. */
    void write(final LogBase newBase) {
        base = newBase;
    }

    /** Begins the write that is owed, if any; returns how much was done. */
    int doWork() {
        if (isOnItsWay) {
            return 0;
        }
        final boolean isChanged = promise != written.promise() || base != written.base();
        if (!isChanged && !isSecondOwed) {
            return 0;
        }
        final ControlState next = new ControlState(
                written.number() + 1, written.identity(), written.segmentBytes(), written.frameBytes(), promise, base);
        lengthBytes = ControlCodec.encode(next, memory);
        doneBytes = 0;
        if (!writeRest()) {
            return 0;
        }
        written = next;
        isSecondOwed = isChanged;
        isOnItsWay = true;
        return 1;
    }

    /** @return whether the completion was of this file, and the write is durable. */
    boolean onCompletion(final Completion completion) {
        if (completion.failed()) {
            throw completion.failure();
        }
        doneBytes += completion.result() - completion.result() % file.alignmentBytes();
        if (doneBytes < lengthBytes) {
            if (completion.result() < file.alignmentBytes() || !writeRest()) {
                throw new LogException("a write of " + completion.requestedBytes() + " bytes to " + file.name()
                        + " wrote " + completion.result());
            }
            return false;
        }
        newestSlot = 1 - newestSlot;
        isOnItsWay = false;
        durablePromise = written.promise();
        durableBase = written.base();
        return true;
    }

    private boolean writeRest() {
        return operations.write(
                onRing,
                ControlStart.slotOffset(1 - newestSlot) + doneBytes,
                memory,
                doneBytes,
                lengthBytes - doneBytes,
                TOKEN);
    }

    /** Nothing may be in flight. */
    @Override
    public void close() {
        operations.detach(onRing);
        file.close();
    }
}
