package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.s3tier.store.WriteStamp;

/**
 * What the object that stands under a key now says about a write of which no answer came. The cases are those of
 * {@code docs/decisions/2026-11-21-whose-write-won.md}.
 */
final class WriteEvidence {
    enum Verdict {
        /** The object is what was written. */
        WON,
        /** It was written, and others have replaced it since. */
        OVERTAKEN,
        /** Another write took the place: this one had no effect, and can't have one any more. */
        LOST,
        /** It has not taken effect, and still may: the same write can be sent again. */
        NOT_YET,
        /** The trace is cut off. */
        NO_TRACE
    }

    private WriteEvidence() {}

    /**
     * @param name of the write.
     * @param found what is there; null for nothing.
     */
    static Verdict judge(final WriteCondition condition, final String name, final ObjectFound found) {
        if (found == null) {
            // A create may still come; one that came and was deleted again is sent once more, which is what its caller
            // wants.
            // A replacement can't come any more, but it may have come and been deleted.
            return condition instanceof WriteCondition.IfAbsent ? Verdict.NOT_YET : Verdict.NO_TRACE;
        }
        final WriteStamp stamp = found.stamp();
        final int position = stamp.writes().indexOf(name);
        if (position >= 0) {
            return position == 0 ? Verdict.WON : Verdict.OVERTAKEN;
        }
        return switch (condition) {
            case WriteCondition.Always always -> Verdict.NO_TRACE;
            case WriteCondition.IfAbsent absent -> stamp.complete() ? Verdict.LOST : Verdict.NO_TRACE;
            case WriteCondition.IfVersion replaced -> judgeReplacement(replaced.version(), found);
        };
    }

    private static Verdict judgeReplacement(final ObjectVersion expected, final ObjectFound found) {
        if (expected.etag().equals(found.etag())) {
            return Verdict.NOT_YET;
        }
        final WriteStamp stamp = found.stamp();
        if (expected.stamp().writes().isEmpty()) {
            return stamp.complete() ? Verdict.LOST : Verdict.NO_TRACE;
        }
        // The version expected is an ancestor of what is there, and this write is not its successor: another one is,
        // and a
        // version has but one. Without that ancestor the object was deleted or overwritten in between, this write
        // perhaps too.
        return stamp.writes().contains(expected.stamp().writes().getFirst()) ? Verdict.LOST : Verdict.NO_TRACE;
    }
}
