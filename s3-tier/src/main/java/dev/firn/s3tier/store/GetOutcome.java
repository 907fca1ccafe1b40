package dev.firn.s3tier.store;

/** What became of a read. */
public sealed interface GetOutcome extends StoreOutcome
        permits GetOutcome.Fetched, GetOutcome.OutOfRange, GetOutcome.VersionChanged, NotFound, Failed {
    /**
     * The bytes are in the buffer.
     *
     * @param lengthBytes how many; fewer than asked for when the object ends before.
     * @param objectBytes how long the object is.
     */
    record Fetched(long lengthBytes, long objectBytes, ObjectVersion version) implements GetOutcome {}

    /** The range begins at or beyond the object's end; so does every range of an empty object. */
    record OutOfRange(long objectBytes) implements GetOutcome {}

    /** The object is not of the version that was asked for any more. */
    record VersionChanged(String reason) implements GetOutcome {}
}
