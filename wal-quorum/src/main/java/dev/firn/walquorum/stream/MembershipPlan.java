package dev.firn.walquorum.stream;

import dev.firn.walquorum.wire.AcceptorIds;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Which acceptor comes in or goes next, so that in the end each configured node has one member: what is on its disk now.
 *
 * <p>One at a time: each may still have to be brought up, and as long as only one of them has to, the others are a majority.
 *
 * @param members the next members.
 * @param reason what the change is for, to follow "node 3".
 */
record MembershipPlan(List<Long> members, int node, String reason) {
    /**
     * @param isNear whether a member is near enough to the end of the log that commits need not wait for it.
     * @return null when there is nothing to change, or nothing that would leave a majority.
     */
    static MembershipPlan next(final List<Long> members, final LogNodes nodes, final LongPredicate isNear) {
        for (final long member : members) {
            final LogNode node = nodes.find(AcceptorIds.node(member));
            if (node != null && node.acceptorId() != 0 && node.acceptorId() != member) {
                return checked(
                        without(members, member, node.acceptorId()), node.id, "has another disk", members, isNear);
            }
        }
        for (final LogNode node : nodes.all()) {
            if (node.acceptorId() != 0 && members.stream().noneMatch(id -> AcceptorIds.node(id) == node.id)) {
                return checked(without(members, 0, node.acceptorId()), node.id, "is new", members, isNear);
            }
        }
        for (final long member : members) {
            final int node = AcceptorIds.node(member);
            if (nodes.find(node) == null && members.size() > 1) {
                return checked(without(members, member, 0), node, "is configured no more", members, isNear);
            }
        }
        return null;
    }

    private static List<Long> without(final List<Long> members, final long leaving, final long coming) {
        final List<Long> next = new ArrayList<>(members);
        next.remove(leaving);
        if (coming != 0) {
            next.add(coming);
        }
        return next;
    }

    private static MembershipPlan checked(
            final List<Long> next,
            final int node,
            final String reason,
            final List<Long> members,
            final LongPredicate isNear) {
        final long near = next.stream().filter(isNear::test).count();
        // A single member cannot become two without a wait for the second.
        final boolean goesOn = 2 * near > next.size() || members.size() == 1;
        return goesOn ? new MembershipPlan(next, node, reason) : null;
    }
}
