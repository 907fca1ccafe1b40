package dev.firn.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Compaction moves no more than it must; what comes out is compared, all bytes of the page, with moving everything by way of a copy. */
final class PageEditorCompactionTest {
    private static final int PAGES = 3_000;

    private final RandomGenerator random = SystemRandom.seeded(15);

    @Test
    void shouldLeaveTheBytesThatMovingEverythingLeaves() {
        try (Arena arena = Arena.ofConfined()) {
            final PageEditor editor = new PageEditor(arena.allocate(PageLayout.PAGE_BYTES));
            final PageFlyweight page = new PageFlyweight().wrap(arena.allocate(PageLayout.PAGE_BYTES), 0);
            final MemorySegment expected = arena.allocate(PageLayout.PAGE_BYTES);
            for (int i = 0; i < PAGES; i++) {
                fill(page, editor, i % 3 == 0);
                expected.copyFrom(page.segment());
                compactPlainly(new PageFlyweight().wrap(expected, 0));

                editor.repairFragmentation(page);

                assertThat(page.segment().mismatch(expected))
                        .as("first difference on page %d", i)
                        .isEqualTo(-1);
            }
        }
    }

    /** A page after a life: items came, some went, the room that they left was used again in any order. */
    private void fill(final PageFlyweight page, final PageEditor editor, final boolean equalLengths) {
        page.initialize(random.nextInt(3) * 8);
        for (int life = random.nextInt(4); life >= 0; life--) {
            while (add(page, equalLengths ? 100 : 28 + random.nextInt(200))) {
                if (random.nextInt(80) == 0) {
                    break;
                }
            }
            for (int offsetNumber = 1; offsetNumber <= page.linePointerCount(); offsetNumber++) {
                if (random.nextInt(4) == 0) {
                    page.linePointer(offsetNumber, pointerOfNoItem());
                }
            }
            if (life > 0) {
                editor.repairFragmentation(page);
            }
        }
    }

    private int pointerOfNoItem() {
        return switch (random.nextInt(3)) {
            case 0 -> LinePointer.redirectTo(1);
            case 1 -> LinePointer.of(0, LinePointer.DEAD, 0);
            default -> LinePointer.UNUSED_POINTER;
        };
    }

    private boolean add(final PageFlyweight page, final int lengthBytes) {
        int offsetNumber = 1;
        while (offsetNumber <= page.linePointerCount()
                && LinePointer.state(page.linePointer(offsetNumber)) != LinePointer.UNUSED) {
            offsetNumber++;
        }
        if (PageEditor.reserveHeapItem(page, offsetNumber, lengthBytes) == PageEditor.NO_ROOM) {
            return false;
        }
        for (int i = 0; i < lengthBytes; i++) {
            page.segment().set(ValueLayout.JAVA_BYTE, (long) page.upper() + i, (byte) random.nextInt());
        }
        return true;
    }

    private static void compactPlainly(final PageFlyweight page) {
        final byte[] before = page.segment().toArray(ValueLayout.JAVA_BYTE);
        int upper = page.special();
        int used = 0;
        boolean free = false;
        for (int offsetNumber = 1; offsetNumber <= page.linePointerCount(); offsetNumber++) {
            final int pointer = page.linePointer(offsetNumber);
            if (LinePointer.hasStorage(pointer)) {
                final int bytes = PageLayout.align(LinePointer.length(pointer));
                upper -= bytes;
                MemorySegment.copy(
                        before, LinePointer.offset(pointer), page.segment(), ValueLayout.JAVA_BYTE, upper, bytes);
                page.linePointer(
                        offsetNumber, LinePointer.of(upper, LinePointer.state(pointer), LinePointer.length(pointer)));
            }
            used = LinePointer.state(pointer) == LinePointer.UNUSED ? used : offsetNumber;
        }
        for (int offsetNumber = 1; offsetNumber <= used; offsetNumber++) {
            free |= LinePointer.state(page.linePointer(offsetNumber)) == LinePointer.UNUSED;
        }
        LittleEndian.putShort(page.segment(), PageLayout.UPPER_OFFSET, upper);
        page.lower(PageLayout.HEADER_BYTES + used * PageLayout.LINE_POINTER_BYTES);
        if (free) {
            page.setFlag(PageLayout.HAS_FREE_LINES);
        } else {
            page.clearFlag(PageLayout.HAS_FREE_LINES);
        }
    }
}
