package dev.firn.walquorum.simulation.machines;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.walquorum.proposer.Proposer;
import dev.firn.walquorum.proposer.ProposerState;
import dev.firn.walquorum.simulation.SeedResult;
import dev.firn.walquorum.term.Membership;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The state machines alone: acceptors, proposers and a network that loses, duplicates and reorders, moved one random step at a time from a seed; after
 * each step the quorum's promises are checked against the disks.
 *
 * <p>Each term writes other bytes than any other at the same LSN, so that a byte tells who wrote it.
 */
public final class MachineWorld {
    static final long LOG_START = 1_000;
    private static final int LEAST_ACCEPTORS = 3;
    private static final int STEPS = 2_000;
    private static final int CALM_STEPS = 20_000;
    private static final int MAX_MESSAGES = 200;
    private static final int FIRST_PROPOSER = 100;

    final RandomGenerator random;
    final MachineFlaw flaw;
    final List<Runnable> messages = new ArrayList<>();
    final Map<Long, AcceptorHost> acceptors = new HashMap<>();
    final Map<Integer, ProposerHost> proposers = new HashMap<>();
    final Map<Long, ProposerHost> proposerOfTerm = new HashMap<>();

    /** What was ever committed: the byte at each LSN from the log's start on. */
    final StringBuilder committed = new StringBuilder();

    long nowNs;
    long commits;
    long crashes;
    long begunAnew;
    boolean isCalm;

    /** How many of a hundred occasions for a fault are taken: some worlds are rough, some nearly calm. */
    private final int faultsInHundred;

    private int nextProposer = FIRST_PROPOSER;
    private final List<Membership> memberships = new ArrayList<>();
    private Membership membership;

    MachineWorld(final long seed, final int acceptorCount, final MachineFlaw flaw) {
        this.random = SystemRandom.seeded(seed);
        this.flaw = flaw;
        this.faultsInHundred = random.nextInt(3) == 0 ? 100 : 1 + random.nextInt(40);
        final List<Long> nodes = new ArrayList<>();
        for (int i = 0; i < acceptorCount; i++) {
            nodes.add((long) i);
        }
        membership = Membership.of(nodes.subList(0, 3));
        memberships.add(membership);
        for (final long id : nodes) {
            acceptors.put(id, new AcceptorHost(this, id));
        }
    }

    void run(final int steps) {
        for (int i = 0; i < steps; i++) {
            step();
            check();
        }
    }

    /** Lets all faults stop, and says whether a proposer leads and commits within so many steps. */
    boolean becomesLive(final int steps) {
        isCalm = true;
        acceptors.values().forEach(AcceptorHost::restartIfDown);
        final int before = committed.length();
        for (int i = 0; i < steps; i++) {
            step();
            check();
            if (committed.length() > before + 50) {
                return true;
            }
        }
        return false;
    }

    /**
     * Runs a seed to its end.
     *
     * @return the violation's text is null when all held.
     */
    public static SeedResult run(final long seed, final MachineFlaw flaw) {
        final MachineWorld world = new MachineWorld(seed, LEAST_ACCEPTORS + (int) (seed % 4), flaw);
        Throwable violation = null;
        try {
            world.run(STEPS);
            if (!world.becomesLive(CALM_STEPS)) {
                violation = new AssertionError("no progress once faults stopped: " + world.describe());
            }
        } catch (final AssertionError | RuntimeException e) {
            violation = e;
        }
        return new SeedResult(seed, violation, world.commits, world.crashes, world.committed.length(), world.begunAnew);
    }

    String describe() {
        final StringBuilder text = new StringBuilder("membership " + membership + " messages " + messages.size());
        proposers
                .values()
                .forEach(host -> text.append("\n  proposer ")
                        .append(host.node)
                        .append(' ')
                        .append(host.proposer.state())
                        .append(" term ")
                        .append(host.proposer.term())
                        .append(" start ")
                        .append(host.proposer.startLsn())
                        .append(" committed ")
                        .append(host.proposer.committedLsn())
                        .append(" of ")
                        .append(host.end())
                        .append(' ')
                        .append(host.proposer.membership()));
        acceptors.values().forEach(host -> text.append("\n  ").append(host.describe()));
        return text.toString();
    }

    void send(final Runnable delivery) {
        if (messages.size() < MAX_MESSAGES) {
            messages.add(delivery);
        }
    }

    private void step() {
        if (random.nextInt(60) == 0) {
            pick(acceptors.values()).trim();
        }
        final int dice = random.nextInt(1_000);
        if (dice < 520 && !messages.isEmpty()) {
            deliver();
        } else if (dice < 760) {
            pick(acceptors.values()).completeOneWrite();
        } else if (dice < 900) {
            nowNs += random.nextLong(60_000_000);
            acceptors.values().forEach(AcceptorHost::tick);
            List.copyOf(proposers.values()).forEach(ProposerHost::tick);
        } else if (dice < 960) {
            if (!proposers.isEmpty()) {
                pick(proposers.values()).writeWal(1 + random.nextInt(20));
            }
        } else if (dice < 975) {
            startProposerWhenWanted();
        } else if (!isCalm && random.nextInt(100) < faultsInHundred) {
            fault(dice);
        }
    }

    private void fault(final int dice) {
        if (dice < 990) {
            final AcceptorHost host = pick(acceptors.values());
            if (host.isDown()) {
                host.restartIfDown();
            } else {
                host.crash();
                crashes++;
            }
        } else if (dice < 993) {
            if (!proposers.isEmpty()) {
                restartOrEnd(pick(proposers.values()).node);
            }
        } else if (dice < 995) {
            startProposer();
        } else {
            proposers.values().stream()
                    .filter(host -> host.proposer.state() == ProposerState.LEADING)
                    .findFirst()
                    .ifPresent(this::changeMembership);
        }
    }

    private void deliver() {
        final int at = random.nextInt(messages.size());
        final int fate = isCalm || random.nextInt(100) >= faultsInHundred ? 0 : random.nextInt(100);
        if (fate >= 97) {
            messages.remove(at);
        } else if (fate >= 94) {
            messages.get(at).run();
        } else {
            messages.remove(at).run();
        }
    }

    private void startProposerWhenWanted() {
        proposers.values().removeIf(host -> host.proposer.state() == ProposerState.DEPOSED);
        if (proposers.isEmpty()) {
            startProposer();
        }
    }

    /** A proposer that starts again has forgotten everything, and hears what was meant for its predecessor. */
    private void restartOrEnd(final int node) {
        proposers.remove(node);
        if (random.nextBoolean()) {
            final ProposerHost host = new ProposerHost(this, node, pick(memberships));
            proposers.put(node, host);
            host.proposer.campaign(nowNs);
        }
    }

    private void startProposer() {
        if (proposers.size() < 3) {
            final int node = nextProposer++;
            final ProposerHost host = new ProposerHost(this, node, pick(memberships));
            proposers.put(node, host);
            host.proposer.campaign(nowNs);
        }
    }

    private void changeMembership(final ProposerHost host) {
        final Proposer proposer = host.proposer;
        final Membership now = proposer.membership();
        if (now.isTransitional()) {
            proposer.changeMembership(now.settled(), nowNs);
        } else if (acceptors.size() > now.members().size()) {
            final List<Long> next = new ArrayList<>(acceptors.keySet());
            while (next.size() > now.members().size()) {
                next.remove(random.nextInt(next.size()));
            }
            proposer.changeMembership(now.changingTo(next), nowNs);
        }
    }

    void onElected(final ProposerHost host, final long term) {
        final ProposerHost before = proposerOfTerm.putIfAbsent(term, host);
        if (before != null && !before.equals(host)) {
            throw new AssertionError("term " + term + " was won by node " + before.node + " and by node " + host.node);
        }
    }

    void onCommitted(final ProposerHost host, final long lsn) {
        commits++;
        final Membership now = host.proposer.membership();
        final String bytes = hold(now.members(), lsn);
        if (now.isTransitional()) {
            hold(now.previous(), lsn);
        }
        final int common = Math.min(bytes.length(), committed.length());
        if (!bytes.substring(0, common).contentEquals(committed.substring(0, common))) {
            throw new AssertionError(
                    "what was committed has changed below " + lsn + " in term " + host.proposer.term());
        }
        if (bytes.length() > committed.length()) {
            committed.append(bytes, committed.length(), bytes.length());
        }
        if (now.generation() > membership.generation()) {
            membership = now;
            memberships.add(now);
        }
    }

    /** The bytes below an LSN that a majority of these has on disk, all the same. */
    private String hold(final List<Long> members, final long lsn) {
        final Map<String, Integer> copies = new HashMap<>();
        final int length = (int) (lsn - LOG_START);
        for (final long member : members) {
            final CharSequence log = acceptors.get(member).durableLog();
            if (log.length() >= length) {
                copies.merge(log.subSequence(0, length).toString(), 1, Integer::sum);
            }
        }
        return copies.entrySet().stream()
                .filter(entry -> 2 * entry.getValue() > members.size())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        "committed up to " + lsn + ", but no majority of " + members + " has that on disk"));
    }

    private void check() {
        for (final AcceptorHost a : acceptors.values()) {
            a.checkCommitted(committed);
        }
    }

    private <T> T pick(final java.util.Collection<T> from) {
        return List.copyOf(from).get(random.nextInt(from.size()));
    }
}
