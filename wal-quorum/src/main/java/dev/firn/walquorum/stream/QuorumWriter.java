package dev.firn.walquorum.stream;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.seam.Clock;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.proposer.Proposer;
import dev.firn.walquorum.proposer.ProposerPort;
import dev.firn.walquorum.proposer.ProposerState;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import dev.firn.walquorum.wire.AcceptorIds;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.LogSpec;
import dev.firn.walquorum.wire.MessageVerdict;
import dev.firn.walquorum.wire.QuorumMessageHandler;
import dev.firn.walquorum.wire.QuorumMessageReader;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import dev.firn.walquorum.wire.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.agrona.DirectBuffer;

/**
 * Writes WAL into the quorum: a {@link Proposer} with its messages, its window of WAL and its nodes.
 *
 * <p><b>Its life.</b> Without a membership it has the log made on the nodes ({@link WriterState#CREATING}) and waits in
 * {@link WriterState#CREATED} until its owner has stored {@link #createdMembership} and calls {@link #begin}: a membership that is
 * used and then forgotten would be another log. With one it asks the nodes what they have, campaigns, and leads. Its owner sees
 * {@link #wantedFromLsn} and appends from there. A membership change is an election too, through which the window stays.
 *
 * <p><b>Lost disks.</b> A node whose acceptor is not the member's, and one that is configured and no member, is asked to make the log,
 * and is brought in by a change of membership; one at a time, while this writer leads, and only when commits can go on without
 * the newcomer.
 *
 * <p><b>Back-pressure:</b> {@link #append} takes what fits beside what is not committed.
 *
 * <p>Belongs to one agent's thread, but for {@link #commitLatency}. The steady path allocates nothing.
 */
public final class QuorumWriter implements AutoCloseable {
    private static final int MESSAGES_A_POLL = 64;
    private static final long LONGEST_LATENCY_NS = 60_000_000_000L;
    private static final int LATENCY_DIGITS = 2;
    private static final long SECOND_NS = 1_000_000_000L;

    /** What {@link #wantedFromLsn} says when nothing is wanted. */
    public static final long NOTHING = -1;

    /** What {@link #patienceNs} says when nothing is due. */
    public static final long NEVER = AppendSender.NEVER;

    private enum Phase {
        CREATING,
        CREATED,
        SEARCHING,
        PROPOSING,
        DEPOSED,
        REFUSED,
        CLOSED
    }

    private final Endpoint endpoint;
    private final LogSpec spec;
    private final WriterConfig config;
    private final Clock clock;
    private final RandomGenerator random;
    private final WalWindow window;
    private final LogNodes nodes;
    private final AppendSender sender;
    private final QuorumMessageReader reader = new QuorumMessageReader();
    private final QuorumMessageWriter messages = new QuorumMessageWriter();
    private final SingleWriterRecorder latency = new SingleWriterRecorder(LONGEST_LATENCY_NS, LATENCY_DIGITS);
    private final CommitMarks marks = new CommitMarks(latency, LONGEST_LATENCY_NS);
    private final Port port = new Port();
    private final Answers answers = new Answers();
    private final MessageHandler messageHandler = this::onMessage;

    private Phase phase;
    private Membership membership;
    private Proposer proposer;
    private String refusal = "";
    private String notice = "";
    private long nowNs;
    private long phaseSinceNs;
    private long campaigningSinceNs;
    private long lastChangeNs;
    private long lastWatchNs;
    private long highestTerm;
    private long committedLsn;
    private long malformed;

    /** The window holds the WAL from the proposer's start on. */
    private boolean isWanted;

    /** The last term that this writer won, whose bytes the window holds; 0 when it holds none. */
    private long windowTerm;

    private long windowsBegun;

    private QuorumWriter(
            final Endpoint endpoint,
            final LogSpec spec,
            final Set<Integer> nodeIds,
            final Membership membership,
            final WriterConfig config,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random) {
        this.endpoint = endpoint;
        this.spec = spec;
        this.membership = membership;
        this.config = config;
        this.clock = clock;
        this.random = random;
        this.window = new WalWindow(memory, config.windowBytes());
        this.nodes = new LogNodes(endpoint, spec, nodeIds, messages, random);
        this.sender = new AppendSender(endpoint, messages, window, config, spec.logId(), nodes);
        this.nowNs = clock.nanoTime();
        this.lastChangeNs = nowNs - config.changeIntervalNs();
        nodes.all().forEach(node -> node.askedNs = nowNs - config.askRetryNs());
        enter(membership.generation() == 0 ? Phase.CREATING : Phase.SEARCHING);
    }

    /**
     * @param endpoint of this writer alone; its owner closes it after the writer.
     * @param nodeIds the configured WAL nodes.
     * @param membership of a generation that is known, best the last; {@link Membership#NONE} has the log made.
     */
    public static QuorumWriter open(
            final Endpoint endpoint,
            final LogSpec spec,
            final Set<Integer> nodeIds,
            final Membership membership,
            final WriterConfig config,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random) {
        if (nodeIds.isEmpty() || nodeIds.size() > Membership.MAX_MEMBERS) {
            throw new IllegalArgumentException(
                    "a quorum has 1 to " + Membership.MAX_MEMBERS + " WAL nodes, not " + nodeIds.size());
        }
        return new QuorumWriter(endpoint, spec, nodeIds, membership, config, memory, clock, random);
    }

    // --- what its owner does --------------------------------------------------------------------------------------

    /** Reads what has come, and does what is due. Returns how much there was to do. */
    public int doWork() {
        nowNs = clock.nanoTime();
        int work = endpoint.poll(messageHandler, MESSAGES_A_POLL);
        switch (phase) {
            case CREATING -> work += create();
            case SEARCHING -> work += search();
            case PROPOSING -> work += propose();
            case CREATED, DEPOSED, REFUSED, CLOSED -> {}
        }
        return work;
    }

    /** The members of the log's first generation, which has been made; {@link Membership#NONE} before that. */
    public Membership createdMembership() {
        return phase == Phase.CREATED ? membership : Membership.NONE;
    }

    /** The first membership is stored: goes on to the first campaign. */
    public void begin() {
        if (phase != Phase.CREATED) {
            throw new IllegalStateException("the log is not made: " + state());
        }
        nodes.forget();
        enter(Phase.SEARCHING);
    }

    /** Becomes a candidate again after it was deposed. What the window held and was not committed is forgotten. */
    public void campaignAgain() {
        if (phase != Phase.DEPOSED) {
            throw new IllegalStateException("not deposed: " + state());
        }
        nowNs = clock.nanoTime();
        nodes.forget();
        enter(Phase.SEARCHING);
    }

    /** Where WAL has to go on, once it is elected; {@link #NOTHING} before. Goes back when a later election finds less. */
    public long wantedFromLsn() {
        return isWanted ? window.endLsn() : NOTHING;
    }

    /** How many bytes {@link #append} takes now. */
    public int room() {
        return isWanted ? window.room(neededFromLsn()) : 0;
    }

    /**
     * Takes WAL, and sends it as far as the acceptors' windows allow.
     *
     * @param lsn has to be {@link #wantedFromLsn}.
     * @return how many bytes were taken, from the first on.
     */
    public int append(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        if (!isWanted || lsn != window.endLsn()) {
            throw new IllegalArgumentException("WAL from " + Long.toHexString(lsn) + " is not what is wanted: "
                    + Long.toHexString(wantedFromLsn()));
        }
        final int taken = window.append(buffer, offset, length, neededFromLsn());
        if (taken > 0) {
            nowNs = clock.nanoTime();
            marks.appended(window.endLsn(), nowNs);
            offerWindow();
        }
        return taken;
    }

    /** A majority has this on disk. Never goes back. */
    public long committedLsn() {
        return committedLsn;
    }

    /** A majority has received this, as far as their answers tell. */
    public long receivedLsn() {
        return isReigning() ? Math.max(committedLsn, proposer.receivedLsn()) : committedLsn;
    }

    /** End of what was appended. */
    public long appendedLsn() {
        return isWanted ? window.endLsn() : committedLsn;
    }

    /** How often what was appended before was given up: whoever appends has to look again at what it goes on from. */
    public long windowsBegun() {
        return windowsBegun;
    }

    /** Whether something was appended that is not committed, so that an answer is awaited. */
    public boolean isOutstanding() {
        return isWanted && window.endLsn() > committedLsn;
    }

    /**
     * In how many nanoseconds the next duty cycle is due, if nothing comes before: something waits to be sent by then. {@link #NEVER}
     * when nothing does.
     */
    public long patienceNs() {
        return phase == Phase.PROPOSING ? sender.patienceNs() : NEVER;
    }

    public WriterState state() {
        return switch (phase) {
            case CREATING ->
                nowNs - phaseSinceNs > config.creationNs() + config.silenceNs()
                        ? WriterState.NO_MAJORITY
                        : WriterState.CREATING;
            case CREATED -> WriterState.CREATED;
            case SEARCHING -> WriterState.SEARCHING;
            case PROPOSING -> proposingState();
            case DEPOSED -> WriterState.DEPOSED;
            case REFUSED -> WriterState.REFUSED;
            case CLOSED -> WriterState.CLOSED;
        };
    }

    /** Whether it may commit now: it leads, and a majority has been heard of. */
    public boolean isLeading() {
        return phase == Phase.PROPOSING && proposingState() == WriterState.LEADING;
    }

    /** One sentence on what is not as it should be; empty when all is well. For status: allocates. */
    public String sentence() {
        return switch (state()) {
            case REFUSED, DEPOSED -> refusal;
            case NO_MAJORITY -> noMajority();
            default -> notice;
        };
    }

    /** The term of this writer; 0 before its first campaign. */
    public long term() {
        return proposer == null ? 0 : proposer.term();
    }

    public Membership membership() {
        return proposer == null ? membership : proposer.membership();
    }

    /** How its acceptors stand. For status: allocates. */
    public List<AcceptorLag> acceptors() {
        final List<AcceptorLag> lags = new ArrayList<>();
        for (int i = 0; proposer != null && i < proposer.acceptorCount(); i++) {
            final long id = proposer.acceptorId(i);
            final LogNode node = nodes.find(AcceptorIds.node(id));
            lags.add(new AcceptorLag(
                    AcceptorIds.node(id),
                    id,
                    proposer.isFollowing(i),
                    proposer.flushedLsn(i),
                    isWanted ? Math.max(0, window.endLsn() - proposer.flushedLsn(i)) : 0,
                    node == null || !node.isHeard ? -1 : nowNs - node.lastHeardNs));
        }
        return lags;
    }

    /** From append to commit, in nanoseconds, since it was last asked for. From any one thread; the histogram is used again. */
    public Histogram commitLatency(final Histogram recycled) {
        return latency.getIntervalHistogram(recycled);
    }

    public long sentBytes() {
        return sender.sentBytes();
    }

    public long sentMessages() {
        return sender.sentMessages();
    }

    /** How often the transport had no room for a message. */
    public long backPressured() {
        return sender.backPressured();
    }

    /** Messages that could not be read. */
    public long malformed() {
        return malformed;
    }

    /** Idempotent. The endpoint stays open. */
    @Override
    public void close() {
        if (phase != Phase.CLOSED) {
            enter(Phase.CLOSED);
            isWanted = false;
            window.close();
        }
    }

    // --- phases ---------------------------------------------------------------------------------------------------

    private void enter(final Phase next) {
        phase = next;
        phaseSinceNs = nowNs;
    }

    private int create() {
        final int count = nodes.all().size();
        final int there = nodes.thereCount();
        final boolean isEnough = 2 * there > count && nowNs - phaseSinceNs >= config.creationNs();
        if (there < count && !isEnough) {
            return nodes.askAgain(true, config.askRetryNs(), nowNs);
        }
        final Membership newest = nodes.newestMembership();
        membership = newest.generation() > 0 ? newest : Membership.of(nodes.acceptorIds());
        enter(Phase.CREATED);
        return 1;
    }

    /** Waits for what the nodes have, all of them or those that are up, so that the first campaign is for the right members. */
    private int search() {
        final boolean isLate = nowNs - phaseSinceNs >= config.searchNs();
        if (nodes.answeredCount() < nodes.all().size() && !isLate) {
            return nodes.askAgain(false, config.askRetryNs(), nowNs);
        }
        beCandidate();
        return 1;
    }

    private void beCandidate() {
        final Membership newest = nodes.newestMembership();
        if (newest.generation() > membership.generation()) {
            membership = newest;
        }
        highestTerm = Math.max(highestTerm, nodes.highestTerm());
        isWanted = false;
        windowTerm = 0;
        marks.clear();
        proposer = new Proposer(port, config.proposer(), membership, highestTerm, random);
        campaigningSinceNs = nowNs;
        enter(Phase.PROPOSING);
        proposer.campaign(nowNs);
    }

    private int propose() {
        sender.beginCycle();
        proposer.onTick(nowNs);
        if (phase != Phase.PROPOSING) {
            return 1;
        }
        int work = 0;
        if (proposer.state() == ProposerState.LEADING) {
            campaigningSinceNs = nowNs;
            work += lead();
        } else if (proposer.state() == ProposerState.CAMPAIGNING) {
            work += nodes.askAgain(false, config.askRetryNs(), nowNs);
            if (nowNs - lastWatchNs >= config.watchNs()) {
                watch();
            }
        }
        return work;
    }

    /** Ends a change of the membership, looks after nodes without a member, and begins the next change. */
    private int lead() {
        final Membership now = proposer.membership();
        if (now.isTransitional()) {
            change(now.settled());
            return 1;
        }
        if (nowNs - lastWatchNs < config.watchNs()) {
            return 0;
        }
        watch();
        if (nowNs - lastChangeNs < config.changeIntervalNs()
                || !proposer.isHeardByMajority(nowNs, config.silenceNs())) {
            return 1;
        }
        final MembershipPlan plan = MembershipPlan.next(now.members(), nodes, this::isNear);
        if (plan == null) {
            notice = "";
        } else {
            notice = "node " + plan.node() + " " + plan.reason() + ": changing the membership to generation "
                    + (now.generation() + 2);
            lastChangeNs = nowNs;
            change(now.changingTo(plan.members()));
        }
        return 1;
    }

    private void change(final Membership next) {
        membership = next;
        campaigningSinceNs = nowNs;
        proposer.changeMembership(next, nowNs);
    }

    /** Asks the nodes of which no acceptor follows what they have; those that have nothing to make the log. */
    private void watch() {
        lastWatchNs = nowNs;
        for (final LogNode node : nodes.all()) {
            if (followerOf(node) >= 0 && !node.isInDoubt) {
                continue;
            }
            final boolean hasNone = node.description != null && !node.description.isThere();
            if (hasNone && proposer.state() == ProposerState.LEADING) {
                nodes.create(node, nowNs);
            } else {
                nodes.describe(node, nowNs);
            }
        }
    }

    /** Which acceptor of this node follows; -1 when none does. */
    private int followerOf(final LogNode node) {
        for (int i = 0; i < proposer.acceptorCount(); i++) {
            if (AcceptorIds.node(proposer.acceptorId(i)) == node.id && proposer.isFollowing(i)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isNear(final long acceptor) {
        for (int i = 0; i < proposer.acceptorCount(); i++) {
            if (proposer.acceptorId(i) == acceptor) {
                return proposer.isFollowing(i)
                        && proposer.flushedLsn(i) >= window.startLsn()
                        && nowNs - proposer.lastHeardNs(i) < config.silenceNs();
            }
        }
        return false;
    }

    private boolean isReigning() {
        return phase == Phase.PROPOSING
                && (proposer.state() == ProposerState.STARTING || proposer.state() == ProposerState.LEADING);
    }

    /** What stands before this in the window may leave it. */
    private long neededFromLsn() {
        return isReigning() ? Math.max(committedLsn, proposer.startLsn()) : committedLsn;
    }

    private void offerWindow() {
        if (isReigning()) {
            proposer.onWalAvailable(Math.max(window.startLsn(), proposer.startLsn()), window.endLsn(), nowNs);
        }
    }

    // --- status ---------------------------------------------------------------------------------------------------

    private WriterState proposingState() {
        return switch (proposer.state()) {
            case IDLE, CAMPAIGNING ->
                nowNs - campaigningSinceNs >= config.silenceNs() ? WriterState.NO_MAJORITY : WriterState.CAMPAIGNING;
            case STARTING ->
                nowNs - campaigningSinceNs >= config.silenceNs() ? WriterState.NO_MAJORITY : WriterState.STARTING;
            case LEADING ->
                proposer.isHeardByMajority(nowNs, config.silenceNs()) ? WriterState.LEADING : WriterState.NO_MAJORITY;
            case DEPOSED -> WriterState.DEPOSED;
        };
    }

    private String noMajority() {
        final List<String> missing = new ArrayList<>();
        final List<Long> members = membership().members();
        int lost = 0;
        for (final LogNode node : nodes.all()) {
            final String why = missing(node);
            if (why != null) {
                missing.add(node.id + " (" + why + ")");
            }
        }
        for (final long member : members) {
            final LogNode node = nodes.find(AcceptorIds.node(member));
            lost += node != null && hasLost(node, member) ? 1 : 0;
        }
        final String text = "no majority of the WAL nodes "
                + nodes.all().stream().map(node -> Integer.toString(node.id)).collect(Collectors.joining(", "))
                + " takes WAL; missing: " + String.join(", ", missing);
        return 2 * lost >= members.size() && lost > 0
                ? text
                        + "; too many have lost the log for the others to go on: bring a disk back, or detach and attach again"
                : text;
    }

    /** Why a node does not count; null when it does. */
    private String missing(final LogNode node) {
        if (node.refusal != null) {
            return node.refusal;
        }
        if (!node.isHeard) {
            return "never answered";
        }
        final long silenceNs = nowNs - node.lastHeardNs;
        if (silenceNs >= config.silenceNs()) {
            return "silent for " + silenceNs / SECOND_NS + " s";
        }
        for (final long member : membership().members()) {
            if (AcceptorIds.node(member) == node.id && hasLost(node, member)) {
                return "has lost the log";
            }
        }
        return null;
    }

    private static boolean hasLost(final LogNode node, final long member) {
        return node.description != null && node.acceptorId() != member;
    }

    // --- messages -------------------------------------------------------------------------------------------------

    private void onMessage(final int from, final DirectBuffer buffer, final int offset, final int length) {
        if (reader.read(from, buffer, offset, length, answers) != MessageVerdict.HANDLED) {
            malformed++;
        }
    }

    /** What acceptors and nodes answer. */
    private final class Answers implements QuorumMessageHandler {
        @Override
        public void onAppended(
                final int from,
                final long logId,
                final long acceptorId,
                final long promisedTerm,
                final long followedTerm,
                final long receivedLsn,
                final long flushedLsn) {
            if (isFrom(from, logId, acceptorId)) {
                nowNs = clock.nanoTime();
                proposer.onAppended(acceptorId, promisedTerm, followedTerm, receivedLsn, flushedLsn, nowNs);
            }
        }

        @Override
        public void onTermAccepted(
                final int from, final long logId, final long acceptorId, final long term, final long flushedLsn) {
            if (isFrom(from, logId, acceptorId)) {
                proposer.onTermAccepted(acceptorId, term, flushedLsn, nowNs);
            }
        }

        @Override
        public void onVote(final int from, final long logId, final long acceptorId, final Vote vote) {
            if (isFrom(from, logId, acceptorId)) {
                highestTerm = Math.max(highestTerm, vote.promisedTerm());
                proposer.onVote(acceptorId, vote, nowNs);
            }
        }

        @Override
        public void onLogDescription(final int from, final long requestId, final LogDescription description) {
            final LogNode node = nodes.find(from);
            if (node == null || description.spec().logId() != spec.logId()) {
                return;
            }
            node.heard(nowNs);
            if (requestId == 0 && phase == Phase.PROPOSING) {
                final int follower = followerOf(node);
                node.isInDoubt |= follower >= 0 && proposer.acceptorId(follower) != description.acceptorId();
            }
            if (nodes.onDescription(node, requestId, description, nowNs)) {
                onAnswer(node, description);
            }
        }

        @Override
        public void onRefused(
                final int from, final long requestId, final long logId, final Refusal reason, final String sentence) {
            final LogNode node = nodes.find(from);
            if (node == null || logId != spec.logId() || requestId == 0 || requestId != node.requestId) {
                return;
            }
            node.heard(nowNs);
            node.refusal = sentence;
            node.requestId = 0;
            if (phase == Phase.CREATING && reason == Refusal.ANOTHER_LOG) {
                refuse("WAL node " + from + " cannot make the log of " + spec.timeline() + ": " + sentence);
            }
        }

        private boolean isFrom(final int from, final long logId, final long acceptorId) {
            if (phase != Phase.PROPOSING || logId != spec.logId() || AcceptorIds.node(acceptorId) != from) {
                return false;
            }
            final LogNode node = nodes.find(from);
            if (node == null) {
                return false;
            }
            node.heard(nowNs);
            return true;
        }
    }

    private void onAnswer(final LogNode node, final LogDescription description) {
        if (description.isThere() && !isSameLog(description.spec())) {
            node.description = null;
            refuse("WAL node " + node.id + " has a log of this id for " + description.spec() + ", not for " + spec);
            return;
        }
        if (phase != Phase.PROPOSING) {
            return;
        }
        for (int i = 0; i < proposer.acceptorCount(); i++) {
            final long id = proposer.acceptorId(i);
            if (AcceptorIds.node(id) == node.id && id != description.acceptorId()) {
                proposer.onAcceptorGone(id);
            }
        }
        if (proposer.state() == ProposerState.CAMPAIGNING
                && description.membership().generation() > proposer.membership().generation()) {
            beCandidate();
        }
    }

    /** The log's own start moves when it is trimmed. */
    private boolean isSameLog(final LogSpec found) {
        return found.systemIdentifier() == spec.systemIdentifier()
                && found.timeline().equals(spec.timeline())
                && found.postgresMajor() == spec.postgresMajor()
                && found.walSegmentBytes() == spec.walSegmentBytes();
    }

    private void refuse(final String sentence) {
        refusal = sentence;
        isWanted = false;
        enter(Phase.REFUSED);
    }

    /** What the proposer asks for. */
    private final class Port implements ProposerPort {
        @Override
        public void sendVoteRequest(
                final long acceptor, final long term, final long candidate, final Membership itsMembership) {
            send(acceptor, messages.voteRequest(spec.logId(), acceptor, term, candidate, itsMembership));
        }

        @Override
        public void sendTermStart(
                final long acceptor,
                final long candidate,
                final TermHistory history,
                final long baseLsn,
                final Membership itsMembership) {
            send(acceptor, messages.termStart(spec.logId(), acceptor, candidate, history, baseLsn, itsMembership));
        }

        private void send(final long acceptor, final int length) {
            final int node = AcceptorIds.node(acceptor);
            if (nodes.find(node) != null) {
                endpoint.send(node, messages.buffer(), 0, length);
            }
        }

        @Override
        public int sendAppend(
                final long acceptor,
                final long term,
                final long beginLsn,
                final long endLsn,
                final long commitLsn,
                final long donor) {
            return sender.send(proposer, acceptor, term, beginLsn, endLsn, commitLsn, donor, nowNs);
        }

        @Override
        public void onElected(final long term, final long startLsn) {
            final boolean goesOn = isWanted
                    && proposer.precedingTerm() == windowTerm
                    && startLsn >= window.startLsn()
                    && startLsn <= window.endLsn();
            windowTerm = term;
            highestTerm = Math.max(highestTerm, term);
            membership = proposer.membership();
            sender.reset(nowNs);
            if (goesOn) {
                offerWindow();
                return;
            }
            window.begin(startLsn);
            windowsBegun++;
            marks.clear();
            isWanted = true;
        }

        @Override
        public void onCommitted(final long lsn) {
            committedLsn = Math.max(committedLsn, lsn);
            marks.committed(lsn, nowNs);
        }

        @Override
        public void onDeposed(final long higherTerm) {
            highestTerm = Math.max(highestTerm, higherTerm);
            refusal =
                    "term " + higherTerm + " is under way: another writer has taken over from term " + proposer.term();
            isWanted = false;
            enter(Phase.DEPOSED);
        }
    }
}
