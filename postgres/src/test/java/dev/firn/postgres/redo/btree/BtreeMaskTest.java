package dev.firn.postgres.redo.btree;

import static dev.firn.postgres.redo.btree.BtreeBytes.HAS_GARBAGE;
import static dev.firn.postgres.redo.btree.BtreeBytes.INCOMPLETE_SPLIT;
import static dev.firn.postgres.redo.btree.BtreeBytes.LEAF;
import static dev.firn.postgres.redo.btree.BtreeBytes.SPLIT_END;
import static dev.firn.postgres.redo.btree.BtreeBytes.page;
import static dev.firn.postgres.redo.btree.BtreeBytes.pivot;
import static dev.firn.postgres.redo.btree.BtreeBytes.plain;
import static dev.firn.postgres.redo.btree.BtreeBytes.withCycle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.ConsistencyCheck.Verdict;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What may differ does not count, and nothing else is hidden. */
class BtreeMaskTest {
    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    private MemorySegment leaf() {
        return page(fixture, 1, 0, 0, LEAF, plain(1, 1), plain(2, 1));
    }

    private MemorySegment upper() {
        return page(fixture, 1, 0, 1, 0, pivot(1, 1), pivot(2, 2));
    }

    private Verdict compare(final MemorySegment expected, final Consumer<PageFlyweight> change) {
        fixture.record(ResourceManager.BTREE, 0).block(0, 3).expect(expected);
        final MemorySegment page = fixture.newPage().copyFrom(expected);
        change.accept(new PageFlyweight().wrap(page, 0));
        return fixture.compare(0, page);
    }

    private static void markDead(final PageFlyweight page) {
        page.linePointer(2, LinePointer.markDead(page.linePointer(2)));
    }

    private static void setFlags(final PageFlyweight page, final int flags) {
        page.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, 8188, (short)
                (page.segment().get(ValueLayout.JAVA_SHORT_UNALIGNED, 8188) | flags));
    }

    @Test
    void shouldHideHintsAndWhatSplitsDontLog() {
        assertThat(compare(leaf(), page -> {
                    page.lsn(1);
                    page.checksum(2);
                    page.pruneXid(3);
                    page.setFlag(PageLayout.HAS_FREE_LINES | PageLayout.PAGE_FULL | PageLayout.ALL_VISIBLE);
                    page.segment().set(ValueLayout.JAVA_BYTE, 4000, (byte) 1);
                    setFlags(page, HAS_GARBAGE | SPLIT_END);
                    withCycle(page.segment(), 5);
                    markDead(page);
                }))
                .isEqualTo(Verdict.EQUAL);
    }

    @Test
    void shouldShowDeadItemsAboveTheLeaves() {
        assertThat(compare(upper(), BtreeMaskTest::markDead)).isEqualTo(Verdict.DIFFERENT);
        assertThat(compare(upper(), page -> setFlags(page, HAS_GARBAGE))).isEqualTo(Verdict.EQUAL);
    }

    @Test
    void shouldShowAllElse() {
        assertThat(compare(leaf(), page -> setFlags(page, INCOMPLETE_SPLIT))).isEqualTo(Verdict.DIFFERENT);
        assertThat(compare(leaf(), page -> page.segment().set(ValueLayout.JAVA_BYTE, 8176, (byte) 9)))
                .isEqualTo(Verdict.DIFFERENT);
        assertThat(compare(leaf(), page -> page.segment().set(ValueLayout.JAVA_BYTE, 8175, (byte) 9)))
                .isEqualTo(Verdict.DIFFERENT);
    }
}
