package dev.firn.s3tier.store;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Writes an object from bytes that come in any portions, its length not known before: gathers them in buffers of its
 * own, sends each full one as a part, and an object that fits one buffer as a whole, which saves two requests. Belongs
 * to the session's thread; everything moves in {@link StoreSession#poll}.
 *
 * <p><b>Bounded:</b> it has at most {@link Shape#buffers()} buffers, the one being filled and the parts on their way.
 * {@link #write} takes as much as fits; what it does not take is to be offered again after a poll.
 *
 * <p><b>Buffers</b> are allocated when bytes come and freed when their part is answered. {@link #close()} gives back
 * what is left.
 */
public final class ObjectWriter implements AutoCloseable {
    /** What {@link #write} returns when the object can't be written any more: {@link #complete} says why. */
    public static final long FAILED = -1;

    private final StoreSession session;
    private final StoreLimits limits;
    private final String key;
    private final WriteCondition condition;
    private final OffHeapMemory memory;
    private final MemoryTag tag;
    private final Shape shape;

    /** Being filled, or null. */
    private MemorySegment buffer;

    private long filledBytes;
    private long writtenBytes;
    private int partsInFlight;
    private boolean failed;
    private boolean ended;

    /** Null as long as all fits one buffer. */
    private MultipartUpload upload;

    /**
     * @param partBytes length of each part but the last, and of each buffer: an object has at most 10,000 parts.
     * @param buffers most buffers at once: one less is the number of parts on their way while another is filled.
     * @param options of each part, and of the completion.
     */
    public record Shape(long partBytes, int buffers, CallOptions options) {
        public static final Shape DEFAULT = new Shape(8L << 20, 4, CallOptions.DEFAULT);

        public Shape {
            if (partBytes < 1 || buffers < 1) {
                throw new IllegalArgumentException(buffers + " buffers of " + partBytes + " bytes make no sense");
            }
        }
    }

    /**
     * Begins nothing in the store yet.
     *
     * @param limits of the store.
     * @param memory where the buffers come from.
     */
    public ObjectWriter(
            final StoreSession session,
            final StoreLimits limits,
            final String key,
            final WriteCondition condition,
            final OffHeapMemory memory,
            final MemoryTag tag,
            final Shape shape) {
        ObjectKeys.requireValid(key);
        if (shape.partBytes() < limits.minPartBytes() || shape.partBytes() > limits.maxPartBytes()) {
            throw new IllegalArgumentException("parts of " + shape.partBytes() + " bytes are not within "
                    + limits.minPartBytes() + ".." + limits.maxPartBytes());
        }
        this.session = session;
        this.limits = limits;
        this.key = key;
        this.condition = condition;
        this.memory = memory;
        this.tag = tag;
        this.shape = shape;
    }

    /**
     * Takes the next bytes of the object: copies them, so that {@code bytes} (of any memory) is free when it returns.
     *
     * @return how many were taken, from the first on: fewer than given when the buffers are full or the memory is
     *     short, until a poll has freed some; {@link #FAILED} when a part has failed.
     */
    public long write(final MemorySegment bytes) {
        requireOpen();
        long taken = 0;
        while (!failed && taken < bytes.byteSize() && hasBuffer()) {
            final long portion = Math.min(bytes.byteSize() - taken, shape.partBytes() - filledBytes);
            MemorySegment.copy(bytes, taken, buffer, filledBytes, portion);
            filledBytes += portion;
            taken += portion;
        }
        writtenBytes += taken;
        return failed ? FAILED : taken;
    }

    /** How many bytes have been taken. */
    public long writtenBytes() {
        return writtenBytes;
    }

    /** Parts sent and not answered yet. */
    public int partsInFlight() {
        return partsInFlight;
    }

    /**
     * Makes the object appear, whole. Where it does not (the condition failed, a part failed) what the store holds of
     * it is given up before the handler is called; by the session's end, or by the sweep, when the session has no room
     * for that.
     *
     * @return false when the session has no room for the calls that it takes: nothing has happened then, poll and ask
     * again.
     */
    public boolean complete(final OutcomeHandler<? super PutOutcome> handler) {
        requireOpen();
        if (session.room() < 2) {
            return false;
        }
        ended = true;
        if (upload == null && filledBytes <= limits.maxPutBytes()) {
            putWhole(handler);
            return true;
        }
        if (filledBytes > 0) {
            sendPart();
        }
        releaseBuffer();
        upload.complete(shape.options(), outcome -> completed(outcome, handler));
        return true;
    }

    /** Gives the object up, and what the store holds of it. */
    public void abort(final OutcomeHandler<? super DeleteOutcome> handler) {
        requireOpen();
        ended = true;
        releaseBuffer();
        if (upload == null) {
            upload = session.openUpload(key, condition);
        }
        upload.abort(shape.options(), handler);
    }

    /** Aborts what was neither completed nor aborted. To be called before the session is closed. */
    @Override
    public void close() {
        if (ended) {
            return;
        }
        if (upload == null) {
            ended = true;
            releaseBuffer();
        } else {
            abort(outcome -> {
                // A leftover that can't be removed now is removed by the sweep.
            });
        }
    }

    private void putWhole(final OutcomeHandler<? super PutOutcome> handler) {
        final MemorySegment whole = buffer;
        final List<MemorySegment> body = whole == null ? List.of() : List.of(whole.asSlice(0, filledBytes));
        buffer = null;
        session.put(key, body, condition, shape.options(), outcome -> {
            if (whole != null) {
                memory.free(whole);
            }
            handler.onOutcome(outcome);
        });
    }

    private void completed(final PutOutcome outcome, final OutcomeHandler<? super PutOutcome> handler) {
        final boolean leftOver = outcome instanceof PutOutcome.PreconditionFailed || outcome instanceof Failed;
        if (leftOver && session.room() > 0) {
            upload.abort(shape.options(), aborted -> handler.onOutcome(outcome));
        } else {
            handler.onOutcome(outcome);
        }
    }

    /** Whether there is a buffer with room in it: a full one is sent first, when that may be. */
    private boolean hasBuffer() {
        if (buffer != null && filledBytes == shape.partBytes()) {
            if (session.room() == 0) {
                return false;
            }
            sendPart();
        }
        if (buffer == null && partsInFlight < shape.buffers()) {
            buffer = memory.tryAllocate(shape.partBytes(), tag);
            filledBytes = 0;
        }
        return buffer != null;
    }

    private void sendPart() {
        if (upload == null) {
            upload = session.openUpload(key, condition);
        }
        final MemorySegment part = buffer;
        buffer = null;
        partsInFlight++;
        upload.part(part.asSlice(0, filledBytes), shape.options(), outcome -> {
            memory.free(part);
            partsInFlight--;
            if (outcome instanceof Failed) {
                failed = true;
                releaseBuffer();
            }
        });
        filledBytes = 0;
    }

    private void releaseBuffer() {
        if (buffer != null) {
            memory.free(buffer);
            buffer = null;
        }
        filledBytes = 0;
    }

    private void requireOpen() {
        if (ended) {
            throw new IllegalStateException("has been completed or aborted: " + key);
        }
    }
}
