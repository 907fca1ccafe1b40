package dev.firn.postgres.redo.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.redo.TouchedPages;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeapUpdateRedoTest {
    private static final int UPDATE = 0x20;
    private static final int HOT_UPDATE = 0x40;
    private static final int INIT = 0x80;
    private static final int VM_FORK = 2;

    private static final int OLD_CLEARED = 0x01;
    private static final int NEW_CLEARED = 0x02;
    private static final int PREFIX = 0x20;
    private static final int SUFFIX = 0x40;

    private static final int NEW_BLOCK = 9;
    private static final int OLD_BLOCK = 4;

    /** A block whose bits are on another page of the map. */
    private static final int FAR_BLOCK = VisibilityMap.BLOCKS_PER_PAGE + 4;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V15);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldUpdateWithinThePage() {
        final MemorySegment page = oldPage(NEW_BLOCK);
        HeapPages.at(page).setFlag(PageLayout.ALL_VISIBLE);
        fixture.record(ResourceManager.HEAP, HOT_UPDATE)
                .xid(703)
                .block(0, NEW_BLOCK)
                .data(HeapPages.tuple(HeapTupleFlags.ONLY_TUPLE | 1, HeapTupleFlags.UPDATED, (byte) 8))
                .main(main(OLD_CLEARED, 2));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        final HeapTupleFlyweight old = HeapPages.tupleOf(page, 1);
        assertThat(old.xmax()).isEqualTo(703);
        assertThat(old.infomask()).isEqualTo(HeapTupleFlags.XMAX_EXCL_LOCK);
        assertThat(old.infomask2()).isEqualTo(HeapTupleFlags.HOT_UPDATED | 1);
        assertThat(old.commandId()).isZero();
        assertThat(old.ctidBlock()).isEqualTo(NEW_BLOCK);
        assertThat(old.ctidOffsetNumber()).isEqualTo(2);
        final HeapTupleFlyweight added = HeapPages.tupleOf(page, 2);
        assertThat(added.rawXmin()).isEqualTo(703);
        assertThat(added.xmax()).isEqualTo(55);
        assertThat(added.infomask()).isEqualTo(HeapTupleFlags.UPDATED);
        assertThat(added.infomask2()).isEqualTo(HeapTupleFlags.ONLY_TUPLE | 1);
        assertThat(added.ctidBlock()).isEqualTo(NEW_BLOCK);
        assertThat(added.ctidOffsetNumber()).isEqualTo(2);
        assertThat(HeapPages.dataOf(page, 2)).containsExactly(8);
        assertThat(HeapPages.at(page).pruneXid()).isEqualTo(703);
        assertThat(HeapPages.at(page).hasFlag(PageLayout.ALL_VISIBLE)).isFalse();
        assertThat(HeapPages.at(page).lsn()).isEqualTo(fixture.read().nextLsn());
    }

    @Test
    void shouldTakeBeginAndEndFromTheOldTuple() {
        final byte[] expected = {1, 2, 99, 98, 5, 6};
        final RecordBytes both = new RecordBytes().u16(2).u16(2);
        checkCompression(both, PREFIX | SUFFIX, new byte[] {99, 98}, expected);
        checkCompression(new RecordBytes().u16(4), PREFIX, new byte[] {7}, new byte[] {1, 2, 3, 4, 7});
        checkCompression(new RecordBytes().u16(3), SUFFIX, new byte[] {7}, new byte[] {7, 4, 5, 6});
        checkCompression(new RecordBytes().u16(6), PREFIX, new byte[] {}, new byte[] {1, 2, 3, 4, 5, 6});
        checkCompression(
                new RecordBytes().u16(0).u16(6), PREFIX | SUFFIX, new byte[] {}, new byte[] {1, 2, 3, 4, 5, 6});
    }

    private void checkCompression(
            final RecordBytes lengths, final int flags, final byte[] data, final byte[] expected) {
        final MemorySegment page = oldPage(NEW_BLOCK);
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(lengths.raw(HeapPages.tuple(1, 0, data).array()))
                .main(main(flags, 2));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.dataOf(page, 2)).containsExactly(expected);
        assertThat(HeapPages.tupleOf(page, 2).dataOffset()).isEqualTo(HeapPages.DATA_OFFSET);
        assertThat(HeapPages.tupleOf(page, 1).infomask2()).as("not a HOT one").isEqualTo(1);
    }

    @Test
    void shouldRefuseToTakeWhatTheOldTupleHasNot() {
        final MemorySegment page = oldPage(NEW_BLOCK);
        update(new RecordBytes().u16(7), PREFIX);
        expectError(0, page, "takes 7 and 0 bytes from an old one with 6");
        update(new RecordBytes().u16(7), SUFFIX);
        expectError(0, page, "takes 0 and 7 bytes from an old one with 6");
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(new RecordBytes().u16(1).u16(1).u16(0).u8(22).fill(9, 0))
                .main(main(PREFIX, 2));
        expectError(0, oldPage(NEW_BLOCK), "asks for -1");
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(new RecordBytes().u16(1).u16(1).u16(0).u8(64).fill(9, 0))
                .main(main(PREFIX, 2));
        expectError(0, oldPage(NEW_BLOCK), "asks for 41");
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(new RecordBytes().u16(1).u8(0))
                .main(main(0, 2));
        expectError(0, oldPage(NEW_BLOCK), "asks for 4");
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(new RecordBytes()
                        .u16(1)
                        .raw(HeapPages.tuple(1, 0, (byte) 1).array()))
                .block(1, OLD_BLOCK)
                .main(main(PREFIX, 1));
        expectError(0, HeapPages.page(fixture), "from an old one on another page");
    }

    private void update(final RecordBytes lengths, final int flags) {
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(lengths.raw(HeapPages.tuple(1, 0, (byte) 1).array()))
                .main(main(flags, 2));
    }

    @Test
    void shouldUpdateAcrossPages() {
        fixture.record(ResourceManager.HEAP, UPDATE | INIT)
                .xid(703)
                .block(0, NEW_BLOCK)
                .willInit()
                .data(HeapPages.tuple(1, HeapTupleFlags.UPDATED, (byte) 8))
                .block(1, OLD_BLOCK)
                .main(main(OLD_CLEARED | NEW_CLEARED, 1));
        final MemorySegment added = fixture.newPage();
        assertThat(fixture.apply(0, added)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.dataOf(added, 1)).containsExactly(8);
        assertThat(HeapPages.at(added).pruneXid()).isZero();
        final MemorySegment old = oldPage(OLD_BLOCK);
        assertThat(fixture.apply(1, old)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.at(old).linePointerCount()).isEqualTo(1);
        assertThat(HeapPages.tupleOf(old, 1).ctidBlock()).isEqualTo(NEW_BLOCK);
        assertThat(HeapPages.tupleOf(old, 1).ctidOffsetNumber()).isEqualTo(1);
        assertThat(HeapPages.tupleOf(old, 1).xmax()).isEqualTo(703);
        assertThat(HeapPages.at(old).pruneXid()).isEqualTo(703);
    }

    @Test
    void shouldKeepWhatIsOnTheNewPage() {
        final MemorySegment page = oldPage(NEW_BLOCK);
        HeapPages.at(page).setFlag(PageLayout.ALL_VISIBLE);
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(HeapPages.tuple(1, 0, (byte) 8))
                .block(1, OLD_BLOCK)
                .main(main(NEW_CLEARED, 2));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.tupleOf(page, 1).xmax()).isZero();
        assertThat(HeapPages.dataOf(page, 2)).containsExactly(8);
        assertThat(HeapPages.at(page).hasFlag(PageLayout.ALL_VISIBLE)).isFalse();
    }

    @Test
    void shouldRefuseContradictions() {
        final RecordBytes tuple = HeapPages.tuple(1, 0, (byte) 8);
        fixture.record(ResourceManager.HEAP, HOT_UPDATE)
                .block(0, NEW_BLOCK)
                .data(tuple)
                .block(1, OLD_BLOCK)
                .main(main(0, 1));
        expectError(0, HeapPages.page(fixture), "names a page for the old tuple");
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(tuple)
                .block(1, NEW_BLOCK)
                .main(main(0, 1));
        expectError(0, HeapPages.page(fixture), "names a page for the old tuple");
        fixture.record(ResourceManager.HEAP, UPDATE | INIT)
                .block(0, NEW_BLOCK)
                .data(tuple)
                .block(1, OLD_BLOCK)
                .main(main(0, 1));
        expectError(0, HeapPages.page(fixture), "does not mark it so");
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .willInit()
                .data(tuple)
                .main(main(0, 1));
        expectError(0, HeapPages.page(fixture), "redo changes what is there");
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(tuple)
                .main(new byte[13]);
        expectError(0, HeapPages.page(fixture), "13 bytes");
        assertThatThrownBy(fixture::touched).isInstanceOf(RedoException.class);
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(tuple)
                .block(4, 1)
                .main(main(0, 2));
        expectError(4, HeapPages.page(fixture), "no block reference #4");
    }

    @Test
    void shouldClearTheMapOfBothPages() {
        acrossPages(OLD_CLEARED | NEW_CLEARED, OLD_BLOCK);
        final TouchedPages touched = fixture.touched();
        assertThat(touched.count()).as("one page has both bits").isEqualTo(3);
        final MemorySegment map = map();
        assertThat(fixture.apply(touched.touch(2), map)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(VisibilityMap.get(HeapPages.at(map), OLD_BLOCK)).isZero();
        assertThat(VisibilityMap.get(HeapPages.at(map), NEW_BLOCK)).isZero();
        assertThat(VisibilityMap.get(HeapPages.at(map), NEW_BLOCK + 1)).isEqualTo(3);
        acrossPages(OLD_CLEARED | NEW_CLEARED, FAR_BLOCK);
        assertThat(fixture.touched().count()).isEqualTo(4);
        acrossPages(OLD_CLEARED, FAR_BLOCK);
        assertThat(fixture.touched().count()).isEqualTo(3);
        assertThat(fixture.touched().touch(2)).isEqualTo(TouchedPages.MAP_OF_BLOCK + 1);
        acrossPages(0, FAR_BLOCK);
        assertThat(fixture.touched().count()).isEqualTo(2);
    }

    @Test
    void shouldClearOneBlockOfTheMapWhenBothTuplesAreInIt() {
        fixture.record(ResourceManager.HEAP, UPDATE)
                .block(0, NEW_BLOCK)
                .data(HeapPages.tuple(1, 0, (byte) 8))
                .main(main(OLD_CLEARED, 2));
        assertThat(fixture.touched().count()).isEqualTo(2);
        assertThat(fixture.touched().touch(1)).isEqualTo(TouchedPages.MAP_OF_BLOCK);
    }

    @Test
    void shouldClearBothBlocksOnARegisteredMapPage() {
        acrossPages(OLD_CLEARED | NEW_CLEARED, OLD_BLOCK).block(2, 0).fork(VM_FORK);
        assertThat(fixture.touched().count()).isEqualTo(3);
        final MemorySegment map = map();
        assertThat(fixture.apply(2, map)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(VisibilityMap.get(HeapPages.at(map), OLD_BLOCK)).isZero();
        assertThat(VisibilityMap.get(HeapPages.at(map), NEW_BLOCK)).isZero();
        assertThat(HeapPages.at(map).lsn()).isEqualTo(fixture.read().nextLsn());
        HeapPages.at(map).lsn(5);
        VisibilityMap.set(HeapPages.at(map), OLD_BLOCK, 1);
        assertThat(fixture.apply(2, map)).as("only the old one's bit was set").isEqualTo(RedoOutcome.APPLIED);
        HeapPages.at(map).lsn(5);
        assertThat(fixture.apply(2, map)).isEqualTo(RedoOutcome.UNCHANGED);
    }

    @Test
    void shouldLeaveTheOldBlockToItsOwnMapPage() {
        acrossPages(OLD_CLEARED | NEW_CLEARED, FAR_BLOCK)
                .block(2, 0)
                .fork(VM_FORK)
                .block(3, 1)
                .fork(VM_FORK);
        assertThat(fixture.touched().count()).isEqualTo(4);
        final MemorySegment newMap = map();
        fixture.apply(2, newMap);
        assertThat(VisibilityMap.get(HeapPages.at(newMap), NEW_BLOCK)).isZero();
        assertThat(VisibilityMap.get(HeapPages.at(newMap), FAR_BLOCK)).isEqualTo(3);
        final MemorySegment oldMap = map();
        fixture.apply(3, oldMap);
        assertThat(VisibilityMap.get(HeapPages.at(oldMap), FAR_BLOCK)).isZero();
        assertThat(VisibilityMap.get(HeapPages.at(oldMap), NEW_BLOCK)).isEqualTo(3);
        acrossPages(OLD_CLEARED, FAR_BLOCK).block(2, 0).fork(VM_FORK);
        expectError(2, map(), "no block reference #2");
        acrossPages(NEW_CLEARED, FAR_BLOCK).block(3, 1).fork(VM_FORK);
        expectError(3, map(), "no block reference #3");
        acrossPages(OLD_CLEARED, FAR_BLOCK).block(3, 0).fork(VM_FORK);
        expectError(3, map(), "is not the visibility map's page");
    }

    private RedoFixture.Draft acrossPages(final int flags, final int oldBlock) {
        return fixture.record(ResourceManager.HEAP, UPDATE)
                .main(main(flags, 1))
                .block(0, NEW_BLOCK)
                .data(HeapPages.tuple(1, 0, (byte) 8))
                .block(1, oldBlock);
    }

    private MemorySegment map() {
        final MemorySegment map = fixture.emptyPage(0);
        map.asSlice(24, PageLayout.PAGE_BYTES - 24).fill((byte) 0xFF);
        return map;
    }

    /** A page with one tuple of six bytes. */
    private MemorySegment oldPage(final int block) {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, block, HeapPages.PLAIN, new byte[] {1, 2, 3, 4, 5, 6});
        return page;
    }

    private static RecordBytes main(final int flags, final int newOffsetNumber) {
        return new RecordBytes().u32(703).u16(1).u8(0x04).u8(flags).u32(55).u16(newOffsetNumber);
    }

    private void expectError(final int block, final MemorySegment page, final String message) {
        assertThatThrownBy(() -> fixture.apply(block, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(message);
    }
}
