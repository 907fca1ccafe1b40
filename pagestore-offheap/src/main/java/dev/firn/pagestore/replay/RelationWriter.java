package dev.firn.pagestore.replay;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageChecksum;
import dev.firn.postgres.page.PageLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes files of pages, relations and SLRUs: first what the base's file has of them, then the pages that changed, in runs. What is neither is a hole in the file,
 * which reads as zeroes.
 */
final class RelationWriter implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("replay-write");

    /** How many pages are written at once: 1 MiB. */
    private static final int RUN_PAGES = 128;

    private final ReplayState state;
    private final TargetDirectory target;
    private final OffHeapMemory memory;
    private final MemorySegment run;
    private final MemorySegment[] runPages = new MemorySegment[RUN_PAGES];
    private final ByteBuffer runBytes;
    private final boolean checksums;
    private final long[] changed;

    RelationWriter(final ReplayState state, final TargetDirectory target, final OffHeapMemory memory) {
        this.state = state;
        this.target = target;
        this.memory = memory;
        this.run = memory.allocate((long) RUN_PAGES * PageLayout.PAGE_BYTES, TAG);
        this.runBytes = run.asByteBuffer();
        for (int i = 0; i < RUN_PAGES; i++) {
            runPages[i] = run.asSlice((long) i * PageLayout.PAGE_BYTES, PageLayout.PAGE_BYTES);
        }
        this.checksums = state.progress().control().dataChecksumVersion() != 0;
        this.changed = state.table().changedKeys();
    }

    @Override
    public void close() {
        memory.free(run);
    }

    /** Writes a fork under its own name. */
    void write(final int owner) {
        writeAs(owner, BlockKey.fork(state.sizes().relation(owner)));
    }

    /** Writes a fork under the name of another of the same relation. */
    void writeAs(final int owner, final int fork) {
        final RelationSizes sizes = state.sizes();
        final long space = sizes.space(owner);
        final long relation = sizes.relation(owner);
        final RelFileLocator locator = new RelFileLocator(
                BlockKey.tablespace(space), BlockKey.database(space), BlockKey.relfilenode(relation));
        final long blocks = Integer.toUnsignedLong(sizes.blocks(owner));
        final long baseBlocks = Integer.toUnsignedLong(sizes.baseBlocks(owner));
        long first = 0;
        int segment = 0;
        do {
            final long here = Math.min(blocks - first, RelationPath.SEGMENT_BLOCKS);
            final long fromBase = Math.clamp(baseBlocks - first, 0, here);
            final String name = RelationPath.of(state.base().version(), locator, Fork.of(fork), segment);
            final Path source = fromBase == 0 ? null : state.base().path(sizes.originSpace(owner), relation, segment);
            writeFile(name, owner, (int) first, (int) here, source, (int) fromBase, checksums);
            first += RelationPath.SEGMENT_BLOCKS;
            segment++;
        } while (first < blocks);
    }

    /** Writes a segment of an SLRU; its pages have no checksum. */
    void write(final Slru slru, final int segment, final int pages, final int basePages) {
        final String name = slru.path(segment);
        final Path source = basePages == 0 ? null : state.base().root().resolve(name);
        writeFile(name, slru.ordinal(), segment * Slru.PAGES_PER_SEGMENT, pages, source, basePages, false);
    }

    private void writeFile(
            final String name,
            final int owner,
            final int firstBlock,
            final int blocks,
            final Path source,
            final int sourceBlocks,
            final boolean withChecksums) {
        try (FileChannel file = target.file(name)) {
            if (sourceBlocks > 0) {
                target.append(source, file, (long) sourceBlocks * PageLayout.PAGE_BYTES);
            }
            final long length = (long) blocks * PageLayout.PAGE_BYTES;
            if (sourceBlocks < blocks) {
                file.write(ByteBuffer.allocate(1), length - 1);
            }
            writeChanged(file, owner, firstBlock, blocks, withChecksums);
        } catch (final IOException e) {
            throw new ReplayException("cannot write " + target.root().resolve(name) + ": " + e.getMessage(), e);
        }
    }

    private void writeChanged(
            final FileChannel file,
            final int owner,
            final int firstBlock,
            final int blocks,
            final boolean withChecksums)
            throws IOException {
        final long firstKey = PageTable.key(owner, firstBlock);
        final int found = Arrays.binarySearch(changed, firstKey);
        int next = found < 0 ? -found - 1 : found;
        while (next < changed.length && changed[next] - firstKey < blocks) {
            final long runKey = changed[next];
            int count = 0;
            while (next < changed.length
                    && count < RUN_PAGES
                    && changed[next] == runKey + count
                    && changed[next] - firstKey < blocks) {
                final int block = PageTable.block(changed[next]);
                state.table().copyChanged(owner, block, runPages[count]);
                if (withChecksums) {
                    PageChecksum.store(runPages[count], 0, block);
                }
                count++;
                next++;
            }
            writeRun(file, (runKey - firstKey) * PageLayout.PAGE_BYTES, count);
        }
    }

    private void writeRun(final FileChannel file, final long offset, final int pages) throws IOException {
        runBytes.clear().limit(pages * PageLayout.PAGE_BYTES);
        while (runBytes.hasRemaining()) {
            file.write(runBytes, offset + runBytes.position());
        }
    }
}
