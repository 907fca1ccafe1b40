package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.layer.MalformedLayerException;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.rebuild.DamagedStoreException;
import dev.firn.pagestore.rebuild.Gathered;
import dev.firn.pagestore.service.ReadHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * The reads of a shard, each of one key at one LSN: gathers the key's entries from the newest back to one that stands alone, then makes the page.
 *
 * <p>The way of a read through one timeline: the page cache, as deep as it knows; memory tables; the layers that the map names, newest first; then,
 * unless a floor ends it, the parent at the branch LSN, or the base backup. Each step that needs bytes which are not in memory leaves the read
 * waiting, and others go on.
 *
 * <p>Belongs to the shard's thread. A read whose entries are in memory makes no object.
 */
final class KeyReads implements LayerReads.Owner, BasePages.Handler {
    private static final MemoryTag TAG = MemoryTag.of("page-reads");

    private final OffHeapMemory memory;
    private final LayerReads layers;
    private final PageCache cache;
    private final int maxDeltas;
    private final ReadCounters counters;
    private final MemorySegment pages;
    private final KeyRead[] reads;

    /** Who was used last is next: what it holds is still in the processor's caches. */
    private final ArrayDeque<KeyRead> free;

    private final ArrayDeque<KeyRead> answered;
    private final ArrayDeque<KeyRead> held;

    KeyReads(
            final ShardConfig config,
            final OffHeapMemory memory,
            final ObjectReads objects,
            final PageCache cache,
            final ReadCounters counters) {
        this.memory = memory;
        this.cache = cache;
        this.maxDeltas = config.maxDeltas();
        this.counters = counters;
        this.reads = new KeyRead[config.reads()];
        this.layers = new LayerReads(config, memory, objects, counters, reads, this);
        this.free = new ArrayDeque<>(reads.length + 1);
        this.answered = new ArrayDeque<>(reads.length + 1);
        this.held = new ArrayDeque<>(reads.length + 1);
        this.pages = memory.allocate((long) reads.length * PageLayout.PAGE_BYTES, TAG);
        for (int i = 0; i < reads.length; i++) {
            reads[i] = new KeyRead(i, memory, pages.asSlice((long) i * PageLayout.PAGE_BYTES, PageLayout.PAGE_BYTES));
            free.addLast(reads[i]);
        }
    }

    LayerIndexes indexes() {
        return layers.indexes();
    }

    ReadCounters counters() {
        return counters;
    }

    /** How many more may be begun. */
    int room() {
        return free.size();
    }

    /** Begins a read, and takes it as far as it goes without waiting. Null when as many as are allowed are on their way. */
    KeyRead begin(
            final Timeline timeline,
            final long high,
            final long middle,
            final long low,
            final long lsn,
            final long token,
            final InternalRead internal) {
        final KeyRead read = free.pollLast();
        if (read == null) {
            return null;
        }
        read.token = token;
        read.internal = internal;
        read.abandoned = false;
        read.asked = timeline;
        read.askedHigh = high;
        read.askedMiddle = middle;
        read.askedLow = low;
        read.askedLsn = lsn;
        read.version = 0;
        read.refusal = null;
        read.sentence = null;
        read.pageKnown = false;
        timeline.readBegins();
        enter(read, timeline, high, middle, low, lsn);
        read.firstTimeline = true;
        go(read);
        return read;
    }

    /** The outcome is told to nobody; what is on its way ends by itself. */
    void abandon(final KeyRead read) {
        read.abandoned = true;
    }

    /** Tells outcomes, of up to {@code limit} reads. */
    int poll(final ReadHandler handler, final ReadsOver over, final int limit) {
        int done = 0;
        while (done < limit && !answered.isEmpty()) {
            final KeyRead read = answered.peek();
            if (!read.abandoned && !tell(read, handler)) {
                break;
            }
            answered.poll();
            over.onOver(read);
            release(read);
            done++;
        }
        return done;
    }

    /** Hears that a read's token is free again. */
    interface ReadsOver {
        void onOver(KeyRead read);
    }

    private static boolean tell(final KeyRead read, final ReadHandler handler) {
        return read.refusal == null
                ? handler.onRead(read.token, read.result, read.resultOffset, read.resultLength)
                : handler.onRefused(read.token, read.refusal, read.sentence);
    }

    /** Moves I/O on. */
    int work(final int limit) {
        for (int left = held.size(); left > 0; left--) {
            final KeyRead read = held.poll();
            read.state = read.map == null ? KeyRead.State.BOTTOM : KeyRead.State.LAYERS;
            go(read);
        }
        return layers.poll(limit);
    }

    private void enter(
            final KeyRead read,
            final Timeline timeline,
            final long high,
            final long middle,
            final long low,
            final long lsn) {
        layers.leave(read);
        read.firstTimeline = false;
        read.timeline = timeline;
        read.high = high;
        read.middle = middle;
        read.low = low;
        read.lsn = lsn;
        read.state = KeyRead.State.MEMORY;
    }

    /** Takes a read on until it waits or is answered. */
    private void go(final KeyRead read) {
        try {
            while (true) {
                switch (read.state) {
                    case MEMORY -> memory(read);
                    case LAYERS -> layers.go(read);
                    case HELD -> {
                        held.add(read);
                        return;
                    }
                    case AWAITS_LAYERS, AWAITS_BASE, ANSWERED, DRAINING, FREE -> {
                        return;
                    }
                    case BOTTOM -> bottom(read);
                    case COMPLETE -> complete(read);
                }
            }
        } catch (final DamagedStoreException | MalformedLayerException e) {
            refuse(read, ReadRefusal.DAMAGED, e.getMessage());
        } catch (final LayerFailure e) {
            refuse(read, e.refusal(), e.getMessage());
        }
    }

    @Override
    public void onLayers(final KeyRead read) {
        go(read);
    }

    @Override
    public void onDrained(final KeyRead read) {
        if (read.state == KeyRead.State.DRAINING) {
            free(read);
        }
    }

    // Memory: the page cache, then the memory tables.

    /** The page of a key as the cache has it, if that is known to be so at the LSN; else null. Good until anything is read. */
    MemorySegment pageInMemory(
            final Timeline timeline, final long high, final long middle, final long low, final long lsn) {
        final int frame = cache.find(timeline.number(), high, middle, low);
        if (frame == PageCache.ABSENT
                || cache.version(frame) > lsn
                || !isCurrent(frame, timeline, high, middle, low, lsn)) {
            return null;
        }
        counters.pageInMemory();
        return cache.page(frame);
    }

    /** Whether a frame has the page of an LSN that is not before its version, as far as memory tells; if so the cache knows it from then on. */
    private boolean isCurrent(
            final int frame,
            final Timeline timeline,
            final long high,
            final long middle,
            final long low,
            final long lsn) {
        final long known = cache.known(frame);
        if (known >= lsn) {
            return true;
        }
        if (timeline.floorLsn(high, middle, low, lsn) > known || !timeline.isUnchanged(high, middle, low, known, lsn)) {
            return false;
        }
        cache.known(frame, lsn);
        return true;
    }

    private void memory(final KeyRead read) {
        final Timeline timeline = read.timeline;
        read.floorLsn = isPage(read.high) ? timeline.floorLsn(read.high, read.middle, read.low, read.lsn) : 0;
        read.lowerLsn = read.floorLsn;
        if (read.firstTimeline) {
            read.version = read.floorLsn;
        }
        if (isPage(read.high) && fromCache(read)) {
            return;
        }
        read.map = timeline.map();
        read.map.pin();
        for (int i = 0; i < timeline.tables(); i++) {
            if (inTable(read, timeline.table(i))) {
                read.state = KeyRead.State.COMPLETE;
                return;
            }
        }
        LayerReads.enter(read, read.map);
        read.state = KeyRead.State.LAYERS;
    }

    /** Takes what the cache knows; true when nothing else is needed. */
    private boolean fromCache(final KeyRead read) {
        final int frame = cache.find(read.timeline.number(), read.high, read.middle, read.low);
        if (frame == PageCache.ABSENT || cache.version(frame) > read.lsn || cache.known(frame) < read.floorLsn) {
            counters.cacheMisses++;
            return false;
        }
        final boolean isCurrent = isCurrent(frame, read.timeline, read.high, read.middle, read.low, read.lsn);
        if (isCurrent && read.firstTimeline && read.internal == null) {
            // Nothing is to be applied to it: the frame is the answer.
            counters.cacheHits++;
            read.result = cache.pin(frame);
            read.frame = frame;
            read.state = KeyRead.State.COMPLETE;
            return true;
        }
        cache.copyTo(frame, read.page);
        read.pageKnown = true;
        if (read.firstTimeline) {
            read.version = cache.version(frame);
        }
        if (isCurrent) {
            counters.cacheHits++;
            read.state = KeyRead.State.COMPLETE;
            return true;
        }
        counters.cacheBases++;
        read.lowerLsn = cache.known(frame);
        return false;
    }

    /** Gathers a memory table's entries; true when nothing older is needed. */
    private boolean inTable(final KeyRead read, final HeldTable held) {
        final MemoryTable table = held.table();
        boolean pinned = false;
        long entry = table.newest(read.high, read.middle, read.low, read.lsn);
        while (entry != 0) {
            final long lsn = table.lsn(entry);
            if (lsn <= read.lowerLsn) {
                break;
            }
            if (!pinned) {
                held.pin();
                read.pinnedTables.add(held);
                pinned = true;
            }
            read.noteVersion(lsn);
            final int kindByte = table.kindByte(entry);
            read.gathered.add(
                    lsn,
                    table.recordAtLsn(entry),
                    kindByte,
                    table.touch(entry),
                    table.payloadSegment(),
                    table.payloadOffset(entry),
                    table.payloadLength(entry));
            if (EntryKind.standsAlone(kindByte)) {
                read.pageKnown = false;
                return true;
            }
            entry = table.older(entry);
        }
        return false;
    }

    // Below all layers.

    private void bottom(final KeyRead read) {
        if (read.pageKnown) {
            read.state = KeyRead.State.COMPLETE;
            return;
        }
        final Timeline timeline = read.timeline;
        if (read.floorLsn > 0) {
            final long source = timeline.floorSource(read.high, read.middle, read.low, read.floorLsn);
            if (source == Timeline.ZEROES) {
                zeroes(read);
            } else {
                final int tablespace = Timeline.sourceTablespace(source);
                final int database = Timeline.sourceDatabase(source);
                enter(
                        read,
                        timeline,
                        PageKeys.high(KeyClass.PAGE, tablespace),
                        PageKeys.middle(database, PageKeys.relfilenode(read.middle)),
                        read.low,
                        read.floorLsn);
            }
        } else if (timeline.parent() != null) {
            enter(read, timeline.parent(), read.high, read.middle, read.low, Math.min(read.lsn, timeline.branchLsn()));
        } else if (!isPage(read.high)) {
            read.state = KeyRead.State.COMPLETE;
        } else if (timeline.base() == null) {
            zeroes(read);
        } else if (timeline.base().read(read.high, read.middle, read.low, read.page, read.number)) {
            read.state = KeyRead.State.AWAITS_BASE;
        } else {
            read.state = KeyRead.State.HELD;
        }
    }

    private static void zeroes(final KeyRead read) {
        read.page.fill((byte) 0);
        read.pageKnown = true;
        read.state = KeyRead.State.COMPLETE;
    }

    @Override
    public void onBasePage(final long token) {
        final KeyRead read = reads[(int) token];
        read.pageKnown = true;
        read.state = KeyRead.State.COMPLETE;
        go(read);
    }

    @Override
    public void onNoBasePage(final long token, final boolean damaged, final String message) {
        refuse(reads[(int) token], damaged ? ReadRefusal.DAMAGED : ReadRefusal.UNREACHABLE, message);
    }

    // The outcome.

    private void complete(final KeyRead read) {
        layers.leave(read);
        final Gathered gathered = read.gathered;
        if (read.frame != PageCache.ABSENT) {
            counters.deltas(0);
            read.kind = EntryKind.IMAGE;
            read.resultOffset = 0;
            read.resultLength = PageLayout.PAGE_BYTES;
        } else if (isPage(read.askedHigh)) {
            counters.deltas(gathered.count());
            read.asked
                    .builder()
                    .build(gathered, read.asked, read.page, read.askedHigh, read.askedMiddle, read.askedLow);
            if (read.internal == null) {
                keep(read);
            }
            read.kind = EntryKind.IMAGE;
            read.result = read.page;
            read.resultOffset = 0;
            read.resultLength = PageLayout.PAGE_BYTES;
        } else if (gathered.count() == 0 || EntryKind.kind(gathered.kindByte(0)) == EntryKind.ABSENT) {
            read.kind = EntryKind.ABSENT;
            read.refusal = ReadRefusal.ABSENT;
            read.sentence = "there is nothing of this name at that LSN";
        } else {
            read.kind = EntryKind.kind(gathered.kindByte(0));
            read.result = gathered.segment(0);
            read.resultOffset = gathered.offset(0);
            read.resultLength = gathered.length(0);
        }
        answer(read);
    }

    /** Keeps a page for those who ask for it next. */
    private void keep(final KeyRead read) {
        cache.put(
                read.asked.number(),
                read.askedHigh,
                read.askedMiddle,
                read.askedLow,
                read.version,
                read.askedLsn,
                read.page);
        if (read.gathered.count() > maxDeltas && read.asked.tables() > 0) {
            read.asked
                    .table(0)
                    .table()
                    .insertImage(read.askedHigh, read.askedMiddle, read.askedLow, read.version, read.page, 0);
        }
    }

    /** Answers without reading. Null when as many reads as are allowed are on their way. */
    KeyRead refuse(final long token, final ReadRefusal refusal, final String sentence) {
        final KeyRead read = free.pollLast();
        if (read != null) {
            read.token = token;
            read.internal = null;
            read.abandoned = false;
            read.asked = null;
            refuse(read, refusal, sentence);
        }
        return read;
    }

    private void refuse(final KeyRead read, final ReadRefusal refusal, final String sentence) {
        counters.refused++;
        read.refusal = refusal;
        read.sentence = sentence;
        layers.leave(read);
        answer(read);
    }

    private void answer(final KeyRead read) {
        counters.reads++;
        read.state = KeyRead.State.ANSWERED;
        if (read.internal == null) {
            answered.add(read);
        } else {
            read.internal.onDone(read);
            release(read);
        }
    }

    private void release(final KeyRead read) {
        for (int i = 0; i < read.pinnedTables.size(); i++) {
            read.pinnedTables.get(i).unpin();
        }
        read.pinnedTables.clear();
        if (read.frame != PageCache.ABSENT) {
            cache.unpin(read.frame);
            read.frame = PageCache.ABSENT;
        }
        read.gathered.clear();
        if (read.asked != null) {
            read.asked.readEnds();
            read.asked = null;
        }
        read.timeline = null;
        read.result = null;
        read.internal = null;
        if (read.outstanding > 0) {
            read.state = KeyRead.State.DRAINING;
        } else {
            free(read);
        }
    }

    private void free(final KeyRead read) {
        read.state = KeyRead.State.FREE;
        free.addLast(read);
    }

    private static boolean isPage(final long high) {
        return high >>> Integer.SIZE <= KeyClass.SLRU_PAGE.number();
    }

    /** Whoever reads writes into no memory of reads any more; what is not answered never is. */
    void close() {
        for (final KeyRead read : reads) {
            if (read.state != KeyRead.State.FREE) {
                layers.leave(read);
                release(read);
            }
            read.gathered.close();
        }
        layers.close();
        memory.free(pages);
    }
}
