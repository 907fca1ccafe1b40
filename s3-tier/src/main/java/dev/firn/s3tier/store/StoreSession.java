package dev.firn.s3tier.store;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One thread's way to an {@link ObjectStore}: calls are begun here, and answered by their handlers inside {@link
 * #poll}, on the thread that owns the session. Nothing here blocks.
 *
 * <p><b>Answered exactly once.</b> Each call's handler is called once, in {@link #poll} or in {@link #close}, whatever
 * happens, never inside the method that began it. Bad arguments throw before anything was begun.
 *
 * <p><b>Buffers</b> are borrowed from the call that took them until its handler is called: off-heap memory of the caller,
 * neither freed, closed nor written meanwhile. So an answer may come somewhat later than the call's deadline: when the
 * buffer is free again.
 *
 * <p><b>Limits.</b> Calls beyond {@link StoreLimits#queuedCalls()} are answered {@link FailureKind#OVERLOADED}; ask
 * {@link #room()} before. Whoever begins twice as many without a poll is thrown at, as refused calls wait for their
 * answer too.
 *
 * <p><b>Failures that may pass</b> are tried again within the call's deadline, with jitter, as long as the store's retry
 * budget and circuit allow it: see {@link StoreLimits}.
 */
public interface StoreSession extends AutoCloseable {
    /** Writes a whole object from the buffers, one after the other. For at most {@link StoreLimits#maxPutBytes()} bytes. */
    StoreCall put(
            String key,
            List<MemorySegment> body,
            WriteCondition condition,
            CallOptions options,
            OutcomeHandler<? super PutOutcome> handler);

    /**
     * Begins an object whose length is not known yet. Nothing is seen under the key before its
     * {@link MultipartUpload#complete} is answered {@link PutOutcome.Stored}.
     */
    MultipartUpload openUpload(String key, WriteCondition condition);

    /**
     * Reads a range into the buffer, from {@code offset} on, until the buffer is full or the object ends.
     *
     * @param version the version that must be there, or null for whichever is.
     */
    StoreCall get(
            String key,
            long offset,
            MemorySegment into,
            ObjectVersion version,
            CallOptions options,
            OutcomeHandler<? super GetOutcome> handler);

    /**
     * Reads several ranges of one version of an object; neighbours are fetched together. Answered once: with
     * {@link GetOutcome.Fetched} when every range was read in full.
     */
    StoreCall getRanges(
            String key,
            List<RangeTarget> ranges,
            ObjectVersion version,
            CallOptions options,
            OutcomeHandler<? super GetOutcome> handler);

    StoreCall head(String key, CallOptions options, OutcomeHandler<? super HeadOutcome> handler);

    StoreCall list(ListRequest request, CallOptions options, OutcomeHandler<? super ListOutcome> handler);

    /** Removes an object. One that is not there counts as removed. */
    StoreCall delete(String key, CallOptions options, OutcomeHandler<? super DeleteOutcome> handler);

    /** Removes any number of objects, in batches as large as the store takes. */
    StoreCall deleteAll(List<String> keys, CallOptions options, OutcomeHandler<? super DeleteOutcome> handler);

    /** Aborts uploads below a prefix that began longer ago than this and were never completed: leftovers of crashes. */
    StoreCall abortStaleUploads(
            String prefix, long olderThanNs, CallOptions options, OutcomeHandler<? super SweepOutcome> handler);

    /** How many further calls would be accepted now. */
    int room();

    /** Calls begun and not answered yet. */
    int inFlight();

    /**
     * Moves calls on (deadlines, retries, answers) and calls up to {@code limit} handlers; returns how much was done.
     * Handlers may begin further calls, but not poll.
     */
    int poll(int limit);

    /**
     * Cancels what is in flight, waits until no buffer is in use any more, and answers {@link FailureKind#CANCELLED}.
     * Uploads that are neither completed nor aborted are aborted in the store, as far as that takes no longer than two
     * seconds. What handlers begin that are called here is answered {@link FailureKind#CANCELLED} as well, and never sent; one that
     * begins again whatever it is answered gets an exception in the end.
     */
    @Override
    void close();
}
