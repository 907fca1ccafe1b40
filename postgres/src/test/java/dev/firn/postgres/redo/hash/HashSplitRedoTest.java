package dev.firn.postgres.redo.hash;

import static dev.firn.postgres.redo.hash.HashBytes.BEING_POPULATED;
import static dev.firn.postgres.redo.hash.HashBytes.BEING_SPLIT;
import static dev.firn.postgres.redo.hash.HashBytes.BUCKET;
import static dev.firn.postgres.redo.hash.HashBytes.NEEDS_CLEANUP;
import static dev.firn.postgres.redo.hash.HashBytes.NO_BLOCK;
import static dev.firn.postgres.redo.hash.HashBytes.assertSame;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The records of a bucket's split, and the flags that they set after an image too. */
class HashSplitRedoTest {
    private static final int SPLIT_ALLOCATE_PAGE = 0x40;
    private static final int SPLIT_PAGE = 0x50;
    private static final int SPLIT_COMPLETE = 0x60;
    private static final int SPLIT_CLEANUP = 0xA0;
    private static final int NEW_BUCKET = 4;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V15);

    @AfterEach
    void close() {
        fixture.close();
    }

    private MemorySegment apply(final int block, final MemorySegment page) {
        assertThat(fixture.apply(block, page)).isEqualTo(RedoOutcome.APPLIED);
        return page;
    }

    private RedoFixture.Draft allocate(final int updates) {
        return fixture.record(ResourceManager.HASH, SPLIT_ALLOCATE_PAGE)
                .main(new RecordBytes()
                        .u32(NEW_BUCKET)
                        .u16(BUCKET | BEING_SPLIT)
                        .u16(BUCKET | BEING_POPULATED)
                        .u8(updates));
    }

    @Test
    void shouldMarkBothBuckets() {
        allocate(0).block(0, 1).block(1, 6).willInit();
        assertSame(
                apply(0, page(fixture, 3, 9, 0, BUCKET, tuple(1))),
                page(fixture, NEW_BUCKET, 9, 0, BUCKET | BEING_SPLIT, tuple(1)));
        assertSame(
                apply(1, fixture.newPage()), page(fixture, NEW_BUCKET, NO_BLOCK, NEW_BUCKET, BUCKET | BEING_POPULATED));
    }

    @Test
    void shouldMarkTheOldBucketAfterItsImage() {
        allocate(0).block(0, 1).image(page(fixture, 3, 9, 0, BUCKET, tuple(1)), 28, 8000);
        final MemorySegment page = fixture.newPage();
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.RESTORED);
        assertSame(page, page(fixture, NEW_BUCKET, 9, 0, BUCKET | BEING_SPLIT, tuple(1)));
    }

    @Test
    void shouldGrowTheMetapage() {
        allocate(0).block(2, 0);
        final MemorySegment expected = metaPage(fixture);
        LittleEndian.putInt(expected, HashBytes.MAX_BUCKET, NEW_BUCKET);
        assertSame(apply(2, metaPage(fixture)), expected);

        allocate(3).block(2, 0).data(new RecordBytes().u32(3).u32(7).u32(3).u32(5));
        LittleEndian.putInt(expected, HashBytes.LOW_MASK, 3);
        LittleEndian.putInt(expected, HashBytes.HIGH_MASK, 7);
        LittleEndian.putInt(expected, HashBytes.SPLIT_POINT, 3);
        LittleEndian.putInt(expected, HashBytes.SPARES + 12, 5);
        assertSame(apply(2, metaPage(fixture)), expected);

        allocate(2).block(2, 0).data(new RecordBytes().u32(2).u32(6));
        LittleEndian.putInt(expected, HashBytes.SPLIT_POINT, 2);
        LittleEndian.putInt(expected, HashBytes.SPARES + 8, 6);
        final MemorySegment meta = metaPage(fixture);
        LittleEndian.putInt(meta, HashBytes.LOW_MASK, 3);
        LittleEndian.putInt(meta, HashBytes.HIGH_MASK, 7);
        LittleEndian.putInt(meta, HashBytes.SPARES + 12, 5);
        assertSame(apply(2, meta), expected);
    }

    @Test
    void shouldRefuseWhatTheMetapageHasNoRoomFor() {
        allocate(2).block(2, 0).data(new RecordBytes().u32(98).u32(6));
        assertRefused(2, metaPage(fixture), "split point 98 of 98");
        allocate(1).block(2, 0).data(new RecordBytes().u32(1));
        assertRefused(2, metaPage(fixture), "the record has 4 bytes here");
        allocate(0).block(2, 0).data(new RecordBytes().u32(1));
        assertRefused(2, metaPage(fixture), "4 bytes more");
        allocate(0).block(3, 0);
        assertRefused(3, metaPage(fixture), "no block reference #3");
    }

    private void assertRefused(final int block, final MemorySegment page, final String message) {
        assertThatThrownBy(() -> fixture.apply(block, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldTakeAPageOfTheNewBucketFromItsImageOnly() {
        final MemorySegment image = page(fixture, 3, 9, 4, BUCKET | BEING_POPULATED, tuple(1));
        fixture.record(ResourceManager.HASH, SPLIT_PAGE).block(0, 6).image(image);
        final MemorySegment page = fixture.newPage();
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.RESTORED);
        assertSame(page, image);
        fixture.record(ResourceManager.HASH, SPLIT_PAGE).block(0, 6);
        assertRefused(0, page, "no image");
    }

    private RedoFixture.Draft complete() {
        return fixture.record(ResourceManager.HASH, SPLIT_COMPLETE)
                .main(new RecordBytes().u16(BUCKET | NEEDS_CLEANUP).u16(BUCKET));
    }

    @Test
    void shouldCompleteASplit() {
        complete().block(0, 1).block(1, 6);
        assertSame(
                apply(0, page(fixture, 3, 9, 0, BUCKET | BEING_SPLIT, tuple(1))),
                page(fixture, 3, 9, 0, BUCKET | NEEDS_CLEANUP, tuple(1)));
        assertSame(apply(1, page(fixture, 3, 9, 4, BUCKET | BEING_POPULATED)), page(fixture, 3, 9, 4, BUCKET));
        assertRefused(2, page(fixture, 3, 9, 4, BUCKET), "");
    }

    @Test
    void shouldCompleteASplitAfterImages() {
        complete()
                .block(0, 1)
                .image(page(fixture, 3, 9, 0, BUCKET | BEING_SPLIT))
                .block(1, 6)
                .image(page(fixture, 3, 9, 4, BUCKET | BEING_POPULATED));
        final MemorySegment page = fixture.newPage();
        fixture.apply(0, page);
        assertSame(page, page(fixture, 3, 9, 0, BUCKET | NEEDS_CLEANUP));
        fixture.apply(1, page);
        assertSame(page, page(fixture, 3, 9, 4, BUCKET));
    }

    @Test
    void shouldClearTheFlagWhenTheMovedTuplesHaveGone() {
        fixture.record(ResourceManager.HASH, SPLIT_CLEANUP).block(0, 1);
        assertSame(apply(0, page(fixture, 3, 9, 0, BUCKET | NEEDS_CLEANUP)), page(fixture, 3, 9, 0, BUCKET));
    }
}
