package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.OutOfOffHeapMemoryException;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerReadException;
import dev.firn.pagestore.layer.MalformedLayerException;
import dev.firn.pagestore.layer.MergedEntries;
import dev.firn.pagestore.memory.MemoryTableScan;
import dev.firn.pagestore.upkeep.LayerScans;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * All entries of a range of keys, of classes without pages, that a timeline has at or below an LSN: its own, and those of its parents up to where it
 * branched off. Pins what it goes through from its making to its close. Belongs to the shard's thread; its layers come by the shard's session.
 */
final class EntryScan implements AutoCloseable {
    /** Hears each entry: by key, then by LSN. */
    @FunctionalInterface
    interface Visitor {
        /** @return false to stop. */
        boolean onEntry(SortedEntries entry);
    }

    /** How far it is. */
    enum State {
        GOING,
        DONE,
        FAILED
    }

    private final LayerScans.ScanContext context;
    private final Visitor visitor;
    private final List<LayerMap> maps = new ArrayList<>();
    private final List<HeldTable> tables = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private final List<AutoCloseable> closeables = new ArrayList<>();
    private MergedEntries merged;
    private State state = State.GOING;
    private boolean damaged;
    private String failure;

    /** What one timeline of the line of parents has. */
    private record Part(LayerScans layers, List<SortedEntries> tables, long lsnUpTo) {}

    /** @throws NoScanRoomException when there is no memory now. */
    EntryScan(
            final LayerScans.ScanContext context,
            final Timeline timeline,
            final KeyRange range,
            final long lsn,
            final Visitor visitor) {
        this.context = context;
        this.visitor = visitor;
        boolean done = false;
        try {
            long cap = lsn;
            for (Timeline part = timeline; part != null; part = part.parent()) {
                parts.addFirst(part(part, range, cap));
                cap = Math.min(cap, part.branchLsn());
            }
            done = true;
        } catch (final OutOfOffHeapMemoryException e) {
            throw (NoScanRoomException) new NoScanRoomException().initCause(e);
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private Part part(final Timeline timeline, final KeyRange range, final long cap) {
        final LayerMap map = timeline.map();
        map.pin();
        maps.add(map);
        final List<LayerDescription> layers = new ArrayList<>();
        for (final OpenLayer layer : map.layers()) {
            if (layer.fromLsn() < cap && layer.description().keys().meets(range)) {
                layers.add(layer.description());
            }
        }
        layers.sort(Comparator.comparingLong(LayerDescription::toLsn));
        final LayerScans scans = new LayerScans(context, timeline.name(), layers, range);
        closeables.add(scans::close);
        final List<SortedEntries> entries = new ArrayList<>();
        for (int i = timeline.tables() - 1; i >= 0; i--) {
            final HeldTable held = timeline.table(i);
            if (held.table().startLsn() >= cap) {
                continue;
            }
            final MemoryTableScan scan = held.table().sorted(range);
            if (held.table().isFrozen()) {
                held.pin();
                tables.add(held);
                closeables.add(scan::close);
                entries.add(scan);
            } else {
                try (scan) {
                    final CopiedEntries copied = new CopiedEntries(scan, context.memory());
                    closeables.add(copied::close);
                    entries.add(copied);
                }
            }
        }
        return new Part(scans, entries, cap);
    }

    State state() {
        return state;
    }

    String failure() {
        return failure;
    }

    boolean isDamaged() {
        return damaged;
    }

    /** Goes on over at most {@code limit} entries; returns how much was done. */
    int work(final int limit) {
        try {
            if (merged == null) {
                return open();
            }
            int done = 0;
            while (done < limit && state == State.GOING) {
                final int step = merged.advance();
                if (step == SortedEntries.WAIT) {
                    break;
                }
                done++;
                if (step == SortedEntries.END || !visitor.onEntry(merged)) {
                    state = State.DONE;
                }
            }
            return done;
        } catch (final LayerReadException e) {
            fail(false, e.getMessage());
        } catch (final MalformedLayerException e) {
            fail(true, e.getMessage());
        }
        return 1;
    }

    private int open() {
        int done = 0;
        boolean all = true;
        for (final Part part : parts) {
            done += part.layers.work();
            if (part.layers.state() == LayerScans.State.FAILED) {
                fail(part.layers.isDamaged(), part.layers.failure());
                return 1;
            }
            all &= part.layers.state() == LayerScans.State.OPEN;
        }
        if (all) {
            final List<SortedEntries> sources = new ArrayList<>();
            for (final Part part : parts) {
                part.layers.scans().forEach(scan -> sources.add(new CappedEntries(scan, part.lsnUpTo)));
                part.tables.forEach(scan -> sources.add(new CappedEntries(scan, part.lsnUpTo)));
            }
            merged = new MergedEntries(sources);
        }
        return done;
    }

    private void fail(final boolean isDamaged, final String message) {
        state = State.FAILED;
        damaged = isDamaged;
        failure = message;
    }

    @Override
    public void close() {
        for (final AutoCloseable closeable : closeables) {
            try {
                closeable.close();
            } catch (final Exception e) {
                throw new IllegalStateException(e);
            }
        }
        closeables.clear();
        tables.forEach(HeldTable::unpin);
        tables.clear();
        maps.forEach(LayerMap::unpin);
        maps.clear();
    }
}
