package dev.firn.s3tier.session;

import dev.firn.s3tier.store.RangeTarget;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which ranges of a call are fetched by one request: neighbours with little between them. */
final class RangePlan {
    /** Longest request of several ranges: they pass through memory of our own, and one long request is not faster than two. */
    static final long MAX_GROUP_BYTES = 4L << 20;

    private RangePlan() {}

    /** @param members in order of their offsets; one alone is read straight into its target. */
    record Group(long offset, long lengthBytes, List<RangeTarget> members) {
        boolean isSingle() {
            return members.size() == 1;
        }
    }

    /** The groups, in order of their offsets. */
    static List<Group> of(final List<RangeTarget> ranges, final long gapBytes) {
        final List<RangeTarget> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(RangeTarget::offset));
        final List<Group> groups = new ArrayList<>();
        int start = 0;
        long end = endOf(sorted.getFirst());
        for (int i = 1; i <= sorted.size(); i++) {
            if (i < sorted.size()) {
                final RangeTarget next = sorted.get(i);
                final long newEnd = Math.max(end, endOf(next));
                if (next.offset() - end <= gapBytes
                        && newEnd - sorted.get(start).offset() <= MAX_GROUP_BYTES) {
                    end = newEnd;
                    continue;
                }
            }
            final long offset = sorted.get(start).offset();
            groups.add(new Group(offset, end - offset, List.copyOf(sorted.subList(start, i))));
            if (i < sorted.size()) {
                start = i;
                end = endOf(sorted.get(i));
            }
        }
        return groups;
    }

    /** Each range for itself. */
    static List<Group> apart(final Group group) {
        final List<Group> apart = new ArrayList<>(group.members().size());
        for (final RangeTarget member : group.members()) {
            apart.add(new Group(member.offset(), member.into().byteSize(), List.of(member)));
        }
        return apart;
    }

    private static long endOf(final RangeTarget range) {
        return range.offset() + range.into().byteSize();
    }
}
