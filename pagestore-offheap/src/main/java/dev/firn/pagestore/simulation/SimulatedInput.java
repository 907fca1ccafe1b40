package dev.firn.pagestore.simulation;

import dev.firn.pagestore.ingest.IngestStep;
import dev.firn.pagestore.ingest.LongChainHandler;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Fills memory tables from a model's log: the bytes that are fed say only up to where it may be read. Keeps floors, and loads them again. */
final class SimulatedInput implements InventedInput {
    /** As much as Postgres' state of a cluster comes to, about: a table that has not kept room for it is found out. */
    private static final int SEAL_BYTES = 600;

    /** A floor; {@code relation} -1 for all of a database. */
    private record Floor(int database, int relation, int blocks, long lsn, long source) {}

    private final ModelLog log;
    private final Flaw flaw;
    private final int maxDeltas;
    private final List<Floor> floors = new ArrayList<>();
    private LongChainHandler longChains;
    private MemoryTable table;
    private boolean imported;
    private long appliedLsn;
    private long fedLsn;
    private long clusterLsn;

    SimulatedInput(final ModelLog log, final Flaw flaw, final int maxDeltas) {
        this.maxDeltas = maxDeltas;
        this.log = log;
        this.flaw = flaw;
    }

    @Override
    public void load(final Entry entry) {
        final KeyClass keyClass = PageKeys.keyClass(entry.high());
        if (keyClass == KeyClass.CLUSTER) {
            clusterLsn = LittleEndian.getLong(entry.payloadSegment(), entry.payloadOffset());
        } else if (!flaw.forgetsFloors()) {
            note(
                    new ModelKey(entry.high(), entry.middle(), entry.low()),
                    entry.lsn(),
                    entry.payloadSegment(),
                    entry.payloadOffset());
        }
    }

    private void note(final ModelKey key, final long lsn, final MemorySegment payload, final long offset) {
        if (key.keyClass() == KeyClass.RELATION_FLOOR) {
            floors.add(new Floor(key.database(), key.relation(), LittleEndian.getInt(payload, offset), lsn, -1));
        } else if (key.keyClass() == KeyClass.DATABASE_FLOOR) {
            floors.add(new Floor(key.database(), -1, 0, lsn, LittleEndian.getLong(payload, offset)));
        }
    }

    @Override
    public boolean importOn(final MemoryTable into, final int limit) {
        for (final int relation : ModelKey.RELATIONS) {
            final ModelKey key = ModelKey.size(ModelKey.DATABASE, relation);
            final byte[] size = ModelLog.base(key);
            into.add(
                    key.high(),
                    key.middle(),
                    key.low(),
                    ModelLog.START_LSN,
                    EntryKind.SIZE | EntryKind.STANDS_ALONE,
                    MemorySegment.ofArray(size),
                    0,
                    size.length);
        }
        into.endLsn(ModelLog.START_LSN);
        imported = true;
        return false;
    }

    @Override
    public boolean isImported() {
        return imported;
    }

    /** The state that was loaded is that of the LSN from which on the log is wanted. */
    @Override
    public void begin(final long startLsn, final MemoryTable first, final LongChainHandler handler) {
        longChains = handler;
        if (!imported && startLsn > log.branchLsn() && clusterLsn != startLsn) {
            throw new AssertionError("the state of " + log.name() + " that was loaded is of "
                    + Long.toHexString(clusterLsn) + ", and the log goes on from " + Long.toHexString(startLsn));
        }
        table = first;
        appliedLsn = startLsn;
        fedLsn = startLsn;
    }

    @Override
    public long neededLsn() {
        return fedLsn;
    }

    @Override
    public void feed(final long lsn, final MemorySegment bytes, final long offset, final long lengthBytes) {
        fedLsn = Math.max(fedLsn, lsn + lengthBytes);
    }

    @Override
    public IngestStep step(final int limit) {
        int left = limit;
        for (final ModelRecord record : log.records(appliedLsn, fedLsn)) {
            if (left-- == 0) {
                return IngestStep.MORE;
            }
            if (!table.hasRoom(payloadBytes(record), record.changes().size() + 1L)) {
                return IngestStep.FULL;
            }
            for (final ModelRecord.Change change : record.changes()) {
                add(record, change);
            }
            appliedLsn = record.endLsn();
            table.endLsn(appliedLsn);
            record.changes().forEach(this::tellLongChain);
        }
        return IngestStep.NEEDS_WAL;
    }

    private void tellLongChain(final ModelRecord.Change change) {
        final ModelKey key = change.key();
        final long entry = table.newest(key.high(), key.middle(), key.low(), appliedLsn);
        if (entry != MemoryTable.NONE && table.deltas(entry) > maxDeltas) {
            longChains.onLongChain(key.high(), key.middle(), key.low(), appliedLsn);
        }
    }

    private static long payloadBytes(final ModelRecord record) {
        long bytes = SEAL_BYTES;
        for (final ModelRecord.Change change : record.changes()) {
            bytes += change.payload().length + 4L * Long.BYTES;
        }
        return bytes;
    }

    private void add(final ModelRecord record, final ModelRecord.Change change) {
        final ModelKey key = change.key();
        final MemorySegment payload = MemorySegment.ofArray(change.payload());
        if (change.kindByte() == EntryKind.RECORD) {
            final long at = table.keepRecord(payload, 0, change.payload().length, record.lsn(), record.endLsn());
            table.addRecord(key.high(), key.middle(), key.low(), change.kindByte(), 0, at);
        } else {
            table.add(
                    key.high(),
                    key.middle(),
                    key.low(),
                    record.endLsn(),
                    change.kindByte(),
                    payload,
                    0,
                    change.payload().length);
        }
        note(key, record.endLsn(), payload, 0);
    }

    @Override
    public int sealBytes() {
        return SEAL_BYTES;
    }

    @Override
    public void seal() {
        final ModelKey key = ModelKey.cluster();
        final byte[] payload = new byte[SEAL_BYTES];
        LittleEndian.putLong(MemorySegment.ofArray(payload), 0, appliedLsn);
        table.add(
                key.high(),
                key.middle(),
                key.low(),
                appliedLsn,
                EntryKind.BYTES | EntryKind.STANDS_ALONE,
                MemorySegment.ofArray(payload),
                0,
                payload.length);
    }

    @Override
    public void table(final MemoryTable next) {
        table = next;
    }

    @Override
    public long appliedLsn() {
        return appliedLsn;
    }

    private Floor floor(final long high, final long middle, final long low, final long atLsn) {
        final ModelKey key = new ModelKey(high, middle, low);
        Floor newest = null;
        if (key.keyClass() == KeyClass.PAGE) {
            for (final Floor floor : floors) {
                if (floor.database == key.database()
                        && (floor.relation == -1 || (floor.relation == key.relation() && floor.blocks <= key.block()))
                        && floor.lsn <= atLsn
                        && (newest == null || floor.lsn > newest.lsn)) {
                    newest = floor;
                }
            }
        }
        return newest;
    }

    @Override
    public long floorLsn(final long high, final long middle, final long low, final long atLsn) {
        final Floor floor = floor(high, middle, low, atLsn);
        return floor == null ? 0 : floor.lsn;
    }

    @Override
    public long floorSource(final long high, final long middle, final long low, final long floorLsn) {
        return floor(high, middle, low, floorLsn).source;
    }

    @Override
    public long[] copyLsns() {
        return floors.stream()
                .filter(floor -> floor.source != -1)
                .mapToLong(Floor::lsn)
                .toArray();
    }
}
