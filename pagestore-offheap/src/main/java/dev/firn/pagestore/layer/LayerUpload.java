package dev.firn.pagestore.layer;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;

/**
 * A sink that makes an object of a layer, under its name, which nothing else ever has. Belongs to the session's thread; moved by its poll.
 *
 * <p>An object that is there already under the name is a failure: a name is given once, so somebody else believes that it has this epoch.
 */
public final class LayerUpload implements LayerSink, AutoCloseable {
    private static final MemoryTag PARTS = MemoryTag.of("layer-upload");

    /** How far it is. */
    public enum State {
        /** Takes bytes. */
        OPEN,
        /** Has them all; the store has not answered. */
        ENDING,
        /** The object is there and durable. */
        STORED,
        /** It is not there, or nobody can say: the name must not be used again. */
        FAILED
    }

    private final ObjectWriter writer;
    private final String key;
    private State state = State.OPEN;
    private String failure;

    /**
     * @param session borrowed.
     * @param limits of the session's store.
     * @param memory borrowed; for the parts on their way, as many and as long as {@code shape} says.
     */
    public LayerUpload(
            final StoreSession session,
            final StoreLimits limits,
            final String timeline,
            final LayerName name,
            final OffHeapMemory memory,
            final ObjectWriter.Shape shape) {
        key = name.key(timeline);
        writer = new ObjectWriter(session, limits, key, WriteCondition.IF_ABSENT, memory, PARTS, shape);
    }

    @Override
    public long write(final MemorySegment bytes) {
        final long taken = state == State.OPEN ? writer.write(bytes) : ObjectWriter.FAILED;
        if (taken == ObjectWriter.FAILED) {
            if (state == State.OPEN) {
                fail("a part of it could not be stored");
            }
            return FAILED;
        }
        return taken;
    }

    /** Ends the object, once; false when the session has no room now: call again. Then {@link #state()} tells. */
    public boolean complete() {
        if (state != State.OPEN) {
            throw new IllegalStateException("the upload of " + key + " is " + state);
        }
        if (!writer.complete(this::onOutcome)) {
            return false;
        }
        state = State.ENDING;
        return true;
    }

    public State state() {
        return state;
    }

    /** Why it failed, in one sentence; null when it has not. */
    public String failure() {
        return failure;
    }

    /** Gives up what is not stored. An object whose end is on its way may still appear. */
    @Override
    public void close() {
        writer.close();
        if (state == State.OPEN) {
            fail("it was given up");
        }
    }

    private void onOutcome(final PutOutcome outcome) {
        switch (outcome) {
            case PutOutcome.Stored stored -> state = State.STORED;
            case PutOutcome.PreconditionFailed there -> fail("an object of this name is there: " + there.reason());
            case PutOutcome.Unknown unknown ->
                fail("nobody can say whether it was stored: " + unknown.cause().message());
            case Failed failed -> fail(failed.message());
        }
    }

    private void fail(final String why) {
        state = State.FAILED;
        failure = "layer " + key + ": " + why;
    }
}
