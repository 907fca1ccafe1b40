package dev.firn.nvmecache.reader;

import dev.firn.s3tier.store.GetOutcome;

/** Hears what became of a read; inside {@link CachedReader#poll}. May begin further reads, but not poll. */
public interface ObjectReadHandler {
    /** All bytes are in the buffer. */
    void onRead(long token);

    /** The store did not give them: anything but {@link GetOutcome.Fetched}, or fewer bytes than the object should have. */
    void onFailed(long token, GetOutcome why);
}
