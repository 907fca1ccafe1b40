package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.ingest.CommitTimes;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.upkeep.LayerScans;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Looks for where a timeline was at a time: before the first transaction that ended later, as far as {@link CommitTimes} says; at its end without one. */
final class CommitTimeScan extends ShardScan {
    private static final MemoryTag TAG = MemoryTag.of("page-scans");

    private final OffHeapMemory memory;
    private final MemorySegment answer;
    private final long time;

    /** @throws NoScanRoomException when there is no memory now. */
    CommitTimeScan(
            final long token,
            final LayerScans.ScanContext context,
            final Timeline timeline,
            final long appliedLsn,
            final long timeMicros) {
        super(token);
        this.time = timeMicros;
        this.memory = context.memory();
        this.answer = memory.tryAllocate(Long.BYTES, TAG);
        if (answer == null) {
            throw new NoScanRoomException();
        }
        LittleEndian.putLong(answer, 0, appliedLsn);
        boolean done = false;
        try {
            over(new EntryScan(
                    context,
                    timeline,
                    new KeyRange(
                            CommitTimes.HIGH,
                            CommitTimes.MIDDLE,
                            CommitTimes.low(timeMicros),
                            CommitTimes.HIGH,
                            CommitTimes.MIDDLE,
                            -1L),
                    appliedLsn,
                    this::onEntry));
            done = true;
        } finally {
            if (!done) {
                memory.free(answer);
            }
        }
    }

    private boolean onEntry(final Entry entry) {
        if (CommitTimes.time(entry.payloadSegment(), entry.payloadOffset()) <= time) {
            return true;
        }
        LittleEndian.putLong(answer, 0, CommitTimes.recordLsn(entry.payloadSegment(), entry.payloadOffset()));
        return false;
    }

    @Override
    void onDone() {}

    @Override
    MemorySegment bytes() {
        return answer;
    }

    @Override
    int lengthBytes() {
        return Long.BYTES;
    }

    @Override
    void close() {
        super.close();
        memory.free(answer);
    }
}
