package dev.firn.postgres.redo.gin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PostingTreeLeafRedoTest {
    private static final int INSERT = 0x20;
    private static final int VACUUM_DATA_LEAF_PAGE = 0x90;
    private static final int LEAF_OF_DATA = 3;

    private static final int DELETE_SEGMENT = 1;
    private static final int INSERT_SEGMENT = 2;
    private static final int REPLACE_SEGMENT = 3;
    private static final int ADD_ITEMS = 4;

    private static final byte[] A = GinBytes.list(1, 2, 3);
    private static final byte[] B = GinBytes.list(5000, 5001);
    private static final byte[] C = GinBytes.list(70_000, 90_000, 90_001, 90_002);
    private static final byte[] D = GinBytes.list(200_001, 210_002);

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldAppendASegment() {
        final MemorySegment page = GinBytes.leaf(fixture, A, B);
        apply(page, actions(1).u8(2).u8(INSERT_SEGMENT).raw(C));
        assertThat(GinBytes.data(page)).isEqualTo(GinBytes.join(A, B, C));
    }

    @Test
    void shouldAppendSeveralSegments() {
        final MemorySegment page = GinBytes.leaf(fixture, A);
        apply(
                page,
                actions(2)
                        .u8(1)
                        .u8(INSERT_SEGMENT)
                        .raw(B)
                        .u8(1)
                        .u8(INSERT_SEGMENT)
                        .raw(C));
        assertThat(GinBytes.data(page)).isEqualTo(GinBytes.join(A, B, C));
    }

    @Test
    void shouldInsertASegmentBeforeOthers() {
        final MemorySegment page = GinBytes.leaf(fixture, A, C);
        apply(page, actions(1).u8(1).u8(INSERT_SEGMENT).raw(B));
        assertThat(GinBytes.data(page)).isEqualTo(GinBytes.join(A, B, C));
    }

    @Test
    void shouldDeleteReplaceAndInsertInOneGo() {
        final MemorySegment page = GinBytes.leaf(fixture, A, B, C);
        apply(
                page,
                actions(3)
                        .u8(0)
                        .u8(DELETE_SEGMENT)
                        .u8(2)
                        .u8(REPLACE_SEGMENT)
                        .raw(A)
                        .u8(3)
                        .u8(INSERT_SEGMENT)
                        .raw(D));
        assertThat(GinBytes.data(page)).isEqualTo(GinBytes.join(B, A, D));
    }

    @Test
    void shouldAddItemsBeforeBetweenAndBehind() {
        final MemorySegment page = GinBytes.leaf(fixture, A, C, D);
        apply(page, addItems(1, 69_999, 80_000, 90_003));
        assertThat(GinBytes.data(page))
                .isEqualTo(GinBytes.join(A, GinBytes.list(69_999, 70_000, 80_000, 90_000, 90_001, 90_002, 90_003), D));
    }

    @Test
    void shouldKeepOneOfAnItemThatIsThereAlready() {
        final MemorySegment page = GinBytes.leaf(fixture, A, B);
        apply(page, addItems(0, 2, 7));
        assertThat(GinBytes.data(page)).isEqualTo(GinBytes.join(GinBytes.list(1, 2, 3, 7), B));
    }

    @Test
    void shouldLeaveTheBytesBehindTheLastSegmentAsTheyWere() {
        final MemorySegment page = GinBytes.leaf(fixture, A, B, C);
        apply(page, actions(1).u8(1).u8(DELETE_SEGMENT));
        final int lower = 32 + A.length + C.length;
        assertThat(new PageFlyweight().wrap(page, 0).lower()).isEqualTo(lower);
        assertThat(GinBytes.bytes(page, lower, 32 + A.length + B.length + C.length))
                .as("the end of the last segment where it was")
                .isEqualTo(Arrays.copyOfRange(C, C.length - B.length, C.length));
    }

    @Test
    void shouldMergeAnyItems() {
        for (long seed = 0; seed < 500; seed++) {
            final RandomGenerator random = new SplittableRandom(seed);
            final TreeSet<Long> all = new TreeSet<>();
            final long[] old = pick(random, all, 1 + random.nextInt(200));
            final long[] added = pick(random, all, 1 + random.nextInt(200));
            final MemorySegment page = GinBytes.leaf(fixture, A, GinBytes.list(old), B);
            apply(page, addItems(1, added));
            final byte[] merged =
                    GinBytes.list(all.stream().mapToLong(Long::longValue).toArray());
            assertThat(GinBytes.data(page)).as("seed " + seed).isEqualTo(GinBytes.join(A, merged, B));
        }
    }

    @Test
    void shouldConvertALeafFromBefore94() {
        final long[] items = {1, 2, 5000, 70_000};
        final MemorySegment page = oldLeaf(items);
        apply(page, actions(1).u8(1).u8(INSERT_SEGMENT).raw(D));
        assertThat(GinBytes.data(page)).isEqualTo(GinBytes.join(GinBytes.list(items), D));
        assertThat(GinBytes.flags(page)).isEqualTo(GinPage.DATA | GinPage.LEAF | GinPage.COMPRESSED);
        assertThat(GinBytes.maxOffset(page)).isZero();
    }

    @Test
    void shouldTakeAConvertedLeafForOneSegment() {
        final long[] items = {1, 2, 5000, 70_000};
        final MemorySegment replaced = oldLeaf(items);
        apply(
                replaced,
                actions(2)
                        .u8(0)
                        .u8(REPLACE_SEGMENT)
                        .raw(B)
                        .u8(1)
                        .u8(INSERT_SEGMENT)
                        .raw(C));
        assertThat(GinBytes.data(replaced)).as("as inserts and vacuum log it").isEqualTo(GinBytes.join(B, C));
        final MemorySegment merged = oldLeaf(items);
        apply(merged, addItems(0, 3, 70_001));
        assertThat(GinBytes.data(merged)).isEqualTo(GinBytes.list(1, 2, 3, 5000, 70_000, 70_001));
    }

    @Test
    void shouldConvertAnEmptyLeafFromBefore94() {
        final MemorySegment page = oldLeaf();
        apply(page, actions(1).u8(0).u8(INSERT_SEGMENT).raw(D));
        assertThat(GinBytes.data(page)).isEqualTo(D);
        assertThat(GinBytes.flags(page)).isEqualTo(GinPage.DATA | GinPage.LEAF | GinPage.COMPRESSED);
    }

    @Test
    void shouldConvertAFullLeafFromBefore94() {
        final long[] items = new long[(8184 - 32) / 6];
        Arrays.setAll(items, i -> GinBytes.item(i / 100 + 1, i % 100 + 1));
        final MemorySegment page = oldLeaf(items);
        apply(page, actions(1).u8(0).u8(DELETE_SEGMENT));
        assertThat(GinBytes.data(page)).isEmpty();
        assertThat(GinBytes.bytes(page, 32, 32 + GinBytes.list(items).length)).isEqualTo(GinBytes.list(items));
    }

    @Test
    void shouldVacuumALeaf() {
        final MemorySegment page = GinBytes.leaf(fixture, A, B);
        fixture.record(ResourceManager.GIN, VACUUM_DATA_LEAF_PAGE)
                .block(0, 7)
                .data(actions(1).u8(0).u8(DELETE_SEGMENT));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(GinBytes.data(page)).isEqualTo(B);
        assertThat(new PageFlyweight().wrap(page, 0).lsn())
                .isEqualTo(fixture.read().nextLsn());
    }

    @Test
    void shouldRefuseSegmentsThatThePageHasNot() {
        refuse("no posting list 2", actions(1).u8(2).u8(DELETE_SEGMENT));
        refuse("no posting list 2", actions(1).u8(2).u8(REPLACE_SEGMENT).raw(A));
        refuse("no posting list 2", addItems(2, 7));
        refuse("no posting list 2", actions(1).u8(3).u8(INSERT_SEGMENT).raw(A));
        refuse(
                "changes posting list 0 after 2",
                actions(2).u8(1).u8(DELETE_SEGMENT).u8(0).u8(DELETE_SEGMENT));
    }

    @Test
    void shouldRefuseActionsThatAreNone() {
        refuse("changes no posting list", actions(0));
        refuse("action 0", actions(1).u8(0).u8(0));
        refuse("action 5", actions(1).u8(0).u8(5));
    }

    @Test
    void shouldRefuseDataThatDoNotFitTheirCount() {
        refuse("asks for", actions(2).u8(0).u8(DELETE_SEGMENT));
        refuse("bytes more here", actions(1).u8(0).u8(DELETE_SEGMENT).u8(0));
        refuse("asks for", actions(1).u8(0).u8(INSERT_SEGMENT).raw(Arrays.copyOf(C, C.length - 1)));
        refuse("asks for", actions(1).u8(0).u8(ADD_ITEMS).u16(2).raw(GinBytes.itemPointers(9)));
    }

    @Test
    void shouldRefuseMoreThanThePageHolds() {
        final byte[] large = new RecordBytes()
                .raw(GinBytes.itemPointer(1))
                .u16(5000)
                .fill(5000, 1)
                .array();
        refuse(
                "no room",
                actions(2)
                        .u8(0)
                        .u8(INSERT_SEGMENT)
                        .raw(large)
                        .u8(0)
                        .u8(INSERT_SEGMENT)
                        .raw(large));
        final long[] many = new long[8000];
        Arrays.setAll(many, i -> GinBytes.item(2L * i + 10, 1));
        refuse("does not fit the page", addItems(0, many));
    }

    @Test
    void shouldRefuseItemsThatDoNotAscend() {
        refuse("do not ascend", addItems(0, 9, 8));
        refuse("do not ascend", addItems(0, 9, 9));
    }

    @Test
    void shouldRefusePagesThatAreNoLeafOfAPostingTree() {
        for (final int flags : new int[] {0, GinPage.LEAF, GinPage.DATA, GinPage.LIST}) {
            assertThatThrownBy(() -> apply(GinBytes.page(fixture, flags, 0), addItems(0, 7)))
                    .isInstanceOf(RedoException.class)
                    .hasMessageContaining("not the kind of GIN page");
        }
        assertThatThrownBy(() -> apply(fixture.emptyPage(16), addItems(0, 7))).hasMessageContaining("no GIN page");
    }

    @Test
    void shouldRefusePagesWhoseListsPassTheirEnd() {
        final MemorySegment low = GinBytes.leaf(fixture, A, B);
        new PageFlyweight().wrap(low, 0).lower(31);
        assertThatThrownBy(() -> apply(low, addItems(0, 7))).hasMessageContaining("end at 31");
        final MemorySegment high = GinBytes.leaf(fixture, A, B);
        new PageFlyweight().wrap(high, 0).lower(8185);
        assertThatThrownBy(() -> apply(high, addItems(0, 7))).hasMessageContaining("end at 8185");
        final MemorySegment cut = GinBytes.leaf(fixture, A, B);
        new PageFlyweight().wrap(cut, 0).lower(32 + A.length - 1);
        assertThatThrownBy(() -> apply(cut, addItems(0, 7))).hasMessageContaining("no posting list 0");
        final MemorySegment old = GinBytes.page(fixture, GinPage.DATA | GinPage.LEAF, 1359);
        assertThatThrownBy(() -> apply(old, addItems(0, 7))).hasMessageContaining("1359 items");
    }

    /** Two segments; redo must refuse the actions. */
    private void refuse(final String why, final RecordBytes actions) {
        assertThatThrownBy(() -> apply(GinBytes.leaf(fixture, A, B), actions))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(why);
    }

    private void apply(final MemorySegment page, final RecordBytes actions) {
        fixture.record(ResourceManager.GIN, INSERT).block(0, 7).data(actions).main(new RecordBytes().u16(LEAF_OF_DATA));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
    }

    private static RecordBytes actions(final int count) {
        return new RecordBytes().u16(count);
    }

    private static RecordBytes addItems(final int segment, final long... items) {
        return actions(1).u8(segment).u8(ADD_ITEMS).u16(items.length).raw(GinBytes.itemPointers(items));
    }

    /** An uncompressed leaf; the servers of that time did not set its lower. */
    private MemorySegment oldLeaf(final long... items) {
        final MemorySegment page = GinBytes.page(fixture, GinPage.DATA | GinPage.LEAF, items.length);
        final byte[] data = GinBytes.itemPointers(items);
        MemorySegment.copy(data, 0, page, ValueLayout.JAVA_BYTE, 32, data.length);
        new PageFlyweight().wrap(page, 0).lower(24);
        return page;
    }

    private static long[] pick(final RandomGenerator random, final TreeSet<Long> all, final int count) {
        final long[] items = random.longs(count, 10_000, 50_000_000)
                .map(item -> item | 1)
                .sorted()
                .distinct()
                .toArray();
        Arrays.stream(items).forEach(all::add);
        return items;
    }
}
