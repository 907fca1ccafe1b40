package dev.firn.postgres.redo.btree;

import static dev.firn.postgres.redo.btree.BtreeBytes.LEAF;
import static dev.firn.postgres.redo.btree.BtreeBytes.ROOT;
import static dev.firn.postgres.redo.btree.BtreeBytes.page;
import static dev.firn.postgres.redo.btree.BtreeBytes.pivot;
import static dev.firn.postgres.redo.btree.BtreeBytes.plain;
import static dev.firn.postgres.redo.btree.BtreeBytes.posting;
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
class BtreeRedoFuzzTest {
    private static final int CASES = 12_000;
    private static final int PAGE_BYTES = 8192;
    private static final int GUARD = 4096;
    private static final byte GUARD_BYTE = 0x7E;

    @Test
    void shouldSurviveMutatedRecordsAndPages() {
        int applied = 0;
        int refused = 0;
        try (Arena arena = Arena.ofConfined();
                RedoFixture fixture = new RedoFixture(PostgresVersion.V17)) {
            final MemorySegment guarded = arena.allocate(PAGE_BYTES + 2 * GUARD);
            guarded.fill(GUARD_BYTE);
            final MemorySegment guards = arena.allocate(GUARD).fill(GUARD_BYTE);
            final MemorySegment page = guarded.asSlice(GUARD, PAGE_BYTES);
            final MemorySegment leaf = page(
                    fixture,
                    4,
                    7,
                    0,
                    LEAF,
                    pivot(60, 0),
                    plain(10, 1),
                    plain(10, 2),
                    posting(20, 5, 15, 25, 35),
                    plain(40, 4),
                    posting(50, 5, 6, 7),
                    plain(50, 8));
            final MemorySegment upper = page(fixture, 0, 0, 1, ROOT, pivot(0, 3), pivot(5, 4), pivot(9, 5));
            for (long seed = 0; seed < CASES; seed++) {
                final RandomGenerator random = new SplittableRandom(seed);
                page.copyFrom(random.nextInt(4) == 0 ? upper : leaf);
                RedoFixture.mutate(page, 3, random);
                final int block = draft(fixture, random);
                try {
                    fixture.apply(block, page);
                    applied++;
                } catch (final RedoException e) {
                    refused++;
                } catch (final RuntimeException e) {
                    throw new AssertionError("seed " + seed, e);
                }
                assertThat(guarded.asSlice(0, GUARD).mismatch(guards))
                        .as("guard before, seed " + seed)
                        .isEqualTo(-1);
                assertThat(guarded.asSlice(GUARD + PAGE_BYTES).mismatch(guards))
                        .as("guard behind, seed " + seed)
                        .isEqualTo(-1);
            }
        }
        assertThat(applied).as("records that were applied").isGreaterThan(CASES / 10);
        assertThat(refused).as("records that were refused").isGreaterThan(CASES / 10);
    }

    /** A record that fits one of the pages, with some bytes changed. Returns the block to apply it to. */
    private static int draft(final RedoFixture fixture, final RandomGenerator random) {
        final int info = random.nextInt(16) << 4;
        final RedoFixture.Draft draft = fixture.record(ResourceManager.BTREE, info);
        final int blocks = random.nextInt(1, 6);
        for (int block = 0; block < blocks; block++) {
            draft.block(block, random.nextInt(4));
            if (isInit(info, block)) {
                draft.willInit();
            }
            if (block == 0 || random.nextBoolean()) {
                draft.data(blockData(info, block));
            }
        }
        draft.main(mainData(info)).mutate(3, random);
        return random.nextInt(3) == 0 ? random.nextInt(blocks) : 0;
    }

    private static boolean isInit(final int info, final int block) {
        return switch (info) {
            case 0x20 -> block == 2;
            case 0x30, 0x40 -> block == 1;
            case 0x80, 0x90 -> block == 0 || block == 3 || block == 4;
            case 0xA0 -> block != 1;
            case 0xB0 -> block == 0;
            case 0xE0 -> true;
            default -> false;
        };
    }

    private static RecordBytes mainData(final int info) {
        return switch (info) {
            case 0x00, 0x10, 0x20, 0x50 -> new RecordBytes().u16(5);
            case 0x30, 0x40 -> new RecordBytes().u32(0).u16s(6, 5, 2);
            case 0x60 -> new RecordBytes().u16(2);
            case 0x70 -> new RecordBytes().u32(7).u16s(2, 2).u8(0);
            case 0xA0 -> new RecordBytes().u32(1).u32(1);
            case 0xB0 -> new RecordBytes().u16s(2, 0).u32(5).u32(4).u32(6).u32(8);
            case 0xC0 -> new RecordBytes().u16s(2, 2);
            default -> new RecordBytes().fill(36, 0);
        };
    }

    private static RecordBytes blockData(final int info, final int block) {
        if (block == 4 || info == 0xE0 || block == 2) {
            return BtreeBytes.metadata();
        }
        return switch (info) {
            case 0x00, 0x10, 0x20 -> new RecordBytes().raw(plain(3, 3));
            case 0x50 -> new RecordBytes().u16(2).raw(plain(20, 17));
            case 0x30, 0x40 -> new RecordBytes().raw(plain(20, 17)).raw(pivot(30, 0));
            case 0x60 -> new RecordBytes().u16s(2, 2, 6, 2);
            case 0x70, 0xC0 ->
                new RecordBytes().u16s(2, 5).u16s(4, 6).u16s(2, 0, 2).u16s(1, 1);
            default -> new RecordBytes().raw(pivot(1, 2)).raw(pivot(3, 4));
        };
    }
}
