package dev.firn.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@link PageEditor} against {@link NaivePage}, byte by byte, and against pages that are broken. */
class PageEditorTest {
    private static final int SEEDS = 300;
    private static final int STEPS = 120;
    private static final int BROKEN_PAGES = 40_000;

    /** The page lies between two others, which must stay as they are. */
    private static final int BASE = PageLayout.PAGE_BYTES;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(3L * PageLayout.PAGE_BYTES);
    private final MemorySegment guard = arena.allocate(3L * PageLayout.PAGE_BYTES);
    private final PageFlyweight page = new PageFlyweight().wrap(memory, BASE);
    private final PageEditor editor = new PageEditor(arena.allocate(PageLayout.PAGE_BYTES));
    private final MemorySegment items = arena.allocate(PageLayout.PAGE_BYTES);

    private NaivePage model;
    private RandomGenerator random;

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void shouldChangeIndexPagesLikeTheModel() {
        for (long seed = 0; seed < SEEDS; seed++) {
            begin(seed, (int) (seed % 3) * 16);
            for (int step = 0; step < STEPS; step++) {
                stepOfAnIndex();
                expectEqual("seed " + seed + ", step " + step);
            }
        }
    }

    @Test
    void shouldChangeHeapPagesLikeTheModel() {
        for (long seed = 0; seed < SEEDS; seed++) {
            begin(~seed, 0);
            for (int step = 0; step < STEPS; step++) {
                stepOfAHeap();
                expectEqual("seed " + ~seed + ", step " + step);
            }
        }
    }

    private void begin(final long seed, final int specialBytes) {
        random = SystemRandom.seeded(seed);
        RandomBytes.fill(memory, random);
        page.initialize(specialBytes);
        RandomBytes.fill(memory.asSlice(BASE + 24, page.special() - 24), random);
        model = new NaivePage(
                memory.asSlice(BASE, PageLayout.PAGE_BYTES).toArray(ValueLayout.JAVA_BYTE), page.special());
        guard.copyFrom(memory);
    }

    private void stepOfAnIndex() {
        final int count = model.count();
        final int at = 1 + random.nextInt(count + 2);
        final boolean there = at <= count && model.hasStorage(at);
        switch (random.nextInt(8)) {
            case 0, 1, 2, 3 -> {
                final byte[] item = item(300);
                final boolean fits = model.insert(at, item);
                assertThat(editor.addItem(page, at, items, 3, item.length)).isEqualTo(fits ? at : PageEditor.NO_ROOM);
            }
            case 4 -> {
                if (there && allHaveStorage()) {
                    model.delete(at);
                    editor.deleteIndexTuple(page, at);
                }
            }
            case 5 -> {
                if (there) {
                    model.deleteKeepingPointer(at);
                    editor.deleteIndexTupleKeepingPointer(page, at);
                }
            }
            case 6 -> {
                if (there) {
                    final byte[] item = item(600);
                    assertThat(editor.overwriteIndexTuple(page, at, items, 3, item.length))
                            .isEqualTo(model.overwrite(at, item));
                }
            }
            default -> deleteSeveral();
        }
    }

    private boolean allHaveStorage() {
        return IntStream.rangeClosed(1, model.count()).allMatch(model::hasStorage);
    }

    private void deleteSeveral() {
        final int one = 2 + random.nextInt(4);
        final int[] chosen = IntStream.rangeClosed(1, model.count())
                .filter(offsetNumber -> random.nextInt(one) == 0)
                .toArray();
        if (allHaveStorage()) {
            model.deleteAll(chosen);
            editor.deleteIndexTuples(page, Arrays.copyOf(chosen, chosen.length + 1), chosen.length);
        }
    }

    private void stepOfAHeap() {
        final int count = model.count();
        final int at = 1 + random.nextInt(count + 2);
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> {
                final byte[] item = item(120);
                final boolean fits = model.put(at, item, false);
                assertThat(editor.putItem(page, at, items, 3, item.length)).isEqualTo(fits ? at : PageEditor.NO_ROOM);
            }
            case 3, 4, 5, 6 -> {
                final byte[] item = item(random.nextInt(8) == 0 ? 900 : 30);
                final boolean fits = model.put(count + 1, item, true);
                assertThat(PageEditor.reserveHeapItem(page, count + 1, item.length))
                        .isEqualTo(fits ? count + 1 : PageEditor.NO_ROOM);
                if (fits) {
                    MemorySegment.copy(items, 3, memory, BASE + page.upper(), item.length);
                }
            }
            case 7 -> {
                if (at <= count) {
                    model.unuse(at);
                    page.linePointer(at, LinePointer.UNUSED_POINTER);
                }
            }
            case 8 -> {
                if (at <= count) {
                    model.kill(at);
                    page.linePointer(at, LinePointer.of(0, LinePointer.DEAD, 0));
                }
            }
            case 9 -> {
                if (at <= count) {
                    model.redirect(at, 1);
                    page.linePointer(at, LinePointer.redirectTo(1));
                }
            }
            case 10 -> {
                model.repair();
                editor.repairFragmentation(page);
            }
            default -> {
                model.truncate();
                PageEditor.truncateLinePointers(page);
            }
        }
    }

    /** Random bytes, at the third byte of {@link #items}. */
    private byte[] item(final int limit) {
        final byte[] item = new byte[1 + random.nextInt(limit)];
        random.nextBytes(item);
        MemorySegment.copy(item, 0, items, ValueLayout.JAVA_BYTE, 3, item.length);
        return item;
    }

    private void expectEqual(final String where) {
        final MemorySegment actual = memory.asSlice(BASE, PageLayout.PAGE_BYTES);
        model.absorbLinePointers(actual);
        final MemorySegment expected = MemorySegment.ofArray(model.image(actual));
        assertThat(actual.mismatch(expected)).as(where + ": first difference").isEqualTo(-1);
        assertThat(memory.asSlice(0, BASE).mismatch(guard.asSlice(0, BASE)))
                .as(where)
                .isEqualTo(-1);
        assertThat(memory.asSlice(2L * BASE).mismatch(guard.asSlice(2L * BASE)))
                .as(where)
                .isEqualTo(-1);
    }

    @Test
    void shouldTakeNoMoreThanMaxHeapTuplesPerPage() {
        page.initialize(0);
        for (int offsetNumber = 1; offsetNumber <= PageLayout.MAX_HEAP_TUPLES; offsetNumber++) {
            assertThat(PageEditor.reserveHeapItem(page, offsetNumber, 1)).isEqualTo(offsetNumber);
        }
        assertThat(PageLayout.MAX_HEAP_TUPLES).isEqualTo(291);
        assertThat(PageEditor.reserveHeapItem(page, 292, 1)).isEqualTo(PageEditor.NO_ROOM);
        assertThat(editor.reserveItem(page, 292, 1)).isEqualTo(292);
    }

    @Test
    void shouldTakeAnItemThatFillsThePage() {
        page.initialize(0);
        assertThat(editor.reserveItem(page, 1, 8161)).isEqualTo(PageEditor.NO_ROOM);
        assertThat(page.upper()).isEqualTo(8192);
        assertThat(editor.reserveItem(page, 1, 8160)).isEqualTo(1);
        assertThat(page.upper()).isEqualTo(32);
        assertThat(page.lower()).isEqualTo(28);
        assertThat(editor.reserveItem(page, 2, 0)).isEqualTo(2);
        assertThat(editor.reserveItem(page, 3, 0))
                .as("no place for the pointer")
                .isEqualTo(PageEditor.NO_ROOM);
        assertThat(editor.reserveItem(page, 2, -1)).isEqualTo(PageEditor.NO_ROOM);
        assertThat(editor.reserveItem(page, -1, 1)).isEqualTo(PageEditor.NO_ROOM);
        assertThat(editor.reserveItem(page, 2, Integer.MAX_VALUE)).isEqualTo(PageEditor.NO_ROOM);
    }

    @Test
    void shouldRefuseOffsetNumbersOutOfOrder() {
        page.initialize(0);
        for (int offsetNumber = 1; offsetNumber <= 6; offsetNumber++) {
            editor.addItem(page, offsetNumber, items, 0, 16);
        }
        for (final int[] wrong : new int[][] {{1, 3, 2}, {2, 2, 3}, {0, 1, 2}, {4, 5, 7}}) {
            assertThatThrownBy(() -> editor.deleteIndexTuples(page, wrong, 3))
                    .isInstanceOf(MalformedDataException.class)
                    .hasMessageContaining("not ascending");
        }
        assertThat(page.linePointerCount()).isEqualTo(6);
    }

    /** Whatever the page: an error of the kind that redo expects, or a page that is changed; its neighbours stay. */
    @Test
    void shouldSurviveBrokenPages() {
        int refused = 0;
        for (long seed = 0; seed < BROKEN_PAGES; seed++) {
            random = SystemRandom.seeded(seed);
            if (seed % 100 == 0) {
                begin(seed, 16);
                for (int i = 1; i <= 40; i++) {
                    editor.addItem(page, i, items, 0, 1 + random.nextInt(150));
                }
            }
            final int at = random.nextInt(2) == 0 ? 10 + random.nextInt(12) : 24 + random.nextInt(160);
            memory.set(ValueLayout.JAVA_BYTE, BASE + at, (byte) random.nextInt(256));
            try {
                breakOne();
            } catch (final MalformedDataException | IndexOutOfBoundsException e) {
                refused++;
            }
            assertThat(memory.asSlice(0, BASE).mismatch(guard.asSlice(0, BASE)))
                    .as("seed %d", seed)
                    .isEqualTo(-1);
            assertThat(memory.asSlice(2L * BASE).mismatch(guard.asSlice(2L * BASE)))
                    .as("seed %d", seed)
                    .isEqualTo(-1);
        }
        assertThat(refused).isGreaterThan(BROKEN_PAGES / 4);
    }

    private void breakOne() {
        final int at = random.nextInt(45);
        switch (random.nextInt(8)) {
            case 0 -> editor.addItem(page, at, items, 0, random.nextInt(200));
            case 1 -> editor.putItem(page, at, items, 0, random.nextInt(200));
            case 2 -> editor.deleteIndexTuple(page, at);
            case 3 -> editor.deleteIndexTupleKeepingPointer(page, at);
            case 4 -> editor.overwriteIndexTuple(page, at, items, 0, random.nextInt(200));
            case 5 -> editor.deleteIndexTuples(page, new int[] {at, at + 1, at + 3}, 3);
            case 6 -> editor.repairFragmentation(page);
            default -> PageEditor.truncateLinePointers(page);
        }
    }
}
