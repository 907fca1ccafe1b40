package dev.firn.s3tier.store;

/** There is no object under this key. */
public record NotFound(String key) implements GetOutcome, HeadOutcome {}
