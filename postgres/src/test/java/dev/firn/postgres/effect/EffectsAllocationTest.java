package dev.firn.postgres.effect;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalRecord;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The records that a busy cluster writes must be told without allocation, once the code is compiled. */
class EffectsAllocationTest {
    private static final int MAX_PASSES = 500;
    private static final int ROUNDS = 2_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldNotAllocateForCommonRecords(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final Sum sum = new Sum();
            final RedoFixture.Draft commit = fixture.record(ResourceManager.TRANSACTION, 0x80);
            commit.main(new RecordBytes()
                    .u64(9)
                    .u32(6)
                    .u32(2)
                    .u32(701)
                    .u32(702)
                    .u32(1)
                    .u32(1663)
                    .u32(5)
                    .u32(16384));
            expectNone(fixture, sum, 700 * 3 + 701 * 2 + 702 * 3 + 16384);
            fixture.record(ResourceManager.CLOG, 0x00).main(fixture.page(7));
            expectNone(fixture, sum, 700 + 7);
            final RecordBytes multiXact =
                    new RecordBytes().u32(8).u32(90).u32(2).u32(701).u32(5);
            fixture.record(ResourceManager.MULTIXACT, 0x20)
                    .main(multiXact.u32(699).u32(0));
            expectNone(fixture, sum, 700 + 701 + 699 + 701);
            fixture.record(ResourceManager.STORAGE, 0x10)
                    .main(new RecordBytes().u32(1663).u32(5).u32(16384).u32(0));
            expectNone(fixture, sum, 700 + 16384);
            fixture.record(ResourceManager.HEAP, 0x00).block(0, 1).main(new byte[3]);
            expectNone(fixture, sum, 700);
        }
    }

    /** What is told is counted, so that nobody can leave it out. */
    private static final class Sum implements EffectSink {
        private long sum;

        @Override
        public void xidUsed(final int xid) {
            sum += xid;
        }

        @Override
        public void transactionStatus(final int xid, final int status) {
            sum += xid;
        }

        @Override
        public void commitTimestamp(final int xid, final long timestamp, final int origin) {
            sum += xid;
        }

        @Override
        public void relationDropped(final int tablespace, final int database, final int relfilenode) {
            sum += relfilenode;
        }

        @Override
        public void relationCreated(final int tablespace, final int database, final int relfilenode, final int fork) {
            sum += relfilenode;
        }

        @Override
        public void slruPageZeroed(final Slru slru, final int page) {
            sum += page;
        }

        @Override
        public void multiXactMember(final int memberOffset, final int xid, final int status) {
            sum += xid;
        }
    }

    private void expectNone(final EffectFixture fixture, final Sum sink, final long each) {
        final WalRecord record = fixture.records().read();
        final Effects effects = fixture.effects();
        final long thread = Thread.currentThread().threadId();
        long allocated = Long.MAX_VALUE;
        for (int pass = 0; pass < MAX_PASSES && allocated >= ROUNDS; pass++) {
            sink.sum = 0;
            final long before = threads.getThreadAllocatedBytes(thread);
            for (int round = 0; round < ROUNDS; round++) {
                effects.tell(record, sink);
            }
            allocated = threads.getThreadAllocatedBytes(thread) - before;
            assertThat(sink.sum).isEqualTo(each * ROUNDS);
        }
        assertThat(allocated).as("bytes in %d rounds", ROUNDS).isLessThan(ROUNDS);
    }
}
