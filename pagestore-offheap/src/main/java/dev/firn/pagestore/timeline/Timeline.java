package dev.firn.pagestore.timeline;

import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.rebuild.PageBuilder;
import dev.firn.postgres.file.BlockKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What reads of one timeline go through: memory tables, the layer map, the parent, the base backup; and the input, whose floors they heed.
 * Belongs to the shard's thread.
 */
final class Timeline implements PageBuilder.HintBits {
    /** Behind a floor there are zeroes. */
    static final long ZEROES = -1;

    private final int number;
    private final String name;
    private final Timeline parent;
    private final long branchLsn;
    private TimelineInput input;
    private final BasePages base;
    private final PageBuilder builder;
    private final LayerIndexes indexes;
    private final Function<LayerDescription, OpenLayer> opener;

    /** Newest first. */
    private final List<HeldTable> tables = new ArrayList<>();

    private LayerMap map = new LayerMap(List.of());

    /** Maps that reads still go through. */
    private final ArrayDeque<LayerMap> retired = new ArrayDeque<>();

    /** Layers that a live map has, and in how many. */
    private final Map<LayerName, OpenLayer> layers = new HashMap<>();

    private final List<LayerName> released = new ArrayList<>();
    private int readsInFlight;

    Timeline(
            final int number,
            final String name,
            final Timeline parent,
            final long branchLsn,
            final TimelineInput input,
            final BasePages base,
            final PageBuilder builder,
            final LayerIndexes indexes,
            final Function<LayerDescription, OpenLayer> opener) {
        this.number = number;
        this.name = name;
        this.parent = parent;
        this.branchLsn = branchLsn;
        this.input = input;
        this.base = base;
        this.builder = builder;
        this.indexes = indexes;
        this.opener = opener;
    }

    int number() {
        return number;
    }

    String name() {
        return name;
    }

    /** What it branched off, or null. */
    Timeline parent() {
        return parent;
    }

    long branchLsn() {
        return branchLsn;
    }

    TimelineInput input() {
        return input;
    }

    /** Begins anew with an empty one, as the one before could not be loaded. */
    void input(final TimelineInput fresh) {
        input.close();
        input = fresh;
    }

    /** Null for a branch, and where there is no base backup. */
    BasePages base() {
        return base;
    }

    PageBuilder builder() {
        return builder;
    }

    // Floors. Those of the parent, which a branch's input knows too, are the parent's to heed.

    /** The newest floor over a key that is not above an LSN; 0 when there is none in this timeline. */
    long floorLsn(final long high, final long middle, final long low, final long atLsn) {
        final long floor = input.floorLsn(high, middle, low, atLsn);
        return floor > branchLsn ? floor : 0;
    }

    /** What is behind a floor: {@link #ZEROES}, or the database whose pages of that LSN are. */
    long floorSource(final long high, final long middle, final long low, final long floorLsn) {
        return input.floorSource(high, middle, low, floorLsn);
    }

    static int sourceTablespace(final long source) {
        return BlockKey.tablespace(source);
    }

    static int sourceDatabase(final long source) {
        return BlockKey.database(source);
    }

    @Override
    public boolean hintBitsLogged(final long lsn) {
        return (parent != null && lsn <= branchLsn)
                ? parent.hintBitsLogged(lsn)
                : input.hints().hintBitsLogged(lsn);
    }

    // Memory tables.

    int tables() {
        return tables.size();
    }

    /** 0 is the newest, which is written. */
    HeldTable table(final int index) {
        return tables.get(index);
    }

    /**
     * Whether nothing became of a key behind an LSN and up to another, as far as the memory tables tell: they have to reach back to the first, else what
     * is in layers may say more, and the answer is no.
     */
    boolean isUnchanged(final long high, final long middle, final long low, final long afterLsn, final long upToLsn) {
        for (int i = 0; i < tables.size(); i++) {
            final MemoryTable table = tables.get(i).table();
            final long entry = table.newest(high, middle, low, upToLsn);
            if (entry != MemoryTable.NONE && table.lsn(entry) > afterLsn) {
                return false;
            }
            if (table.startLsn() <= afterLsn) {
                return true;
            }
        }
        return false;
    }

    void add(final HeldTable table) {
        tables.addFirst(table);
    }

    // Layers.

    LayerMap map() {
        return map;
    }

    /** The LSN of the newest image layer over a key that is not above an LSN; 0 when there is none. */
    long imageLsn(final long high, final long middle, final long low, final long lsn) {
        return map.imageLsn(map.range(high, middle, low), lsn);
    }

    /** Takes another list of layers, and lets go of the oldest memory tables, which are in them. Reads under way go on with what they saw. */
    void install(final List<LayerDescription> descriptions, final int tablesInLayers) {
        final List<OpenLayer> open = new ArrayList<>(descriptions.size());
        for (final LayerDescription description : descriptions) {
            final OpenLayer layer = layers.computeIfAbsent(description.name(), name -> opener.apply(description));
            layer.maps++;
            open.add(layer);
        }
        retired.add(map);
        map = new LayerMap(open);
        for (int i = 0; i < tablesInLayers; i++) {
            tables.removeLast().retire();
        }
        closeRetired();
    }

    private void closeRetired() {
        for (int left = retired.size(); left > 0; left--) {
            final LayerMap old = retired.poll();
            if (old.isPinned()) {
                retired.add(old);
                continue;
            }
            for (final OpenLayer layer : old.layers()) {
                if (--layer.maps == 0) {
                    layers.remove(layer.description().name());
                    indexes.retire(layer);
                    released.add(layer.description().name());
                }
            }
        }
    }

    /** Layers that no read goes through any more since this was asked. */
    List<LayerName> takeReleased() {
        closeRetired();
        if (released.isEmpty()) {
            return List.of();
        }
        final List<LayerName> taken = List.copyOf(released);
        released.clear();
        return taken;
    }

    void readBegins() {
        readsInFlight++;
    }

    void readEnds() {
        readsInFlight--;
    }

    int readsInFlight() {
        return readsInFlight;
    }

    /** No read may be under way. */
    void close() {
        install(List.of(), tables.size());
        takeReleased();
        input.close();
    }
}
