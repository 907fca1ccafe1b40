package dev.firn.pagestore.service;

import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;

/**
 * A shard of one timeline whose every page follows from its key and LSN. Reads end in any order, after a while; a given part of them is
 * told twice, as if there had been no room.
 */
final class ModelReads implements PageReads {
    static final long TIMELINE_ID = 0x51CC_0FFE_E000_0001L;
    static final String NAME = "main";
    static final int RELATIONS = 500;
    static final int DATABASE = 5;
    static final int TABLESPACE = 1663;
    static final int FIRST_RELATION = 16_384;

    /** A block that is damaged wherever it is asked for. */
    static final int DAMAGED_BLOCK = 13;

    record Read(long token, Key key, long lsn, Key to, int maxBytes, boolean time) {}

    record Key(long high, long middle, long low) implements Comparable<Key> {
        @Override
        public int compareTo(final Key other) {
            return PageKeys.compare(high, middle, low, other.high, other.middle, other.low);
        }
    }

    private final RandomGenerator random;
    private final MemorySegment memory = Arena.ofAuto().allocate(64 << 10, 8);
    final TreeMap<Key, byte[]> files = new TreeMap<>();
    final List<Read> reads = new ArrayList<>();
    final List<Long> abandoned = new ArrayList<>();
    /** By holder. */
    final Map<String, Long> leases = new TreeMap<>();

    long leaseEndMs;

    /** What the next leases are refused with, or null. */
    String refusal;

    private final List<Runnable> told = new ArrayList<>();
    long appliedLsn = 10_000;
    long historyLsn = 1_000;

    /** Reads that are in progress at the most. */
    int capacity = 64;

    /** Of a hundred pages, so many are in memory when they are asked for. */
    int inMemory;

    /** Of a hundred outcomes, so many are told in a given poll. */
    int readiness = 60;

    ModelReads(final RandomGenerator random) {
        this.random = random;
        for (int i = 0; i < RELATIONS; i++) {
            putSize(DATABASE, FIRST_RELATION + i, blocksOf(i));
            putSize(DATABASE + 1, FIRST_RELATION + i, 1);
        }
        final byte[] map = new byte[524];
        Arrays.fill(map, (byte) 7);
        files.put(new Key(PageKeys.high(KeyClass.RELATION_MAP, TABLESPACE), PageKeys.middle(DATABASE, 0), 0), map);
        putSegment(0, 0, 32);
        putSegment(0, 1, 3);
    }

    static int blocksOf(final int relation) {
        return relation * 7 % 100;
    }

    private void putSize(final int database, final int relation, final int blocks) {
        files.put(
                new Key(PageKeys.high(KeyClass.SIZE, TABLESPACE), PageKeys.middle(database, relation), 0),
                size(blocks));
    }

    private void putSegment(final int slru, final int segment, final int pages) {
        files.put(new Key(PageKeys.high(KeyClass.SLRU_SEGMENT, 0), 0, PageKeys.low(slru, segment)), size(pages));
    }

    private static byte[] size(final int blocks) {
        final byte[] bytes = new byte[Integer.BYTES];
        LittleEndian.putInt(MemorySegment.ofArray(bytes), 0, blocks);
        return bytes;
    }

    @Override
    public int timeline(final long timelineId) {
        return timelineId == TIMELINE_ID ? 0 : NO_TIMELINE;
    }

    @Override
    public int timeline(final String name) {
        return name.equals(NAME) ? 0 : NO_TIMELINE;
    }

    @Override
    public TimelineFacts facts(final int timeline) {
        return new TimelineFacts(NAME, TIMELINE_ID, -7, 17, 16 << 20, "old", 900, historyLsn, appliedLsn, 5_000);
    }

    @Override
    public long appliedLsn(final int timeline) {
        return appliedLsn;
    }

    @Override
    public long historyLsn(final int timeline) {
        return historyLsn;
    }

    @Override
    public boolean read(
            final long token, final int timeline, final long high, final long middle, final long low, final long lsn) {
        return begin(new Read(token, new Key(high, middle, low), lsn, null, 0, false));
    }

    @Override
    public boolean scan(
            final long token,
            final int timeline,
            final long fromHigh,
            final long fromMiddle,
            final long fromLow,
            final long toHigh,
            final long toMiddle,
            final long toLow,
            final long lsn,
            final int maxBytes) {
        return begin(new Read(
                token, new Key(fromHigh, fromMiddle, fromLow), lsn, new Key(toHigh, toMiddle, toLow), maxBytes, false));
    }

    @Override
    public boolean lsnAt(final long token, final int timeline, final long timestampMicros) {
        return begin(new Read(token, null, timestampMicros, null, 0, true));
    }

    @Override
    public boolean isHeld(final int timeline, final long lsn) {
        return leases.containsValue(lsn);
    }

    @Override
    public void lease(
            final int timeline,
            final String holder,
            final long lsn,
            final long untilEpochMs,
            final HoldHandler handler) {
        leases.put(holder, lsn);
        leaseEndMs = untilEpochMs;
        told.add(() -> handler.onHeld(refusal));
    }

    @Override
    public void endLease(final int timeline, final String holder, final long lsn) {
        leases.remove(holder, lsn);
    }

    private boolean begin(final Read read) {
        if (read.token() < 0 || reads.stream().anyMatch(one -> one.token() == read.token())) {
            throw new AssertionError("token " + read.token() + " is in use");
        }
        if (!read.time() && (read.lsn() > appliedLsn || (read.lsn() < historyLsn && !isHeld(0, read.lsn())))) {
            throw new AssertionError("a read at " + read.lsn() + " is not within the history");
        }
        return reads.size() < capacity && reads.add(read);
    }

    @Override
    public void abandon(final long token) {
        if (reads.removeIf(read -> read.token() == token)) {
            abandoned.add(token);
        }
    }

    @Override
    public int poll(final ReadHandler handler, final int limit) {
        final List<Runnable> outcomes = List.copyOf(told);
        told.clear();
        outcomes.forEach(Runnable::run);
        int done = 0;
        for (final Read read : List.copyOf(reads)) {
            if (done < limit && random.nextInt(100) < readiness && reads.contains(read) && tell(handler, read)) {
                reads.removeIf(one -> one.equals(read));
                done++;
            }
        }
        return done;
    }

    private boolean tell(final ReadHandler handler, final Read read) {
        // In the middle of other bytes, as within a region.
        final long at = random.nextInt(64);
        if (read.time()) {
            LittleEndian.putLong(memory, at, read.lsn() / 2);
            return handler.onRead(read.token(), memory, at, Long.BYTES);
        }
        if (read.to() != null) {
            final KeyedValues values = new KeyedValues().begin(memory, at, Math.min(read.maxBytes(), 60_000));
            for (final Map.Entry<Key, byte[]> file :
                    files.subMap(read.key(), read.to()).entrySet()) {
                final Key key = file.getKey();
                final byte[] value = file.getValue();
                if (!values.add(key.high(), key.middle(), key.low(), MemorySegment.ofArray(value), 0, value.length)) {
                    break;
                }
            }
            return handler.onRead(read.token(), memory, at, values.lengthBytes());
        }
        final KeyClass keyClass = PageKeys.keyClass(read.key().high());
        if (keyClass == KeyClass.PAGE || keyClass == KeyClass.SLRU_PAGE) {
            if (PageKeys.block(read.key().low()) == DAMAGED_BLOCK && keyClass == KeyClass.PAGE) {
                return handler.onRefused(read.token(), ReadRefusal.DAMAGED, "block 13 is damaged");
            }
            fill(memory, at, read.key().high(), read.key().middle(), read.key().low(), read.lsn());
            return handler.onRead(read.token(), memory, at, PageLayout.PAGE_BYTES);
        }
        final byte[] value = files.get(read.key());
        if (value == null) {
            return handler.onRefused(read.token(), ReadRefusal.ABSENT, "there is nothing of this name");
        }
        MemorySegment.copy(MemorySegment.ofArray(value), 0, memory, at, value.length);
        return handler.onRead(read.token(), memory, at, value.length);
    }

    @Override
    public MemorySegment pageInMemory(
            final int timeline, final long high, final long middle, final long low, final long lsn) {
        if (lsn > appliedLsn || (lsn < historyLsn && !isHeld(0, lsn))) {
            throw new AssertionError("a page at " + lsn + " is not within the history");
        }
        if (inMemory == 0 || random.nextInt(100) >= inMemory || PageKeys.block(low) == DAMAGED_BLOCK) {
            return null;
        }
        final MemorySegment page = memory.asSlice(random.nextInt(64) * (long) Long.BYTES, PageLayout.PAGE_BYTES);
        fill(page, 0, high, middle, low, lsn);
        return page;
    }

    private static void fill(
            final MemorySegment page,
            final long at,
            final long high,
            final long middle,
            final long low,
            final long lsn) {
        final long hash = PageKeys.hash(high, middle, low) ^ lsn;
        for (int i = 0; i < PageLayout.PAGE_BYTES; i += Long.BYTES) {
            LittleEndian.putLong(page, at + i, hash * 31 + i);
        }
    }

    /** Whether these bytes are the page of the key at the LSN. */
    static boolean isPage(
            final DirectBuffer buffer,
            final int offset,
            final long high,
            final long middle,
            final long low,
            final long lsn) {
        final byte[] expected = new byte[PageLayout.PAGE_BYTES];
        fill(MemorySegment.ofArray(expected), 0, high, middle, low, lsn);
        final byte[] actual = new byte[PageLayout.PAGE_BYTES];
        buffer.getBytes(offset, actual);
        return Arrays.equals(expected, actual);
    }
}
