package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.layer.LayerIndex;
import dev.firn.pagestore.rebuild.Gathered;
import dev.firn.pagestore.service.ReadRefusal;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One read on its way; one of a fixed number, used again and again by {@link KeyReads}. */
final class KeyRead {
    /** Where a read stands, and what it waits for. */
    enum State {
        FREE,
        /** Has yet to look into a timeline's memory tables. */
        MEMORY,
        /** Goes through a timeline's layers. */
        LAYERS,
        /** Waits for what its newest layer that is not through needs: the index, or a block. */
        AWAITS_LAYERS,
        /** The timeline has no more: its parent is next, or its base backup. */
        BOTTOM,
        /** Waits for the base backup. */
        AWAITS_BASE,
        /** Met a limit, of memory or of reads in flight: tried again in the next duty cycle. */
        HELD,
        /** All entries are gathered. */
        COMPLETE,
        /** Answered, and not yet told. */
        ANSWERED,
        /** Over, but for blocks that it turned out not to need and that are still on their way into its memory. */
        DRAINING
    }

    /** Which of the fixed number. */
    final int number;

    final Gathered gathered;

    /** Where the page is built. */
    final MemorySegment page;

    final List<HeldTable> pinnedTables = new ArrayList<>();

    State state = State.FREE;
    long token;
    boolean abandoned;

    /** Not told to a handler, but to who asked within the shard. */
    InternalRead internal;

    // What was asked for.
    Timeline asked;
    long askedHigh;
    long askedMiddle;
    long askedLow;
    long askedLsn;

    // Where it stands: another timeline after a branch, another key behind a copied database's floor.
    Timeline timeline;
    long high;
    long middle;
    long low;
    long lsn;

    /** What lies at or below it does not count. */
    long lowerLsn;

    /** The floor's LSN, 0 when there is none. */
    long floorLsn;

    /** Whether {@link #page} has the page as it was at {@link #lowerLsn}. */
    boolean pageKnown;

    /** The frame of the page cache that is the answer as it stands, pinned until it is told; else {@link PageCache#ABSENT}. */
    int frame = PageCache.ABSENT;

    /** The LSN of the page's last entry, as far as the first timeline tells; see {@link PageCache}. */
    long version;

    boolean firstTimeline;

    /** Of the newest images at or below the read's LSN that cover the key; 0 without. Of deltas that reach below, only what is above counts. */
    long imageLsn;

    LayerMap map;

    // Owned by LayerReads: the layers that are not planned yet, and the plan, of which it is at one part.
    int layerIndex;
    int layerEnd;
    int parts;
    int part;
    int outstanding;
    private LayerPart[] plan = new LayerPart[0];

    // The outcome.
    int kind;
    MemorySegment result;
    long resultOffset;
    int resultLength;
    ReadRefusal refusal;
    String sentence;

    KeyRead(final int number, final OffHeapMemory memory, final MemorySegment page) {
        this.number = number;
        this.gathered = new Gathered(memory);
        this.page = page;
    }

    /** The entry's LSN is the page's when it is the newest that the first timeline has. */
    void noteVersion(final long entryLsn) {
        if (firstTimeline && gathered.count() == 0) {
            version = entryLsn;
        }
    }

    /** One more part of the plan, which nothing is known of. */
    LayerPart nextPart(final OpenLayer layer) {
        if (parts == plan.length) {
            plan = Arrays.copyOf(plan, parts + 1);
            plan[parts] = new LayerPart(this, (long) number * LayerReads.PLANNED_LAYERS + parts);
        }
        final LayerPart next = plan[parts++];
        next.layer = layer;
        next.block = LayerIndex.NONE;
        next.failure = null;
        next.isReadAgain = false;
        next.state = LayerPart.State.UNLOCATED;
        return next;
    }

    LayerPart plan(final int index) {
        return plan[index];
    }

    /** How many parts a plan has ever had. */
    int mostParts() {
        return plan.length;
    }
}
