package dev.firn.s3tier.store;

import java.lang.foreign.MemorySegment;

/**
 * One range of an object, and where its bytes go.
 *
 * @param into borrowed until the call is answered; its size is the range's length.
 */
public record RangeTarget(long offset, MemorySegment into) {}
