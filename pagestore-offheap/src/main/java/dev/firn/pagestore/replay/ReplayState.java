package dev.firn.pagestore.replay;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.cluster.ClusterProgress;
import dev.firn.pagestore.cluster.InvalidPages;
import dev.firn.pagestore.cluster.ReplicationOrigins;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageChecksum;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.page.PageVerdict;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;

/** Everything that a replay changes: the cluster as the records so far leave it. */
final class ReplayState implements PageSource, AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("replay-copy");

    private final BaseDirectory base;
    private final OffHeapMemory memory;
    private final MemorySegment copy;
    private final RelationSizes sizes;
    private final SlruPages slrus;
    private final PageTable table;
    private final InvalidPages invalidPages = new InvalidPages();
    private final DatabaseFiles databases;
    private final PreparedTransactions prepared;
    private final ReplicationOrigins origins;
    private final ClusterProgress progress;
    private final PageFlyweight page = new PageFlyweight();

    /**
     * The base's state.
     *
     * @param memory for everything but the frames.
     * @param frameMemory for the frames.
     */
    ReplayState(
            final BaseDirectory base,
            final OffHeapMemory memory,
            final OffHeapMemory frameMemory,
            final int frames,
            final Path spillDirectory) {
        this.base = base;
        this.memory = memory;
        this.progress = progressOf(base, memory);
        this.copy = memory.allocate(PageLayout.PAGE_BYTES, TAG);
        this.sizes = new RelationSizes(base);
        this.slrus = new SlruPages(base);
        this.databases = new DatabaseFiles(base);
        this.prepared = new PreparedTransactions(base);
        this.origins = originsOf(base);
        this.table = new PageTable(frameMemory, frames, spillDirectory, this);
        this.slrus.table(table);
    }

    private static ClusterProgress progressOf(final BaseDirectory base, final OffHeapMemory memory) {
        final ClusterProgress progress = new ClusterProgress(memory);
        try {
            progress.begin(base.bytes(ControlFile.PATH));
            return progress;
        } catch (final MalformedDataException e) {
            progress.close();
            throw new ReplayException(
                    base.root() + ": " + e.getMessage()
                            + ": the base is a data directory of Postgres, or a copy of one",
                    e);
        }
    }

    private static ReplicationOrigins originsOf(final BaseDirectory base) {
        final ReplicationOrigins found = new ReplicationOrigins();
        final byte[] file = base.bytes(ReplicationOrigins.PATH);
        if (file != null) {
            try {
                found.read(file);
            } catch (final MalformedDataException e) {
                throw new ReplayException(base.root() + ": " + e.getMessage(), e);
            }
        }
        return found;
    }

    @Override
    public void close() {
        table.close();
        memory.free(copy);
        progress.close();
    }

    BaseDirectory base() {
        return base;
    }

    RelationSizes sizes() {
        return sizes;
    }

    SlruPages slrus() {
        return slrus;
    }

    PageTable table() {
        return table;
    }

    InvalidPages invalidPages() {
        return invalidPages;
    }

    DatabaseFiles databases() {
        return databases;
    }

    PreparedTransactions prepared() {
        return prepared;
    }

    ReplicationOrigins origins() {
        return origins;
    }

    ClusterProgress progress() {
        return progress;
    }

    /**
     * A page of the base, judged as Postgres does when it reads one. A map's damaged page counts as never written (RBM_ZERO_ON_ERROR): it can be
     * made again from the table; any other ends the replay.
     */
    @Override
    public void read(final int owner, final int block, final MemorySegment target) {
        if (owner < RelationSizes.FIRST_OWNER) {
            slrus.read(Slru.of(owner), block, target);
            return;
        }
        if (Integer.compareUnsigned(block, sizes.baseBlocks(owner)) >= 0) {
            target.fill((byte) 0);
            return;
        }
        final long relation = sizes.relation(owner);
        base.read(owner, sizes.originSpace(owner), relation, block, target);
        final boolean checksums = progress.control().dataChecksumVersion() != 0;
        final PageVerdict verdict = PageChecksum.verify(page.wrap(target, 0), block, checksums);
        if (verdict.isAcceptable()) {
            return;
        }
        final int fork = BlockKey.fork(relation);
        if (fork == Fork.VISIBILITY_MAP.number() || fork == Fork.FREE_SPACE_MAP.number()) {
            target.fill((byte) 0);
            return;
        }
        throw new ReplayException(BlockKey.describe(sizes.space(owner), relation, block) + " of the base is damaged ("
                + verdict + "): the log changes it, and has no image of it");
    }

    /** Makes all forks known that the base has and that were not asked for yet. */
    void seeAllForks() {
        for (final long space : databases.spaces()) {
            if (!sizes.isHidden(space)) {
                base.forks(space).forEach(relation -> sizes.owner(space, relation));
            }
        }
    }

    /** A database's directory goes, with all that is in it. */
    void dropSpace(final long space) {
        final int end = sizes.endOfOwners();
        for (int owner = RelationSizes.FIRST_OWNER; owner < end; owner++) {
            if (sizes.space(owner) == space && sizes.exists(owner)) {
                dropFork(owner);
            }
        }
        sizes.hide(space);
        databases.drop(space);
    }

    /** A fork goes. */
    void dropFork(final int owner) {
        if (sizes.exists(owner)) {
            table.discard(owner, 0, sizes.blocks(owner));
            sizes.drop(owner);
        }
    }

    /** A database's directory becomes a copy of another one as it is now. */
    void copySpace(final long target, final long source) {
        dropSpace(target);
        if (!sizes.isHidden(source)) {
            base.forks(source).forEach(relation -> sizes.owner(source, relation));
        }
        final long[] changed = table.changedKeys();
        final int end = sizes.endOfOwners();
        for (int owner = RelationSizes.FIRST_OWNER; owner < end; owner++) {
            if (sizes.space(owner) == source && sizes.exists(owner)) {
                final int copied = sizes.owner(target, sizes.relation(owner));
                sizes.copyFrom(copied, owner);
                copyPages(owner, copied, changed);
            }
        }
        databases.copy(target, source);
    }

    private void copyPages(final int source, final int target, final long[] changed) {
        final int found = Arrays.binarySearch(changed, PageTable.key(source, 0));
        for (int i = found < 0 ? -found - 1 : found; i < changed.length; i++) {
            if (PageTable.owner(changed[i]) != source) {
                return;
            }
            final int block = PageTable.block(changed[i]);
            table.copyChanged(source, block, copy);
            final int frame = table.acquire(target, block, false);
            MemorySegment.copy(copy, 0, table.page(frame), 0, PageLayout.PAGE_BYTES);
            table.changed(frame);
        }
    }
}
