package dev.firn.s3tier.simulation;

import dev.firn.s3tier.store.WriteStamp;

/** What stands under a key: replaced as a whole, never changed. */
record StoredObject(Content content, String etag, WriteStamp stamp, long lastModifiedEpochMs) {}
