package dev.firn.nvmecache;

import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import java.util.Arrays;

/**
 * Makes the durable map follow the slots, in the one order that is never wrong:
 *
 * <ol>
 *   <li>a block's bytes are written, then synced, and only then does a page of the map that names it go out;
 *   <li>a slot that is given up is written again only after a page of the map without it was written durably.
 * </ol>
 *
 * <p>So at every instant, whatever a crash makes of what was in flight, the map names only slots whose bytes are those of the
 * block that it names; the units' checksums stand behind that against a device that lies or rots, not instead of it.
 *
 * <p>A page is written whole and with {@link Ring#DURABLE}; torn, each of its entries is the old, the new, or no entry by its
 * checksum, and each of the three is right. A page whose write failed may be either, so nothing is concluded, and it is
 * written again.
 *
 * <p>A failed sync, and a failed durable write means the same, may have dropped whatever of the file was not durable, and no
 * later sync would say so. All blocks that were written and not durable by then are taken out of the cache: no map names
 * them. For that to be known in time, syncs and pages take turns: a failure between them could be heard of after a sync that
 * it had made void.
 */
final class MapWriter {
    static final int PAGES_IN_FLIGHT = 32;

    /** Most blocks that are written and not synced: the rest of the inserts is dropped until a sync has ended. */
    static final int MAX_UNSYNCED = 16_384;

    private final Ring ring;
    private final RingFile file;
    private final BlockDirectory directory;
    private final SlotTable slots;
    private final DirtyPages dirty;
    private final IoBuffers buffers;
    private final DeviceHealth health;
    private final CacheCounters counters;
    private final long intervalNs;

    private int[] written;
    private int writtenCount;
    private int[] syncing;
    private int syncingCount;
    private long lastSyncNs;

    private final FreeNumbers freeBuffers = new FreeNumbers(PAGES_IN_FLIGHT);
    private final int[] pageOf = new int[PAGES_IN_FLIGHT];

    /** Which slots of the page the image names, a bit each. */
    private final long[] namedOf = new long[PAGES_IN_FLIGHT];

    /** How often unsynced bytes were lost: writes that began before the last time are not to be trusted. */
    private int losses;

    private int pagesToWrite;
    private long lastPagesNs;
    private boolean hurried;

    MapWriter(
            final Ring ring,
            final RingFile file,
            final BlockDirectory directory,
            final IoBuffers buffers,
            final DeviceHealth health,
            final CacheCounters counters,
            final long intervalNs,
            final long nowNs) {
        this.ring = ring;
        this.file = file;
        this.directory = directory;
        this.slots = directory.slots();
        this.dirty = directory.dirty();
        this.buffers = buffers;
        this.health = health;
        this.counters = counters;
        this.intervalNs = intervalNs;
        final int limit = Math.clamp(slots.count() / 4, 1, MAX_UNSYNCED);
        this.written = new int[limit];
        this.syncing = new int[limit];
        this.lastSyncNs = nowNs;
        this.lastPagesNs = nowNs;
        Arrays.fill(pageOf, SlotTable.NONE);
    }

    /** Whether so many more writes may end before the next sync. */
    boolean hasRoom(final int writesInFlight) {
        return writtenCount + writesInFlight < written.length;
    }

    /** From now on, or no longer, everything goes out at once. */
    void hurry(final boolean on) {
        hurried = on;
    }

    /** Whether the map is what the slots are. */
    boolean isIdle() {
        return writtenCount == 0 && syncingCount == 0 && dirty.size() == 0 && freeBuffers.used() == 0;
    }

    /** Changes when bytes that were not durable may have been lost. */
    int losses() {
        return losses;
    }

    /** A block's bytes have been written, and nothing was lost since that began. */
    void onWritten(final int slot) {
        slots.phase(slot, SlotTable.WRITTEN);
        written[writtenCount++] = slot;
    }

    /** Begins what is due; returns how much. */
    int work(final long nowNs) {
        if (syncingCount > 0) {
            return 0;
        }
        final boolean syncDue =
                writtenCount > 0 && (nowNs - lastSyncNs >= intervalNs || writtenCount * 2 >= written.length || hurried);
        if (syncDue) {
            if (freeBuffers.used() > 0) {
                return 0;
            }
            beginSync(nowNs);
            return 1;
        }
        if (pagesToWrite == 0 && dirty.size() > 0 && pagesDue(nowNs)) {
            pagesToWrite = dirty.size();
            lastPagesNs = nowNs;
        }
        int begun = 0;
        while (pagesToWrite > 0 && !freeBuffers.isEmpty()) {
            pagesToWrite = Math.min(pagesToWrite, dirty.size());
            if (pagesToWrite > 0) {
                pagesToWrite--;
                begun += beginPage(dirty.take());
            }
        }
        return begun;
    }

    private boolean pagesDue(final long nowNs) {
        return hurried || nowNs - lastPagesNs >= intervalNs || (freeBuffers.used() == 0 && directory.wantsMapWritten());
    }

    private void beginSync(final long nowNs) {
        final int[] swap = syncing;
        syncing = written;
        syncingCount = writtenCount;
        written = swap;
        writtenCount = 0;
        lastSyncNs = nowNs;
        Tokens.requireAccepted(ring.dataSync(file, Tokens.of(Tokens.SYNC, 0), 0));
    }

    void onSync(final Completion completion) {
        CacheCounters.add(counters.syncs, 1);
        final boolean durable = !completion.failed();
        if (!durable) {
            CacheCounters.add(counters.syncErrors, 1);
            health.failed(completion);
            loseUnsynced();
        } else {
            health.succeeded();
        }
        for (int i = 0; i < syncingCount; i++) {
            final int slot = syncing[i];
            if (!durable) {
                directory.abandon(slot);
            } else {
                slots.phase(slot, SlotTable.DURABLE);
                if (slots.is(slot, SlotTable.DOOMED)) {
                    directory.releaseIfUnused(slot);
                } else {
                    dirty.add(DirtyPages.pageOf(slot));
                }
            }
        }
        syncingCount = 0;
        pagesToWrite = dirty.size();
    }

    private void loseUnsynced() {
        losses++;
        for (int i = 0; i < writtenCount; i++) {
            directory.abandon(written[i]);
        }
        writtenCount = 0;
    }

    private int beginPage(final int page) {
        for (final int inFlight : pageOf) {
            if (inFlight == page) {
                dirty.add(page);
                return 0;
            }
        }
        final int buffer = freeBuffers.take();
        pageOf[buffer] = page;
        namedOf[buffer] = 0;
        final int first = page * CacheLayout.ENTRIES_PER_PAGE;
        final int end = Math.min(slots.count(), first + CacheLayout.ENTRIES_PER_PAGE);
        buffers.page(buffer).fill((byte) 0);
        for (int slot = first; slot < end; slot++) {
            if (slots.phase(slot) == SlotTable.DURABLE && !slots.is(slot, SlotTable.DOOMED)) {
                slots.copyEntry(slot, buffers.page(buffer), (long) (slot - first) * SlotTable.ENTRY_BYTES);
                namedOf[buffer] |= 1L << (slot - first);
                directory.onMapWriting(slot);
            }
        }
        writePage(buffer);
        return 1;
    }

    private void writePage(final int buffer) {
        final long offset = CacheLayout.MAP_OFFSET + (long) pageOf[buffer] * CacheLayout.MAP_PAGE_BYTES;
        Tokens.requireAccepted(
                ring.write(file, offset, buffers.page(buffer), Tokens.of(Tokens.PAGE, buffer), Ring.DURABLE));
    }

    void onPage(final int buffer, final Completion completion) {
        final int page = pageOf[buffer];
        pageOf[buffer] = SlotTable.NONE;
        freeBuffers.give(buffer);
        // A short write is as good as a failed one: its beginning may be durable, the rest is not.
        if (completion.result() != CacheLayout.MAP_PAGE_BYTES) {
            dirty.add(page);
            if (completion.failed()) {
                CacheCounters.add(counters.writeErrors, 1);
                health.failed(completion);
                loseUnsynced();
            }
            return;
        }
        health.succeeded();
        CacheCounters.add(counters.mapBytesWritten, CacheLayout.MAP_PAGE_BYTES);
        final int first = page * CacheLayout.ENTRIES_PER_PAGE;
        final int end = Math.min(slots.count(), first + CacheLayout.ENTRIES_PER_PAGE);
        for (int slot = first; slot < end; slot++) {
            directory.onMapWritten(slot, ((namedOf[buffer] >>> (slot - first)) & 1) != 0);
        }
    }
}
