package dev.firn.pagestore.replay;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The pages that replay works on: frames of off-heap memory, an index from page to frame, and a {@link SpillFile} for changed pages that lost their
 * frame.
 *
 * <p>A page is named by its owner (a number that {@link RelationSizes} gives each fork, and {@link SlruPages} each SLRU) and its block: one
 * long, so that looking one up compares one long. An owner's number is never given again: when a relation is dropped and another takes its
 * name, no page of the old one can be taken for the new one's.
 *
 * <p>When frames run out, a clock hand goes round: a frame that was used since it passed stays; else a clean page is forgotten, and a changed one
 * goes to the spill file. A frame is good until the next {@link #acquire}.
 */
final class PageTable implements AutoCloseable {
    /** Fewer make no sense; so few are for tests. */
    static final int MIN_FRAMES = 2;

    private static final MemoryTag FRAMES = MemoryTag.of("replay-frames");
    private static final MemoryTag SCRATCH = MemoryTag.of("replay-spill");

    /** The index grows with the pages: one that is as large as all frames might ever need would lie outside the caches from the beginning. */
    private static final int FIRST_INDEX_ENTRIES = 1024;

    private static final byte DIRTY = 1;
    private static final byte REFERENCED = 2;
    private static final byte USED = 4;

    private final OffHeapMemory memory;
    private final PageSource source;
    private final MemorySegment frames;
    private final MemorySegment scratch;
    private final SpillFile spill;
    private final PageMap index;

    /** Made when a frame is first used. */
    private final MemorySegment[] pages;

    private final long[] keys;
    private final byte[] flags;
    private final int[] free;
    private int freeCount;
    private int everUsed;
    private int hand;

    /**
     * An empty table.
     *
     * @param memory where the frames are.
     * @param frameCount how many.
     * @param spillDirectory where the spill file goes.
     */
    PageTable(final OffHeapMemory memory, final int frameCount, final Path spillDirectory, final PageSource source) {
        if (frameCount < MIN_FRAMES) {
            throw new IllegalArgumentException(frameCount + " frames are fewer than " + MIN_FRAMES);
        }
        this.memory = memory;
        this.source = source;
        this.frames = memory.allocate((long) frameCount * PageLayout.PAGE_BYTES, FRAMES);
        this.scratch = memory.allocate(PageLayout.PAGE_BYTES, SCRATCH);
        this.spill = new SpillFile(spillDirectory, scratch);
        this.index = new PageMap(Math.min(frameCount, FIRST_INDEX_ENTRIES));
        this.pages = new MemorySegment[frameCount];
        this.keys = new long[frameCount];
        this.flags = new byte[frameCount];
        this.free = new int[frameCount];
    }

    @Override
    public void close() {
        spill.close();
        memory.free(scratch);
        memory.free(frames);
    }

    static long key(final int owner, final int block) {
        return (long) owner << Integer.SIZE | Integer.toUnsignedLong(block);
    }

    static int owner(final long key) {
        return (int) (key >>> Integer.SIZE);
    }

    static int block(final long key) {
        return (int) key;
    }

    /**
     * The frame that has a page.
     *
     * @param wantsContent whether the page's content matters; without, it is zeroes when the page was in no frame.
     */
    int acquire(final int owner, final int block, final boolean wantsContent) {
        final long key = key(owner, block);
        final int frame = index.get(key);
        if (frame >= 0) {
            flags[frame] |= REFERENCED;
            return frame;
        }
        return load(key, wantsContent);
    }

    /** A frame's page: a segment of its own, the same each time. */
    MemorySegment page(final int frame) {
        return pages[frame];
    }

    /** Says that a frame's page has been changed. */
    void changed(final int frame) {
        flags[frame] |= DIRTY;
    }

    /** Whether a page was changed, and is not only what its source says. */
    boolean isChanged(final int owner, final int block) {
        final long key = key(owner, block);
        final int frame = index.get(key);
        return frame >= 0 ? (flags[frame] & DIRTY) != 0 : spill.has(key);
    }

    /** Copies a page that {@link #isChanged}, without giving it a frame. */
    void copyChanged(final int owner, final int block, final MemorySegment target) {
        final long key = key(owner, block);
        final int frame = index.get(key);
        if (frame >= 0) {
            MemorySegment.copy(pages[frame], 0, target, 0, PageLayout.PAGE_BYTES);
        } else {
            spill.read(key, target);
        }
    }

    /** Forgets a range of an owner's pages. Blocks are unsigned. */
    void discard(final int owner, final int fromBlock, final int endBlock) {
        final long from = Integer.toUnsignedLong(fromBlock);
        final long end = Integer.toUnsignedLong(endBlock);
        if (end - from > (long) index.count() + spill.count()) {
            for (final long key : changedAndCleanKeys()) {
                final long block = Integer.toUnsignedLong(block(key));
                if (owner(key) == owner && block >= from && block < end) {
                    discard(key);
                }
            }
            return;
        }
        for (long block = from; block < end; block++) {
            discard(key(owner, (int) block));
        }
    }

    /** The keys of all changed pages, by owner and block. */
    long[] changedKeys() {
        final long[] spilled = spill.keys();
        final long[] found = Arrays.copyOf(spilled, spilled.length + index.count());
        int count = spilled.length;
        for (int frame = 0; frame < everUsed; frame++) {
            if ((flags[frame] & (USED | DIRTY)) == (USED | DIRTY)) {
                found[count++] = keys[frame];
            }
        }
        Arrays.sort(found, 0, count);
        return Arrays.copyOf(found, count);
    }

    /** How many pages wait in the spill file. */
    int spilledCount() {
        return spill.count();
    }

    private long[] changedAndCleanKeys() {
        final long[] inFrames = index.keys();
        final long[] spilled = spill.keys();
        final long[] all = Arrays.copyOf(inFrames, inFrames.length + spilled.length);
        System.arraycopy(spilled, 0, all, inFrames.length, spilled.length);
        return all;
    }

    private void discard(final long key) {
        final int frame = index.remove(key);
        if (frame >= 0) {
            release(frame);
        } else if (spill.count() > 0) {
            spill.remove(key);
        }
    }

    private int load(final long key, final boolean wantsContent) {
        final int frame = takeFrame();
        final MemorySegment page = pages[frame];
        byte state = USED | REFERENCED;
        try {
            if (spill.has(key)) {
                spill.read(key, page);
                spill.remove(key);
                state |= DIRTY;
            } else if (wantsContent) {
                source.read(owner(key), block(key), page);
            } else {
                page.fill((byte) 0);
            }
        } catch (final RuntimeException e) {
            release(frame);
            throw e;
        }
        keys[frame] = key;
        flags[frame] = state;
        index.put(key, frame);
        return frame;
    }

    private void release(final int frame) {
        flags[frame] = 0;
        free[freeCount++] = frame;
    }

    private int takeFrame() {
        if (freeCount > 0) {
            return free[--freeCount];
        }
        if (everUsed < pages.length) {
            final int frame = everUsed++;
            pages[frame] = frames.asSlice((long) frame * PageLayout.PAGE_BYTES, PageLayout.PAGE_BYTES);
            return frame;
        }
        return evict();
    }

    /** Ends after two rounds at most: the first one clears what keeps frames. */
    private int evict() {
        while ((flags[hand] & REFERENCED) != 0) {
            flags[hand] &= ~REFERENCED;
            hand = hand + 1 == pages.length ? 0 : hand + 1;
        }
        final int frame = hand;
        hand = hand + 1 == pages.length ? 0 : hand + 1;
        if ((flags[frame] & DIRTY) != 0) {
            spill.write(keys[frame], pages[frame]);
        }
        index.remove(keys[frame]);
        flags[frame] = 0;
        return frame;
    }
}
