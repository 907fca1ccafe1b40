package dev.firn.postgres.redo.gist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GistRedoTest {
    private static final int PAGE_UPDATE = 0x00;
    private static final int DELETE = 0x10;
    private static final int PAGE_REUSE = 0x20;
    private static final int PAGE_SPLIT = 0x30;
    private static final int PAGE_DELETE = 0x60;
    private static final int ASSIGN_LSN = 0x70;

    private static final long NSN = 0x0000_0011_0000_2233L;

    private RedoFixture fixture = new RedoFixture(PostgresVersion.V17);
    private final PageFlyweight page = new PageFlyweight();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldAddTuples() {
        update(0, 2, GistBytes.tuple(24, 8), GistBytes.tuple(20, 9));
        applied(0, GistBytes.page(fixture, GistPage.LEAF, 16));
        assertThat(page.linePointerCount()).isEqualTo(3);
        assertThat(itemBytes(2)).isEqualTo(GistBytes.tuple(24, 8));
        assertThat(itemBytes(3)).isEqualTo(GistBytes.tuple(20, 9));
        assertThat(GistPage.flags(page)).isEqualTo(GistPage.LEAF);
    }

    @Test
    void shouldAddTuplesToAnEmptyPage() {
        update(0, 1, GistBytes.tuple(24, 8));
        applied(0, GistBytes.page(fixture, GistPage.LEAF));
        assertThat(itemBytes(1)).isEqualTo(GistBytes.tuple(24, 8));
    }

    @Test
    void shouldReplaceOneTupleInItsPlace() {
        update(1, 1, new RecordBytes().u16(2).array(), GistBytes.tuple(40, 9));
        applied(0, GistBytes.page(fixture, GistPage.LEAF, 16, 24, 16));
        assertThat(page.linePointerCount()).isEqualTo(3);
        assertThat(itemBytes(1)).isEqualTo(GistBytes.tuple(16, 1));
        assertThat(itemBytes(2)).isEqualTo(GistBytes.tuple(40, 9));
        assertThat(itemBytes(3)).isEqualTo(GistBytes.tuple(16, 3));
        assertThat(page.itemOffset(2)).as("behind the first item").isEqualTo(8176 - 16 - 40);
        assertThat(GistPage.flags(page))
                .as("nothing is marked deleted: the tuple was replaced")
                .isEqualTo(GistPage.LEAF);
    }

    @Test
    void shouldDeleteTuplesAndAddOthers() {
        update(2, 1, new RecordBytes().u16s(1, 3).array(), GistBytes.tuple(24, 9));
        applied(0, GistBytes.page(fixture, GistPage.LEAF, 16, 24, 16));
        assertThat(page.linePointerCount()).isEqualTo(2);
        assertThat(itemBytes(1)).isEqualTo(GistBytes.tuple(24, 2));
        assertThat(itemBytes(2)).isEqualTo(GistBytes.tuple(24, 9));
        assertThat(GistPage.flags(page)).isEqualTo(GistPage.LEAF | GistPage.TUPLES_DELETED);
    }

    @Test
    void shouldNotMarkAnInnerPageAsOneThatLostTuples() {
        update(1, 0, new RecordBytes().u16(1).array());
        applied(0, GistBytes.page(fixture, 0, 16, 24));
        assertThat(page.linePointerCount()).isEqualTo(1);
        assertThat(GistPage.flags(page)).isZero();
    }

    @Test
    void shouldClearFollowRightOfTheChildOfAnUpdate() {
        update(0, 1, GistBytes.tuple(24, 8));
        applied(1, GistBytes.page(fixture, GistPage.LEAF | GistPage.FOLLOW_RIGHT, 16));
        assertThat(GistPage.flags(page)).isEqualTo(GistPage.LEAF);
        assertThat(GistBytes.nsn(page.segment())).isEqualTo(fixture.read().nextLsn());
        assertThat(itemBytes(1)).isEqualTo(GistBytes.tuple(16, 1));
    }

    @Test
    void shouldClearFollowRightOfAChildThatCameAsImage() {
        final MemorySegment image = GistBytes.page(fixture, GistPage.LEAF | GistPage.FOLLOW_RIGHT, 16);
        fixture.record(ResourceManager.GIST, PAGE_UPDATE)
                .block(0, 3)
                .image(image)
                .block(1, 4)
                .image(image)
                .main(new RecordBytes().u16(0).u16(1));
        final MemorySegment child = fixture.newPage();
        assertThat(fixture.apply(1, child)).isEqualTo(RedoOutcome.RESTORED);
        assertThat(GistPage.flags(page.wrap(child, 0))).isEqualTo(GistPage.LEAF);
        assertThat(GistBytes.nsn(child)).isEqualTo(fixture.read().nextLsn());
        assertThat(page.lsn()).isEqualTo(fixture.read().nextLsn());
        final MemorySegment parent = fixture.newPage();
        assertThat(fixture.apply(0, parent)).isEqualTo(RedoOutcome.RESTORED);
        assertThat(GistPage.flags(page.wrap(parent, 0))).isEqualTo(GistPage.LEAF | GistPage.FOLLOW_RIGHT);

        split(false, 2, false).block(0, 4).image(image);
        assertThat(fixture.apply(0, child)).isEqualTo(RedoOutcome.RESTORED);
        assertThat(GistPage.flags(page.wrap(child, 0))).isEqualTo(GistPage.LEAF);
        assertThat(GistBytes.nsn(child)).isEqualTo(fixture.read().nextLsn());
    }

    @Test
    void shouldRefuseUpdatesThatDoNotFit() {
        update(0, 1, GistBytes.tuple(4000, 8));
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 4400), "no room for item 2 of 4000 bytes");
        update(1, 1, new RecordBytes().u16(1).array(), GistBytes.tuple(4000, 8));
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16, 4400), "no room to replace item 1 by one of 4000 bytes");
        update(1, 1, new RecordBytes().u16(2).array(), GistBytes.tuple(16, 8));
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16), "no line pointer 2 among 1");
        update(1, 0, new RecordBytes().u16(2).array());
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16), "no line pointer 2 among 1");
        update(3, 0, new RecordBytes().u16s(3, 2, 1).array());
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16, 16, 16), "not ascending");
        update(0, 2, GistBytes.tuple(16, 8));
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16), "asks for");
        update(0, 1, GistBytes.tuple(16, 8), GistBytes.tuple(16, 8));
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16), "bytes more here");
        update(1, 1, new RecordBytes().u16(1).array(), GistBytes.tuple(16, 8), GistBytes.tuple(16, 8));
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16), "bytes more here");
        update(0, 1, new RecordBytes().u64(0).array());
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16), "an index tuple of 0 bytes");
        update(3000, 0, new RecordBytes().fill(6000, 0).array());
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16), "deletes 3000 items");
        refuse(2, GistBytes.page(fixture, GistPage.LEAF, 16), "no block reference #2");
        refuse(1, fixture.emptyPage(8), "no GiST page");
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldDeleteDeadTuples(final PostgresVersion version) {
        reopen(version);
        final RecordBytes main = new RecordBytes().u32(900).u16(2);
        if (version.recordsTellCatalogRelation()) {
            main.u16(1);
        }
        fixture.record(ResourceManager.GIST, DELETE).block(0, 3).main(main.u16s(1, 3));
        applied(0, GistBytes.page(fixture, GistPage.LEAF | GistPage.HAS_GARBAGE, 16, 24, 16));
        assertThat(page.linePointerCount()).isEqualTo(1);
        assertThat(itemBytes(1)).isEqualTo(GistBytes.tuple(24, 2));
        assertThat(GistPage.flags(page)).isEqualTo(GistPage.LEAF | GistPage.TUPLES_DELETED);
    }

    @Test
    void shouldRefuseDeletionsThatTheRecordDoesNotName() {
        fixture.record(ResourceManager.GIST, DELETE)
                .block(0, 3)
                .block(1, 4)
                .main(new RecordBytes().u32(900).u16(2).u16(0).u16(1));
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16, 24, 16), "asks for");
        refuse(1, GistBytes.page(fixture, GistPage.LEAF, 16), "no block reference #1");
    }

    @Test
    void shouldSplitALeaf() {
        split(true, 3, true)
                .block(1, 3)
                .willInit()
                .data(splitData(GistBytes.tuple(16, 1), GistBytes.tuple(20, 2)))
                .block(2, 71)
                .willInit()
                .data(splitData(GistBytes.tuple(16, 3)))
                .block(3, 72)
                .willInit()
                .data(splitData());
        applied(1, GistBytes.page(fixture, GistPage.LEAF, 16));
        assertThat(page.linePointerCount()).isEqualTo(2);
        assertThat(itemBytes(1)).isEqualTo(GistBytes.tuple(16, 1));
        assertThat(itemBytes(2)).isEqualTo(GistBytes.tuple(20, 2));
        expectOpaque(71, GistPage.LEAF | GistPage.FOLLOW_RIGHT);
        applied(2, fixture.newPage());
        assertThat(itemBytes(1)).isEqualTo(GistBytes.tuple(16, 3));
        expectOpaque(72, GistPage.LEAF | GistPage.FOLLOW_RIGHT);
        applied(3, fixture.newPage());
        assertThat(page.isEmpty()).isTrue();
        expectOpaque(55, GistPage.LEAF);
    }

    @Test
    void shouldNotMarkFollowRightUnlessTold() {
        split(false, 2, false)
                .block(1, 3)
                .willInit()
                .data(splitData(GistBytes.tuple(16, 1)))
                .block(2, 71)
                .willInit()
                .data(splitData(GistBytes.tuple(16, 3)));
        applied(1, fixture.newPage());
        expectOpaque(71, 0);
    }

    @Test
    void shouldSplitTheRoot() {
        split(true, 3, true)
                .block(1, 0)
                .willInit()
                .data(splitData(GistBytes.tuple(16, 1), GistBytes.tuple(16, 2)))
                .block(2, 71)
                .willInit()
                .data(splitData(GistBytes.tuple(16, 3)))
                .block(3, 72)
                .willInit()
                .data(splitData(GistBytes.tuple(16, 4)));
        applied(1, GistBytes.page(fixture, GistPage.LEAF, 16));
        expectOpaque(-1, 0);
        applied(2, fixture.newPage());
        expectOpaque(72, GistPage.LEAF);
        applied(3, fixture.newPage());
        expectOpaque(55, GistPage.LEAF);
    }

    @Test
    void shouldClearFollowRightOfTheChildOfASplit() {
        split(false, 1, true).block(0, 4);
        applied(0, GistBytes.page(fixture, GistPage.FOLLOW_RIGHT, 16));
        assertThat(GistPage.flags(page)).isZero();
        assertThat(GistBytes.nsn(page.segment())).isEqualTo(fixture.read().nextLsn());
    }

    @Test
    void shouldRefuseSplitsThatContradictThemselves() {
        split(true, 1, true).block(1, 3).data(splitData());
        refuse(1, GistBytes.page(fixture, 0), "does not mark it so");
        split(true, 1, true)
                .block(1, 3)
                .willInit()
                .data(splitData())
                .block(2, 4)
                .willInit();
        refuse(2, fixture.newPage(), "no block reference #2");
        split(true, 2, true)
                .block(1, 3)
                .willInit()
                .data(splitData())
                .block(2, 0)
                .willInit();
        refuse(2, fixture.newPage(), "not the first of its pages");
        split(true, 2, true).block(1, 3).willInit().data(splitData());
        refuse(1, fixture.newPage(), "no block reference #2");
        split(true, 1, true)
                .block(1, 3)
                .willInit()
                .data(new RecordBytes().u32(2).raw(GistBytes.tuple(16, 1)));
        refuse(1, fixture.newPage(), "asks for");
        split(true, 1, true)
                .block(1, 3)
                .willInit()
                .data(new RecordBytes().u32(0).raw(GistBytes.tuple(16, 1)));
        refuse(1, fixture.newPage(), "bytes more here");
        split(true, 1, true).block(1, 3).willInit().data(splitData(GistBytes.tuple(8000, 1), GistBytes.tuple(8000, 1)));
        refuse(1, fixture.newPage(), "no room for item 2");
    }

    @Test
    void shouldDeleteAPage() {
        fixture.record(ResourceManager.GIST, PAGE_DELETE)
                .block(0, 9)
                .block(1, 3)
                .block(2, 4)
                .main(new RecordBytes().u64(0x0000_0001_0000_0384L).u16(2));
        final MemorySegment leaf = applied(0, GistBytes.page(fixture, GistPage.LEAF));
        assertThat(GistPage.flags(page)).isEqualTo(GistPage.LEAF | GistPage.DELETED);
        assertThat(page.lower()).isEqualTo(32);
        assertThat(LittleEndian.getLong(leaf, 24)).isEqualTo(0x0000_0001_0000_0384L);
        applied(1, GistBytes.page(fixture, 0, 16, 24, 16));
        assertThat(page.linePointerCount()).isEqualTo(2);
        assertThat(itemBytes(2)).isEqualTo(GistBytes.tuple(16, 3));
        refuse(0, GistBytes.page(fixture, GistPage.LEAF, 16), "has 1 items");
        refuse(1, GistBytes.page(fixture, 0, 16), "no line pointer 2 among 1");
        refuse(2, GistBytes.page(fixture, 0, 16), "no block reference #2");
    }

    @Test
    void shouldRefuseBlocksOfRecordsThatChangeNoPage() {
        fixture.record(ResourceManager.GIST, PAGE_REUSE).block(0, 3);
        refuse(0, GistBytes.page(fixture, 0, 16), "no block reference #0");
        fixture.record(ResourceManager.GIST, ASSIGN_LSN).block(0, 3);
        refuse(0, GistBytes.page(fixture, 0, 16), "no block reference #0");
    }

    @Test
    void shouldRefuseOperationsThatAreNone() {
        for (final int operation : new int[] {0x40, 0x50, 0x80}) {
            fixture.record(ResourceManager.GIST, operation).block(0, 3);
            refuse(0, GistBytes.page(fixture, 0, 16), "no operation 0x%02X".formatted(operation));
        }
    }

    private void reopen(final PostgresVersion version) {
        fixture.close();
        fixture = new RedoFixture(version);
    }

    private MemorySegment applied(final int block, final MemorySegment memory) {
        assertThat(fixture.apply(block, memory)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(page.wrap(memory, 0).lsn()).isEqualTo(fixture.read().nextLsn());
        return memory;
    }

    private void refuse(final int block, final MemorySegment memory, final String why) {
        assertThatThrownBy(() -> fixture.apply(block, memory))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("Gist ")
                .hasMessageContaining(why);
    }

    private byte[] itemBytes(final int offsetNumber) {
        return GistBytes.item(page, offsetNumber);
    }

    private void expectOpaque(final int rightLink, final int flags) {
        assertThat(GistPage.flags(page)).isEqualTo(flags);
        assertThat(GistBytes.rightLink(page.segment())).isEqualTo(rightLink);
        assertThat(GistBytes.nsn(page.segment())).isEqualTo(NSN);
        assertThat(LittleEndian.getUnsignedShort(page.segment(), 8190)).isEqualTo(0xFF81);
    }

    /** Blocks 1 and 2 are there for redo to find, whatever it makes of them. */
    private void update(final int deleted, final int inserted, final byte[]... data) {
        final RecordBytes bytes = new RecordBytes();
        for (final byte[] part : data) {
            bytes.raw(part);
        }
        fixture.record(ResourceManager.GIST, PAGE_UPDATE)
                .block(0, 3)
                .data(bytes)
                .block(1, 4)
                .block(2, 5)
                .main(new RecordBytes().u16(deleted).u16(inserted));
    }

    private RedoFixture.Draft split(final boolean leaf, final int pages, final boolean followRight) {
        return fixture.record(ResourceManager.GIST, PAGE_SPLIT)
                .main(new RecordBytes()
                        .u32(55)
                        .u32(0)
                        .u64(NSN)
                        .u8(leaf ? 1 : 0)
                        .u8(0)
                        .u16(pages)
                        .u8(followRight ? 1 : 0)
                        .fill(3, 0));
    }

    private static RecordBytes splitData(final byte[]... tuples) {
        final RecordBytes bytes = new RecordBytes().u32(tuples.length);
        for (final byte[] tuple : tuples) {
            bytes.raw(tuple);
        }
        return bytes;
    }
}
