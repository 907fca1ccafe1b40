package dev.firn.postgres.redo.gin;

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

class GinRedoTest {
    private static final int CREATE_POSTING_TREE = 0x10;
    private static final int INSERT = 0x20;
    private static final int SPLIT = 0x30;
    private static final int VACUUM_PAGE = 0x40;
    private static final int DELETE_PAGE = 0x50;
    private static final int UPDATE_META_PAGE = 0x60;
    private static final int INSERT_LIST_PAGE = 0x70;
    private static final int DELETE_LIST_PAGES = 0x80;

    private static final int ENTRY_LEAF = 2;
    private static final int ENTRY_INNER = 0;
    private static final int DATA_INNER = 1;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V15);
    private final PageFlyweight page = new PageFlyweight();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldCreateAPostingTree() {
        final byte[] lists = GinBytes.join(GinBytes.list(1, 2, 3), GinBytes.list(5000));
        fixture.record(ResourceManager.GIN, CREATE_POSTING_TREE)
                .block(0, 9)
                .willInit()
                .main(new RecordBytes().u32(lists.length).raw(lists));
        final MemorySegment memory = applied(0, fixture.newPage());
        assertThat(GinBytes.data(memory)).isEqualTo(lists);
        assertThat(GinBytes.flags(memory)).isEqualTo(GinPage.DATA | GinPage.LEAF | GinPage.COMPRESSED);
        assertThat(GinBytes.rightLink(memory)).isEqualTo(GinBytes.NO_BLOCK);
        assertThat(GinBytes.bytes(memory, 24, 32)).containsOnly(0);
    }

    @Test
    void shouldRefuseAPostingTreeThatDoesNotFit() {
        fixture.record(ResourceManager.GIN, CREATE_POSTING_TREE)
                .block(0, 9)
                .willInit()
                .main(new RecordBytes().u32(8154).fill(8154, 0));
        refuse(0, fixture.newPage(), "no room for the record's 8154 bytes");
        fixture.record(ResourceManager.GIN, CREATE_POSTING_TREE)
                .block(0, 9)
                .willInit()
                .main(new RecordBytes().u32(-2));
        refuse(0, fixture.newPage(), "asks for -2");
        fixture.record(ResourceManager.GIN, CREATE_POSTING_TREE).block(0, 9).main(new RecordBytes().u32(0));
        refuse(0, GinBytes.page(fixture, 0, 0), "does not mark it so");
    }

    @Test
    void shouldInsertIntoAnEntryLeaf() {
        final MemorySegment memory = entryPage(GinPage.LEAF, 16, 24);
        final byte[] tuple = GinBytes.tuple(20, 9);
        insertEntry(ENTRY_LEAF, 2, false, tuple);
        applied(0, memory);
        assertThat(page.linePointerCount()).isEqualTo(3);
        assertThat(itemBytes(2)).isEqualTo(tuple);
        assertThat(itemBytes(1)).isEqualTo(GinBytes.tuple(16, 1));
        assertThat(itemBytes(3)).isEqualTo(GinBytes.tuple(24, 2));
        assertThat(page.upper()).isEqualTo(8184 - 16 - 24 - 24);
    }

    @Test
    void shouldReplaceATupleOfAnEntryLeaf() {
        final MemorySegment memory = entryPage(GinPage.LEAF, 16, 24);
        final byte[] tuple = GinBytes.tuple(40, 9);
        insertEntry(ENTRY_LEAF, 1, true, tuple);
        applied(0, memory);
        assertThat(page.linePointerCount()).isEqualTo(2);
        assertThat(itemBytes(1)).isEqualTo(tuple);
        assertThat(itemBytes(2)).isEqualTo(GinBytes.tuple(24, 2));
    }

    @Test
    void shouldInsertADownlinkIntoAnInnerEntryPage() {
        final MemorySegment memory = entryPage(0, 16, 24);
        final byte[] tuple = GinBytes.tuple(16, 9);
        insertEntry(ENTRY_INNER, 2, false, tuple);
        applied(0, memory);
        assertThat(itemBytes(2)).isEqualTo(tuple);
        final byte[] right = GinBytes.tuple(24, 2);
        System.arraycopy(new RecordBytes().blockId(0x0003_0004).u16(0).array(), 0, right, 0, 6);
        assertThat(itemBytes(3))
                .as("the tuple that was there leads to the new right page")
                .isEqualTo(right);
        final MemorySegment child = GinBytes.page(fixture, GinPage.LEAF | GinPage.INCOMPLETE_SPLIT, 0);
        applied(1, child);
        assertThat(GinBytes.flags(child)).isEqualTo(GinPage.LEAF);
    }

    @Test
    void shouldRefuseEntriesWithoutPlace() {
        insertEntry(ENTRY_LEAF, 4, false, GinBytes.tuple(16, 9));
        refuse(0, entryPage(GinPage.LEAF, 16, 24), "no room or place for an item of 16 bytes at offset number 4");
        insertEntry(ENTRY_LEAF, 1, false, GinBytes.tuple(4000, 9));
        refuse(0, entryPage(GinPage.LEAF, 4200), "no room or place for an item of 4000 bytes");
        insertEntry(ENTRY_LEAF, 3, true, GinBytes.tuple(16, 9));
        refuse(0, entryPage(GinPage.LEAF, 16, 24), "no line pointer 3 among 2");
        insertEntry(ENTRY_INNER, 3, false, GinBytes.tuple(16, 9));
        refuse(0, entryPage(0, 16, 24), "no line pointer 3 among 2");
        insertEntry(ENTRY_LEAF, 1, false, new RecordBytes().fill(6, 0).u16(7).array());
        refuse(0, entryPage(GinPage.LEAF, 16), "an index tuple of 7 bytes");
        insertEntry(
                ENTRY_LEAF,
                1,
                false,
                new RecordBytes().fill(6, 0).u16(17).fill(8, 0).array());
        refuse(0, entryPage(GinPage.LEAF, 16), "an index tuple of 17 bytes");
    }

    @Test
    void shouldRefuseInsertsIntoPagesOfAnotherKind() {
        insertEntry(ENTRY_LEAF, 1, false, GinBytes.tuple(16, 9));
        refuse(0, entryPage(0, 16), "not the kind");
        refuse(0, GinBytes.page(fixture, GinPage.DATA | GinPage.LEAF, 0), "not the kind");
        refuse(1, entryPage(0, 16), "no block reference #1");
        insertEntry(ENTRY_INNER, 1, false, GinBytes.tuple(16, 9));
        refuse(0, entryPage(GinPage.LEAF, 16), "not the kind");
        refuse(2, entryPage(0, 16), "no block reference #2");
        insertPostingItem(1);
        refuse(0, entryPage(0, 16), "not the kind");
    }

    @Test
    void shouldInsertADownlinkIntoAnInnerPageOfAPostingTree() {
        final MemorySegment memory =
                GinBytes.page(fixture, GinPage.DATA, 2, GinBytes.join(postingItem(10, 1), postingItem(20, 2)));
        insertPostingItem(2);
        applied(0, memory);
        assertThat(GinBytes.data(memory))
                .isEqualTo(GinBytes.join(postingItem(10, 1), postingItem(15, 9), postingItem(0x0003_0004, 2)));
        assertThat(GinBytes.maxOffset(memory)).isEqualTo(3);
    }

    @Test
    void shouldRefusePostingItemsWithoutPlace() {
        for (final int offsetNumber : new int[] {0, 2, 0xFFFF}) {
            insertPostingItem(offsetNumber);
            refuse(0, GinBytes.page(fixture, GinPage.DATA, 1, postingItem(10, 1)), "no posting item " + offsetNumber);
        }
        insertPostingItem(1);
        refuse(0, GinBytes.page(fixture, GinPage.DATA, 815), "no room for its posting item 816");
        refuse(0, GinBytes.page(fixture, GinPage.DATA, 816), "no posting item 1 among 816");
    }

    @Test
    void shouldTakeSplitsFromTheirImages() {
        final MemorySegment image = GinBytes.page(fixture, GinPage.LEAF, 0);
        split(0x02 | 0x04).block(0, 8).image(image).block(1, 9).block(2, 1);
        final MemorySegment memory = fixture.newPage();
        assertThat(fixture.apply(0, memory)).isEqualTo(RedoOutcome.RESTORED);
        assertThat(GinBytes.flags(memory)).isEqualTo(GinPage.LEAF);
        refuse(1, GinBytes.page(fixture, GinPage.LEAF, 0), "an image of each page, and here is none");
        refuse(2, GinBytes.page(fixture, GinPage.LEAF, 0), "an image of each page, and here is none");
        split(0x02).block(0, 8).block(2, 1).block(3, 7);
        refuse(0, GinBytes.page(fixture, GinPage.LEAF, 0), "an image of each page, and here is none");
        refuse(2, GinBytes.page(fixture, GinPage.LEAF, 0), "no block reference #2");
        refuse(3, GinBytes.page(fixture, GinPage.LEAF, 0), "no block reference #3");
    }

    @Test
    void shouldClearTheIncompleteSplitOfTheChildOfASplit() {
        split(0).block(3, 7);
        final MemorySegment child = GinBytes.page(fixture, GinPage.DATA | GinPage.LEAF | GinPage.INCOMPLETE_SPLIT, 0);
        applied(3, child);
        assertThat(GinBytes.flags(child)).isEqualTo(GinPage.DATA | GinPage.LEAF);
    }

    @Test
    void shouldRefuseAVacuumWithoutImage() {
        fixture.record(ResourceManager.GIN, VACUUM_PAGE).block(0, 7);
        refuse(0, GinBytes.page(fixture, GinPage.LEAF, 0), "is an image of it, and here is none");
    }

    @Test
    void shouldDeleteAPageOfAPostingTree() {
        fixture.record(ResourceManager.GIN, DELETE_PAGE)
                .block(0, 7)
                .block(1, 5)
                .block(2, 6)
                .block(3, 9)
                .main(new RecordBytes().u16(2).u16(0).u32(0x1234_5678).u32(901));
        final MemorySegment deleted = applied(0, GinBytes.page(fixture, GinPage.DATA | GinPage.LEAF, 0));
        assertThat(GinBytes.flags(deleted)).isEqualTo(GinPage.DATA | GinPage.LEAF | GinPage.DELETED);
        assertThat(page.pruneXid()).isEqualTo(901);
        final byte[] items = GinBytes.join(postingItem(10, 1), postingItem(20, 2), postingItem(30, 3));
        final MemorySegment parent = applied(1, GinBytes.page(fixture, GinPage.DATA, 3, items));
        assertThat(GinBytes.data(parent)).isEqualTo(GinBytes.join(postingItem(10, 1), postingItem(30, 3)));
        assertThat(GinBytes.maxOffset(parent)).isEqualTo(2);
        assertThat(GinBytes.bytes(parent, 52, 62)).as("what is left behind").isEqualTo(postingItem(30, 3));
        final MemorySegment left = applied(2, GinBytes.page(fixture, GinPage.DATA | GinPage.LEAF, 0));
        assertThat(GinBytes.rightLink(left)).isEqualTo(0x1234_5678);
        refuse(3, GinBytes.page(fixture, GinPage.DATA, 0), "no block reference #3");
        refuse(0, GinBytes.page(fixture, GinPage.LEAF, 0), "not the kind");
        refuse(1, GinBytes.page(fixture, GinPage.DATA | GinPage.LEAF, 0), "not the kind");
        refuse(2, GinBytes.page(fixture, GinPage.LIST, 0), "not the kind");
        refuse(1, GinBytes.page(fixture, GinPage.DATA, 1, postingItem(10, 1)), "no posting item 2 among 1");
    }

    @Test
    void shouldWriteTheMetaPage() {
        fixture.record(ResourceManager.GIN, UPDATE_META_PAGE)
                .block(0, 0)
                .willInit()
                .main(updateMeta(-1, -1, 0));
        final MemorySegment meta = applied(0, fixture.newPage());
        assertThat(GinBytes.flags(meta)).isEqualTo(GinPage.META);
        assertThat(page.lower()).isEqualTo(80);
        assertThat(GinBytes.bytes(meta, 24, 80)).containsOnly(0x5A);
        assertThat(GinBytes.bytes(meta, 80, 8184)).containsOnly(0);
    }

    @Test
    void shouldAddTuplesToThePendingListsTail() {
        fixture.record(ResourceManager.GIN, UPDATE_META_PAGE)
                .block(1, 8)
                .data(GinBytes.join(GinBytes.tuple(20, 7), GinBytes.tuple(16, 8)))
                .main(updateMeta(-1, -1, 2));
        final MemorySegment tail = entryPage(GinPage.LIST, 16);
        LittleEndian.putShort(tail, 8188, 41);
        applied(1, tail);
        assertThat(page.linePointerCount()).isEqualTo(3);
        assertThat(itemBytes(2)).isEqualTo(GinBytes.tuple(20, 7));
        assertThat(itemBytes(3)).isEqualTo(GinBytes.tuple(16, 8));
        assertThat(GinBytes.maxOffset(tail)).isEqualTo(42);
    }

    @Test
    void shouldLinkTheOldTailToTheNewOne() {
        fixture.record(ResourceManager.GIN, UPDATE_META_PAGE).block(1, 8).main(updateMeta(8, 77, 0));
        assertThat(GinBytes.rightLink(applied(1, entryPage(GinPage.LIST, 16)))).isEqualTo(77);
    }

    @Test
    void shouldRefuseTailsThatTheRecordDoesNotTell() {
        fixture.record(ResourceManager.GIN, UPDATE_META_PAGE).block(1, 8).main(updateMeta(-1, 77, 0));
        refuse(1, entryPage(GinPage.LIST, 16), "no block reference #1");
        fixture.record(ResourceManager.GIN, UPDATE_META_PAGE)
                .block(1, 8)
                .data(GinBytes.tuple(20, 7))
                .main(updateMeta(-1, -1, 2));
        refuse(1, entryPage(GinPage.LIST, 16), "asks for");
        fixture.record(ResourceManager.GIN, UPDATE_META_PAGE)
                .block(1, 8)
                .data(GinBytes.join(GinBytes.tuple(20, 7), GinBytes.tuple(16, 8)))
                .main(updateMeta(-1, -1, 1));
        refuse(1, entryPage(GinPage.LIST, 16), "bytes more here");
        fixture.record(ResourceManager.GIN, UPDATE_META_PAGE).block(0, 0).main(updateMeta(-1, -1, 0));
        refuse(0, entryPage(GinPage.META), "does not mark it so");
    }

    @Test
    void shouldMakePagesOfThePendingList() {
        for (final int rightLink : new int[] {55, GinBytes.NO_BLOCK}) {
            fixture.record(ResourceManager.GIN, INSERT_LIST_PAGE)
                    .block(0, 8)
                    .willInit()
                    .data(GinBytes.join(GinBytes.tuple(20, 7), GinBytes.tuple(16, 8)))
                    .main(new RecordBytes().u32(rightLink).u32(2));
            final MemorySegment memory = applied(0, fixture.newPage());
            final boolean tail = rightLink == GinBytes.NO_BLOCK;
            assertThat(itemBytes(1)).isEqualTo(GinBytes.tuple(20, 7));
            assertThat(itemBytes(2)).isEqualTo(GinBytes.tuple(16, 8));
            assertThat(page.linePointerCount()).isEqualTo(2);
            assertThat(GinBytes.rightLink(memory)).isEqualTo(rightLink);
            assertThat(GinBytes.flags(memory)).isEqualTo(tail ? GinPage.LIST | GinPage.LIST_FULL_ROW : GinPage.LIST);
            assertThat(GinBytes.maxOffset(memory)).isEqualTo(tail ? 1 : 0);
        }
    }

    @Test
    void shouldEmptyThePagesThatLeaveThePendingList() {
        fixture.record(ResourceManager.GIN, DELETE_LIST_PAGES)
                .block(0, 0)
                .willInit()
                .block(1, 8)
                .willInit()
                .block(2, 9)
                .willInit()
                .block(3, 10)
                .willInit()
                .main(new RecordBytes().fill(56, 0x5A).u32(2).u32(0));
        assertThat(GinBytes.bytes(applied(0, fixture.newPage()), 24, 80)).containsOnly(0x5A);
        for (int block = 1; block <= 2; block++) {
            final MemorySegment memory = applied(block, entryPage(GinPage.LIST, 16));
            assertThat(GinBytes.flags(memory)).isEqualTo(GinPage.DELETED);
            assertThat(GinBytes.rightLink(memory)).isEqualTo(GinBytes.NO_BLOCK);
            assertThat(page.isEmpty()).isTrue();
        }
        refuse(3, entryPage(GinPage.LIST, 16), "no block reference #3");
    }

    @Test
    void shouldRefuseOperationsThatAreNone() {
        fixture.record(ResourceManager.GIN, 0x00).block(0, 7);
        refuse(0, GinBytes.page(fixture, 0, 0), "no operation 0x00");
        fixture.record(ResourceManager.GIN, 0xA0).block(0, 7);
        refuse(0, GinBytes.page(fixture, 0, 0), "no operation 0xA0");
    }

    private MemorySegment applied(final int block, final MemorySegment memory) {
        assertThat(fixture.apply(block, memory)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(page.wrap(memory, 0).lsn()).isEqualTo(fixture.read().nextLsn());
        return memory;
    }

    private void refuse(final int block, final MemorySegment memory, final String why) {
        if (!fixture.read().hasBlock(block)) {
            assertThatThrownBy(() -> fixture.apply(block, memory)).hasMessageContaining("no block reference #" + block);
            return;
        }
        assertThatThrownBy(() -> fixture.apply(block, memory))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("Gin ")
                .hasMessageContaining(why);
    }

    private byte[] itemBytes(final int offsetNumber) {
        final int at = page.itemOffset(offsetNumber);
        return GinBytes.bytes(page.segment(), at, at + page.itemLength(offsetNumber));
    }

    /** A page with tuples of these sizes, filled with their numbers. */
    private MemorySegment entryPage(final int flags, final int... sizes) {
        final MemorySegment memory = GinBytes.page(fixture, flags, 0);
        page.wrap(memory, 0);
        for (int i = 0; i < sizes.length; i++) {
            final int upper = page.upper() - (sizes[i] + 7 & -8);
            final byte[] tuple = GinBytes.tuple(sizes[i], i + 1);
            MemorySegment.copy(MemorySegment.ofArray(tuple), 0, memory, upper, tuple.length);
            LittleEndian.putInt(memory, page.lower(), upper | 1 << 15 | sizes[i] << 17);
            page.upper(upper);
            page.lower(page.lower() + 4);
        }
        return memory;
    }

    private void insertEntry(final int flags, final int offsetNumber, final boolean replaces, final byte... tuple) {
        final RecordBytes main = new RecordBytes().u16(flags);
        if (flags == ENTRY_INNER) {
            main.blockId(0x0001_0002).blockId(0x0003_0004);
        }
        fixture.record(ResourceManager.GIN, INSERT)
                .block(0, 7)
                .data(new RecordBytes()
                        .u16(offsetNumber)
                        .u8(replaces ? 1 : 0)
                        .u8(0)
                        .raw(tuple))
                .block(1, 8)
                .block(2, 9)
                .main(main);
    }

    private void insertPostingItem(final int offsetNumber) {
        fixture.record(ResourceManager.GIN, INSERT)
                .block(0, 7)
                .data(new RecordBytes().u16(offsetNumber).raw(postingItem(15, 9)))
                .main(new RecordBytes().u16(DATA_INNER).blockId(0x0001_0002).blockId(0x0003_0004));
    }

    private static byte[] postingItem(final int child, final long key) {
        return new RecordBytes().blockId(child).raw(GinBytes.itemPointer(key)).array();
    }

    private RedoFixture.Draft split(final int flags) {
        return fixture.record(ResourceManager.GIN, SPLIT)
                .main(new RecordBytes().fill(24, 0).u16(flags).u16(0));
    }

    private static RecordBytes updateMeta(final int previousTail, final int newRightLink, final int tuples) {
        return new RecordBytes()
                .fill(16, 0)
                .fill(56, 0x5A)
                .u32(previousTail)
                .u32(newRightLink)
                .u32(tuples)
                .u32(0);
    }
}
