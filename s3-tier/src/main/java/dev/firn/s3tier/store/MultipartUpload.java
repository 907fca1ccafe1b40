package dev.firn.s3tier.store;

import java.lang.foreign.MemorySegment;

/**
 * An object on its way whose length is not known yet. Belongs to the session's thread.
 *
 * <p>Parts are put together in the order of the calls, and travel side by side. Each but the last has at least
 * {@link StoreLimits#minPartBytes()}. A part that fails fails the upload: it can only be aborted then. An upload that is
 * neither completed nor aborted is a leftover: the session's end aborts it, or {@link StoreSession#abortStaleUploads}. One
 * whose completion failed, or whose condition did not hold, still is to be aborted. Without any part, completing it puts an empty
 * object.
 *
 * <p>{@link ObjectWriter} takes bytes in any portions and makes parts of them.
 */
public interface MultipartUpload {
    /**
     * Sends the next part.
     *
     * @param bytes borrowed until the handler is called.
     * @throws IllegalStateException after complete or abort, and after a part shorter than the least length.
     */
    StoreCall part(MemorySegment bytes, CallOptions options, OutcomeHandler<? super PartOutcome> handler);

    /** Makes the object appear, whole, when all parts have arrived. May be called while parts are on their way. */
    StoreCall complete(CallOptions options, OutcomeHandler<? super PutOutcome> handler);

    /** Gives the upload up, and what it holds in the store. Parts on their way are cancelled. */
    StoreCall abort(CallOptions options, OutcomeHandler<? super DeleteOutcome> handler);
}
