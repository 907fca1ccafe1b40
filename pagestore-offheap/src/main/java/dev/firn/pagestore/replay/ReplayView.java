package dev.firn.pagestore.replay;

import dev.firn.pagestore.cluster.ClusterCounters;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a replay came to, piece by piece: what others who follow the same log are held against. The replay's thread uses it. */
public final class ReplayView {
    private final ReplayState state;

    ReplayView(final ReplayState state) {
        this.state = state;
    }

    /** Hears of forks; {@code blocks} is unsigned. */
    @FunctionalInterface
    public interface ForkHandler {
        void onFork(int tablespace, int database, int relfilenode, int fork, int blocks);
    }

    /** Hears of segments of SLRUs, and how many pages they have. */
    @FunctionalInterface
    public interface SegmentHandler {
        void onSegment(Slru slru, int segment, int pages);
    }

    /** All forks that there are, whether the log has touched them or not. */
    public void forks(final ForkHandler handler) {
        state.seeAllForks();
        final RelationSizes sizes = state.sizes();
        final int end = sizes.endOfOwners();
        for (int owner = RelationSizes.FIRST_OWNER; owner < end; owner++) {
            if (sizes.exists(owner)) {
                final long space = sizes.space(owner);
                final long relation = sizes.relation(owner);
                handler.onFork(
                        BlockKey.tablespace(space),
                        BlockKey.database(space),
                        BlockKey.relfilenode(relation),
                        BlockKey.fork(relation),
                        sizes.blocks(owner));
            }
        }
    }

    /** How many blocks a fork has; -1 when it is not there. */
    public long blocks(final int tablespace, final int database, final int relfilenode, final int fork) {
        final RelationSizes sizes = state.sizes();
        final int owner = sizes.owner(BlockKey.space(tablespace, database), BlockKey.relation(relfilenode, fork));
        return sizes.exists(owner) ? Integer.toUnsignedLong(sizes.blocks(owner)) : -1;
    }

    /**
     * Copies a page of a fork that is there.
     *
     * @param into a page.
     */
    public void page(
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork,
            final int block,
            final MemorySegment into) {
        final int owner =
                state.sizes().owner(BlockKey.space(tablespace, database), BlockKey.relation(relfilenode, fork));
        copy(owner, block, into);
    }

    /** All segments of all SLRUs that are kept. */
    public void segments(final SegmentHandler handler) {
        for (final Slru slru : Slru.values()) {
            if (slru != Slru.SUBTRANS) {
                state.slrus().segments(slru).forEach((segment, pages) -> handler.onSegment(slru, segment, pages));
            }
        }
    }

    /** Copies a page of an SLRU; zeroes when it isn't there. */
    public void page(final Slru slru, final int page, final MemorySegment into) {
        copy(slru.ordinal(), page, into);
    }

    private void copy(final int owner, final int block, final MemorySegment into) {
        final int frame = state.table().acquire(owner, block, true);
        MemorySegment.copy(state.table().page(frame), 0, into, 0, PageLayout.PAGE_BYTES);
    }

    /** The databases' directories that there are, as packed spaces, whether or not they have anything in them. */
    public Set<Long> directories() {
        return state.databases().spaces();
    }

    /** Whether a directory has a PG_VERSION. */
    public boolean hasVersion(final long space) {
        return state.databases().hasVersion(space);
    }

    /** A directory's relation map, or null. */
    public byte[] relationMap(final long space) {
        return state.databases().relationMap(space);
    }

    /** The files of prepared transactions by their names. */
    public Map<String, byte[]> prepared() {
        final Map<String, byte[]> found = new TreeMap<>();
        state.prepared().all().values().forEach(one -> found.put(one.fileName(), one.content()));
        return found;
    }

    /** The file with replication origins' progress. */
    public byte[] origins() {
        return state.origins().toBytes();
    }

    public ClusterCounters counters() {
        return state.progress().counters();
    }

    /** The control file; borrowed. */
    public ControlFile control() {
        return state.progress().control();
    }
}
