package dev.firn.pagestore.replay;

import dev.firn.postgres.page.PageLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Pages that were changed and don't fit in memory: one file of page-sized slots. The file has no name once it is open, so that it goes with the
 * process whatever happens; it is made when the first page comes. Nothing in it is durable, or has to be.
 */
final class SpillFile implements AutoCloseable {
    private final Path directory;
    private final ByteBuffer view;
    private final MemorySegment scratch;
    private final PageMap slots = new PageMap(64);
    private int[] freeSlots = new int[64];
    private int freeCount;
    private int usedSlots;
    private FileChannel channel;

    /**
     * A file that is made on first use.
     *
     * @param directory where.
     * @param scratch a page's size, borrowed until close.
     */
    SpillFile(final Path directory, final MemorySegment scratch) {
        this.directory = directory;
        this.scratch = scratch;
        this.view = scratch.asByteBuffer();
    }

    @Override
    public void close() {
        if (channel != null) {
            try {
                channel.close();
            } catch (final IOException e) {
                throw new ReplayException("cannot close the spill file in " + directory + ": " + e.getMessage(), e);
            }
        }
    }

    /** How many pages are here. */
    int count() {
        return slots.count();
    }

    boolean has(final long key) {
        return slots.get(key) != PageMap.ABSENT;
    }

    /** The keys of all pages here, in no order. */
    long[] keys() {
        return slots.keys();
    }

    /** Writes a page that is not here yet. */
    void write(final long key, final MemorySegment page) {
        final int slot = freeCount > 0 ? freeSlots[--freeCount] : usedSlots++;
        MemorySegment.copy(page, 0, scratch, 0, PageLayout.PAGE_BYTES);
        view.clear();
        final long at = (long) slot * PageLayout.PAGE_BYTES;
        try {
            final FileChannel file = opened();
            while (view.hasRemaining()) {
                file.write(view, at + view.position());
            }
        } catch (final IOException e) {
            throw new ReplayException(
                    "cannot write a page of " + PageLayout.PAGE_BYTES + " bytes at " + at + " of the spill file in "
                            + directory + ": " + e.getMessage() + "; give more memory, or a folder with more room",
                    e);
        }
        slots.put(key, slot);
    }

    /** Reads a page that is here; it stays. */
    void read(final long key, final MemorySegment page) {
        final long at = (long) slots.get(key) * PageLayout.PAGE_BYTES;
        view.clear();
        try {
            while (view.hasRemaining()) {
                if (channel.read(view, at + view.position()) < 0) {
                    throw new IOException("the file ends at " + channel.size());
                }
            }
        } catch (final IOException e) {
            throw new ReplayException(
                    "cannot read the page at " + at + " of the spill file in " + directory + ": " + e.getMessage(), e);
        }
        MemorySegment.copy(scratch, 0, page, 0, PageLayout.PAGE_BYTES);
    }

    /** Forgets a page, if it is here. */
    void remove(final long key) {
        final int slot = slots.remove(key);
        if (slot == PageMap.ABSENT) {
            return;
        }
        if (freeCount == freeSlots.length) {
            freeSlots = Arrays.copyOf(freeSlots, freeCount * 2);
        }
        freeSlots[freeCount++] = slot;
    }

    private FileChannel opened() throws IOException {
        if (channel == null) {
            final Path file = Files.createTempFile(directory, "firn-replay-", ".pages");
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Files.delete(file);
        }
        return channel;
    }
}
