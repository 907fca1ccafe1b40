package dev.firn.s3tier.store;

/** What became of a write. */
public sealed interface PutOutcome extends StoreOutcome
        permits PutOutcome.Stored, PutOutcome.PreconditionFailed, PutOutcome.Unknown, Failed {
    /**
     * The object is durable.
     *
     * @param version what was written: expect it in the next {@link WriteCondition.IfVersion}. When it was overtaken, its
     *     etag was never learnt: it is {@link ObjectVersion#replaced}, and matches nothing.
     * @param overtaken whether another writer is known to have replaced it since; it was this write's version that it
     *     replaced.
     */
    record Stored(ObjectVersion version, boolean overtaken) implements PutOutcome {}

    /**
     * The condition did not hold, and this write has had no effect and never will: as long as nobody deletes the object while
     * writers contend for it. {@code docs/decisions/2026-11-21-whose-write-won.md} has the cases.
     */
    record PreconditionFailed(String reason) implements PutOutcome {}

    /**
     * Nobody can say whether the write took effect, or still will: the deadline passed or the call was cancelled after it had
     * been sent, and the store could not be asked. The next reader of the key sees the old or the new object, whole.
     */
    record Unknown(Failed cause) implements PutOutcome {}
}
