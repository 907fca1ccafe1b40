package dev.firn.postgres.redo.btree;

import static dev.firn.postgres.redo.btree.BtreeBytes.DELETED;
import static dev.firn.postgres.redo.btree.BtreeBytes.FULL_XID;
import static dev.firn.postgres.redo.btree.BtreeBytes.HALF_DEAD;
import static dev.firn.postgres.redo.btree.BtreeBytes.LEAF;
import static dev.firn.postgres.redo.btree.BtreeBytes.assertSame;
import static dev.firn.postgres.redo.btree.BtreeBytes.assertSameItems;
import static dev.firn.postgres.redo.btree.BtreeBytes.metaPage;
import static dev.firn.postgres.redo.btree.BtreeBytes.metadata;
import static dev.firn.postgres.redo.btree.BtreeBytes.page;
import static dev.firn.postgres.redo.btree.BtreeBytes.pivot;
import static dev.firn.postgres.redo.btree.BtreeBytes.plain;
import static dev.firn.postgres.redo.btree.BtreeBytes.topParent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pages that leave the tree: the leaf half dead, its parent, the unlinked page, its siblings, the remaining leaf, the metapage. */
class BtreeUnlinkRedoTest {
    private static final int UNLINK_PAGE = 0x80;
    private static final int UNLINK_PAGE_META = 0x90;
    private static final int MARK_PAGE_HALFDEAD = 0xB0;
    private static final int NO_BLOCK = -1;
    private static final int BIG_BLOCK = 0x0012_3456;
    private static final long SAFE_XID = 0x0000_0007_0000_0300L;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    private void apply(final int block, final MemorySegment page) {
        assertThat(fixture.apply(block, page)).isEqualTo(RedoOutcome.APPLIED);
    }

    private RedoFixture.Draft halfDead(final int offsetNumber) {
        return fixture.record(ResourceManager.BTREE, MARK_PAGE_HALFDEAD)
                .block(0, 5)
                .willInit()
                .block(1, 9)
                .main(new RecordBytes()
                        .u16(offsetNumber)
                        .align(4)
                        .u32(5)
                        .u32(4)
                        .u32(6)
                        .u32(BIG_BLOCK));
    }

    @Test
    void shouldMakeALeafHalfDead() {
        halfDead(2);
        final MemorySegment leaf = page(fixture, 4, 6, 0, LEAF, pivot(5, 0), plain(1, 1));
        apply(0, leaf);
        assertSame(leaf, page(fixture, 4, 6, 0, HALF_DEAD | LEAF, topParent(BIG_BLOCK)));
    }

    @Test
    void shouldGiveTheDownlinkToTheRightSibling() {
        halfDead(2);
        final MemorySegment parent =
                page(fixture, 0, 0, 1, 0, topParent(4), pivot(10, 5), pivot(20, BIG_BLOCK), pivot(30, 7));
        apply(1, parent);
        assertSameItems(parent, page(fixture, 0, 0, 1, 0, topParent(4), pivot(10, BIG_BLOCK), pivot(30, 7)));
        assertThatThrownBy(() -> fixture.apply(2, parent)).isInstanceOf(RedoException.class);
    }

    @Test
    void shouldRefuseADownlinkWithoutANext() {
        halfDead(2);
        assertThatThrownBy(() -> fixture.apply(1, page(fixture, 0, 0, 1, 0, topParent(4), pivot(10, 5))))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("no line pointer 3 among 2");
    }

    private RedoFixture.Draft unlink(final int info, final int left, final int level) {
        return fixture.record(ResourceManager.BTREE, info)
                .main(new RecordBytes()
                        .u32(left)
                        .u32(6)
                        .u32(level)
                        .align(8)
                        .u64(SAFE_XID)
                        .u32(14)
                        .u32(16)
                        .u32(NO_BLOCK));
    }

    private MemorySegment deleted(final int left, final int level, final int flags) {
        final MemorySegment page = page(fixture, left, 6, level, DELETED | FULL_XID | flags);
        LittleEndian.putLong(page, 24, SAFE_XID);
        LittleEndian.putShort(page, 12, 32);
        return page;
    }

    @Test
    void shouldUnlinkALeafFromItsSiblings() {
        unlink(UNLINK_PAGE, 4, 0).block(0, 5).willInit().block(1, 4).block(2, 6);
        final MemorySegment target = page(fixture, 4, 6, 0, HALF_DEAD | LEAF, topParent(NO_BLOCK));
        apply(0, target);
        assertSame(target, deleted(4, 0, LEAF));
        final MemorySegment left = page(fixture, 3, 5, 0, LEAF, pivot(5, 0), plain(1, 1));
        apply(1, left);
        assertSame(left, page(fixture, 3, 6, 0, LEAF, pivot(5, 0), plain(1, 1)));
        final MemorySegment right = page(fixture, 5, 0, 0, LEAF, plain(7, 1));
        apply(2, right);
        assertSame(right, page(fixture, 4, 0, 0, LEAF, plain(7, 1)));
        assertThatThrownBy(() -> fixture.apply(4, right)).isInstanceOf(RedoException.class);
    }

    @Test
    void shouldUnlinkAPageAboveItsHalfDeadLeaf() {
        unlink(UNLINK_PAGE_META, 0, 2)
                .block(0, 5)
                .willInit()
                .block(2, 6)
                .block(3, 15)
                .willInit()
                .block(4, 0)
                .willInit()
                .data(metadata());
        final MemorySegment target = fixture.newPage();
        apply(0, target);
        assertSame(target, deleted(0, 2, 0));
        final MemorySegment leaf = page(fixture, 1, 2, 0, HALF_DEAD | LEAF, topParent(5));
        apply(3, leaf);
        assertSame(leaf, page(fixture, 14, 16, 0, HALF_DEAD | LEAF, topParent(NO_BLOCK)));
        final MemorySegment meta = fixture.newPage();
        apply(4, meta);
        assertSame(meta, metaPage(fixture));
    }

    @Test
    void shouldRefuseALeftSiblingThatThePageDoesNotHave() {
        unlink(UNLINK_PAGE, 0, 0).block(1, 4);
        assertThatThrownBy(() -> fixture.apply(1, page(fixture, 3, 5, 0, LEAF)))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("no block reference #1");
    }
}
