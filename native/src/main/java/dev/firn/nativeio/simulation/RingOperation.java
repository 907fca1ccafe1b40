package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** One accepted operation of a {@link SimulatedRing}, from acceptance to delivery; reused afterwards. */
final class RingOperation {
    /** What a buffer holds while a read into it is in flight, and after a failed one. */
    static final byte SCRIBBLE = (byte) 0xDB;

    final MemorySegment[] buffers = new MemorySegment[RingConfig.MAX_VECTORS];
    OperationKind kind;
    SimulatedRingFile file;
    long fileOffset;
    long requestedBytes;
    long token;
    int flags;
    int bufferCount;
    /** Of a TIMEOUT or LINK_TIMEOUT. */
    long durationNs;
    /** Of a CANCEL. */
    long targetToken;
    /** The operation that its link leads to. */
    RingOperation next;

    int result;
    boolean cancelled;
    boolean effectDone;
    byte[] data;
    WriteEffect effect;
    SyncSnapshot snapshot;
    DirectorySync directorySync;
    ScheduledTask effectTask;
    ScheduledTask completionTask;

    void clear() {
        Arrays.fill(buffers, 0, bufferCount, null);
        file = null;
        bufferCount = 0;
        next = null;
        result = 0;
        cancelled = false;
        effectDone = false;
        data = null;
        effect = null;
        snapshot = null;
        directorySync = null;
        effectTask = null;
        completionTask = null;
    }

    /** A chain goes on only after success in full: a short read or write breaks it, as io_uring does. */
    boolean failed() {
        return switch (kind) {
            case READ, WRITE, READ_VECTORED, WRITE_VECTORED -> result != requestedBytes;
            case NOP, SYNC, DATA_SYNC, ALLOCATE, TIMEOUT, LINK_TIMEOUT, CANCEL -> result < 0;
        };
    }

    boolean hardLinked() {
        return (flags & Ring.HARD_LINK) != 0;
    }

    boolean reads() {
        return kind == OperationKind.READ || kind == OperationKind.READ_VECTORED;
    }

    boolean writes() {
        return kind == OperationKind.WRITE || kind == OperationKind.WRITE_VECTORED;
    }

    boolean durable() {
        return (flags & Ring.DURABLE) != 0;
    }

    boolean syncs() {
        return kind == OperationKind.SYNC || kind == OperationKind.DATA_SYNC;
    }

    void cancelTasks() {
        if (effectTask != null) {
            effectTask.cancel();
        }
        if (completionTask != null) {
            completionTask.cancel();
        }
    }

    /** Whether the caller has kept its buffers alive, as it must while the operation is in flight. */
    boolean buffersAlive() {
        for (int i = 0; i < bufferCount; i++) {
            if (!buffers[i].scope().isAlive()) {
                return false;
            }
        }
        return true;
    }

    /** Throws when the caller has freed a buffer that the ring still has on loan. */
    void checkBuffersAlive() {
        if (!buffersAlive()) {
            throw new IllegalStateException("the buffer of " + kind + " " + file.name() + " at offset " + fileOffset
                    + " was freed while the operation was in flight");
        }
    }

    byte[] gather() {
        final byte[] bytes = new byte[Math.toIntExact(requestedBytes)];
        int at = 0;
        for (int i = 0; i < bufferCount; i++) {
            final int part = (int) buffers[i].byteSize();
            MemorySegment.copy(buffers[i], ValueLayout.JAVA_BYTE, 0, bytes, at, part);
            at += part;
        }
        return bytes;
    }

    void scatter(final byte[] bytes) {
        int at = 0;
        for (int i = 0; i < bufferCount && at < bytes.length; i++) {
            final int part = (int) Math.min(buffers[i].byteSize(), bytes.length - at);
            MemorySegment.copy(bytes, at, buffers[i], ValueLayout.JAVA_BYTE, 0, part);
            at += part;
        }
    }

    void scribble(final int count) {
        final byte[] garbage = new byte[count];
        Arrays.fill(garbage, SCRIBBLE);
        scatter(garbage);
    }
}
