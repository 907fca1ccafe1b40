package dev.firn.pagestore.rebuild;

import java.util.Arrays;

/** From which LSNs on hint bits were logged or not, in turns. Immutable, so that any thread may be given it; changes are as rare as restarts of Postgres. */
public final class HintHistory implements PageBuilder.HintBits {
    /** Nothing is known: they were not. */
    public static final HintHistory NONE = new HintHistory(new long[0], new boolean[0]);

    private final long[] lsns;
    private final boolean[] logged;

    private HintHistory(final long[] lsns, final boolean[] logged) {
        this.lsns = lsns;
        this.logged = logged;
    }

    /** From an LSN on, above all that were told before, it is so; this one when it was before. */
    public HintHistory with(final long lsn, final boolean now) {
        final int count = lsns.length;
        if (count > 0 && logged[count - 1] == now) {
            return this;
        }
        final long[] moreLsns = Arrays.copyOf(lsns, count + 1);
        final boolean[] moreLogged = Arrays.copyOf(logged, count + 1);
        moreLsns[count] = lsn;
        moreLogged[count] = now;
        return new HintHistory(moreLsns, moreLogged);
    }

    /** Before all that was told it was as at first. */
    @Override
    public boolean hintBitsLogged(final long lsn) {
        int at = lsns.length - 1;
        while (at > 0 && lsns[at] > lsn) {
            at--;
        }
        return at >= 0 && logged[at];
    }
}
