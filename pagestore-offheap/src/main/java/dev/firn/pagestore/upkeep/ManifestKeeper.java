package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.manifest.Manifest.Hold;
import dev.firn.pagestore.manifest.ManifestStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Has edits written into a timeline's manifest, one replacement at a time; edits that come meanwhile go into the next one together. Nothing of an edit
 * counts before the manifest that has it is stored.
 */
final class ManifestKeeper {
    private final ManifestStore store;
    private final Clock clock;
    private final long retryNs;
    private final Listener listener;
    private final List<Edit> pending = new ArrayList<>();
    private int inFlight;
    private long retryAtNs;
    private boolean waiting;

    /** Hears what became of replacements. */
    interface Listener {
        /** A manifest with these edits is stored. */
        void onStored(Manifest manifest, List<Edit> edits);

        /** Another owner has taken over. */
        void onDeposed(long byEpoch);

        /** One could not be stored now, and is tried again. */
        void onTrouble(String sentence);

        /** What is in the store is no manifest of this timeline any more. */
        void onLost(String sentence);
    }

    /**
     * A change of the manifest.
     *
     * @param removed layers that it has no more.
     * @param uploadedLsn at least this.
     * @param oldestLsn at least this.
     * @param tables how many memory tables the added layers hold.
     * @param letGo whose holds end.
     * @param token of who waits for the holds; 0 for nobody.
     */
    record Edit(
            Set<LayerName> removed,
            List<LayerDescription> added,
            long uploadedLsn,
            long oldestLsn,
            int tables,
            List<Hold> holds,
            List<String> letGo,
            long token) {
        static Edit ofFlush(
                final List<LayerDescription> added,
                final long uploadedLsn,
                final long oldestLsn,
                final List<Hold> holds) {
            return new Edit(Set.of(), added, uploadedLsn, oldestLsn, 1, holds, List.of(), 0);
        }

        static Edit ofLayers(final Set<LayerName> removed, final List<LayerDescription> added) {
            return new Edit(removed, added, 0, 0, 0, List.of(), List.of(), 0);
        }

        static Edit ofHold(final Hold hold, final long token) {
            return new Edit(Set.of(), List.of(), 0, 0, 0, List.of(hold), List.of(), token);
        }

        static Edit ofLetGo(final String holder) {
            return new Edit(Set.of(), List.of(), 0, 0, 0, List.of(), List.of(holder), 0);
        }
    }

    /** @param store borrowed; it has claimed the timeline. */
    ManifestKeeper(final ManifestStore store, final Clock clock, final long retryNs, final Listener listener) {
        this.store = store;
        this.clock = clock;
        this.retryNs = retryNs;
        this.listener = listener;
    }

    Manifest current() {
        return store.current();
    }

    void submit(final Edit edit) {
        pending.add(edit);
    }

    /** Whether all edits are stored. */
    boolean isIdle() {
        return pending.isEmpty();
    }

    /** Whether a replacement is under way. */
    boolean isWaiting() {
        return waiting;
    }

    /** The oldest LSN that can be read when all edits are stored. */
    long oldestLsn() {
        long oldest = current().oldestLsn();
        for (final Edit edit : pending) {
            oldest = Math.max(oldest, edit.oldestLsn);
        }
        return oldest;
    }

    /** How many hold an LSN, edits that are to be stored included. */
    int holders(final long lsn) {
        int count = 0;
        for (final Hold hold : holdsAfter(current(), pending).values()) {
            count += hold.lsn() == lsn ? 1 : 0;
        }
        return count;
    }

    /** Whether somebody holds an LSN already. */
    boolean isHolder(final String holder) {
        return current().holds().stream().anyMatch(hold -> hold.holder().equals(holder));
    }

    /** Whether a hold's time is over: it ends with the next edit. */
    boolean endsAHold() {
        final List<Hold> holds = current().holds();
        if (holds.isEmpty()) {
            return false;
        }
        final long nowMs = nowMs();
        for (int i = 0; i < holds.size(); i++) {
            if (holds.get(i).untilEpochMs() <= nowMs) {
                return true;
            }
        }
        return false;
    }

    private long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(clock.epochNs());
    }

    int work() {
        if (waiting || pending.isEmpty() || clock.nanoTime() - retryAtNs < 0) {
            return 0;
        }
        inFlight = pending.size();
        waiting = true;
        store.replace(next(current(), pending), this::onOutcome);
        return 1;
    }

    private void onOutcome(final ManifestStore.Outcome outcome) {
        waiting = false;
        switch (outcome) {
            case ManifestStore.Outcome.Held held -> {
                final List<Edit> stored = List.copyOf(pending.subList(0, inFlight));
                pending.subList(0, inFlight).clear();
                listener.onStored(held.manifest(), stored);
            }
            case ManifestStore.Outcome.Deposed deposed -> listener.onDeposed(deposed.byEpoch());
            case ManifestStore.Outcome.Failed failed -> {
                retryAtNs = clock.nanoTime() + retryNs;
                listener.onTrouble(failed.message());
            }
            case ManifestStore.Outcome.Damaged damaged -> listener.onLost(damaged.message());
            case ManifestStore.Outcome.Absent absent ->
                listener.onLost("the manifest of " + current().timeline()
                        + " is gone from the store: the timeline was deleted, or the store has lost it");
        }
    }

    private Manifest next(final Manifest from, final List<Edit> edits) {
        final TreeMap<LayerName, LayerDescription> layers = new TreeMap<>();
        from.layers().forEach(layer -> layers.put(layer.name(), layer));
        long uploaded = from.uploadedLsn();
        long oldest = from.oldestLsn();
        for (final Edit edit : edits) {
            edit.removed.forEach(layers::remove);
            edit.added.forEach(layer -> layers.put(layer.name(), layer));
            uploaded = Math.max(uploaded, edit.uploadedLsn);
            oldest = Math.max(oldest, edit.oldestLsn);
        }
        return new Manifest(
                from.timeline(),
                from.epoch(),
                from.owner(),
                from.generation(),
                uploaded,
                from.parent(),
                from.branchLsn(),
                from.baseBackup(),
                oldest,
                holdsAfter(from, edits).values().stream()
                        .sorted((one, other) -> one.holder().compareTo(other.holder()))
                        .toList(),
                List.copyOf(layers.values()));
    }

    /** By holder: those whose time is not over, as edits change them. */
    private Map<String, Hold> holdsAfter(final Manifest from, final List<Edit> edits) {
        final Map<String, Hold> holds = new HashMap<>();
        final long nowMs = nowMs();
        from.holds().stream()
                .filter(hold -> hold.untilEpochMs() > nowMs)
                .forEach(hold -> holds.put(hold.holder(), hold));
        for (final Edit edit : edits) {
            edit.letGo.forEach(holds::remove);
            edit.holds.forEach(hold -> holds.put(hold.holder(), hold));
        }
        return holds;
    }

    void close() {
        store.close();
    }
}
