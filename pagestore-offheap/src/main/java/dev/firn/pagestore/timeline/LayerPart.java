package dev.firn.pagestore.timeline;

import dev.firn.s3tier.store.GetOutcome;
import java.lang.foreign.MemorySegment;

/** What a read wants of one layer: the block that has its key's newest entry, then those before it. One of a fixed number for each read. */
final class LayerPart {
    /** Where it stands. */
    enum State {
        /** The index is not in memory, and no more indexes may be loaded just now. */
        UNLOCATED,
        AWAITS_INDEX,
        /** The block is known, and could not be asked for yet. */
        WANTED,
        AWAITS_BLOCK,
        /** The block is here. */
        HERE,
        /** The layer has nothing of the key. */
        NOTHING,
        /** Why is told when the read comes to it: it may not have to. */
        FAILED
    }

    final KeyRead read;

    /** The token of its reads. */
    final long token;

    State state = State.NOTHING;
    OpenLayer layer;
    int block;

    /** Owned by {@link LayerReads}; null unless it is {@link State#AWAITS_BLOCK} or {@link State#HERE}. */
    MemorySegment bytes;

    /** A block of it was damaged when it came, and was asked for once more. */
    boolean isReadAgain;

    /** Why its block could not be read; null when it was the index. */
    GetOutcome failure;

    /** Why there is no index. */
    String indexFailure;

    boolean indexDamaged;

    /** The next one that waits for the same index. */
    LayerPart nextWaiter;

    LayerPart(final KeyRead read, final long token) {
        this.read = read;
        this.token = token;
    }

    /** Whether something is on its way for it that can't be taken back. */
    boolean isOutstanding() {
        return state == State.AWAITS_INDEX || state == State.AWAITS_BLOCK;
    }
}
