package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.ingest.BaseImport;
import dev.firn.pagestore.ingest.ClusterEntry;
import dev.firn.pagestore.ingest.HeadState;
import dev.firn.pagestore.ingest.Ingest;
import dev.firn.pagestore.ingest.IngestConfig;
import dev.firn.pagestore.ingest.IngestStep;
import dev.firn.pagestore.ingest.LongChainHandler;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.rebuild.HintHistory;
import java.lang.foreign.MemorySegment;

/** A timeline of a Postgres cluster: its base backup and its WAL. */
final class PostgresInput implements TimelineInput {
    private final TimelineSpec spec;
    private final OffHeapMemory memory;
    private final HeadState head;
    private final int maxDeltas;
    private BaseImport baseImport;
    private Ingest ingest;
    private long loadedLsn;

    PostgresInput(final TimelineSpec spec, final OffHeapMemory memory, final int maxDeltas) {
        this.spec = spec;
        this.memory = memory;
        this.maxDeltas = maxDeltas;
        this.head = new HeadState(spec.version(), memory);
    }

    @Override
    public void load(final Entry entry) {
        head.load(
                entry.high(),
                entry.middle(),
                entry.low(),
                entry.lsn(),
                entry.kindByte(),
                entry.payloadSegment(),
                entry.payloadOffset(),
                entry.payloadLength());
    }

    @Override
    public void loaded() {
        head.loaded();
    }

    @Override
    public void beginImport() {
        baseImport = new BaseImport(spec.base(), head, memory);
    }

    @Override
    public boolean importOn(final MemoryTable table, final int limit) {
        baseImport.step(table, limit);
        return baseImport.isFull();
    }

    @Override
    public boolean isImported() {
        return baseImport.isDone();
    }

    @Override
    public void begin(final long startLsn, final MemoryTable table, final LongChainHandler longChains) {
        loadedLsn = startLsn;
        final long consistentLsn =
                spec.isBranch() ? spec.branchLsn() : spec.base().consistentLsn();
        ingest = new Ingest(
                head,
                new IngestConfig(spec.walSegmentBytes(), spec.systemIdentifier(), consistentLsn, maxDeltas),
                memory,
                startLsn,
                table);
        ingest.longChains(longChains);
    }

    @Override
    public long neededLsn() {
        return ingest.neededLsn();
    }

    @Override
    public void feed(final long lsn, final MemorySegment bytes, final long offset, final long lengthBytes) {
        ingest.feed(lsn, bytes, offset, lengthBytes);
    }

    @Override
    public IngestStep step(final int records) {
        return ingest.step(records);
    }

    @Override
    public void seal() {
        ingest.seal();
    }

    @Override
    public int sealBytes() {
        return ClusterEntry.BYTES;
    }

    @Override
    public void table(final MemoryTable next) {
        ingest.table(next);
    }

    @Override
    public long appliedLsn() {
        return Math.max(loadedLsn, ingest.appliedLsn());
    }

    @Override
    public long floorLsn(final long high, final long middle, final long low, final long atLsn) {
        return head.floorLsn(high, middle, low, atLsn);
    }

    @Override
    public long floorSource(final long high, final long middle, final long low, final long floorLsn) {
        return head.floorSource(high, middle, low, floorLsn);
    }

    @Override
    public long[] copyLsns() {
        return head.copyLsns();
    }

    @Override
    public HintHistory hints() {
        return head.hints();
    }

    @Override
    public int forks() {
        return head.forkCount();
    }

    @Override
    public int floors() {
        return head.floorCount();
    }

    @Override
    public boolean dataChecksums() {
        return head.dataChecksums();
    }

    @Override
    public void close() {
        if (baseImport != null) {
            baseImport.close();
        }
        if (ingest != null) {
            ingest.close();
        }
        head.close();
    }
}
