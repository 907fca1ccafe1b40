package dev.firn.pagestore.ingest;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.postgres.file.Slru;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.agrona.collections.Long2LongHashMap;

/**
 * What one record does to SLRU pages: gathered in its order, then added page by page, one entry each.
 *
 * <p>Most records change one page or two; pages are looked for one by one until there are many.
 */
final class SlruBatch implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("ingest-slru");

    /** Room for the subtransactions of a usual commit. */
    private static final int FIRST_CHANGES = 64;

    private static final int FIRST_PAGES = 16;
    private static final int NONE = -1;

    private final OffHeapMemory memory;

    /** The changes in their order, then room to gather those of one page. */
    private MemorySegment changes;

    private int capacity = FIRST_CHANGES;
    private int changeCount;

    /** Of each change: its page's index. */
    private int[] pageOf = new int[FIRST_CHANGES];

    private long[] pages = new long[FIRST_PAGES];

    /** Of each page: changes before this one don't count; and whether it is zeroes before them. */
    private int[] firstChange = new int[FIRST_PAGES];

    private boolean[] zeroed = new boolean[FIRST_PAGES];
    private int pageCount;

    /** While changes are gathered: where those of each page end, the one before it first; and where the next goes. */
    private int[] ends = new int[FIRST_PAGES];

    private int[] next = new int[FIRST_PAGES];
    private int lastPage;

    private final Long2LongHashMap index = new Long2LongHashMap(NONE);

    SlruBatch(final OffHeapMemory memory) {
        this.memory = memory;
        this.changes = memory.allocate(2L * FIRST_CHANGES * SlruChanges.BYTES, TAG);
    }

    @Override
    public void close() {
        memory.free(changes);
    }

    /** A page is all zeroes; what came before doesn't count. */
    void zero(final Slru slru, final int page) {
        final int at = page(slru, page);
        zeroed[at] = true;
        firstChange[at] = changeCount;
    }

    /** A change of a page; {@code fresh}: it is zeroes before. */
    void add(
            final Slru slru,
            final int page,
            final boolean fresh,
            final int what,
            final int origin,
            final int id,
            final long value) {
        if (fresh) {
            zero(slru, page);
        }
        final int at = page(slru, page);
        if (changeCount == capacity) {
            grow();
        }
        SlruChanges.put(changes, (long) changeCount * SlruChanges.BYTES, what, origin, id, value);
        pageOf[changeCount++] = at;
    }

    private int page(final Slru slru, final int page) {
        final long key = StateKeys.low(slru, page);
        if (pageCount > 0 && pages[lastPage] == key) {
            return lastPage;
        }
        int found = NONE;
        if (pageCount > FIRST_PAGES) {
            found = (int) index.get(key);
        } else {
            for (int i = 0; i < pageCount; i++) {
                if (pages[i] == key) {
                    found = i;
                }
            }
        }
        lastPage = found == NONE ? newPage(key) : found;
        return lastPage;
    }

    private int newPage(final long key) {
        if (pageCount == pages.length) {
            pages = Arrays.copyOf(pages, pageCount * 2);
            firstChange = Arrays.copyOf(firstChange, pageCount * 2);
            zeroed = Arrays.copyOf(zeroed, pageCount * 2);
        }
        if (pageCount == FIRST_PAGES) {
            for (int i = 0; i < pageCount; i++) {
                index.put(pages[i], i);
            }
        }
        if (pageCount >= FIRST_PAGES) {
            index.put(key, pageCount);
        }
        pages[pageCount] = key;
        firstChange[pageCount] = 0;
        zeroed[pageCount] = false;
        return pageCount++;
    }

    private void grow() {
        final MemorySegment larger = memory.allocate(4L * capacity * SlruChanges.BYTES, TAG);
        MemorySegment.copy(changes, 0, larger, 0, (long) changeCount * SlruChanges.BYTES);
        memory.free(changes);
        changes = larger;
        capacity *= 2;
        pageOf = Arrays.copyOf(pageOf, capacity);
    }

    /** Adds all as entries, and begins anew. */
    void flush(final EntryWriter writer) {
        if (pageCount == 0) {
            return;
        }
        if (pageCount == 1 && firstChange[0] == 0) {
            emit(writer, 0, 0, changeCount);
        } else {
            flushEach(writer);
        }
        if (pageCount > FIRST_PAGES) {
            index.clear();
            index.compact();
        }
        pageCount = 0;
        changeCount = 0;
        lastPage = 0;
    }

    /** Gathers the changes of each page behind them all: how many each has, where they go, then copies. */
    private void flushEach(final EntryWriter writer) {
        if (ends.length <= pageCount) {
            ends = new int[2 * pageCount];
            next = new int[2 * pageCount];
        }
        Arrays.fill(ends, 0, pageCount + 1, 0);
        for (int i = 0; i < changeCount; i++) {
            ends[pageOf[i] + 1] += i >= firstChange[pageOf[i]] ? 1 : 0;
        }
        for (int page = 0; page < pageCount; page++) {
            ends[page + 1] += ends[page];
        }
        System.arraycopy(ends, 0, next, 0, pageCount);
        for (int i = 0; i < changeCount; i++) {
            final int page = pageOf[i];
            if (i >= firstChange[page]) {
                MemorySegment.copy(
                        changes,
                        (long) i * SlruChanges.BYTES,
                        changes,
                        (capacity + (long) next[page]++) * SlruChanges.BYTES,
                        SlruChanges.BYTES);
            }
        }
        for (int page = 0; page < pageCount; page++) {
            emit(writer, page, capacity + (long) ends[page], ends[page + 1] - ends[page]);
        }
    }

    private void emit(final EntryWriter writer, final int page, final long first, final int count) {
        final int flag = zeroed[page] ? EntryKind.STANDS_ALONE : 0;
        if (count == 0) {
            writer.add(StateKeys.SLRU_PAGE, 0, pages[page], EntryKind.ZEROES | EntryKind.STANDS_ALONE);
        } else {
            writer.add(
                    StateKeys.SLRU_PAGE,
                    0,
                    pages[page],
                    EntryKind.SLRU_CHANGES | flag,
                    changes,
                    first * SlruChanges.BYTES,
                    count * SlruChanges.BYTES);
        }
    }
}
