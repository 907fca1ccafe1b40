package dev.firn.walquorum.stream;

import dev.firn.walquorum.acceptor.AcceptorState;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import dev.firn.walquorum.wire.LogSpec;
import java.util.Arrays;

/** What outlives a {@link TestWalNode}: one log, and what its acceptor has promised. */
public final class TestDisk {
    LogSpec spec;
    public long acceptorId;
    long promisedTerm;
    long candidate;
    Membership membership = Membership.NONE;
    long followedTerm;
    final TermHistory history = new TermHistory();
    public long startLsn;
    public long flushedLsn;
    private byte[] bytes = new byte[1 << 16];

    void make(final LogSpec newSpec, final long id) {
        spec = newSpec;
        acceptorId = id;
        startLsn = newSpec.startLsn();
        flushedLsn = startLsn;
    }

    /** As a new disk. */
    public void wipe() {
        spec = null;
        acceptorId = 0;
        promisedTerm = 0;
        candidate = 0;
        membership = Membership.NONE;
        followedTerm = 0;
        history.clear();
        startLsn = 0;
        flushedLsn = 0;
    }

    AcceptorState state() {
        return new AcceptorState(promisedTerm, candidate, membership, followedTerm, history, startLsn, flushedLsn);
    }

    void write(final long lsn, final byte[] source, final int length) {
        final int at = (int) (lsn - startLsn);
        if (at + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, at + length));
        }
        System.arraycopy(source, 0, bytes, at, length);
    }

    byte[] bytes() {
        return bytes;
    }

    public byte at(final long lsn) {
        return bytes[(int) (lsn - startLsn)];
    }
}
