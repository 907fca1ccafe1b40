package dev.firn.postgres.redo.btree;

import static dev.firn.postgres.redo.btree.BtreeBytes.HAS_GARBAGE;
import static dev.firn.postgres.redo.btree.BtreeBytes.INCOMPLETE_SPLIT;
import static dev.firn.postgres.redo.btree.BtreeBytes.LEAF;
import static dev.firn.postgres.redo.btree.BtreeBytes.ROOT;
import static dev.firn.postgres.redo.btree.BtreeBytes.assertSame;
import static dev.firn.postgres.redo.btree.BtreeBytes.page;
import static dev.firn.postgres.redo.btree.BtreeBytes.pivot;
import static dev.firn.postgres.redo.btree.BtreeBytes.plain;
import static dev.firn.postgres.redo.btree.BtreeBytes.posting;
import static dev.firn.postgres.redo.btree.BtreeBytes.withCycle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Both halves of a split, with the new item on either side, at either end, and within a posting list. */
class BtreeSplitRedoTest {
    private static final int SPLIT_L = 0x30;
    private static final int SPLIT_R = 0x40;
    private static final int LEFT = 5;
    private static final int RIGHT = 6;
    private static final int SIBLING = 7;
    private static final int CYCLE = 0x1234;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V15);

    @AfterEach
    void close() {
        fixture.close();
    }

    private static RecordBytes split(final int level, final int firstRight, final int newItem, final int postingIndex) {
        return new RecordBytes().u32(level).u16s(firstRight, newItem, postingIndex);
    }

    private static byte[] concat(final byte[]... parts) {
        final RecordBytes bytes = new RecordBytes();
        for (final byte[] part : parts) {
            bytes.raw(part);
        }
        return bytes.array();
    }

    private MemorySegment applyLeft(
            final int info, final RecordBytes main, final byte[] data, final MemorySegment page) {
        fixture.record(ResourceManager.BTREE, info)
                .block(0, LEFT)
                .data(data)
                .block(1, RIGHT)
                .willInit()
                .block(2, SIBLING)
                .main(main);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        return page;
    }

    /** A leaf with a right sibling: the high key, and five plain items at offset numbers 2 to 6. */
    private MemorySegment leaf() {
        return withCycle(
                page(
                        fixture,
                        4,
                        SIBLING,
                        0,
                        LEAF | HAS_GARBAGE,
                        pivot(60, 0),
                        plain(10, 1),
                        plain(20, 2),
                        plain(30, 3),
                        plain(40, 4),
                        plain(50, 5)),
                CYCLE);
    }

    private MemorySegment leftHalf(final byte[]... items) {
        return page(fixture, 4, RIGHT, 0, LEAF | INCOMPLETE_SPLIT, items);
    }

    @Test
    void shouldPutTheNewItemAmongTheLeftOnes() {
        final MemorySegment page = applyLeft(SPLIT_L, split(0, 4, 3, 0), concat(plain(15, 9), pivot(30, 0)), leaf());
        assertSame(page, leftHalf(pivot(30, 0), plain(10, 1), plain(15, 9), plain(20, 2)));
    }

    @Test
    void shouldPutTheNewItemFirstOrLastOnTheLeft() {
        assertSame(
                applyLeft(SPLIT_L, split(0, 4, 2, 0), concat(plain(5, 9), pivot(30, 0)), leaf()),
                leftHalf(pivot(30, 0), plain(5, 9), plain(10, 1), plain(20, 2)));
        assertSame(
                applyLeft(SPLIT_L, split(0, 4, 4, 0), concat(plain(25, 9), pivot(30, 0)), leaf()),
                leftHalf(pivot(30, 0), plain(10, 1), plain(20, 2), plain(25, 9)));
    }

    @Test
    void shouldLeaveTheNewItemToTheRight() {
        assertSame(
                applyLeft(SPLIT_R, split(0, 4, 5, 0), pivot(30, 0), leaf()),
                leftHalf(pivot(30, 0), plain(10, 1), plain(20, 2)));
    }

    @Test
    void shouldSplitARightmostPageWithoutHighKey() {
        final MemorySegment page = page(fixture, 4, 0, 0, LEAF | ROOT, plain(10, 1), plain(20, 2), plain(30, 3));
        fixture.record(ResourceManager.BTREE, SPLIT_R)
                .block(0, LEFT)
                .data(pivot(30, 0))
                .block(1, RIGHT)
                .willInit()
                .data(concat(plain(40, 4), plain(30, 3)))
                .main(split(0, 3, 4, 0));
        fixture.apply(0, page);
        assertSame(page, leftHalf(pivot(30, 0), plain(10, 1), plain(20, 2)));
        final MemorySegment right = leaf();
        assertThat(fixture.apply(1, right)).isEqualTo(RedoOutcome.APPLIED);
        assertSame(right, page(fixture, LEFT, 0, 0, LEAF, plain(30, 3), plain(40, 4)));
    }

    @Test
    void shouldMakeTheRightHalfAndRelinkItsSibling() {
        fixture.record(ResourceManager.BTREE, SPLIT_L)
                .block(0, LEFT)
                .block(1, RIGHT)
                .willInit()
                .data(concat(plain(50, 5), plain(40, 4), pivot(60, 0)))
                .block(2, SIBLING)
                .main(split(0, 5, 2, 0));
        final MemorySegment right = fixture.newPage();
        fixture.apply(1, right);
        assertSame(right, page(fixture, LEFT, SIBLING, 0, LEAF, pivot(60, 0), plain(40, 4), plain(50, 5)));
        final MemorySegment sibling = withCycle(page(fixture, LEFT, 0, 0, LEAF, plain(70, 7)), CYCLE);
        fixture.apply(2, sibling);
        assertSame(sibling, withCycle(page(fixture, RIGHT, 0, 0, LEAF, plain(70, 7)), CYCLE));
        assertThatThrownBy(() -> fixture.apply(3, sibling)).isInstanceOf(RedoException.class);
    }

    @Test
    void shouldSplitAPageAboveTheLeavesAndCompleteTheChild() {
        fixture.record(ResourceManager.BTREE, SPLIT_R)
                .block(0, LEFT)
                .data(pivot(30, 0))
                .block(1, RIGHT)
                .willInit()
                .data(concat(pivot(40, 14), BtreeBytes.topParent(13)))
                .block(3, 2)
                .main(split(2, 3, 4, 0));
        final MemorySegment page = page(fixture, 0, 0, 2, ROOT, BtreeBytes.topParent(11), pivot(20, 12), pivot(30, 13));
        fixture.apply(0, page);
        assertSame(
                page,
                page(fixture, 0, RIGHT, 2, INCOMPLETE_SPLIT, pivot(30, 0), BtreeBytes.topParent(11), pivot(20, 12)));
        final MemorySegment right = fixture.newPage();
        fixture.apply(1, right);
        assertSame(right, page(fixture, LEFT, 0, 2, 0, BtreeBytes.topParent(13), pivot(40, 14)));
        final MemorySegment child = page(fixture, 0, 9, 1, INCOMPLETE_SPLIT, pivot(1, 1));
        fixture.apply(3, child);
        assertSame(child, page(fixture, 0, 9, 1, 0, pivot(1, 1)));
    }

    private MemorySegment leafWithPosting() {
        return page(
                fixture,
                4,
                SIBLING,
                0,
                LEAF,
                pivot(60, 0),
                plain(10, 1),
                posting(20, 5, 15, 25, 35),
                plain(40, 4),
                plain(50, 5));
    }

    @Test
    void shouldSplitAPostingListOnTheLeft() {
        assertSame(
                applyLeft(SPLIT_L, split(0, 5, 4, 1), concat(plain(20, 7), pivot(50, 0)), leafWithPosting()),
                leftHalf(pivot(50, 0), plain(10, 1), posting(20, 5, 7, 15, 25), plain(20, 35), plain(40, 4)));
    }

    @Test
    void shouldSplitAPostingListWhoseNewItemIsLastOnTheLeft() {
        assertSame(
                applyLeft(SPLIT_L, split(0, 4, 4, 3), concat(plain(20, 27), pivot(40, 0)), leafWithPosting()),
                leftHalf(pivot(40, 0), plain(10, 1), posting(20, 5, 15, 25, 27), plain(20, 35)));
    }

    @Test
    void shouldSplitAPostingListWhoseNewItemGoesRight() {
        assertSame(
                applyLeft(SPLIT_R, split(0, 4, 4, 2), concat(plain(20, 17), pivot(20, 0)), leafWithPosting()),
                leftHalf(pivot(20, 0), plain(10, 1), posting(20, 5, 15, 17, 25)));
    }

    @Test
    void shouldRefuseWhatDoesNotFitThePage() {
        final byte[] both = concat(plain(15, 9), pivot(30, 0));
        assertRefused(SPLIT_L, split(0, 4, 5, 0), both, "goes to offset number 5");
        assertRefused(SPLIT_L, split(0, 4, 1, 0), both, "goes to offset number 1");
        assertRefused(SPLIT_L, split(0, 4, 2, 1), both, "goes to offset number 2");
        assertRefused(SPLIT_R, split(0, 3, 5, 1), both, "goes to offset number 5");
        assertRefused(SPLIT_L, split(0, 4, 4, 1), both, "can't be split at 1");
        assertRefused(SPLIT_L, split(0, 9, 4, 0), both, "no line pointer 7 among 6");
        assertRefused(SPLIT_L, split(0, 4, 3, 0), pivot(30, 0), "the record has 16 bytes here");
        assertRefused(SPLIT_R, split(0, 4, 5, 0), both, "16 bytes more");
    }

    private void assertRefused(final int info, final RecordBytes main, final byte[] data, final String message) {
        assertThatThrownBy(() -> applyLeft(info, main, data, leaf()))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldRefuseAChildUnderALeaf() {
        fixture.record(ResourceManager.BTREE, SPLIT_R).block(3, 2).main(split(0, 4, 5, 0));
        assertThatThrownBy(() -> fixture.apply(3, leaf()))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("no block reference #3");
    }
}
