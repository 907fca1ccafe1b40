package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.RangeTarget;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Reads ranges of one version, side by side, neighbours together.
 *
 * <p><b>One version:</b> when the caller names none, that of the first answer is required of all requests that are sent
 * later, and compared with that of those which were sent before. If the object changes in between, all is read again,
 * once.
 */
final class RangesCall extends Call<GetOutcome> {
    /** Most requests of one call at once; further ones follow as these are answered. */
    static final int MAX_IN_FLIGHT = 32;

    private final String key;
    private final List<RangeTarget> ranges;
    private final ObjectVersion expected;
    private final Deque<RangePlan.Group> toSend = new ArrayDeque<>();
    private final List<GroupRead> inFlight = new ArrayList<>();

    /** The version that all answers must have; null until it is known. */
    private ObjectVersion version;

    private boolean readAgain;
    private long objectBytes;

    /** What the call will be answered with when the requests in flight have ended; null as long as all is well. */
    private GetOutcome problem;

    RangesCall(
            final Conductor conductor,
            final String key,
            final List<RangeTarget> ranges,
            final ObjectVersion expected,
            final long timeoutNs,
            final OutcomeHandler<? super GetOutcome> handler) {
        super(conductor, timeoutNs, handler);
        this.key = key;
        this.ranges = ranges;
        this.expected = expected;
    }

    @Override
    void start() {
        version = expected;
        problem = null;
        toSend.addAll(RangePlan.of(ranges, conductor.limits().coalesceGapBytes()));
        sendMore();
    }

    private void sendMore() {
        while (!toSend.isEmpty() && inFlight.size() < MAX_IN_FLIGHT && problem == null) {
            final RangePlan.Group group = toSend.remove();
            final MemorySegment together =
                    group.isSingle() ? null : conductor.rangeMemory().tryTake(group.lengthBytes());
            if (group.isSingle() || together != null) {
                new GroupRead(group, together).start();
            } else {
                RangePlan.apart(group).reversed().forEach(toSend::addFirst);
            }
        }
    }

    @Override
    void stop(final FailureKind why) {
        for (final GroupRead read : List.copyOf(inFlight)) {
            read.request.stop(why);
        }
    }

    private void give(final GetOutcome outcome) {
        if (problem != null) {
            return;
        }
        problem = outcome;
        toSend.clear();
        for (final GroupRead read : List.copyOf(inFlight)) {
            read.request.stop(FailureKind.CANCELLED);
        }
    }

    private void take(final GroupRead read, final AttemptResult.RangeRead answer) {
        if (version == null) {
            version = new ObjectVersion(answer.etag(), answer.stamp());
        } else if (!version.etag().equals(answer.etag())) {
            give(new GetOutcome.VersionChanged("the object became " + answer.etag() + " while its ranges were read"));
            return;
        } else if (expected != null && version == expected) {
            version = new ObjectVersion(answer.etag(), answer.stamp());
        }
        objectBytes = answer.objectBytes();
        if (answer.lengthBytes() < read.group.lengthBytes()) {
            give(new GetOutcome.OutOfRange(answer.objectBytes()));
        } else if (problem == null) {
            read.copyOut();
        }
    }

    private void moveOn() {
        if (problem == null && halted() != null && !toSend.isEmpty()) {
            give(new Failed(
                    halted(),
                    "ranges of " + conductor.addressOf(key) + ": "
                            + (halted() == FailureKind.TIMED_OUT ? "the deadline passed" : "cancelled"),
                    "",
                    1));
        } else if (problem == null) {
            sendMore();
        }
        if (!inFlight.isEmpty() || isFinished()) {
            return;
        }
        if (problem == null) {
            finish(new GetOutcome.Fetched(lengthOfRanges(), objectBytes, version));
        } else if (problem instanceof GetOutcome.VersionChanged && expected == null && !readAgain && halted() == null) {
            readAgain = true;
            start();
        } else {
            finish(problem);
        }
    }

    private long lengthOfRanges() {
        long bytes = 0;
        for (final RangeTarget range : ranges) {
            bytes += range.into().byteSize();
        }
        return bytes;
    }

    /** One request, for one range or several. */
    private final class GroupRead implements Request.Owner {
        private final RangePlan.Group group;

        /** Where several ranges are read together; null for one. */
        private final MemorySegment together;

        private final Request request;

        GroupRead(final RangePlan.Group group, final MemorySegment together) {
            this.group = group;
            this.together = together;
            final MemorySegment into =
                    together == null ? group.members().getFirst().into() : together;
            this.request = new Request(
                    conductor,
                    new AttemptRequest.GetRange(key, group.offset(), into, version == null ? null : version.etag()),
                    deadlineNs(),
                    this);
        }

        void start() {
            inFlight.add(this);
            request.start();
        }

        void copyOut() {
            if (together == null) {
                return;
            }
            for (final RangeTarget member : group.members()) {
                final long size = member.into().byteSize();
                MemorySegment.copy(together, member.offset() - group.offset(), member.into(), 0, size);
            }
        }

        @Override
        public void onEnded(final Request ended, final AttemptResult result) {
            inFlight.remove(this);
            switch (result) {
                case AttemptResult.RangeRead answer -> take(this, answer);
                case AttemptFailed failure -> give(failed(ended, failure));
                default -> give(Answers.ofGet(key, result));
            }
            if (together != null) {
                conductor.rangeMemory().giveBack(together);
            }
            moveOn();
        }
    }
}
