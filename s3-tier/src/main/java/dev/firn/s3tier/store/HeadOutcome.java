package dev.firn.s3tier.store;

/** What is known of one object. */
public sealed interface HeadOutcome extends StoreOutcome permits HeadOutcome.Found, NotFound, Failed {
    record Found(String key, long lengthBytes, long lastModifiedEpochMs, ObjectVersion version)
            implements HeadOutcome {}
}
