package dev.firn.walquorum.reader;

import org.agrona.DirectBuffer;

/** Takes committed WAL. Neither moves nor closes its reader. */
@FunctionalInterface
public interface WalHandler {
    /**
     * @param lsn of the first byte.
     * @param buffer borrowed for the length of the call.
     * @return how many bytes were taken, from the first on; the others come again in a later duty cycle: back-pressure.
     */
    int onWal(long lsn, DirectBuffer buffer, int offset, int length);
}
