package dev.firn.pagestore.service;

import java.lang.foreign.MemorySegment;

/** Hears of the outcome of each read, exactly once; not of abandoned ones. It may begin other reads. */
public interface ReadHandler {
    /**
     * What was read.
     *
     * @param bytes off-heap; borrowed for the call.
     * @return false when there is no room for it now: it is told again in a later poll, and stays a read in progress until then.
     */
    boolean onRead(long token, MemorySegment bytes, long offset, int length);

    /**
     * There is no answer.
     *
     * @param sentence what a person should know; borrowed from nowhere, may be a constant.
     * @return as of {@link #onRead}.
     */
    boolean onRefused(long token, ReadRefusal refusal, String sentence);
}
