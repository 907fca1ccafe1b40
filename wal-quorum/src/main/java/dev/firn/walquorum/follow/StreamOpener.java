package dev.firn.walquorum.follow;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.TimelineHistory;
import dev.firn.walquorum.pgwire.PgwireException;
import dev.firn.walquorum.pgwire.PostgresException;
import dev.firn.walquorum.pgwire.SystemIdentity;
import dev.firn.walquorum.wire.LogSpec;
import java.util.Optional;

/** Brings a stream about: connects, makes sure that it is the right server and the right WAL, and asks for it. Blocks. */
final class StreamOpener {
    private static final String WAL_REMOVED = "58P01";

    private final Primary primary;
    private final HistoryKeeper keeper;
    private final LogSpec spec;
    private final int firstTimeline;
    private final String slot;
    private final boolean isSlotProof;

    /**
     * The timeline on which the primary was seen to have less WAL than the quorum has of it; 0 when it never was. What it writes there
     * from then on is something else than what it lost, although timeline and positions agree.
     */
    private int restoredTimeline;

    /**
     * @param firstTimeline Postgres' timeline of the log's first byte.
     * @param isSlotProof whether only a server that has the slot is the right one; else it is made where it is missing.
     */
    StreamOpener(
            final Primary primary,
            final HistoryKeeper keeper,
            final LogSpec spec,
            final int firstTimeline,
            final String slot,
            final boolean isSlotProof) {
        this.primary = primary;
        this.keeper = keeper;
        this.spec = spec;
        this.firstTimeline = firstTimeline;
        this.slot = slot;
        this.isSlotProof = isSlotProof;
    }

    /** Whether WAL that was asked for is not there any more: SQLSTATE undefined_file. */
    static boolean isWalRemoved(final RuntimeException e) {
        return e instanceof final PostgresException error && WAL_REMOVED.equals(error.sqlState());
    }

    /**
     * A stream of the WAL from here on.
     *
     * @param before the bytes before, as far as they are known: of a branch, a server that has others is another.
     */
    OpenStream open(final long fromLsn, final byte[] before) {
        final PrimarySession session = primary.connect();
        try {
            return open(session, fromLsn, before);
        } catch (final RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private OpenStream open(final PrimarySession session, final long fromLsn, final byte[] before) {
        final String host = session.host();
        final SystemIdentity identity = session.identifySystem();
        ServerChecks.requireSameCluster(session, identity, spec);
        final int newest = (int) identity.timeline();
        final TimelineHistory server = Lineage.ofServer(session, newest);
        final Optional<HistoryKeeper.Kept> kept = keeper.newest();
        final TimelineHistory log = kept.map(file -> Lineage.parse(file.timeline(), file.content()))
                .orElseGet(() -> TimelineHistory.of(firstTimeline));
        Lineage.requireGoesOn(log, server, spec.startLsn(), fromLsn, host);
        requireNothingLost(session, identity, fromLsn);
        final int timeline = Lineage.timelineAt(server, Math.max(fromLsn, Lineage.beginOf(server, firstTimeline)));
        if (timeline != firstTimeline
                && timeline != kept.map(HistoryKeeper.Kept::timeline).orElse(firstTimeline)) {
            keep(session, timeline);
        }
        final boolean isSlotMade = !session.hasSlot(slot);
        if (isSlotMade) {
            if (isSlotProof) {
                throw new FollowFailedException("the server at " + host + " has no replication slot " + slot
                        + ": it is not the one that was attached to the branch " + spec.timeline()
                        + "; start that again, or detach " + spec.timeline() + " and attach this one to it");
            }
            session.createSlot(slot);
        }
        if (isSlotProof && before.length > 0) {
            requireSame(host, Lineage.timelineAt(server, fromLsn - 1), fromLsn, before);
        }
        return new OpenStream(session, session.stream(slot, fromLsn, timeline), fromLsn, timeline, isSlotMade);
    }

    /** Another that was attached to the same branch once has the slot, too. On a connection of its own, which the stream takes. */
    private void requireSame(final String host, final int timeline, final long fromLsn, final byte[] before) {
        final long beginLsn = fromLsn - before.length;
        final WalComparison comparison = new WalComparison(before, beginLsn);
        try (PrimarySession session = primary.connect()) {
            if (!comparison.run(() -> session.stream(null, beginLsn, timeline), () -> false)) {
                throw PgwireException.lost("the server at " + host + " did not send its WAL in time");
            }
        }
        if (comparison.differsAt() != Lsn.INVALID) {
            throw new FollowFailedException("the server at " + host + " has other WAL before " + Lsn.format(fromLsn)
                    + " than the branch " + spec.timeline() + ": it is not the one that was attached to it; start that"
                    + " again, or detach " + spec.timeline() + " and attach the right one");
        }
        if (!comparison.isDone() && !comparison.isRemoved()) {
            throw comparison.error() == null
                    ? PgwireException.lost("the server at " + host + " ended the stream")
                    : comparison.error();
        }
    }

    /** A primary sends what it has flushed, and never has less of it later; a standby may be behind. */
    private void requireNothingLost(final PrimarySession session, final SystemIdentity identity, final long fromLsn) {
        final boolean isBehind = Long.compareUnsigned(identity.flushLsn(), fromLsn) < 0;
        final boolean isPrimary = session.show("in_hot_standby").equals("off");
        if (isBehind && !isPrimary) {
            throw PgwireException.lost(
                    "the WAL of the standby at " + session.host() + " ends at " + Lsn.format(identity.flushLsn())
                            + ", before that of the quorum, " + Lsn.format(fromLsn) + ": it is behind");
        }
        if (isBehind) {
            restoredTimeline = (int) identity.timeline();
        }
        if (isPrimary && restoredTimeline == (int) identity.timeline()) {
            throw new FollowFailedException("the server at " + session.host()
                    + " was restored from an older copy, or has lost what it had flushed: it had less of timeline "
                    + Integer.toUnsignedString(restoredTimeline) + " than the quorum, which has it up to "
                    + Lsn.format(fromLsn)
                    + "; what was acknowledged is missing on that server; follow another, or detach and attach anew");
        }
    }

    /** The stream of the next timeline, on the connection on which the one before has ended. */
    OpenStream goOn(final PrimarySession session, final int timeline, final long fromLsn) {
        try {
            keep(session, timeline);
            return new OpenStream(session, session.stream(slot, fromLsn, timeline), fromLsn, timeline, false);
        } catch (final RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private void keep(final PrimarySession session, final int timeline) {
        keeper.keep(new HistoryKeeper.Kept(timeline, session.timelineHistory(timeline)));
    }
}
