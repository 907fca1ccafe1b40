package dev.firn.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The other redo tests stand on this: what a draft says is what the reader reads, and what redo gets. */
class RedoFixtureTest {
    private static final int FPI = 0xB0;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldReadWhatWasDrafted() {
        fixture.record(ResourceManager.BTREE, 0x30)
                .xid(77)
                .block(0, 3)
                .willInit()
                .data(new RecordBytes().u8(1).u16(0x0203).u32(0x04050607))
                .block(2, -1)
                .fork(2)
                .relation(99)
                .main(new RecordBytes().u64(8).blockId(0x0001_0002).align(4).fill(3, 9));
        final WalRecord record = fixture.read();
        assertThat(record.resourceManagerId()).isEqualTo(ResourceManager.BTREE.id());
        assertThat(record.operation()).isEqualTo(0x30);
        assertThat(record.xid()).isEqualTo(77);
        assertThat(record.maxBlockId()).isEqualTo(2);
        assertThat(record.hasBlock(1)).isFalse();
        assertThat(record.blockWillInit(0)).isTrue();
        assertThat(bytesAt(record, record.blockDataOffset(0), record.blockDataLength(0)))
                .containsExactly(1, 3, 2, 7, 6, 5, 4);
        assertThat(record.blockNumber(2)).isEqualTo(-1);
        assertThat(record.blockFork(2)).isEqualTo(2);
        assertThat(record.blockRelfilenode(2)).isEqualTo(99);
        assertThat(bytesAt(record, record.mainDataOffset(), record.mainDataLength()))
                .containsExactly(8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 9, 9, 9);
    }

    @Test
    void shouldApplyAnImageWithAHole() {
        final MemorySegment source = fixture.emptyPage(0);
        source.set(ValueLayout.JAVA_BYTE, 8191, (byte) 5);
        source.set(ValueLayout.JAVA_BYTE, 5000, (byte) 6);
        fixture.record(ResourceManager.XLOG, FPI).block(0, 3).image(source, 24, 8000);
        final MemorySegment page = fixture.newPage();
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.RESTORED);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 8191)).isEqualTo((byte) 5);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 5000)).isZero();
        final PageFlyweight flyweight = new PageFlyweight().wrap(page, 0);
        assertThat(flyweight.lsn()).isEqualTo(fixture.read().nextLsn());
        assertThat(flyweight.special()).isEqualTo(PageLayout.PAGE_BYTES);
    }

    @Test
    void shouldCompareWithTheExpectedPage() {
        final MemorySegment page = fixture.emptyPage(0);
        fixture.record(ResourceManager.HEAP, 0).block(0, 3).expect(page);
        assertThat(fixture.compare(0, page)).isEqualTo(ConsistencyCheck.Verdict.EQUAL);
        new PageFlyweight().wrap(page, 0).lower(28);
        assertThat(fixture.compare(0, page)).isEqualTo(ConsistencyCheck.Verdict.DIFFERENT);
    }

    @Test
    void shouldLetLsnsGrow() {
        fixture.record(ResourceManager.HEAP, 0).block(0, 3);
        final long first = fixture.read().nextLsn();
        fixture.record(ResourceManager.HEAP, 0).block(0, 3);
        assertThat(fixture.read().lsn()).isGreaterThan(first);
    }

    private static byte[] bytesAt(final WalRecord record, final long offset, final int length) {
        return record.segment().asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }
}
