package dev.firn.pagestore.timeline;

import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.upkeep.UpkeepLink;
import java.util.ArrayDeque;
import java.util.List;

/** A timeline in a shard, from its opening to its close. Belongs to the shard's thread. */
final class HostedTimeline {
    final int number;
    final TimelineSpec spec;

    /** Null without a parent. */
    final HostedTimeline parent;

    TimelineState state = TimelineState.CLAIMING;

    /** What the state is due to, where that is a failure. */
    String message = "";

    /** The last one that is known to be stored; null while it is being claimed. */
    Manifest manifest;

    /** What keeps the housekeeper from doing its work, in one sentence; empty for nothing. */
    String trouble = "";

    /**
     * A branch of which nobody has anything of its own: it answers while its first manifest is on its way to the store. Its parent keeps its LSN durably,
     * and what it begins with is said by who made it, so that it is begun the same way again should that never arrive.
     */
    boolean isFresh;

    /** Orders that the housekeeper is to get when it has the timeline. */
    final ArrayDeque<UpkeepLink.Order> afterClaim = new ArrayDeque<>();

    /** Null while it is being claimed. */
    Timeline timeline;

    /** While it is being loaded. */
    EntryScan loading;

    /** Null until it is loaded. */
    TimelineIngest ingest;

    /** Adds the images that long chains want. */
    final InternalRead onLongChain = this::addImage;

    /** It was let go: what it holds is given back when nothing goes through it any more. */
    boolean isClosing;

    /** Who opened it has seen that it was released, and does not name it any more. */
    boolean isForgotten;

    /** It was open once. */
    boolean hasAnswered;

    /** The housekeeper has nothing of it any more. */
    boolean isUpkeepOver;

    /** Reads for long chains under way. */
    int chainReads;

    /** Memory tables that the housekeeper has, oldest first. */
    final ArrayDeque<HeldTable> inUpkeep = new ArrayDeque<>();

    HostedTimeline(final int number, final TimelineSpec spec, final HostedTimeline parent) {
        this.number = number;
        this.spec = spec;
        this.parent = parent;
    }

    /** Nothing is left of it anywhere: neither with who opened it, nor with the housekeeper, nor in the page cache, which knows its number. */
    boolean isUnused() {
        return isForgotten && isUpkeepOver && timeline == null && !hasAnswered;
    }

    boolean answers() {
        return state == TimelineState.LIVE || state == TimelineState.STUCK;
    }

    /** Where it begins: at or below are its parent, or its base backup. */
    long originLsn() {
        return spec.isBranch() ? spec.branchLsn() : spec.base().startLsn();
    }

    long oldestLsn() {
        return manifest == null ? 0 : manifest.oldestLsn();
    }

    long appliedLsn() {
        return answers() ? ingest.appliedLsn() : 0;
    }

    void fail(final TimelineState as, final String why) {
        state = as;
        message = why;
    }

    /** Whether an LSN is kept although it is older than the history window. */
    boolean holds(final long lsn) {
        if (manifest == null) {
            return false;
        }
        final List<Manifest.Hold> holds = manifest.holds();
        for (int i = 0; i < holds.size(); i++) {
            if (holds.get(i).lsn() == lsn) {
                return true;
            }
        }
        return false;
    }

    /** A manifest is stored that has so many of the memory tables, the oldest ones, in layers. */
    void install(final Manifest stored, final int tables) {
        manifest = stored;
        timeline.install(stored.layers(), tables);
        for (int i = 0; i < tables; i++) {
            inUpkeep.poll().unpin();
        }
    }

    /** The housekeeper uses nothing of the timeline any more. */
    void upkeepEnded() {
        isUpkeepOver = true;
        while (!inUpkeep.isEmpty()) {
            inUpkeep.poll().unpin();
        }
    }

    private void addImage(final KeyRead read) {
        chainReads--;
        if (read.refusal == null) {
            ingest.insertImage(read);
        }
    }

    /** No read is under way. */
    void close() {
        if (loading != null) {
            loading.close();
            loading = null;
        }
        upkeepEnded();
        if (ingest != null) {
            ingest.close();
            ingest = null;
        }
        if (timeline != null) {
            timeline.close();
            timeline = null;
        }
        state = TimelineState.CLOSED;
    }
}
