package dev.firn.pagestore.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.memory.MemoryTableScan;
import dev.firn.pagestore.rebuild.PageBuilder;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SeparatedPagesTest {
    private static final long START_LSN = 0x100_0000;
    private static final int TABLESPACE = 1663;
    private static final int DATABASE = 5;
    private static final int RELATION = 16_384;
    private static final long HIGH = PageKeys.high(KeyClass.PAGE, TABLESPACE);
    private static final long MIDDLE = PageKeys.middle(DATABASE, RELATION);

    // access/xlogrecord.h, catalog/pg_control.h
    private static final int HEADER_BYTES = 24;
    private static final int INFO_AT = 16;
    private static final int XLOG_FPI = 0xB0;
    private static final int HAS_IMAGE = 0x10;
    private static final int IMAGE_APPLY = 0x02;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(32 << 20);
    private final PageBuilder builder = new PageBuilder(PostgresVersion.V17, memory);

    @AfterEach
    void everythingIsFreed() {
        builder.close();
        leaks.close();
    }

    @Test
    void shouldGiveEachPageOfARecordThatMakesSeveral() {
        final byte[] record = record(4);
        try (MemoryTable table = tableOf(record, 4, EntryKind.RECORD | EntryKind.STANDS_ALONE);
                MemoryTableScan scan = table.sorted();
                SeparatedPages pages = new SeparatedPages(scan, builder, memory)) {
            for (int block = 0; block < 4; block++) {
                assertThat(pages.advance()).isEqualTo(SortedEntries.ENTRY);
                assertThat(pages.low()).isEqualTo(PageKeys.low(0, block));
                assertThat(pages.lsn()).isEqualTo(START_LSN + record.length);
                assertThat(pages.kindByte()).isEqualTo(EntryKind.IMAGE | EntryKind.STANDS_ALONE);
                assertThat(pages.recordAtLsn()).isZero();
                final byte[] expected = page(block);
                new PageFlyweight().wrap(MemorySegment.ofArray(expected), 0).lsn(START_LSN + record.length);
                assertThat(pages.payloadSegment()
                                .asSlice(pages.payloadOffset(), pages.payloadLength())
                                .toArray(ValueLayout.JAVA_BYTE))
                        .isEqualTo(expected);
            }
            assertThat(pages.advance()).isEqualTo(SortedEntries.END);
        }
    }

    @Test
    void shouldLeaveARecordThatIsNoLongerThanItsPage() {
        final byte[] shorter = Arrays.copyOf(record(1), PageLayout.PAGE_BYTES);
        assertThat(kinds(shorter, 1, EntryKind.RECORD | EntryKind.STANDS_ALONE))
                .containsOnly(EntryKind.RECORD | EntryKind.STANDS_ALONE);
    }

    @Test
    void shouldLeaveARecordThatChangesWhatIsThere() {
        assertThat(kinds(record(4), 4, EntryKind.RECORD)).containsOnly(EntryKind.RECORD);
    }

    @Test
    void shouldLeaveARecordThatCanNotBeApplied() {
        final byte[] damaged = record(4);
        Arrays.fill(damaged, HEADER_BYTES, HEADER_BYTES + 8, (byte) 0x77);
        assertThat(kinds(damaged, 4, EntryKind.RECORD | EntryKind.STANDS_ALONE))
                .containsOnly(EntryKind.RECORD | EntryKind.STANDS_ALONE);
    }

    private int[] kinds(final byte[] record, final int blocks, final int kindByte) {
        final int[] kinds = new int[blocks];
        try (MemoryTable table = tableOf(record, blocks, kindByte);
                MemoryTableScan scan = table.sorted();
                SeparatedPages pages = new SeparatedPages(scan, builder, memory)) {
            for (int block = 0; block < blocks; block++) {
                assertThat(pages.advance()).isEqualTo(SortedEntries.ENTRY);
                assertThat(pages.payloadLength()).isEqualTo(record.length);
                kinds[block] = pages.kindByte();
            }
        }
        return kinds;
    }

    private MemoryTable tableOf(final byte[] record, final int blocks, final int kindByte) {
        final MemoryTable table =
                new MemoryTable(memory, new MemoryTableConfig(MemoryTableConfig.MIN_BYTES), START_LSN);
        final long end = START_LSN + record.length;
        final long position = table.keepRecord(MemorySegment.ofArray(record), 0, record.length, START_LSN, end);
        for (int block = 0; block < blocks; block++) {
            table.addRecord(HIGH, MIDDLE, PageKeys.low(0, block), kindByte, block, position);
        }
        table.endLsn(end);
        table.freeze();
        return table;
    }

    /** Images of so many pages, without holes. */
    private static byte[] record(final int blocks) {
        final int headers = blocks * (4 + 5 + 12 + 4);
        final byte[] bytes = new byte[HEADER_BYTES + headers + blocks * PageLayout.PAGE_BYTES];
        final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(0, bytes.length);
        buffer.put(INFO_AT, (byte) XLOG_FPI);
        buffer.position(HEADER_BYTES);
        for (int block = 0; block < blocks; block++) {
            buffer.put((byte) block).put((byte) HAS_IMAGE).putShort((short) 0);
            buffer.putShort((short) PageLayout.PAGE_BYTES).putShort((short) 0).put((byte) IMAGE_APPLY);
            buffer.putInt(TABLESPACE).putInt(DATABASE).putInt(RELATION).putInt(block);
        }
        for (int block = 0; block < blocks; block++) {
            buffer.put(page(block));
        }
        return bytes;
    }

    private static byte[] page(final int block) {
        final byte[] page = new byte[PageLayout.PAGE_BYTES];
        new PageFlyweight().wrap(MemorySegment.ofArray(page), 0).initialize(0);
        LittleEndian.putInt(MemorySegment.ofArray(page), PageLayout.PAGE_BYTES - 8L, block + 1);
        return page;
    }
}
