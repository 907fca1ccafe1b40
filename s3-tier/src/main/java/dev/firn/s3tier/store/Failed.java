package dev.firn.s3tier.store;

/**
 * The call was not done.
 *
 * @param message one sentence: what failed, where, and what to do when that is known. Names no secret.
 * @param requestId what the store calls the request, for its operator; empty when it gave none.
 * @param attempts how often it was tried.
 */
public record Failed(FailureKind kind, String message, String requestId, int attempts)
        implements PutOutcome, PartOutcome, GetOutcome, HeadOutcome, ListOutcome, DeleteOutcome, SweepOutcome {}
