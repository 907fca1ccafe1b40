package dev.firn.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pages of the visibility map that a record changes without having registered them: visibilitymap.c, storage.c. */
class RedoMapTest {
    private static final int HEAP_UPDATE = 0x20;
    private static final int STORAGE_CREATE = 0x10;
    private static final int STORAGE_TRUNCATE = 0x20;
    private static final int TRUNCATE_ALL = 0x0007;
    private static final int TRUNCATE_HEAP = 0x0001;
    private static final int PER_PAGE = VisibilityMap.BLOCKS_PER_PAGE;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(1 << 20);
    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V15);
    private final ScriptedRedo heap = new ScriptedRedo();
    private final Redo redo = new Redo(PostgresVersion.V15, memory, heap.as(ResourceManager.HEAP));

    private final MemorySegment page = fixture.emptyPage(0);
    private final PageFlyweight map = new PageFlyweight().wrap(page, 0);

    @AfterEach
    void everythingIsFreed() {
        redo.close();
        fixture.close();
        leaks.close();
    }

    private TouchedPages touched() {
        return redo.touchedPages(fixture.read());
    }

    private RedoOutcome apply(final int touch) {
        return redo.apply(fixture.read(), touch, page);
    }

    private void setAll() {
        page.asSlice(PageLayout.HEADER_BYTES).fill((byte) 0xFF);
    }

    private void truncate(final int heapBlocks, final int flags) {
        fixture.record(ResourceManager.STORAGE, STORAGE_TRUNCATE)
                .main(new RecordBytes().u32(heapBlocks).u32(1663).u32(5).u32(77).u32(flags));
    }

    @Test
    void shouldTouchRegisteredBlocksAlone() {
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE)
                .block(0, 3)
                .block(2, -1)
                .fork(1);
        final TouchedPages touched = touched();
        assertThat(touched.count()).isEqualTo(2);
        assertThat(touched.touch(1)).isEqualTo(2);
        assertThat(touched.tablespace(1)).isEqualTo(RedoFixture.TABLESPACE);
        assertThat(touched.database(1)).isEqualTo(RedoFixture.DATABASE);
        assertThat(touched.relfilenode(1)).isEqualTo(RedoFixture.RELFILENODE);
        assertThat(touched.fork(1)).isEqualTo(1);
        assertThat(touched.block(1)).isEqualTo(-1);
        assertThatThrownBy(() -> touched.touch(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> touched.block(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldTouchOneMapPageForTwoBlocksOnIt() {
        heap.clearsAllVisible = 0b11;
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE).block(0, PER_PAGE).block(1, 2 * PER_PAGE - 1);
        final TouchedPages touched = touched();
        assertThat(touched.count()).isEqualTo(3);
        assertThat(touched.touch(2)).isEqualTo(TouchedPages.MAP_OF_BLOCK);
        assertThat(touched.fork(2)).isEqualTo(Fork.VISIBILITY_MAP.number());
        assertThat(touched.block(2)).isEqualTo(1);
        assertThat(touched.relfilenode(2)).isEqualTo(RedoFixture.RELFILENODE);
    }

    @Test
    void shouldTouchTheMapPageOfEachBlock() {
        heap.clearsAllVisible = 0b01;
        heap.clearsAllFrozen = 0b10;
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE).block(0, PER_PAGE).block(1, PER_PAGE - 1);
        final TouchedPages touched = touched();
        assertThat(touched.count()).isEqualTo(4);
        assertThat(touched.block(2)).isEqualTo(1);
        assertThat(touched.touch(3)).isEqualTo(TouchedPages.MAP_OF_BLOCK + 1);
        assertThat(touched.block(3)).isZero();
    }

    @Test
    void shouldTouchARegisteredMapPageOnce() {
        heap.clearsAllVisible = 0b1;
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE)
                .block(0, 3)
                .block(1, 0)
                .fork(2);
        assertThat(touched().count()).isEqualTo(2);
    }

    @Test
    void shouldFailWhenTheBlockWhoseMapChangesIsNotRegistered() {
        heap.clearsAllVisible = 0b10;
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE).block(0, 3);
        assertThatThrownBy(this::touched).isInstanceOf(RedoException.class);
    }

    @Test
    void shouldClearTheBitsWhateverTheMapsLsn() {
        heap.clearsAllVisible = 0b11;
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE).block(0, 5).block(1, 6);
        setAll();
        map.lsn(-1L);
        assertThat(apply(TouchedPages.MAP_OF_BLOCK)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(map.lsn()).isEqualTo(-1L);
        assertThat(VisibilityMap.get(map, 4)).isEqualTo(VisibilityMap.VALID_BITS);
        assertThat(VisibilityMap.get(map, 5)).isZero();
        assertThat(VisibilityMap.get(map, 6)).isZero();
        assertThat(VisibilityMap.get(map, 7)).isEqualTo(VisibilityMap.VALID_BITS);
        assertThat(apply(TouchedPages.MAP_OF_BLOCK)).isEqualTo(RedoOutcome.UNCHANGED);
    }

    @Test
    void shouldClearTheFrozenBitAlone() {
        heap.clearsAllFrozen = 0b1;
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE).block(0, 5);
        setAll();
        assertThat(apply(TouchedPages.MAP_OF_BLOCK)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(VisibilityMap.get(map, 5)).isEqualTo(VisibilityMap.ALL_VISIBLE);
    }

    @Test
    void shouldClearOnlyWhatIsOnThisPageOfThisMap() {
        heap.clearsAllVisible = 0b111;
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE)
                .block(0, 5)
                .block(1, PER_PAGE + 6)
                .block(2, 7)
                .relation(99);
        setAll();
        assertThat(apply(TouchedPages.MAP_OF_BLOCK)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(VisibilityMap.get(map, 5)).isZero();
        assertThat(VisibilityMap.get(map, 6)).isEqualTo(VisibilityMap.VALID_BITS);
        assertThat(VisibilityMap.get(map, 7)).isEqualTo(VisibilityMap.VALID_BITS);
    }

    @Test
    void shouldLeaveAMapPageThatWasNeverWritten() {
        heap.clearsAllVisible = 0b1;
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE).block(0, 5);
        page.fill((byte) 0);
        assertThat(apply(TouchedPages.MAP_OF_BLOCK)).isEqualTo(RedoOutcome.UNCHANGED);
        assertThat(page.mismatch(fixture.newPage())).isEqualTo(-1);
    }

    @Test
    void shouldNameTheMapInFailures() {
        heap.clearsAllVisible = 0b10;
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE).block(0, 5);
        assertThatThrownBy(() -> apply(TouchedPages.MAP_OF_BLOCK))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(", the visibility map of relation 1663/5/16384 fork MAIN block 5: ");
    }

    @Test
    void shouldTouchTheMapPageThatATruncationCuts() {
        truncate(3 * PER_PAGE + 5, TRUNCATE_ALL);
        final TouchedPages touched = touched();
        assertThat(touched.count()).isOne();
        assertThat(touched.touch(0)).isEqualTo(TouchedPages.TRUNCATED_MAP);
        assertThat(touched.tablespace(0)).isEqualTo(1663);
        assertThat(touched.database(0)).isEqualTo(5);
        assertThat(touched.relfilenode(0)).isEqualTo(77);
        assertThat(touched.fork(0)).isEqualTo(Fork.VISIBILITY_MAP.number());
        assertThat(touched.block(0)).isEqualTo(3);
    }

    @Test
    void shouldTouchNothingWhenNoMapPageIsCut() {
        truncate(3 * PER_PAGE, TRUNCATE_ALL);
        assertThat(touched().count()).isZero();
        truncate(0, TRUNCATE_ALL);
        assertThat(touched().count()).isZero();
        truncate(5, TRUNCATE_HEAP);
        assertThat(touched().count()).isZero();
        assertThatThrownBy(() -> apply(TouchedPages.TRUNCATED_MAP))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("Storage TRUNCATE (info 0x20), the end of the visibility map: ");
        fixture.record(ResourceManager.STORAGE, STORAGE_CREATE).main(new byte[16]);
        assertThat(touched().count()).isZero();
        fixture.record(ResourceManager.HEAP, HEAP_UPDATE).block(0, 3);
        assertThatThrownBy(() -> apply(TouchedPages.TRUNCATED_MAP)).isInstanceOf(RedoException.class);
    }

    @Test
    void shouldRefuseATruncationThatIsTooShort() {
        fixture.record(ResourceManager.STORAGE, STORAGE_TRUNCATE).main(new byte[19]);
        assertThatThrownBy(this::touched)
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("Storage TRUNCATE (info 0x20): the record has 19 bytes here");
    }

    @Test
    void shouldClearWhatATruncationCuts() {
        setAll();
        map.lsn(-1L);
        truncate(PER_PAGE + 4 * 10 + 3, TRUNCATE_ALL);
        assertThat(apply(TouchedPages.TRUNCATED_MAP)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(map.lsn()).isEqualTo(-1L);
        final byte[] bytes = page.toArray(ValueLayout.JAVA_BYTE);
        for (int i = PageLayout.HEADER_BYTES; i < bytes.length; i++) {
            final int at = i - PageLayout.HEADER_BYTES;
            assertThat(bytes[i]).as("byte %d", at).isEqualTo((byte) (at < 10 ? 0xFF : at == 10 ? 0x3F : 0));
        }
    }

    @Test
    void shouldInitialiseANewMapPageThatATruncationCuts() {
        page.fill((byte) 0);
        truncate(7, TRUNCATE_ALL);
        assertThat(apply(TouchedPages.TRUNCATED_MAP)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(page.mismatch(initialized())).isEqualTo(-1);
    }

    private MemorySegment initialized() {
        final MemorySegment expected = fixture.newPage();
        new PageFlyweight().wrap(expected, 0).initialize(0);
        return expected;
    }
}
