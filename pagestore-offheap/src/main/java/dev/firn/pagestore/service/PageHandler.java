package dev.firn.pagestore.service;

import dev.firn.transport.request.RequestFailure;
import org.agrona.DirectBuffer;

/**
 * Hears of the end of each request of a {@link PageClient}, exactly once; not of cancelled ones. It may send other requests. Of the
 * answers it overrides those that it asks for.
 */
public interface PageHandler {
    /**
     * A page.
     *
     * @param lsn as of which it is.
     * @param buffer its 8,192 bytes from {@code offset} on; borrowed for the call.
     */
    default void onPage(final long token, final long lsn, final DirectBuffer buffer, final int offset) {
        throw unexpected("a page");
    }

    /** That many pages, 8,192 bytes each, in the order in which they were asked for; borrowed for the call. */
    default void onPages(
            final long token, final long lsn, final int count, final DirectBuffer buffer, final int offset) {
        throw unexpected("pages");
    }

    /** How many blocks there are. */
    default void onSize(final long token, final long lsn, final long blocks) {
        throw unexpected("a size");
    }

    /** Whether a fork is there. */
    default void onExistence(final long token, final long lsn, final boolean there) {
        throw unexpected("an existence");
    }

    /** Keys and what they are; a copy, on the heap. */
    default void onValues(final long token, final long lsn, final KeyedValues values) {
        throw unexpected("values");
    }

    /** Where the last commit at or before a time ends. */
    default void onLsn(final long token, final long lsn) {
        throw unexpected("an LSN");
    }

    /** What there is to be told of a timeline. */
    default void onTimeline(final long token, final TimelineFacts facts) {
        throw unexpected("a timeline");
    }

    /**
     * The server refuses to answer.
     *
     * @param appliedLsn what the timeline has ingested, or 0 where that says nothing.
     * @param sentence for a person.
     */
    void onRefused(long token, ReadRefusal refusal, long appliedLsn, String sentence);

    /** There is no answer. */
    void onFailure(long token, RequestFailure failure);

    private static IllegalStateException unexpected(final String what) {
        return new IllegalStateException(what + " was asked for by somebody who does not take it");
    }
}
