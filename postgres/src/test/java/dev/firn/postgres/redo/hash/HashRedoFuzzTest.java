package dev.firn.postgres.redo.hash;

import static dev.firn.postgres.redo.hash.HashBytes.BUCKET;
import static dev.firn.postgres.redo.hash.HashBytes.OVERFLOW;
import static dev.firn.postgres.redo.hash.HashBytes.bitmap;
import static dev.firn.postgres.redo.hash.HashBytes.metaPage;
import static dev.firn.postgres.redo.hash.HashBytes.page;
import static dev.firn.postgres.redo.hash.HashBytes.tuple;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Mutated records on mutated pages: nothing but a {@link RedoException} comes out, and no byte next to the page changes. */
class HashRedoFuzzTest {
    private static final int CASES = 6_000;
    private static final int PAGE_BYTES = 8192;
    private static final int GUARD = 4096;
    private static final byte GUARD_BYTE = 0x7E;

    @Test
    void shouldSurviveMutatedRecordsAndPages() {
        for (final PostgresVersion version : PostgresVersion.values()) {
            try (Arena arena = Arena.ofConfined();
                    RedoFixture fixture = new RedoFixture(version)) {
                run(fixture, arena);
            }
        }
    }

    private static void run(final RedoFixture fixture, final Arena arena) {
        final MemorySegment guarded = arena.allocate(PAGE_BYTES + 2 * GUARD).fill(GUARD_BYTE);
        final MemorySegment guards = arena.allocate(GUARD).fill(GUARD_BYTE);
        final MemorySegment page = guarded.asSlice(GUARD, PAGE_BYTES);
        final MemorySegment bucket = page(fixture, 9, 3, 5, BUCKET, tuple(1), tuple(2), tuple(3), tuple(4), tuple(5));
        final MemorySegment overflow = page(fixture, 9, 3, 5, OVERFLOW, tuple(1), tuple(2), tuple(3), tuple(4));
        final MemorySegment[] pages = {bucket, overflow, metaPage(fixture), bitmap(fixture)};
        int applied = 0;
        int refused = 0;
        for (long seed = 0; seed < CASES; seed++) {
            final RandomGenerator random = new SplittableRandom(seed);
            page.copyFrom(pages[random.nextInt(pages.length)]);
            RedoFixture.mutate(page, 3, random);
            final int block = draft(fixture, random);
            try {
                fixture.apply(block, page);
                applied++;
            } catch (final RedoException e) {
                refused++;
            } catch (final RuntimeException e) {
                throw new AssertionError(fixture.version() + ", seed " + seed, e);
            }
            assertThat(guarded.asSlice(0, GUARD).mismatch(guards))
                    .as("guard before, seed " + seed)
                    .isEqualTo(-1);
            assertThat(guarded.asSlice(GUARD + PAGE_BYTES).mismatch(guards))
                    .as("guard behind, seed " + seed)
                    .isEqualTo(-1);
        }
        assertThat(applied).as("records that were applied").isGreaterThan(CASES / 10);
        assertThat(refused).as("records that were refused").isGreaterThan(CASES / 10);
    }

    /** A record with data of its kind, some bytes changed. Returns the block to apply it to. */
    private static int draft(final RedoFixture fixture, final RandomGenerator random) {
        final int info = random.nextInt(14) << 4;
        final RedoFixture.Draft draft = fixture.record(ResourceManager.HASH, info);
        final int blocks = random.nextInt(1, 8);
        for (int block = 0; block < blocks; block++) {
            draft.block(block, random.nextInt(4));
            if (isInit(info, block)) {
                draft.willInit();
            }
            if (random.nextInt(4) != 0) {
                draft.data(blockData(info, block));
            }
        }
        draft.main(mainData(info)).mutate(3, random);
        return random.nextInt(blocks);
    }

    private static boolean isInit(final int info, final int block) {
        return switch (info) {
            case 0x00, 0x10 -> block == 0;
            case 0x30 -> block == 0 || block == 3;
            case 0x40 -> block == 1;
            default -> false;
        };
    }

    private static RecordBytes mainData(final int info) {
        return switch (info) {
            case 0x00 ->
                new RecordBytes().u64(Double.doubleToRawLongBits(1e5)).u32(449).u16(307);
            case 0x10 -> new RecordBytes().u16(4096);
            case 0x20 -> new RecordBytes().u16(2);
            case 0x30 -> new RecordBytes().u16(4096).u8(0);
            case 0x40 -> new RecordBytes().u32(4).u16s(BUCKET, BUCKET).u8(3);
            case 0x60 -> new RecordBytes().u16s(BUCKET, BUCKET);
            case 0x70 -> new RecordBytes().u16(2).u8(0);
            case 0x80 -> new RecordBytes().u32(11).u32(13).u16(2).u8(0).u8(0);
            case 0x90 -> new RecordBytes().u8(1).u8(0);
            case 0xC0 -> new RecordBytes().u32(777).u16s(3, 0, 1, 2, 4);
            default -> new RecordBytes().u64(0);
        };
    }

    private static RecordBytes blockData(final int info, final int block) {
        if (info == 0x20) {
            return new RecordBytes().raw(tuple(9));
        }
        if (block == 1 && info != 0x90) {
            return new RecordBytes().u16s(1, 3).raw(tuple(7)).raw(tuple(8));
        }
        if (info == 0x40) {
            return new RecordBytes().u32(3).u32(7).u32(3).u32(5);
        }
        return info == 0x70 || info == 0x90 ? new RecordBytes().u16s(1, 2, 3) : new RecordBytes().u32(37);
    }
}
