package dev.firn.postgres.redo.hash;

import static dev.firn.postgres.redo.hash.HashBytes.BUCKET;
import static dev.firn.postgres.redo.hash.HashBytes.HAS_DEAD;
import static dev.firn.postgres.redo.hash.HashBytes.NO_BLOCK;
import static dev.firn.postgres.redo.hash.HashBytes.assertSame;
import static dev.firn.postgres.redo.hash.HashBytes.assertSameItems;
import static dev.firn.postgres.redo.hash.HashBytes.bitmap;
import static dev.firn.postgres.redo.hash.HashBytes.metaPage;
import static dev.firn.postgres.redo.hash.HashBytes.page;
import static dev.firn.postgres.redo.hash.HashBytes.tuple;
import static dev.firn.postgres.redo.hash.HashBytes.tuples;
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

/** The metapage, the first bitmap, and what comes and goes within a bucket. */
class HashRedoTest {
    private static final int INIT_META_PAGE = 0x00;
    private static final int INIT_BITMAP_PAGE = 0x10;
    private static final int INSERT = 0x20;
    private static final int DELETE = 0x90;
    private static final int UPDATE_META_PAGE = 0xB0;
    private static final int VACUUM_ONE_PAGE = 0xC0;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    private RedoFixture.Draft record(final int info) {
        return fixture.record(ResourceManager.HASH, info);
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

    private void initMeta(final double tuples, final int fillFactor) {
        record(INIT_META_PAGE)
                .block(0, 0)
                .willInit()
                .main(new RecordBytes()
                        .u64(Double.doubleToRawLongBits(tuples))
                        .u32(449)
                        .u16(fillFactor));
    }

    private MemorySegment bucket(final int flags) {
        return page(fixture, 0, NO_BLOCK, 0, BUCKET | flags, tuple(1), tuple(2), tuple(3), tuple(4), tuple(5));
    }

    @Test
    void shouldMakeAMetapage() {
        initMeta(0, 307);
        assertSame(apply(0, bucket(0)), metaPage(fixture));
    }

    @Test
    void shouldMakeAsManyBucketsAsTheTuplesAskFor() {
        // Tuples, buckets, high mask, split point.
        final int[][] cases = {
            {614, 2, 3, 1},
            {615, 2, 3, 1},
            {307 * 3, 4, 7, 2},
            {307 * 512, 512, 1023, 9},
            {307 * 513, 640, 1023, 10},
            {307 * 1000, 1024, 2047, 13},
            {307 * 1025, 1280, 2047, 14},
        };
        for (final int[] expected : cases) {
            initMeta(expected[0], 307);
            final MemorySegment page = apply(0, fixture.newPage());
            assertThat(LittleEndian.getInt(page, HashBytes.MAX_BUCKET)).isEqualTo(expected[1] - 1);
            assertThat(LittleEndian.getInt(page, HashBytes.HIGH_MASK)).isEqualTo(expected[2]);
            assertThat(LittleEndian.getInt(page, HashBytes.LOW_MASK)).isEqualTo(expected[2] >> 1);
            assertThat(LittleEndian.getInt(page, HashBytes.SPLIT_POINT)).isEqualTo(expected[3]);
            assertThat(LittleEndian.getInt(page, HashBytes.SPARES + 4 * expected[3]))
                    .isOne();
        }
        initMeta(1e30, 10);
        assertThat(LittleEndian.getInt(apply(0, fixture.newPage()), HashBytes.MAX_BUCKET))
                .isEqualTo(0x3FFF_FFFF);
    }

    @Test
    void shouldRefuseNumbersThatGiveNoBuckets() {
        initMeta(0, 0);
        assertRefused(0, fixture.newPage(), "0 in a bucket");
        initMeta(Double.NaN, 307);
        assertRefused(0, fixture.newPage(), "for NaN tuples");
    }

    @Test
    void shouldMakeTheFirstBitmapBehindTheBuckets() {
        record(INIT_BITMAP_PAGE).block(0, 3).willInit().block(1, 0).main(new RecordBytes().u16(4096));
        assertSame(apply(0, fixture.newPage()), bitmap(fixture));
        final MemorySegment meta = apply(1, metaPage(fixture));
        final MemorySegment expected = metaPage(fixture);
        LittleEndian.putInt(expected, HashBytes.BITMAP_COUNT, 1);
        LittleEndian.putInt(expected, HashBytes.BITMAPS, 3);
        assertSame(meta, expected);
    }

    @Test
    void shouldRefuseBitmapsThatDontFit() {
        record(INIT_BITMAP_PAGE).block(0, 3).willInit().block(1, 0).main(new RecordBytes().u16(8192));
        assertRefused(0, fixture.newPage(), "a bitmap of 8192 bytes");
        for (final int count : new int[] {1024, -1}) {
            final MemorySegment meta = metaPage(fixture);
            LittleEndian.putInt(meta, HashBytes.BITMAP_COUNT, count);
            assertRefused(1, meta, "has " + Integer.toUnsignedString(count) + " bitmaps");
        }
    }

    @Test
    void shouldInsertATupleAndCountIt() {
        record(INSERT).block(0, 1).data(tuple(2)).block(1, 0).main(new RecordBytes().u16(2));
        final MemorySegment page = apply(0, page(fixture, 0, NO_BLOCK, 0, BUCKET, tuple(1)));
        assertSame(page, page(fixture, 0, NO_BLOCK, 0, BUCKET, tuple(1), tuple(2)));
        final MemorySegment meta = apply(1, metaPage(fixture));
        assertThat(tuples(meta)).isEqualTo(1.0);
        assertRefused(0, page(fixture, 0, NO_BLOCK, 0, BUCKET), "does not fit at offset number 2 of 0");
        assertRefused(1, bucket(0), "no hash index's metapage");
        assertRefused(1, fixture.emptyPage(8), "none of a hash index");
        assertRefused(2, bucket(0), "");
    }

    @Test
    void shouldRefuseATupleThatIsNotTheWholeData() {
        record(INSERT).block(0, 1).data(new RecordBytes().raw(tuple(2)).u16(0)).main(new RecordBytes().u16(1));
        assertRefused(0, page(fixture, 0, NO_BLOCK, 0, BUCKET), "2 bytes more");
    }

    private void delete(final int clearsDead, final int primary, final int... offsetNumbers) {
        record(DELETE)
                .block(0, 1)
                .block(1, 9)
                .data(new RecordBytes().u16s(offsetNumbers))
                .main(new RecordBytes().u8(clearsDead).u8(primary));
    }

    @Test
    void shouldDeleteTuplesFromAPageOfABucket() {
        delete(1, 0, 1, 3, 5);
        assertSameItems(apply(1, bucket(HAS_DEAD)), page(fixture, 0, NO_BLOCK, 0, BUCKET, tuple(2), tuple(4)));
        delete(0, 0, 5);
        assertSameItems(
                apply(1, bucket(HAS_DEAD)),
                page(fixture, 0, NO_BLOCK, 0, BUCKET | HAS_DEAD, tuple(1), tuple(2), tuple(3), tuple(4)));
    }

    @Test
    void shouldLeaveThePageThatIsOnlyLocked() {
        delete(1, 0, 1);
        final MemorySegment page = bucket(HAS_DEAD);
        final MemorySegment before = fixture.newPage().copyFrom(page);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.UNCHANGED);
        assertThat(page.mismatch(before)).isEqualTo(-1);
        delete(1, 1, 1);
        assertRefused(0, page, "no block reference #0");
    }

    @Test
    void shouldRefuseOffsetNumbersThatAreNotThere() {
        delete(0, 0, 6);
        assertRefused(1, bucket(0), "no line pointer 6 among 5");
        delete(0, 0, 1, 2, 3, 4, 5, 6);
        assertRefused(1, bucket(0), "deletes 6 items, of 5");
        record(DELETE).block(1, 9).data(data(1, 0, 2)).main(new RecordBytes().u16(0));
        assertRefused(1, bucket(0), "1 bytes more");
    }

    private static byte[] data(final int... bytes) {
        final RecordBytes data = new RecordBytes();
        for (final int value : bytes) {
            data.u8(value);
        }
        return data.array();
    }

    @Test
    void shouldSetTheNumberOfTuples() {
        record(UPDATE_META_PAGE).block(0, 0).main(new RecordBytes().u64(Double.doubleToRawLongBits(77.0)));
        assertThat(tuples(apply(0, metaPage(fixture)))).isEqualTo(77.0);
        record(UPDATE_META_PAGE).block(1, 0).main(new RecordBytes().u64(0));
        assertRefused(1, metaPage(fixture), "no block reference #1");
    }

    @Test
    void shouldVacuumAPageInBothVersions() {
        for (final PostgresVersion version : PostgresVersion.values()) {
            try (RedoFixture of = new RedoFixture(version)) {
                final RecordBytes main = new RecordBytes().u32(777);
                if (version.recordsTellCatalogRelation()) {
                    main.u16(2).u8(1).u8(0xEE);
                } else {
                    main.u32(2);
                }
                of.record(ResourceManager.HASH, VACUUM_ONE_PAGE)
                        .block(0, 1)
                        .block(1, 0)
                        .main(main.u16s(2, 4));
                final MemorySegment page =
                        page(of, 0, NO_BLOCK, 0, BUCKET | HAS_DEAD, tuple(1), tuple(2), tuple(3), tuple(4), tuple(5));
                assertThat(of.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
                assertSameItems(page, page(of, 0, NO_BLOCK, 0, BUCKET, tuple(1), tuple(3), tuple(5)));
                final MemorySegment meta = metaPage(of);
                LittleEndian.putLong(meta, HashBytes.TUPLES, Double.doubleToRawLongBits(10.0));
                assertThat(of.apply(1, meta)).isEqualTo(RedoOutcome.APPLIED);
                assertThat(tuples(meta)).isEqualTo(8.0);
            }
        }
    }

    @Test
    void shouldRefuseACountThatTheRecordContradicts() {
        record(VACUUM_ONE_PAGE).block(0, 1).main(new RecordBytes().u32(777).u16s(2, 0, 1));
        assertRefused(0, bucket(0), "the record has 10 bytes here");
        record(VACUUM_ONE_PAGE).block(0, 1).main(new RecordBytes().u32(777).u16s(1, 0, 1, 2));
        assertRefused(0, bucket(0), "2 bytes more");
        try (RedoFixture old = new RedoFixture(PostgresVersion.V15)) {
            old.record(ResourceManager.HASH, VACUUM_ONE_PAGE)
                    .block(0, 1)
                    .main(new RecordBytes().u32(777).u32(-1));
            assertThatThrownBy(() -> old.apply(0, bucket(0)))
                    .isInstanceOf(RedoException.class)
                    .hasMessageContaining("deletes -1 items");
        }
    }

    @Test
    void shouldRefuseUnknownOperationsAndWrongMarks() {
        record(0xD0).block(0, 1);
        assertRefused(0, bucket(0), "no operation 0xD0");
        record(INSERT).block(0, 1).willInit().data(tuple(1)).main(new RecordBytes().u16(1));
        assertRefused(0, bucket(0), "made anew");
        record(INIT_META_PAGE).block(0, 0).main(new RecordBytes().fill(14, 0));
        assertRefused(0, bucket(0), "does not mark it so");
        for (final int info : new int[] {INIT_META_PAGE, 0x50, 0xA0}) {
            record(info).block(1, 1);
            assertRefused(1, bucket(0), "no block reference #1");
        }
    }
}
