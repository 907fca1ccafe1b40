package dev.firn.pagestore.timeline;

/** Who asked for a read within the shard: hears of it in the duty cycle in which it is answered. */
@FunctionalInterface
interface InternalRead {
    /** @param read borrowed for the call: its outcome, or why there is none. */
    void onDone(KeyRead read);
}
