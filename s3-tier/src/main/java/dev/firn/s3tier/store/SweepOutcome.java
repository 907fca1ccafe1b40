package dev.firn.s3tier.store;

/** What a sweep of stale uploads did. */
public sealed interface SweepOutcome extends StoreOutcome permits SweepOutcome.Swept, Failed {
    record Swept(int aborted, int stillYoung) implements SweepOutcome {}
}
