package dev.firn.walquorum.log;

import org.agrona.DirectBuffer;

/** Takes bytes of the log. */
@FunctionalInterface
public interface BytesHandler {
    /**
     * @param lsn of the first byte.
     * @param buffer borrowed for the length of the call.
     * @return how many were taken, from the first on; fewer than offered end the reading.
     */
    int onBytes(long lsn, DirectBuffer buffer, int offset, int length);
}
