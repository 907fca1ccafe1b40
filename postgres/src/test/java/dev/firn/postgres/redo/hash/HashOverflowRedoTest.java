package dev.firn.postgres.redo.hash;

import static dev.firn.postgres.redo.hash.HashBytes.BUCKET;
import static dev.firn.postgres.redo.hash.HashBytes.NO_BLOCK;
import static dev.firn.postgres.redo.hash.HashBytes.OVERFLOW;
import static dev.firn.postgres.redo.hash.HashBytes.assertSame;
import static dev.firn.postgres.redo.hash.HashBytes.assertSameItems;
import static dev.firn.postgres.redo.hash.HashBytes.bitmap;
import static dev.firn.postgres.redo.hash.HashBytes.metaPage;
import static dev.firn.postgres.redo.hash.HashBytes.page;
import static dev.firn.postgres.redo.hash.HashBytes.tuple;
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
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Overflow pages that come, lose their tuples, and go. */
class HashOverflowRedoTest {
    private static final int ADD_OVFL_PAGE = 0x30;
    private static final int MOVE_PAGE_CONTENTS = 0x70;
    private static final int SQUEEZE_PAGE = 0x80;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    private MemorySegment apply(final int block, final MemorySegment page) {
        assertThat(fixture.apply(block, page)).isEqualTo(RedoOutcome.APPLIED);
        return page;
    }

    private void assertRefused(final int block, final MemorySegment page, final String message) {
        assertThatThrownBy(() -> fixture.apply(block, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(message);
    }

    private RedoFixture.Draft add(final boolean found) {
        return fixture.record(ResourceManager.HASH, ADD_OVFL_PAGE)
                .main(new RecordBytes().u16(4096).u8(found ? 1 : 0))
                .block(0, 20)
                .willInit()
                .data(new RecordBytes().u32(5))
                .block(1, 6);
    }

    @Test
    void shouldLinkAnOverflowPageToItsBucket() {
        add(true);
        assertSame(apply(0, fixture.newPage()), page(fixture, 6, NO_BLOCK, 5, OVERFLOW));
        assertSame(
                apply(1, page(fixture, 9, NO_BLOCK, 5, BUCKET, tuple(1))), page(fixture, 9, 20, 5, BUCKET, tuple(1)));
    }

    @Test
    void shouldTakeABitOfTheBitmap() {
        add(true).block(2, 3).data(new RecordBytes().u32(37)).block(4, 0).data(new RecordBytes().u32(38));
        final MemorySegment map = bitmap(fixture);
        map.set(ValueLayout.JAVA_BYTE, 24 + 4, (byte) 0x10);
        apply(2, map);
        assertThat(map.get(ValueLayout.JAVA_BYTE, 24 + 4)).isEqualTo((byte) 0x30);
        final MemorySegment expected = metaPage(fixture);
        LittleEndian.putInt(expected, HashBytes.FIRST_FREE, 38);
        assertSame(apply(4, metaPage(fixture)), expected);
    }

    @Test
    void shouldCountAPageAtTheEndOfTheIndex() {
        add(false).block(2, 3).data(new RecordBytes().u32(37)).block(4, 0).data(new RecordBytes().u32(38));
        final MemorySegment expected = metaPage(fixture);
        LittleEndian.putInt(expected, HashBytes.FIRST_FREE, 38);
        LittleEndian.putInt(expected, HashBytes.SPARES + 4, 2);
        assertSame(apply(4, metaPage(fixture)), expected);
    }

    @Test
    void shouldAddABitmapAndCountItsPageToo() {
        add(false).block(3, 19).willInit().block(4, 0).data(new RecordBytes().u32(38));
        assertSame(apply(3, fixture.newPage()), bitmap(fixture));
        final MemorySegment expected = metaPage(fixture);
        LittleEndian.putInt(expected, HashBytes.FIRST_FREE, 38);
        LittleEndian.putInt(expected, HashBytes.SPARES + 4, 3);
        LittleEndian.putInt(expected, HashBytes.BITMAP_COUNT, 1);
        LittleEndian.putInt(expected, HashBytes.BITMAPS, 19);
        assertSame(apply(4, metaPage(fixture)), expected);
    }

    @Test
    void shouldRefuseBitsAndSplitPointsOutOfBounds() {
        for (final int bit : new int[] {4096 * 8, -1}) {
            add(true).block(2, 3).data(new RecordBytes().u32(bit));
            assertRefused(2, bitmap(fixture), "bit " + Integer.toUnsignedString(bit));
        }
        add(false).block(4, 0).data(new RecordBytes().u32(38));
        for (final int splitPoint : new int[] {98, -1}) {
            final MemorySegment meta = metaPage(fixture);
            LittleEndian.putInt(meta, HashBytes.SPLIT_POINT, splitPoint);
            assertRefused(4, meta, "split point " + Integer.toUnsignedString(splitPoint));
        }
        add(true).block(5, 3);
        assertRefused(5, bitmap(fixture), "no block reference #5");
    }

    @Test
    void shouldMoveTuplesFromPageToPage() {
        fixture.record(ResourceManager.HASH, MOVE_PAGE_CONTENTS)
                .block(0, 1)
                .block(1, 2)
                .data(new RecordBytes().u16s(1, 3).raw(tuple(7)).raw(tuple(8)))
                .block(2, 3)
                .data(new RecordBytes().u16s(1, 2, 4))
                .main(new RecordBytes().u16(2).u8(0));
        assertThat(fixture.apply(0, page(fixture, 9, 2, 5, BUCKET, tuple(1)))).isEqualTo(RedoOutcome.UNCHANGED);
        final MemorySegment to = apply(1, page(fixture, 1, 3, 5, OVERFLOW, tuple(1)));
        assertThat(LittleEndian.getUnsignedShort(to, 12)).isEqualTo(36);
        assertThat(hashOf(to, 1)).isEqualTo(7);
        assertThat(hashOf(to, 2)).isEqualTo(1);
        assertThat(hashOf(to, 3)).isEqualTo(8);
        assertSameItems(
                apply(2, page(fixture, 2, NO_BLOCK, 5, OVERFLOW, tuple(7), tuple(8), tuple(9), tuple(6))),
                page(fixture, 2, NO_BLOCK, 5, OVERFLOW, tuple(9)));
        assertRefused(3, to, "");
    }

    private static int hashOf(final MemorySegment page, final int offsetNumber) {
        final int pointer = LittleEndian.getInt(page, 24 + 4L * (offsetNumber - 1));
        return LittleEndian.getInt(page, (pointer & 0x7FFF) + 8);
    }

    @Test
    void shouldMoveTuplesToTheBucketsFirstPage() {
        fixture.record(ResourceManager.HASH, MOVE_PAGE_CONTENTS)
                .block(1, 1)
                .data(new RecordBytes().u16s(2).raw(tuple(7)))
                .main(new RecordBytes().u16(1).u8(1));
        assertSame(
                apply(1, page(fixture, 9, 3, 5, BUCKET, tuple(1))), page(fixture, 9, 3, 5, BUCKET, tuple(1), tuple(7)));
        assertRefused(0, page(fixture, 9, 3, 5, BUCKET), "");
    }

    @Test
    void shouldRefuseTuplesThatAreNotAsManyAsTheirPlaces() {
        fixture.record(ResourceManager.HASH, MOVE_PAGE_CONTENTS)
                .block(1, 1)
                .data(new RecordBytes().u16s(1).raw(tuple(7)).raw(tuple(8)))
                .main(new RecordBytes().u16(1).u8(1));
        assertRefused(1, page(fixture, 9, 3, 5, BUCKET), "16 bytes more");
        fixture.record(ResourceManager.HASH, MOVE_PAGE_CONTENTS)
                .block(1, 1)
                .data(new RecordBytes().u16s(1, 2).raw(tuple(7)))
                .main(new RecordBytes().u16(2).u8(1));
        assertRefused(1, page(fixture, 9, 3, 5, BUCKET), "the record");
        fixture.record(ResourceManager.HASH, MOVE_PAGE_CONTENTS)
                .block(1, 1)
                .data(new RecordBytes().u16s(2).raw(tuple(7)))
                .main(new RecordBytes().u16(1).u8(1));
        assertRefused(1, page(fixture, 9, 3, 5, BUCKET), "does not fit at offset number 2 of 0");
    }

    private static RecordBytes squeezed(final int tuples, final boolean primary, final boolean previous) {
        return new RecordBytes().u32(11).u32(13).u16(tuples).u8(primary ? 1 : 0).u8(previous ? 1 : 0);
    }

    private static RedoFixture.Draft squeeze(final RedoFixture fixture, final RecordBytes main) {
        return fixture.record(ResourceManager.HASH, SQUEEZE_PAGE).main(main);
    }

    @Test
    void shouldFreeAPageAndCloseItsChain() {
        squeeze(fixture, squeezed(1, false, false))
                .block(0, 1)
                .block(1, 2)
                .data(new RecordBytes().u16s(2).raw(tuple(7)))
                .block(2, 12)
                .block(3, 11)
                .block(4, 13)
                .block(5, 3)
                .data(new RecordBytes().u32(9))
                .block(6, 0)
                .data(new RecordBytes().u32(8));
        assertThat(fixture.apply(0, page(fixture, 9, 2, 5, BUCKET))).isEqualTo(RedoOutcome.UNCHANGED);
        assertSame(
                apply(1, page(fixture, 1, 11, 5, OVERFLOW, tuple(1))),
                page(fixture, 1, 11, 5, OVERFLOW, tuple(1), tuple(7)));
        assertSame(
                apply(2, page(fixture, 11, 13, 5, OVERFLOW, tuple(7))), page(fixture, NO_BLOCK, NO_BLOCK, NO_BLOCK, 0));
        assertSame(apply(3, page(fixture, 2, 12, 5, OVERFLOW)), page(fixture, 2, 13, 5, OVERFLOW));
        assertSame(apply(4, page(fixture, 12, 14, 5, OVERFLOW)), page(fixture, 11, 14, 5, OVERFLOW));
        final MemorySegment map = bitmap(fixture);
        map.set(ValueLayout.JAVA_BYTE, 25, (byte) 0xFD);
        assertSame(apply(5, bitmap(fixture)), map);
        final MemorySegment meta = metaPage(fixture);
        LittleEndian.putInt(meta, HashBytes.FIRST_FREE, 8);
        assertSame(apply(6, metaPage(fixture)), meta);
        assertRefused(7, meta, "");
    }

    @Test
    void shouldLinkThePageThatTakesTheTuplesWhenItIsTheOneBefore() {
        squeeze(fixture, squeezed(1, true, true))
                .block(1, 11)
                .data(new RecordBytes().u16s(1).raw(tuple(7)))
                .block(2, 12)
                .block(3, 11);
        assertSame(apply(1, page(fixture, 9, 12, 5, BUCKET)), page(fixture, 9, 13, 5, BUCKET, tuple(7)));
        assertRefused(3, page(fixture, 9, 12, 5, BUCKET), "no block reference #3");
        squeeze(fixture, squeezed(0, true, true)).block(1, 11).block(2, 12);
        assertSame(apply(1, page(fixture, 9, 12, 5, BUCKET)), page(fixture, 9, 13, 5, BUCKET));
    }

    @Test
    void shouldMoveTheLsnOfAPageThatTakesNothingOnlyBefore17() {
        for (final PostgresVersion version : PostgresVersion.values()) {
            try (RedoFixture of = new RedoFixture(version)) {
                squeeze(of, squeezed(0, true, false)).block(1, 1).block(2, 12).block(3, 11);
                final MemorySegment page = page(of, 9, 2, 5, BUCKET, tuple(1));
                final MemorySegment before = of.newPage().copyFrom(page);
                final RedoOutcome outcome = of.apply(1, page);
                if (version.squeezeAlwaysMovesLsn()) {
                    assertThat(outcome).isEqualTo(RedoOutcome.APPLIED);
                    assertThat(page.mismatch(before)).isBetween(0L, 7L);
                } else {
                    assertThat(outcome).isEqualTo(RedoOutcome.UNCHANGED);
                    assertThat(page.mismatch(before)).isEqualTo(-1);
                }
                assertSame(page, before);
            }
        }
        assertThat(PostgresVersion.V15.squeezeAlwaysMovesLsn()).isTrue();
        assertThat(PostgresVersion.V17.squeezeAlwaysMovesLsn()).isFalse();
    }
}
