package dev.firn.walquorum.proposer;

import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One proposer: wins a term from a majority, learns the longest log of the highest last term, brings the acceptors to it, and
 * then appends.
 *
 * <p><b>The log it continues</b> is that of the voter whose log reached the highest term, and of those the longest: every byte
 * that was ever committed is in it, because the majority that committed it and the one that votes have a member in common, and
 * that member's log cannot be beaten by one that lacks the byte. Its own term starts where that log ends.
 *
 * <p><b>A byte is committed</b> when a majority of acceptors that follow this term have flushed it, and the term's start with
 * it. Bytes of older terms alone are never counted: an acceptor that did not take on this term could still lose them to another.
 *
 * <p><b>It sends only WAL that it has,</b> from {@link #onWalAvailable}. An acceptor that lacks what came before gets that from the
 * {@code donor} named with each append, so that catching up costs the proposer nothing and the majority no time.
 *
 * <p>Not thread-safe. Allocates only for elections.
 */
public final class Proposer {
    private static final long NO_DONOR = -1;
    private static final int MAX_BACKOFF_DOUBLINGS = 6;

    /** What an acceptor says that it lacks is sent again after this part of the time after which silence would do so. */
    private static final int GO_BACK_FRACTION = 500;

    /** What a majority is asked for. */
    private static final int FLUSHED = 0;

    private static final int RECEIVED = 1;
    private static final int HEARD = 2;

    private final ProposerPort port;
    private final ProposerConfig config;
    private final RandomGenerator random;

    /** This start's name: a vote is for a name, so that a restarted proposer cannot take over its predecessor's term. */
    private final long candidate;

    private final TermHistory history = new TermHistory();
    private Membership membership;
    private AcceptorProgress[] acceptors;
    private long[] sorted;

    private ProposerState state = ProposerState.IDLE;
    private long term;
    private long highestTermSeen;
    private long startLsn;
    private long baseLsn;
    private long precedingTerm;
    private long committedLsn;

    /** The WAL that can be sent: from the first to before the second. */
    private long windowStartLsn;

    private long windowEndLsn;
    private long nextTryNs;
    private boolean isStandingBack;
    private int campaignsLost;
    private long heardSinceNs;

    /**
     * @param highestTermSeen the highest term known, from where the first campaign starts; 0 when none is.
     */
    public Proposer(
            final ProposerPort port,
            final ProposerConfig config,
            final Membership membership,
            final long highestTermSeen,
            final RandomGenerator random) {
        this.port = port;
        this.config = config;
        this.random = random;
        this.highestTermSeen = highestTermSeen;
        this.candidate = random.nextLong(1, Long.MAX_VALUE);
        takeOn(membership);
    }

    /** Begins a campaign, unless one is under way or won. */
    public void campaign(final long nowNs) {
        if (state == ProposerState.IDLE) {
            beginCampaign(nowNs);
        }
    }

    /**
     * Goes on to another membership by a new term: a transitional one, or the settled one after it.
     *
     * @throws IllegalStateException when this proposer does not lead, or the change does not follow from the membership.
     */
    public void changeMembership(final Membership next, final long nowNs) {
        final boolean follows = membership.isTransitional()
                ? next.equals(membership.settled())
                : next.isTransitional()
                        && next.generation() == membership.generation() + 1
                        && next.previous().equals(membership.members());
        if (state != ProposerState.LEADING || !follows) {
            throw new IllegalStateException("from " + membership + ", " + state + ", there is no way to " + next);
        }
        takeOn(next);
        beginCampaign(nowNs);
    }

    public void onVote(final long from, final Vote vote, final long nowNs) {
        highestTermSeen = Math.max(highestTermSeen, vote.promisedTerm());
        if (state != ProposerState.CAMPAIGNING) {
            if (isReigning()
                    && (vote.promisedTerm() > term || vote.membership().generation() > membership.generation())) {
                deposed(vote.promisedTerm());
            }
            return;
        }
        if (vote.membership().generation() > membership.generation()) {
            takeOn(vote.membership());
            beginCampaign(nowNs);
            return;
        }
        if (!vote.granted()) {
            if (vote.promisedTerm() >= term) {
                standBack(nowNs);
            }
            return;
        }
        final AcceptorProgress acceptor = find(from);
        if (acceptor == null || vote.term() != term || vote.candidate() != candidate) {
            return;
        }
        acceptor.hasVoted = true;
        acceptor.votedStartLsn = vote.startLsn();
        acceptor.votedFlushedLsn = vote.flushedLsn();
        acceptor.votedHistory.copyFrom(vote.history());
        if (isElected()) {
            beginTerm(nowNs);
        }
    }

    public void onTermAccepted(final long from, final long itsTerm, final long flushedLsn, final long nowNs) {
        final AcceptorProgress acceptor = find(from);
        if (acceptor == null || itsTerm != term || !isReigning()) {
            return;
        }
        acceptor.lastHeardNs = nowNs;
        if (!acceptor.follows) {
            acceptor.follows = true;
            acceptor.nextLsn = Math.max(flushedLsn, windowStartLsn);
            acceptor.lastMovedNs = nowNs;
            acceptor.lastWentBackNs = nowNs;
        }
        moved(acceptor, flushedLsn, nowNs);
    }

    public void onAppended(
            final long from,
            final long promisedTerm,
            final long followedTerm,
            final long receivedLsn,
            final long flushedLsn,
            final long nowNs) {
        highestTermSeen = Math.max(highestTermSeen, promisedTerm);
        if (!isReigning()) {
            return;
        }
        if (promisedTerm > term) {
            deposed(promisedTerm);
            return;
        }
        final AcceptorProgress acceptor = find(from);
        if (acceptor == null) {
            return;
        }
        acceptor.lastHeardNs = nowNs;
        if (followedTerm == term && acceptor.follows) {
            if (flushedLsn == acceptor.flushedLsn && receivedLsn < acceptor.nextLsn) {
                // It answers without having flushed anything: it has heard of something beyond its end, and what lies
                // between was
                // lost, or there was no room for it.
                acceptor.missingFromLsn = receivedLsn;
            }
            acceptor.receivedLsn = Math.max(acceptor.receivedLsn, receivedLsn);
            moved(acceptor, flushedLsn, nowNs);
        }
    }

    /** The node has another disk than the one that this acceptor was on: nothing more comes from it. */
    public void onAcceptorGone(final long id) {
        final AcceptorProgress acceptor = find(id);
        if (acceptor != null) {
            acceptor.forget();
        }
    }

    /**
     * WAL has come: what lies between the two can be sent from now on; what lies before the first cannot any more.
     *
     * @param fromLsn never beyond what is committed: nobody else has what follows.
     */
    public void onWalAvailable(final long fromLsn, final long endLsn, final long nowNs) {
        if (fromLsn < windowStartLsn || endLsn < windowEndLsn || fromLsn > Math.max(startLsn, committedLsn)) {
            throw new IllegalArgumentException("WAL from " + fromLsn + " to " + endLsn + " does not go on from "
                    + windowStartLsn + " to " + windowEndLsn);
        }
        windowStartLsn = fromLsn;
        windowEndLsn = endLsn;
        if (isReigning()) {
            send(nowNs);
        }
    }

    /** Time has passed. */
    public void onTick(final long nowNs) {
        if (state == ProposerState.CAMPAIGNING && nowNs - nextTryNs >= 0) {
            if (highestTermSeen > term) {
                beginCampaign(nowNs);
            } else {
                askForVotes(nowNs);
            }
        } else if (isReigning()) {
            for (final AcceptorProgress acceptor : acceptors) {
                if (!acceptor.follows && nowNs - acceptor.lastSentNs >= config.voteRetryNs()) {
                    acceptor.lastSentNs = nowNs;
                    port.sendTermStart(acceptor.id, candidate, history, baseLsn, membership);
                } else if (acceptor.nextLsn > acceptor.flushedLsn
                        && nowNs - acceptor.lastMovedNs >= config.resendNs()) {
                    acceptor.nextLsn = Math.max(acceptor.flushedLsn, windowStartLsn);
                    acceptor.lastMovedNs = nowNs;
                } else {
                    goBackWhenBytesAreMissing(acceptor, nowNs);
                }
            }
            send(nowNs);
        }
    }

    public ProposerState state() {
        return state;
    }

    public long term() {
        return term;
    }

    /** Where this term starts: what came before was written by others. */
    public long startLsn() {
        return startLsn;
    }

    /** Whose term the log that this one continues has reached; 0 when it has reached none. */
    public long precedingTerm() {
        return precedingTerm;
    }

    public long committedLsn() {
        return committedLsn;
    }

    /** Up to where a majority has received the log, as far as their answers tell; at least what is committed. */
    public long receivedLsn() {
        return Math.max(committedLsn, byMajority(RECEIVED));
    }

    public Membership membership() {
        return membership;
    }

    /**
     * Whether a majority has answered within this time. One that does not hear from a majority may have lost its term without
     * knowing; it commits nothing in any case.
     */
    public boolean isHeardByMajority(final long nowNs, final long withinNs) {
        heardSinceNs = nowNs - withinNs;
        return byMajority(HEARD) == 1;
    }

    /** The acceptors of the membership, and any of the previous one while it changes; in rising order of their ids. */
    public int acceptorCount() {
        return acceptors.length;
    }

    public long acceptorId(final int index) {
        return acceptors[index].id;
    }

    /** Whether it follows this proposer's term. */
    public boolean isFollowing(final int index) {
        return acceptors[index].follows;
    }

    /** How far it has said in this term that its log is on disk. */
    public long flushedLsn(final int index) {
        return acceptors[index].flushedLsn;
    }

    /**
     * Whether a majority of other acceptors, which follow this term, has as much of the log on disk as this one, or more: then no
     * commit waits for it, as long as they go on. Of acceptors with the same, those with the lower ids come first. Never while the
     * membership changes.
     */
    public boolean isBehindMajority(final int index) {
        if (membership.isTransitional()) {
            return false;
        }
        int ahead = 0;
        for (int i = 0; i < acceptors.length; i++) {
            if (i != index
                    && acceptors[i].follows
                    && (acceptors[i].flushedLsn > acceptors[index].flushedLsn
                            || (acceptors[i].flushedLsn == acceptors[index].flushedLsn && i < index))) {
                ahead++;
            }
        }
        return 2 * ahead > acceptors.length;
    }

    /** When it was last heard of in this term. */
    public long lastHeardNs(final int index) {
        return acceptors[index].lastHeardNs;
    }

    /** What the slowest acceptor that is not left behind still needs: WAL before it may be let go. */
    public long neededFromLsn() {
        long needed = windowEndLsn;
        for (final AcceptorProgress acceptor : acceptors) {
            if (acceptor.follows && acceptor.flushedLsn >= windowStartLsn) {
                needed = Math.min(needed, acceptor.flushedLsn);
            }
        }
        return needed;
    }

    private boolean isReigning() {
        return state == ProposerState.STARTING || state == ProposerState.LEADING;
    }

    private void takeOn(final Membership next) {
        membership = next;
        final List<Long> ids = next.all();
        acceptors = new AcceptorProgress[ids.size()];
        for (int i = 0; i < acceptors.length; i++) {
            acceptors[i] = new AcceptorProgress(ids.get(i));
        }
        sorted = new long[acceptors.length];
    }

    private void beginCampaign(final long nowNs) {
        state = ProposerState.CAMPAIGNING;
        term = Math.max(term, highestTermSeen) + 1;
        highestTermSeen = term;
        isStandingBack = false;
        for (final AcceptorProgress acceptor : acceptors) {
            acceptor.forget();
        }
        askForVotes(nowNs);
    }

    private void askForVotes(final long nowNs) {
        nextTryNs = nowNs + config.voteRetryNs();
        for (final AcceptorProgress acceptor : acceptors) {
            if (!acceptor.hasVoted) {
                port.sendVoteRequest(acceptor.id, term, candidate, membership);
            }
        }
    }

    /**
     * Somebody has promised a term as high: try a higher one, but not at once, and later with each campaign that was lost, so
     * that of several candidates one has the time to win.
     */
    private void standBack(final long nowNs) {
        if (highestTermSeen > term && isStandingBack) {
            return;
        }
        isStandingBack = true;
        highestTermSeen = Math.max(highestTermSeen, term + 1);
        final long longestNs = config.campaignBackoffNs() << Math.min(campaignsLost, MAX_BACKOFF_DOUBLINGS);
        campaignsLost++;
        nextTryNs = nowNs + random.nextLong(longestNs) + 1;
    }

    private boolean isElected() {
        return hasVotesOf(membership.members()) && (!membership.isTransitional() || hasVotesOf(membership.previous()));
    }

    private boolean hasVotesOf(final List<Long> members) {
        int votes = 0;
        for (final AcceptorProgress acceptor : acceptors) {
            if (acceptor.hasVoted && members.contains(acceptor.id)) {
                votes++;
            }
        }
        return 2 * votes > members.size();
    }

    private void beginTerm(final long nowNs) {
        AcceptorProgress best = null;
        for (final AcceptorProgress acceptor : acceptors) {
            if (acceptor.hasVoted && (best == null || isFurther(acceptor, best))) {
                best = acceptor;
            }
        }
        startLsn = best.votedFlushedLsn;
        precedingTerm = best.votedHistory.lastTermAt(startLsn);
        history.copyFrom(best.votedHistory);
        history.cutAfter(startLsn);
        history.add(term, startLsn);
        baseLsn = history.baseOf(best.votedStartLsn);
        state = ProposerState.STARTING;
        campaignsLost = 0;
        windowStartLsn = startLsn;
        windowEndLsn = startLsn;
        for (final AcceptorProgress acceptor : acceptors) {
            acceptor.lastSentNs = nowNs;
            port.sendTermStart(acceptor.id, candidate, history, baseLsn, membership);
        }
        port.onElected(term, startLsn);
    }

    private static boolean isFurther(final AcceptorProgress a, final AcceptorProgress b) {
        final long termA = a.votedHistory.lastTermAt(a.votedFlushedLsn);
        final long termB = b.votedHistory.lastTermAt(b.votedFlushedLsn);
        return termA > termB || (termA == termB && a.votedFlushedLsn > b.votedFlushedLsn);
    }

    private void moved(final AcceptorProgress acceptor, final long flushedLsn, final long nowNs) {
        if (flushedLsn > acceptor.flushedLsn) {
            acceptor.flushedLsn = flushedLsn;
            acceptor.nextLsn = Math.max(acceptor.nextLsn, flushedLsn);
            acceptor.lastMovedNs = nowNs;
        }
        commit();
        goBackWhenBytesAreMissing(acceptor, nowNs);
        send(nowNs);
    }

    /**
     * When an acceptor that lacks something has come to rest there, it gets that again. It may also have been on its way still, so
     * this happens only so often.
     */
    private void goBackWhenBytesAreMissing(final AcceptorProgress acceptor, final long nowNs) {
        if (acceptor.missingFromLsn == acceptor.flushedLsn
                && acceptor.receivedLsn <= acceptor.flushedLsn
                && acceptor.nextLsn > acceptor.flushedLsn
                && acceptor.flushedLsn >= windowStartLsn
                && nowNs - acceptor.lastWentBackNs >= config.resendNs() / GO_BACK_FRACTION) {
            acceptor.nextLsn = acceptor.flushedLsn;
            acceptor.missingFromLsn = AcceptorProgress.NOTHING;
            acceptor.lastWentBackNs = nowNs;
        }
    }

    private void commit() {
        final long lsn = byMajority(FLUSHED);
        if (lsn < startLsn || (state == ProposerState.LEADING && lsn <= committedLsn)) {
            return;
        }
        state = ProposerState.LEADING;
        committedLsn = lsn;
        port.onCommitted(lsn);
    }

    /** What a majority has reached, of the previous members too while the membership changes; -1 when no majority has anything. */
    private long byMajority(final int what) {
        final long lsn = byMajorityOf(membership.members(), what);
        return membership.isTransitional() ? Math.min(lsn, byMajorityOf(membership.previous(), what)) : lsn;
    }

    private long byMajorityOf(final List<Long> members, final int what) {
        int count = 0;
        for (final AcceptorProgress acceptor : acceptors) {
            if (contains(members, acceptor.id)) {
                int at = count++;
                final long reached = reached(acceptor, what);
                while (at > 0 && sorted[at - 1] < reached) {
                    sorted[at] = sorted[at - 1];
                    at--;
                }
                sorted[at] = reached;
            }
        }
        return sorted[members.size() / 2];
    }

    private long reached(final AcceptorProgress acceptor, final int what) {
        if (!acceptor.follows) {
            return -1;
        }
        return switch (what) {
            case FLUSHED -> acceptor.flushedLsn;
            case RECEIVED -> Math.max(acceptor.receivedLsn, acceptor.flushedLsn);
            default -> acceptor.lastHeardNs - heardSinceNs >= 0 ? 1 : -1;
        };
    }

    /** As {@code List.contains}, without an object for the number. */
    private static boolean contains(final List<Long> members, final long id) {
        for (int i = 0; i < members.size(); i++) {
            if (members.get(i) == id) {
                return true;
            }
        }
        return false;
    }

    private void send(final long nowNs) {
        final long donor = furthest();
        for (final AcceptorProgress acceptor : acceptors) {
            if (acceptor.follows) {
                sendTo(acceptor, donor, nowNs);
            }
        }
    }

    private void sendTo(final AcceptorProgress acceptor, final long donor, final long nowNs) {
        acceptor.nextLsn = Math.max(acceptor.nextLsn, windowStartLsn);
        // Bytes mean nothing to one that lacks what comes before: it hears where to start, and asks the donor.
        final long limit = acceptor.flushedLsn < windowStartLsn
                ? acceptor.nextLsn
                : Math.min(windowEndLsn, acceptor.flushedLsn + config.windowBytes());
        boolean isSent = false;
        while (acceptor.nextLsn < limit) {
            final int sent = port.sendAppend(acceptor.id, term, acceptor.nextLsn, limit, committedLsn, donor);
            if (sent == 0) {
                return;
            }
            if (acceptor.nextLsn == acceptor.flushedLsn) {
                acceptor.lastMovedNs = nowNs;
            }
            acceptor.nextLsn += sent;
            acceptor.lastSentNs = nowNs;
            isSent = true;
        }
        if (!isSent && nowNs - acceptor.lastSentNs >= config.heartbeatNs()) {
            acceptor.lastSentNs = nowNs;
            port.sendAppend(acceptor.id, term, acceptor.nextLsn, acceptor.nextLsn, committedLsn, donor);
        }
    }

    private long furthest() {
        AcceptorProgress best = null;
        for (final AcceptorProgress acceptor : acceptors) {
            if (acceptor.follows && (best == null || acceptor.flushedLsn > best.flushedLsn)) {
                best = acceptor;
            }
        }
        return best == null ? NO_DONOR : best.id;
    }

    private AcceptorProgress find(final long id) {
        for (final AcceptorProgress acceptor : acceptors) {
            if (acceptor.id == id) {
                return acceptor;
            }
        }
        return null;
    }

    private void deposed(final long higherTerm) {
        state = ProposerState.DEPOSED;
        port.onDeposed(higherTerm);
    }
}
