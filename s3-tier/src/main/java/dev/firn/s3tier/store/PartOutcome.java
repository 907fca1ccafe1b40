package dev.firn.s3tier.store;

/** What became of one part of an upload. */
public sealed interface PartOutcome extends StoreOutcome permits PartOutcome.PartStored, Failed {
    /** The part has arrived; it is seen once the upload is completed. */
    record PartStored(int partNumber, long lengthBytes) implements PartOutcome {}
}
