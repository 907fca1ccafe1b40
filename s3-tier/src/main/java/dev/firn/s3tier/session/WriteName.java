package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.s3tier.store.WriteStamp;

/**
 * What one write is known by, in all of its attempts.
 *
 * @param name its own, first in the stamp.
 */
record WriteName(String name, WriteCondition condition, WriteStamp stamp) {
    static WriteName of(final String name, final WriteCondition condition) {
        final WriteStamp stamp = switch (condition) {
            case WriteCondition.Always always -> WriteStamp.overwriting(name);
            case WriteCondition.IfAbsent absent -> WriteStamp.created(name);
            case WriteCondition.IfVersion replaced -> replaced.version().stamp().replacedBy(name);
        };
        return new WriteName(name, condition, stamp);
    }

    boolean isConditional() {
        return !(condition instanceof WriteCondition.Always);
    }

    /** The condition can't hold any more: there is no need to ask. */
    boolean expectsReplaced() {
        return condition instanceof WriteCondition.IfVersion expected
                && expected.version().isReplaced();
    }

    Precondition precondition() {
        return switch (condition) {
            case WriteCondition.Always always -> Precondition.NONE;
            case WriteCondition.IfAbsent absent -> Precondition.ABSENT;
            case WriteCondition.IfVersion replaced ->
                new Precondition.Matches(replaced.version().etag());
        };
    }
}
