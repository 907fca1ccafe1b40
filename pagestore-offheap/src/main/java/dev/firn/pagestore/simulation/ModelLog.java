package dev.firn.pagestore.simulation;

import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.effect.SlruRedo;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A timeline's log, and what every key is at every LSN: worked out when a record is made, from the record's meaning and the page before, without anything
 * that the page store does.
 */
final class ModelLog {
    /** Where the base backup starts. */
    static final long START_LSN = 0x10_0000;

    private static final byte[] ZEROES = new byte[PageLayout.PAGE_BYTES];

    /** Pages have no hole: redo of generic records zeroes it. */
    private static final int FREE_AT = 4096;

    private static final int MAX_RECORD_BYTES = 400;
    private static final int STATUSES = 3;

    private final String name;
    private final ModelLog parent;
    private final long branchLsn;
    private final List<ModelRecord> records = new ArrayList<>();
    private final Map<ModelKey, TreeMap<Long, byte[]>> versions = new HashMap<>();
    private long endLsn;
    private long trimmedLsn;
    private boolean acknowledged;

    ModelLog(final String name, final ModelLog parent, final long branchLsn) {
        this.name = name;
        this.parent = parent;
        this.branchLsn = branchLsn;
        this.endLsn = parent == null ? START_LSN : branchLsn;
    }

    String name() {
        return name;
    }

    ModelLog parent() {
        return parent;
    }

    long branchLsn() {
        return branchLsn;
    }

    /** A page server has opened it: from now on it must be there. */
    void acknowledge() {
        acknowledged = true;
    }

    boolean isAcknowledged() {
        return acknowledged;
    }

    boolean descendsFrom(final ModelLog other) {
        return parent != null && (parent == other || parent.descendsFrom(other));
    }

    long endLsn() {
        return endLsn;
    }

    /** Up to where the log may be gone, as it is said to be in layers. */
    void trim(final long lsn) {
        trimmedLsn = Math.max(trimmedLsn, lsn);
    }

    long trimmedLsn() {
        return trimmedLsn;
    }

    /** The records that begin at or after an LSN and end at or before another; none when the log is gone there. */
    List<ModelRecord> records(final long fromLsn, final long toLsn) {
        if (fromLsn < trimmedLsn) {
            return List.of();
        }
        int from = 0;
        int to = records.size();
        while (from < to) {
            final int half = (from + to) >>> 1;
            if (records.get(half).lsn() < fromLsn) {
                from = half + 1;
            } else {
                to = half;
            }
        }
        int end = from;
        while (end < records.size() && records.get(end).endLsn() <= toLsn) {
            end++;
        }
        return records.subList(from, end);
    }

    /** An LSN between records, at or after another; the log's end when there is none. */
    long boundary(final long lsn) {
        for (final ModelRecord record : records) {
            if (record.endLsn() >= lsn) {
                return record.endLsn();
            }
        }
        return endLsn;
    }

    /** What a key is at an LSN: a page, or the value; null when there is nothing. */
    byte[] at(final ModelKey key, final long lsn) {
        final TreeMap<Long, byte[]> own = versions.get(key);
        final Map.Entry<Long, byte[]> entry = own == null ? null : own.floorEntry(lsn);
        if (entry != null) {
            return entry.getValue().length == 0 ? null : entry.getValue();
        }
        return parent == null ? base(key) : parent.at(key, Math.min(lsn, branchLsn));
    }

    /** The base backup's pages: those of the first relation and the first page of the SLRU. */
    static byte[] base(final ModelKey key) {
        if (key.keyClass() == KeyClass.SIZE) {
            return key.database() == ModelKey.DATABASE ? bytes(hasBase(key.relation()) ? ModelKey.BLOCKS : 0) : null;
        }
        if (key.keyClass() == KeyClass.PAGE && key.database() == ModelKey.DATABASE && hasBase(key.relation())) {
            return page(key.block() + 1L, 1);
        }
        return ZEROES;
    }

    static boolean hasBase(final int relation) {
        return relation == ModelKey.RELATIONS[0];
    }

    private static byte[] page(final long content, final long lsn) {
        final byte[] page = new byte[PageLayout.PAGE_BYTES];
        final MemorySegment bytes = MemorySegment.ofArray(page);
        final PageFlyweight flyweight = new PageFlyweight().wrap(bytes, 0);
        flyweight.initialize(0);
        flyweight.lower(FREE_AT);
        flyweight.upper(FREE_AT);
        flyweight.lsn(lsn);
        for (int at = 64; at < PageLayout.PAGE_BYTES; at += 512) {
            LittleEndian.putLong(bytes, at, content * at);
        }
        return page;
    }

    private static byte[] bytes(final int value) {
        final byte[] bytes = new byte[Integer.BYTES];
        LittleEndian.putInt(MemorySegment.ofArray(bytes), 0, value);
        return bytes;
    }

    /** Makes the next record. */
    void append(final RandomGenerator random) {
        final long lsn = endLsn;
        final long end = lsn + 8L * (8 + random.nextInt(MAX_RECORD_BYTES / 8));
        final List<ModelRecord.Change> changes = new ArrayList<>();
        final int database = random.nextInt(3) == 0 ? ModelKey.COPY : ModelKey.DATABASE;
        final int relation = ModelKey.RELATIONS[random.nextInt(ModelKey.RELATIONS.length)];
        final int dice = random.nextInt(100);
        if (dice < 55) {
            change(changes, ModelKey.page(database, relation, random.nextInt(ModelKey.BLOCKS)), end, random);
        } else if (dice < 80) {
            slru(changes, end, random);
        } else if (dice < 92) {
            put(changes, ModelKey.size(database, relation), end, sizeKind(), bytes(random.nextInt(100)));
        } else if (dice < 97) {
            truncate(changes, database, relation, random.nextInt(ModelKey.BLOCKS), end);
        } else if (dice < 99) {
            copy(changes, end);
        } else {
            drop(changes, end);
        }
        records.add(new ModelRecord(lsn, end, changes));
        endLsn = end;
    }

    private static int sizeKind() {
        return EntryKind.SIZE | EntryKind.STANDS_ALONE;
    }

    private void put(
            final List<ModelRecord.Change> changes,
            final ModelKey key,
            final long end,
            final int kindByte,
            final byte[] payload) {
        changes.add(new ModelRecord.Change(key, kindByte, payload));
        note(key, end, payload);
    }

    private void note(final ModelKey key, final long end, final byte[] value) {
        versions.computeIfAbsent(key, any -> new TreeMap<>()).put(end, value);
    }

    private void change(
            final List<ModelRecord.Change> changes, final ModelKey key, final long end, final RandomGenerator random) {
        final byte[] before = at(key, end);
        final boolean isNew = LittleEndian.getUnsignedShort(MemorySegment.ofArray(before), 14) == 0;
        final int dice = random.nextInt(20);
        if (dice == 0) {
            changes.add(new ModelRecord.Change(key, EntryKind.ZEROES | EntryKind.STANDS_ALONE, new byte[0]));
            note(key, end, ZEROES);
        } else if (isNew || dice < 3) {
            put(changes, key, end, EntryKind.IMAGE | EntryKind.STANDS_ALONE, page(random.nextLong(), end));
        } else {
            final int offset = 64 + random.nextInt((PageLayout.PAGE_BYTES - 128) / 8) * 8;
            final byte[] value = new byte[8];
            random.nextBytes(value);
            changes.add(new ModelRecord.Change(key, EntryKind.RECORD, GenericRecord.of(key, offset, value)));
            final byte[] after = before.clone();
            System.arraycopy(value, 0, after, offset, value.length);
            new PageFlyweight().wrap(MemorySegment.ofArray(after), 0).lsn(end);
            note(key, end, after);
        }
    }

    private void slru(final List<ModelRecord.Change> changes, final long end, final RandomGenerator random) {
        final int page = random.nextInt(ModelKey.SLRU_PAGES);
        final ModelKey key = ModelKey.slruPage(page);
        final int xid = page * Slru.XACT.entriesPerPage() + random.nextInt(64);
        final int status = 1 + random.nextInt(STATUSES);
        final byte[] payload = new byte[16];
        final MemorySegment bytes = MemorySegment.ofArray(payload);
        LittleEndian.putInt(bytes, 0, 1);
        LittleEndian.putInt(bytes, 4, xid);
        LittleEndian.putLong(bytes, 8, status);
        changes.add(new ModelRecord.Change(key, EntryKind.SLRU_CHANGES, payload));
        final byte[] after = at(key, end).clone();
        SlruRedo.transactionStatus(MemorySegment.ofArray(after), 0, xid, status);
        note(key, end, after);
    }

    private void truncate(
            final List<ModelRecord.Change> changes,
            final int database,
            final int relation,
            final int blocks,
            final long end) {
        changes.add(new ModelRecord.Change(ModelKey.relationFloor(database, relation), sizeKind(), bytes(blocks)));
        put(changes, ModelKey.size(database, relation), end, sizeKind(), bytes(blocks));
        for (int block = blocks; block < ModelKey.BLOCKS; block++) {
            note(ModelKey.page(database, relation, block), end, ZEROES);
        }
    }

    /** The one database becomes a copy of the other. */
    private void copy(final List<ModelRecord.Change> changes, final long end) {
        floor(changes, BlockKey.space(ModelKey.TABLESPACE, ModelKey.DATABASE));
        for (final int relation : ModelKey.RELATIONS) {
            final byte[] size = at(ModelKey.size(ModelKey.DATABASE, relation), end);
            if (size != null) {
                put(changes, ModelKey.size(ModelKey.COPY, relation), end, sizeKind(), size);
            }
            for (int block = 0; block < ModelKey.BLOCKS; block++) {
                note(
                        ModelKey.page(ModelKey.COPY, relation, block),
                        end,
                        at(ModelKey.page(ModelKey.DATABASE, relation, block), end));
            }
        }
    }

    private void drop(final List<ModelRecord.Change> changes, final long end) {
        floor(changes, -1);
        for (final int relation : ModelKey.RELATIONS) {
            put(
                    changes,
                    ModelKey.size(ModelKey.COPY, relation),
                    end,
                    EntryKind.ABSENT | EntryKind.STANDS_ALONE,
                    new byte[0]);
            for (int block = 0; block < ModelKey.BLOCKS; block++) {
                note(ModelKey.page(ModelKey.COPY, relation, block), end, ZEROES);
            }
        }
    }

    private static void floor(final List<ModelRecord.Change> changes, final long source) {
        final byte[] payload = new byte[Long.BYTES];
        LittleEndian.putLong(MemorySegment.ofArray(payload), 0, source);
        changes.add(new ModelRecord.Change(
                ModelKey.databaseFloor(ModelKey.COPY), EntryKind.BYTES | EntryKind.STANDS_ALONE, payload));
    }
}
