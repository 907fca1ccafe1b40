package dev.firn.postgres.redo.spgist;

import static dev.firn.postgres.redo.spgist.SpgistPages.dead;
import static dev.firn.postgres.redo.spgist.SpgistPages.inner;
import static dev.firn.postgres.redo.spgist.SpgistPages.leaf;
import static dev.firn.postgres.redo.spgist.SpgistPages.nodeLink;
import static dev.firn.postgres.redo.spgist.SpgistPages.of;
import static dev.firn.postgres.redo.spgist.SpgistPages.page;
import static dev.firn.postgres.redo.spgist.SpgistPages.special;
import static dev.firn.postgres.redo.spgist.SpgistPages.states;
import static dev.firn.postgres.redo.spgist.SpgistPages.tuple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.ConsistencyCheck.Verdict;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SpgistRedoTest {
    private static final int ADD_LEAF = 0x10;
    private static final int MOVE_LEAFS = 0x20;
    private static final int ADD_NODE = 0x30;
    private static final int SPLIT_TUPLE = 0x40;

    private static final int LEAF = SpgistPage.LEAF;
    private static final int LIVE = SpgistPage.LIVE;
    private static final int REDIRECT = SpgistPage.REDIRECT;
    private static final int DEAD = SpgistPage.DEAD;
    private static final int PLACEHOLDER = SpgistPage.PLACEHOLDER;

    private static final int NO_PARENT = 0;
    private static final int XID = 4711;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V15);

    @AfterEach
    void close() {
        fixture.close();
    }

    private void applied(final int block, final MemorySegment page) {
        assertThat(fixture.apply(block, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(of(page).lsn()).isEqualTo(fixture.read().nextLsn());
    }

    private void refused(final int block, final MemorySegment page, final String why) {
        assertThatThrownBy(() -> fixture.apply(block, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(why);
    }

    private RedoFixture.Draft addLeaf(
            final boolean newPage, final int offsetNumber, final int head, final int parent, final byte[] tuple) {
        return fixture.record(ResourceManager.SPGIST, ADD_LEAF)
                .main(new RecordBytes()
                        .u8(newPage ? 1 : 0)
                        .u8(newPage ? 1 : 0)
                        .u16(offsetNumber)
                        .u16(head)
                        .u16(parent)
                        .u16(1)
                        .raw(tuple));
    }

    @Test
    void shouldAddALeafToANewPageOfNulls() {
        addLeaf(true, 1, 0, NO_PARENT, leaf(0, 5)).block(0, 7).willInit();
        final MemorySegment page = fixture.newPage();
        applied(0, page);
        assertThat(special(page)).containsExactly(LEAF | SpgistPage.NULLS, 0, 0, 0xFF82);
        assertThat(tuple(page, 1)).isEqualTo(leaf(0, 5));
        assertThat(of(page).special()).isEqualTo(8184);
    }

    @Test
    void shouldAddALeafBehindTheHeadOfItsChain() {
        addLeaf(false, 3, 1, NO_PARENT, leaf(2, 5)).block(0, 7);
        final MemorySegment page = page(fixture, LEAF, leaf(2, 1), leaf(0, 2));
        applied(0, page);
        assertThat(tuple(page, 3)).isEqualTo(leaf(2, 5));
        assertThat(SpgistPages.link(page, 1)).as("with its flags").isEqualTo(0x8003);
        assertThat(SpgistPages.link(page, 2)).isEqualTo(0x8000);
    }

    @Test
    void shouldAddALeafInThePlaceOfAPlaceholder() {
        addLeaf(false, 2, 1, NO_PARENT, leaf(0, 5)).block(0, 7);
        final MemorySegment page = page(fixture, LEAF, leaf(0, 1), dead(PLACEHOLDER), leaf(0, 3));
        applied(0, page);
        assertThat(states(page)).containsExactly(LIVE, LIVE, LIVE);
        assertThat(special(page)).containsExactly(LEAF, 0, 0, 0xFF82);
        assertThat(tuple(page, 2)).isEqualTo(leaf(0, 5));
        assertThat(tuple(page, 3)).isEqualTo(leaf(0, 3));
    }

    @Test
    void shouldAddALeafOnlyWhereThereIsAPlace() {
        addLeaf(false, 1, 0, NO_PARENT, leaf(0, 5)).block(0, 7);
        refused(0, page(fixture, LEAF, leaf(0, 1)), "the tuple at offset number 1 has state 0, not 3");
        refused(0, page(fixture, LEAF, dead(DEAD)), "the tuple at offset number 1 has state 2, not 3");
        addLeaf(false, 3, 0, NO_PARENT, leaf(0, 5)).block(0, 7);
        refused(0, page(fixture, LEAF, leaf(0, 1)), "a tuple of 24 bytes cannot be added at offset number 3");
        addLeaf(false, 2, 0, NO_PARENT, leaf(8136, 0, 5)).block(0, 7);
        refused(0, page(fixture, LEAF, leaf(0, 1)), "a tuple of 8136 bytes cannot be added at offset number 2");
        final MemorySegment miscounted = page(fixture, LEAF, dead(PLACEHOLDER));
        SpgistPage.addPlaceholders(of(miscounted), -1);
        addLeaf(false, 1, 0, NO_PARENT, leaf(0, 5)).block(0, 7);
        refused(0, miscounted, "the page counts 0 placeholders, and loses 1");
    }

    @Test
    void shouldReplaceADeadHead() {
        addLeaf(false, 2, 2, NO_PARENT, leaf(0, 5)).block(0, 7);
        final MemorySegment page = page(fixture, LEAF, leaf(0, 1), dead(DEAD), leaf(0, 3));
        applied(0, page);
        assertThat(tuple(page, 2)).isEqualTo(leaf(0, 5));
        refused(0, page(fixture, LEAF, leaf(0, 1), leaf(0, 2)), "the tuple at offset number 2 has state 0, not 2");
    }

    @Test
    void shouldLeadTheParentToANewLeaf() {
        addLeaf(true, 1, 0, 2, leaf(0, 5)).block(0, 0x0001_0007).willInit().block(1, 3);
        final MemorySegment parent = page(fixture, 0, inner(1, 0), inner(3, 8));
        applied(1, parent);
        assertThat(nodeLink(parent, 2, 8, 0)).containsExactly(0xFFFF, 0xFFFF, 0);
        assertThat(nodeLink(parent, 2, 8, 1)).containsExactly(1, 7, 1);
        assertThat(nodeLink(parent, 2, 8, 2)).containsExactly(0xFFFF, 0xFFFF, 0);
        refused(1, page(fixture, 0, inner(1, 0), inner(1, 8)), "has 1 nodes, and none with index 1");
        refused(1, page(fixture, 0, inner(1, 0)), "there is no line pointer 2 among 1");
        refused(1, page(fixture, 0, inner(1, 0), dead(REDIRECT)), "has state 1, not 0");
        final MemorySegment torn = page(fixture, 0, inner(1, 0), inner(3, 8));
        torn.set(ValueLayout.JAVA_BYTE, of(torn).itemOffset(2) + 8 + 8 + 6, (byte) 3);
        refused(1, torn, "node 1 of the inner tuple at offset number 2 lies outside its 64 bytes");
    }

    @Test
    void shouldRefuseAParentThatTheRecordDoesNotName() {
        addLeaf(false, 1, 0, NO_PARENT, leaf(0, 5)).block(0, 7).block(1, 3);
        refused(1, page(fixture, 0, inner(1, 0)), "this kind of record has no block reference #1");
    }

    @Test
    void shouldRefuseTuplesThatTheRecordDoesNotHave() {
        addLeaf(false, 2, 0, NO_PARENT, new RecordBytes().u32(1 << 31).array()).block(0, 7);
        refused(0, page(fixture, LEAF, leaf(0, 1)), "and asks for 536870912 at 10");
        addLeaf(false, 2, 0, NO_PARENT, new RecordBytes().u32(8 << 2).u32(0).array())
                .block(0, 7);
        refused(0, page(fixture, LEAF, leaf(0, 1)), "a tuple of 8 bytes, less than any of SP-GiST");
        addLeaf(true, 2, 0, NO_PARENT, leaf(0, 1)).block(0, 7);
        refused(0, page(fixture, LEAF, leaf(0, 1)), "redo makes this page anew, but the record does not mark it so");
    }

    private RedoFixture.Draft moveLeafs(final boolean replacesDead, final boolean building) {
        final RecordBytes main = new RecordBytes()
                .u16(replacesDead ? 1 : 2)
                .u8(0)
                .u8(replacesDead ? 1 : 0)
                .u8(0)
                .u8(0)
                .u16(1)
                .u16(0)
                .u16(0)
                .u32(XID)
                .u8(building ? 1 : 0)
                .fill(3, 0);
        if (replacesDead) {
            main.u16s(2, 4).raw(leaf(0, 9));
        } else {
            main.u16s(3, 1, 2, 4, 5).raw(leaf(4, 7)).raw(leaf(5, 8)).raw(leaf(0, 9));
        }
        return fixture.record(ResourceManager.SPGIST, MOVE_LEAFS)
                .block(0, 10)
                .block(1, 11)
                .block(2, 12)
                .main(main);
    }

    @Test
    void shouldMoveAChain() {
        moveLeafs(false, false);
        final MemorySegment source = page(fixture, LEAF, leaf(0, 1), leaf(0, 2), leaf(1, 3));
        applied(0, source);
        assertThat(states(source)).containsExactly(PLACEHOLDER, LIVE, REDIRECT);
        assertThat(special(source)).containsExactly(LEAF, 1, 1, 0xFF82);
        assertThat(tuple(source, 3))
                .isEqualTo(new RecordBytes()
                        .u32(16 << 2 | REDIRECT)
                        .u16(0)
                        .blockId(11)
                        .u16(5)
                        .u32(XID)
                        .array());
        assertThat(tuple(source, 1)).isEqualTo(dead(PLACEHOLDER));
        final MemorySegment target = page(fixture, LEAF, leaf(0, 1), dead(PLACEHOLDER), leaf(0, 3));
        applied(1, target);
        assertThat(tuple(target, 2)).isEqualTo(leaf(4, 7));
        assertThat(tuple(target, 4)).isEqualTo(leaf(5, 8));
        assertThat(tuple(target, 5)).isEqualTo(leaf(0, 9));
        assertThat(special(target)).containsExactly(LEAF, 0, 0, 0xFF82);
        final MemorySegment parent = page(fixture, 0, inner(2, 0));
        applied(2, parent);
        assertThat(nodeLink(parent, 1, 0, 0)).containsExactly(0, 11, 5);
    }

    @Test
    void shouldLeaveOnlyPlaceholdersWhileTheIndexIsBuilt() {
        moveLeafs(false, true);
        final MemorySegment source = page(fixture, LEAF, leaf(0, 1), leaf(0, 2), leaf(1, 3));
        applied(0, source);
        assertThat(states(source)).containsExactly(PLACEHOLDER, LIVE, PLACEHOLDER);
        assertThat(special(source)).containsExactly(LEAF, 0, 2, 0xFF82);
    }

    @Test
    void shouldMoveADeadChain() {
        moveLeafs(true, false);
        final MemorySegment source = page(fixture, LEAF, leaf(0, 1), dead(DEAD));
        applied(0, source);
        assertThat(states(source)).containsExactly(LIVE, REDIRECT);
        final MemorySegment target = page(fixture, LEAF, leaf(0, 1), leaf(0, 2), leaf(0, 3));
        applied(1, target);
        assertThat(tuple(target, 4)).isEqualTo(leaf(0, 9));
        assertThat(of(target).linePointerCount()).isEqualTo(4);
    }

    @Test
    void shouldRefuseOffsetNumbersThatAreNotThere() {
        moveLeafs(false, false);
        refused(0, page(fixture, LEAF, leaf(0, 1), leaf(0, 2)), "the record removes offset number 3 of 2");
        refused(0, page(fixture, LEAF), "the record removes offset number 3 of 0");
        final RecordBytes main = new RecordBytes().u16(2).fill(18, 0).u16s(1, 1, 2, 3, 4);
        fixture.record(ResourceManager.SPGIST, MOVE_LEAFS)
                .block(0, 10)
                .block(1, 11)
                .main(main);
        refused(0, page(fixture, LEAF, leaf(0, 1), leaf(0, 2)), "the record removes offset number 1 twice");
        moveLeafs(false, false).block(3, 13);
        refused(3, page(fixture, LEAF), "this kind of record has no block reference #3");
        fixture.record(ResourceManager.SPGIST, MOVE_LEAFS).block(0, 10).main(main);
        refused(0, page(fixture, LEAF, leaf(0, 1)), "has no block reference #1");
    }

    private RedoFixture.Draft addNode(final int parentBlock, final boolean newPage, final boolean building) {
        return fixture.record(ResourceManager.SPGIST, ADD_NODE)
                .main(new RecordBytes()
                        .u16(2)
                        .u16(1)
                        .u8(newPage ? 1 : 0)
                        .u8(parentBlock)
                        .u16(parentBlock == 1 ? 2 : 1)
                        .u16(0)
                        .u16(0)
                        .u32(XID)
                        .u8(building ? 1 : 0)
                        .fill(3, 0)
                        .raw(inner(4, 8)));
    }

    @Test
    void shouldAddANodeInPlace() {
        addNode(-1, false, false).block(0, 20);
        final MemorySegment page = page(fixture, 0, inner(1, 0), inner(3, 8), inner(1, 0));
        applied(0, page);
        assertThat(tuple(page, 2)).isEqualTo(inner(4, 8));
        assertThat(states(page)).containsExactly(LIVE, LIVE, LIVE);
        refused(0, page(fixture, 0, inner(1, 0)), "there is no line pointer 2 among 1");
    }

    @Test
    void shouldMoveATupleThatGetsANode() {
        addNode(0, true, false).block(0, 20).block(1, 21).willInit();
        final MemorySegment old = page(fixture, 0, inner(1, 0), inner(3, 8));
        applied(0, old);
        assertThat(states(old)).containsExactly(LIVE, REDIRECT);
        assertThat(special(old)).containsExactly(0, 1, 0, 0xFF82);
        assertThat(nodeLink(old, 1, 0, 0)).as("the parent is on the same page").containsExactly(0, 21, 1);
        final MemorySegment target = fixture.newPage();
        applied(1, target);
        assertThat(tuple(target, 1)).isEqualTo(inner(4, 8));
        assertThat(special(target)).containsExactly(0, 0, 0, 0xFF82);
    }

    @Test
    void shouldLeadTheParentToAMovedTuple() {
        addNode(1, false, true).block(0, 20).block(1, 21);
        final MemorySegment target = page(fixture, 0, dead(PLACEHOLDER), inner(2, 0));
        applied(1, target);
        assertThat(tuple(target, 1)).isEqualTo(inner(4, 8));
        assertThat(nodeLink(target, 2, 0, 0)).containsExactly(0, 21, 1);
        final MemorySegment old = page(fixture, 0, inner(1, 0), inner(3, 8));
        applied(0, old);
        assertThat(tuple(old, 2)).isEqualTo(dead(PLACEHOLDER));
        assertThat(special(old)).containsExactly(0, 0, 1, 0xFF82);
        assertThat(nodeLink(old, 1, 0, 0)).containsExactly(0xFFFF, 0xFFFF, 0);
        addNode(2, false, false).block(0, 20).block(1, 21).block(2, 22);
        final MemorySegment parent = page(fixture, 0, inner(2, 0));
        applied(2, parent);
        assertThat(nodeLink(parent, 1, 0, 0)).containsExactly(0, 21, 1);
        addNode(1, false, false).block(0, 20).block(1, 21).block(2, 22);
        refused(2, page(fixture, 0, inner(2, 0)), "this kind of record has no block reference #2");
    }

    private RedoFixture.Draft splitTuple(final boolean samePage, final boolean newPage) {
        return fixture.record(ResourceManager.SPGIST, SPLIT_TUPLE)
                .main(new RecordBytes()
                        .u16(1)
                        .u16(samePage ? 3 : 1)
                        .u8(newPage ? 1 : 0)
                        .u8(samePage ? 1 : 0)
                        .raw(inner(1, 16))
                        .raw(inner(3, 8)));
    }

    @Test
    void shouldSplitATupleByItsPrefix() {
        splitTuple(true, false).block(0, 20);
        final MemorySegment page = page(fixture, 0, inner(3, 24), inner(1, 0));
        applied(0, page);
        assertThat(tuple(page, 1)).isEqualTo(inner(1, 16));
        assertThat(tuple(page, 3)).isEqualTo(inner(3, 8));
        splitTuple(true, false).block(0, 20).block(1, 21);
        refused(1, page(fixture, 0), "this kind of record has no block reference #1");
    }

    @Test
    void shouldSplitATupleOverTwoPages() {
        splitTuple(false, true).block(0, 20).block(1, 21).willInit();
        final MemorySegment page = page(fixture, 0, inner(3, 24), inner(1, 0));
        applied(0, page);
        assertThat(tuple(page, 1)).isEqualTo(inner(1, 16));
        assertThat(of(page).linePointerCount()).isEqualTo(2);
        final MemorySegment postfix = fixture.newPage();
        applied(1, postfix);
        assertThat(tuple(postfix, 1)).isEqualTo(inner(3, 8));
        splitTuple(false, false).block(0, 20).block(1, 21);
        final MemorySegment used = page(fixture, 0, dead(PLACEHOLDER));
        applied(1, used);
        assertThat(tuple(used, 1)).isEqualTo(inner(3, 8));
    }

    @Test
    void shouldRefuseUnknownOperations() {
        fixture.record(ResourceManager.SPGIST, 0x00).block(0, 7).main(new byte[40]);
        refused(0, page(fixture, 0), "SPGIST has no operation 0x00 in Postgres 15");
    }

    @Test
    void shouldMaskHintsAndTheHole() {
        final MemorySegment image = page(fixture, LEAF, leaf(0, 1));
        final MemorySegment page = page(fixture, LEAF, leaf(0, 1));
        addLeaf(false, 1, 0, NO_PARENT, leaf(0, 5)).block(0, 7).expect(image);
        of(page).setFlag(PageLayout.HAS_FREE_LINES);
        of(page).pruneXid(3);
        page.set(ValueLayout.JAVA_BYTE, 4000, (byte) 1);
        assertThat(fixture.compare(0, page)).isEqualTo(Verdict.EQUAL);
        SpgistPage.addRedirections(of(page), 1);
        assertThat(fixture.compare(0, page)).isEqualTo(Verdict.DIFFERENT);
        of(image).lower(0);
        final MemorySegment old = page(fixture, LEAF, leaf(0, 1));
        of(old).lower(0);
        addLeaf(false, 1, 0, NO_PARENT, leaf(0, 5)).block(0, 7).expect(image);
        assertThat(fixture.compare(0, old)).as("an old metapage").isEqualTo(Verdict.EQUAL);
        old.set(ValueLayout.JAVA_BYTE, 4000, (byte) 1);
        assertThat(fixture.compare(0, old)).isEqualTo(Verdict.DIFFERENT);
    }
}
