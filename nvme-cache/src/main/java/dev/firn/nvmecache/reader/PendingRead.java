package dev.firn.nvmecache.reader;

import dev.firn.s3tier.store.GetOutcome;

/** A read begun and not answered; one of a fixed number, used again and again. */
final class PendingRead {
    ObjectReadHandler handler;
    long token;
    int partsLeft;

    /** Why it failed, of the part that failed first; null while none has. */
    GetOutcome failure;
}
