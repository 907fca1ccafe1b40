package dev.firn.walquorum.acceptor;

import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import org.agrona.DirectBuffer;

/**
 * One acceptor: votes, follows the proposer of the highest term that it promised itself to, and says how far its log is on
 * disk.
 *
 * <p><b>Promise and log are apart.</b> The promise (term, candidate, generation) is written before a vote is answered. The log is
 * handed to a term when that term's proposer sends its history: everything beyond the place where the two logs part is cut
 * off, and only then does the log take bytes of that term. A log that was handed to a term counts for it in a later election once
 * it reaches the term's start: that hand-over is the record of the current term without which older bytes are not committed.
 *
 * <p><b>A vote is answered when the log is at rest.</b> Writes of an older term that are on their way end first, so that the
 * answer tells the whole of the log; none can follow, because the promise refuses them.
 *
 * <p><b>What cannot be done now is dropped</b>, never queued: whoever sent it asks again.
 *
 * <p>Not thread-safe. Allocates nothing but for elections.
 */
public final class Acceptor {
    private static final int NOBODY = -1;
    private static final long NO_DONOR = -1;

    private final AcceptorPort port;
    private final TermHistory history = new TermHistory();

    private long promisedTerm;
    private long candidate;
    private Membership membership;

    /** The term that the log was handed to. */
    private long followedTerm;

    private long startLsn;
    private long writtenLsn;
    private long flushedLsn;
    private long committedLsn;

    /** What the proposer of the followed term has told to be committed; may be beyond the end of this log. */
    private long proposerCommitLsn;

    private boolean isPromiseOnItsWay;
    private boolean isTermOnItsWay;
    private int voteOwedTo = NOBODY;
    private int proposerNode = NOBODY;

    /** The log lacks what lies before this LSN, which this peer has. */
    private long missingBeforeLsn;

    private long donor = NO_DONOR;

    public Acceptor(final AcceptorPort port, final AcceptorState found) {
        this.port = port;
        promisedTerm = found.promisedTerm();
        candidate = found.candidate();
        membership = found.membership();
        followedTerm = found.followedTerm();
        history.copyFrom(found.history());
        startLsn = found.startLsn();
        writtenLsn = found.flushedLsn();
        flushedLsn = found.flushedLsn();
        committedLsn = found.startLsn();
        proposerCommitLsn = found.startLsn();
        if (promisedTerm < followedTerm || flushedLsn < startLsn) {
            throw new IllegalStateException("an acceptor's state contradicts itself: " + found);
        }
    }

    /** A candidate asks for this acceptor's vote. */
    public void onVoteRequest(
            final int from, final long term, final long itsCandidate, final Membership itsMembership) {
        if (isPromiseOnItsWay) {
            return;
        }
        final boolean isAgain = term == promisedTerm && itsCandidate == candidate;
        if (itsMembership.generation() < membership.generation() || (term <= promisedTerm && !isAgain)) {
            port.sendVote(
                    from, new Vote(term, itsCandidate, false, promisedTerm, startLsn, flushedLsn, history, membership));
            return;
        }
        voteOwedTo = from;
        if (!isAgain || itsMembership.generation() > membership.generation()) {
            promise(term, itsCandidate, itsMembership);
        }
        voteIfAtRest();
    }

    /** The promise is on disk. */
    public void onPromiseDurable() {
        isPromiseOnItsWay = false;
        voteIfAtRest();
    }

    /**
     * The proposer that was elected hands its history over; its own term is the last one.
     *
     * @param itsCandidate the name that it was elected under.
     * @param itsBaseLsn from where on the history tells the log's terms; all before is in the archive.
     */
    public void onTermStart(
            final int from,
            final long itsCandidate,
            final TermHistory itsHistory,
            final long itsBaseLsn,
            final Membership itsMembership) {
        final long term = itsHistory.lastTerm();
        if (isPromiseOnItsWay || isTermOnItsWay) {
            return;
        }
        if (itsMembership.generation() < membership.generation()) {
            port.sendVote(
                    from, new Vote(term, itsCandidate, false, promisedTerm, startLsn, flushedLsn, history, membership));
            return;
        }
        if (term < promisedTerm) {
            port.sendAppended(from, promisedTerm, followedTerm, writtenLsn, flushedLsn);
            return;
        }
        if (term > promisedTerm || itsMembership.generation() > membership.generation()) {
            promise(term, itsCandidate, itsMembership);
            return;
        }
        if (followedTerm == term) {
            proposerNode = from;
            port.sendTermAccepted(from, term, flushedLsn);
            return;
        }
        if (writtenLsn != flushedLsn) {
            return;
        }
        follow(from, term, itsHistory, itsBaseLsn);
    }

    /** The hand-over of the log is on disk. */
    public void onTermDurable(final long term) {
        if (term != followedTerm) {
            throw new IllegalStateException("term " + term + " is durable, but the log follows " + followedTerm);
        }
        isTermOnItsWay = false;
        if (promisedTerm == followedTerm) {
            port.sendTermAccepted(proposerNode, followedTerm, flushedLsn);
        }
        voteIfAtRest();
    }

    /**
     * The proposer sends bytes, or none to say what is committed.
     *
     * @param commitLsn what a majority has.
     * @param itsDonor a node that has everything before {@code beginLsn}.
     */
    public void onAppend(
            final int from,
            final long term,
            final long beginLsn,
            final long commitLsn,
            final long itsDonor,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (term != promisedTerm || term != followedTerm || isTermOnItsWay || isPromiseOnItsWay) {
            port.sendAppended(from, promisedTerm, isTermOnItsWay ? 0 : followedTerm, writtenLsn, flushedLsn);
            return;
        }
        proposerNode = from;
        proposerCommitLsn = Math.max(proposerCommitLsn, commitLsn);
        commitWhatIsFlushed();
        if (beginLsn > writtenLsn) {
            missingBeforeLsn = beginLsn;
            donor = itsDonor;
            port.sendAppended(from, promisedTerm, followedTerm, writtenLsn, flushedLsn);
            return;
        }
        if (!take(beginLsn, buffer, offset, length)) {
            port.sendAppended(from, promisedTerm, followedTerm, writtenLsn, flushedLsn);
        }
    }

    /** All that was written in this term is on disk up to this LSN. */
    public void onFlushed(final long term, final long lsn) {
        if (term != followedTerm || lsn > writtenLsn || lsn < flushedLsn) {
            throw new IllegalStateException("flushed to " + lsn + " in term " + term + ", but the log follows "
                    + followedTerm + " and was written from " + flushedLsn + " to " + writtenLsn);
        }
        flushedLsn = lsn;
        commitWhatIsFlushed();
        if (promisedTerm == followedTerm && !isPromiseOnItsWay) {
            port.sendAppended(proposerNode, promisedTerm, followedTerm, writtenLsn, flushedLsn);
        }
        voteIfAtRest();
    }

    /** A peer that follows the same term asks for what it lacks. */
    public void onFetch(final long from, final long term, final long beginLsn) {
        if (term != followedTerm || isTermOnItsWay) {
            return;
        }
        if (beginLsn < startLsn) {
            port.sendTrimmed(from, term, startLsn);
        } else if (beginLsn < flushedLsn) {
            port.sendFetched(from, term, beginLsn, flushedLsn);
        }
    }

    /** A peer sends what was asked for. */
    public void onFetched(
            final long term, final long beginLsn, final DirectBuffer buffer, final int offset, final int length) {
        if (term == followedTerm
                && term == promisedTerm
                && !isTermOnItsWay
                && !isPromiseOnItsWay
                && beginLsn <= writtenLsn) {
            take(beginLsn, buffer, offset, length);
            fetchWhatIsMissing();
        }
    }

    /** A peer has trimmed what was asked for: it was committed, and is in the archive. */
    public void onPeerTrimmed(final long term, final long itsStartLsn) {
        if (term == followedTerm
                && term == promisedTerm
                && !isTermOnItsWay
                && !isPromiseOnItsWay
                && writtenLsn == flushedLsn
                && writtenLsn < itsStartLsn) {
            history.trimBelow(itsStartLsn);
            beginAnew(term, itsStartLsn);
        }
    }

    /** Time has passed: ask again for what did not come. */
    public void onTick() {
        fetchWhatIsMissing();
    }

    /** The log was trimmed: what lies before this LSN was committed, is in the archive, and is gone here. */
    public void onTrimmed(final long newStartLsn) {
        if (newStartLsn < startLsn || newStartLsn > committedLsn) {
            throw new IllegalStateException("trimmed to " + newStartLsn + ", but the log begins at " + startLsn
                    + " and is committed up to " + committedLsn);
        }
        startLsn = newStartLsn;
        history.trimBelow(newStartLsn);
    }

    public long promisedTerm() {
        return promisedTerm;
    }

    public long followedTerm() {
        return followedTerm;
    }

    public long startLsn() {
        return startLsn;
    }

    /** How far bytes were taken; those beyond {@link #flushedLsn} are on their way to disk. */
    public long receivedLsn() {
        return writtenLsn;
    }

    public long flushedLsn() {
        return flushedLsn;
    }

    /** Up to where this acceptor's log is known to be committed: what its readers may see. */
    public long committedLsn() {
        return committedLsn;
    }

    public Membership membership() {
        return membership;
    }

    private void promise(final long term, final long itsCandidate, final Membership itsMembership) {
        promisedTerm = term;
        candidate = itsCandidate;
        membership = itsMembership;
        isPromiseOnItsWay = true;
        missingBeforeLsn = 0;
        port.writePromise(term, itsCandidate, itsMembership);
    }

    private void voteIfAtRest() {
        if (voteOwedTo != NOBODY && !isPromiseOnItsWay && !isTermOnItsWay && writtenLsn == flushedLsn) {
            final int to = voteOwedTo;
            voteOwedTo = NOBODY;
            port.sendVote(
                    to,
                    new Vote(promisedTerm, candidate, true, promisedTerm, startLsn, flushedLsn, history, membership));
        }
    }

    private void follow(final int from, final long term, final TermHistory itsHistory, final long itsBaseLsn) {
        final long common =
                TermHistory.commonEnd(history, history.baseOf(startLsn), flushedLsn, itsHistory, itsBaseLsn);
        final boolean isAnew = common == TermHistory.UNKNOWN;
        final long end = isAnew ? itsBaseLsn : common;
        if (end < committedLsn) {
            throw new IllegalStateException("term " + term + " of node " + from + " would cut this log off at " + end
                    + ", but it is committed up to " + committedLsn);
        }
        history.copyFrom(itsHistory);
        followedTerm = term;
        proposerNode = from;
        proposerCommitLsn = committedLsn;
        missingBeforeLsn = 0;
        if (isAnew) {
            beginAnew(term, end);
            return;
        }
        writtenLsn = end;
        flushedLsn = end;
        isTermOnItsWay = true;
        port.writeTerm(term, history, end);
    }

    private void beginAnew(final long term, final long newStartLsn) {
        startLsn = newStartLsn;
        writtenLsn = newStartLsn;
        flushedLsn = newStartLsn;
        committedLsn = newStartLsn;
        proposerCommitLsn = Math.max(proposerCommitLsn, newStartLsn);
        isTermOnItsWay = true;
        port.beginAnew(term, history, newStartLsn);
    }

    /** Takes what is new of these bytes; false when nothing was. */
    private boolean take(final long beginLsn, final DirectBuffer buffer, final int offset, final int length) {
        final long known = writtenLsn - beginLsn;
        if (known >= length) {
            return false;
        }
        final int skipped = (int) known;
        final int taken = port.append(followedTerm, writtenLsn, buffer, offset + skipped, length - skipped);
        writtenLsn += taken;
        return taken > 0;
    }

    private void fetchWhatIsMissing() {
        if (writtenLsn < missingBeforeLsn && promisedTerm == followedTerm && !isTermOnItsWay && donor != NO_DONOR) {
            port.sendFetch(donor, followedTerm, writtenLsn);
        }
    }

    private void commitWhatIsFlushed() {
        committedLsn = Math.max(committedLsn, Math.min(proposerCommitLsn, flushedLsn));
    }
}
