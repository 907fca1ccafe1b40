package dev.firn.walquorum.term;

import java.util.List;

/**
 * Which acceptors decide, in which generation.
 *
 * <p>A change goes through a transitional generation, in which every decision needs a majority of the members and one of the
 * previous members. Once its proposer has committed something, every committed byte is with a majority of the members, and
 * the next generation, without the previous ones, may follow. A generation is taken on with a vote, and an acceptor never
 * follows a lower one again: so a proposer of the old members alone finds no majority any more.
 *
 * @param generation rises with each change.
 * @param members acceptor ids, in rising order.
 * @param previous the members before, in a transitional generation; else empty.
 */
public record Membership(long generation, List<Long> members, List<Long> previous) {
    /** More do not make a quorum safer, and each costs a stream. */
    public static final int MAX_MEMBERS = 9;

    /** Of an acceptor that has not been told yet who decides: any other generation is higher. */
    public static final Membership NONE = new Membership(0, List.of(), List.of());

    public Membership {
        members = members.stream().sorted().distinct().toList();
        previous = previous.stream().sorted().distinct().toList();
        if (generation < 0 || members.isEmpty() != (generation == 0)) {
            throw new IllegalArgumentException("generation " + generation + " with " + members.size() + " members");
        }
        if (members.size() > MAX_MEMBERS || previous.size() > MAX_MEMBERS) {
            throw new IllegalArgumentException("a quorum has at most " + MAX_MEMBERS + " members, not " + members.size()
                    + " and " + previous.size());
        }
    }

    /** The first generation. */
    public static Membership of(final List<Long> members) {
        return new Membership(1, members, List.of());
    }

    public boolean isTransitional() {
        return !previous.isEmpty();
    }

    public boolean contains(final long acceptor) {
        return members.contains(acceptor) || previous.contains(acceptor);
    }

    /** Everyone who is asked, in rising order. */
    public List<Long> all() {
        return java.util.stream.Stream.concat(members.stream(), previous.stream())
                .sorted()
                .distinct()
                .toList();
    }

    /** The transitional generation on the way from this one. */
    public Membership changingTo(final List<Long> newMembers) {
        if (isTransitional()) {
            throw new IllegalStateException("the change of generation " + generation + " has not ended");
        }
        return new Membership(generation + 1, newMembers, members);
    }

    /** The generation that ends a change. */
    public Membership settled() {
        if (!isTransitional()) {
            throw new IllegalStateException("generation " + generation + " is settled already");
        }
        return new Membership(generation + 1, members, List.of());
    }
}
