package dev.firn.postgres.redo.hash;

import static dev.firn.postgres.redo.hash.HashBytes.BUCKET;
import static dev.firn.postgres.redo.hash.HashBytes.HAS_DEAD;
import static dev.firn.postgres.redo.hash.HashBytes.NEEDS_CLEANUP;
import static dev.firn.postgres.redo.hash.HashBytes.NO_BLOCK;
import static dev.firn.postgres.redo.hash.HashBytes.OVERFLOW;
import static dev.firn.postgres.redo.hash.HashBytes.bitmap;
import static dev.firn.postgres.redo.hash.HashBytes.page;
import static dev.firn.postgres.redo.hash.HashBytes.tuple;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.LinePointer;
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
class HashMaskTest {
    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    private Verdict compare(final MemorySegment expected, final Consumer<MemorySegment> change) {
        fixture.record(ResourceManager.HASH, 0x20).block(0, 3).expect(expected);
        final MemorySegment page = fixture.newPage().copyFrom(expected);
        change.accept(page);
        return fixture.compare(0, page);
    }

    private MemorySegment items(final int flags) {
        return page(fixture, 1, NO_BLOCK, 2, flags, tuple(1), tuple(2));
    }

    private static void markDead(final MemorySegment page) {
        LittleEndian.putInt(page, 28, LinePointer.markDead(LittleEndian.getInt(page, 28)));
    }

    @Test
    void shouldHideHintsOfBuckets() {
        for (final int type : new int[] {BUCKET, OVERFLOW}) {
            assertThat(compare(items(type), page -> {
                        LittleEndian.putLong(page, 0, 1);
                        LittleEndian.putShort(page, 8, 2);
                        LittleEndian.putShort(page, 10, PageLayout.PAGE_FULL);
                        page.set(ValueLayout.JAVA_BYTE, 4000, (byte) 1);
                        LittleEndian.putShort(page, 8188, type | HAS_DEAD);
                        markDead(page);
                    }))
                    .isEqualTo(Verdict.EQUAL);
        }
    }

    @Test
    void shouldHideAllOfAFreePageButItsHeader() {
        final MemorySegment free = page(fixture, NO_BLOCK, NO_BLOCK, NO_BLOCK, 0);
        assertThat(compare(free, page -> {
                    page.asSlice(24, 8168 - 16).fill((byte) 7);
                    LittleEndian.putShort(page, 12, 100);
                    LittleEndian.putInt(page, 8176, 5);
                }))
                .isEqualTo(Verdict.EQUAL);
        assertThat(compare(free, page -> LittleEndian.putShort(page, 18, 1))).isEqualTo(Verdict.DIFFERENT);
    }

    @Test
    void shouldShowAllElse() {
        assertThat(compare(items(BUCKET), page -> LittleEndian.putShort(page, 8188, BUCKET | NEEDS_CLEANUP)))
                .isEqualTo(Verdict.DIFFERENT);
        assertThat(compare(items(BUCKET), page -> LittleEndian.putInt(page, 8176, 9)))
                .isEqualTo(Verdict.DIFFERENT);
        assertThat(compare(items(BUCKET), page -> page.set(ValueLayout.JAVA_BYTE, 8168, (byte) 9)))
                .isEqualTo(Verdict.DIFFERENT);
        assertThat(compare(bitmap(fixture), page -> page.set(ValueLayout.JAVA_BYTE, 30, (byte) 9)))
                .isEqualTo(Verdict.DIFFERENT);
    }
}
