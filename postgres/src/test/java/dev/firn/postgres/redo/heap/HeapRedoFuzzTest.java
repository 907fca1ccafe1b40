package dev.firn.postgres.redo.heap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.TouchedPages;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Mutated records on mutated pages: what comes out is a {@link RedoException} or a page, and nothing beside the page changes. A failure
 * names its seed.
 */
class HeapRedoFuzzTest {
    private static final int CASES = 25_000;
    private static final int BLOCK = 9;
    private static final int TUPLES = 12;

    /** Bytes on either side of the page. */
    private static final int GUARD = 512;

    @Test
    void shouldSurviveMutatedRecordsOf15() {
        fuzz(PostgresVersion.V15);
    }

    @Test
    void shouldSurviveMutatedRecordsOf17() {
        fuzz(PostgresVersion.V17);
    }

    private static void fuzz(final PostgresVersion version) {
        int applied = 0;
        int refused = 0;
        try (RedoFixture fixture = new RedoFixture(version);
                Arena arena = Arena.ofConfined()) {
            final MemorySegment guarded = arena.allocate(PageLayout.PAGE_BYTES + 2 * GUARD, Long.BYTES);
            final MemorySegment page = guarded.asSlice(GUARD, PageLayout.PAGE_BYTES);
            final MemorySegment pristine = pristine(fixture);
            for (long seed = 0; seed < CASES; seed++) {
                final RandomGenerator random = SystemRandom.seeded(seed);
                guarded.fill((byte) 0x5A);
                page.copyFrom(pristine);
                RedoFixture.mutate(page, 3, random);
                draft(fixture, random, version);
                try {
                    final TouchedPages touched = fixture.touched();
                    fixture.apply(touched.touch(random.nextInt(touched.count())), page);
                    applied++;
                } catch (final RedoException e) {
                    assertThat(e.getMessage()).as("seed %d", seed).contains("WAL record at");
                    refused++;
                } catch (final RuntimeException e) {
                    throw new AssertionError(version + ", seed " + seed, e);
                }
                expectGuards(guarded, seed);
            }
        }
        assertThat(applied).isGreaterThan(CASES / 10);
        assertThat(refused).isGreaterThan(CASES / 10);
    }

    private static void expectGuards(final MemorySegment guarded, final long seed) {
        for (int i = 0; i < GUARD; i += Long.BYTES) {
            final long low = guarded.get(ValueLayout.JAVA_LONG, i);
            final long high = guarded.get(ValueLayout.JAVA_LONG, GUARD + PageLayout.PAGE_BYTES + i);
            if (low != 0x5A5A5A5A5A5A5A5AL || high != low) {
                throw new AssertionError("seed " + seed + ": a write beside the page");
            }
        }
    }

    private static MemorySegment pristine(final RedoFixture fixture) {
        final MemorySegment page = HeapPages.page(fixture);
        for (int i = 1; i <= TUPLES; i++) {
            HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, new byte[i * 3]);
        }
        HeapPages.at(page).linePointer(4, 0);
        return page;
    }

    private static void draft(final RedoFixture fixture, final RandomGenerator random, final PostgresVersion version) {
        final int operation = random.nextInt(16) << 4;
        final boolean second = random.nextInt(3) == 0;
        final int at = 1 + random.nextInt(TUPLES + 1);
        final RedoFixture.Draft draft = fixture.record(second ? ResourceManager.HEAP2 : ResourceManager.HEAP, operation)
                .main(second ? main2(operation & 0x70, at, version) : main(operation & 0x70, at))
                .block(0, second && (operation & 0x70) == 0x40 ? 0 : BLOCK)
                .data(second ? data2(operation & 0x70, at, version) : data(operation & 0x70, random));
        if (second && (operation & 0x70) == 0x40) {
            draft.fork(2).block(1, BLOCK);
        } else {
            if (operation >= 0x80) {
                draft.willInit();
            }
            if (random.nextInt(4) == 0) {
                draft.block(1, random.nextBoolean() ? 0 : BLOCK + 1).fork(random.nextBoolean() ? 2 : 0);
            }
            if (random.nextInt(8) == 0) {
                draft.block(2, 0).fork(2);
            }
        }
        draft.mutate(2, random);
    }

    private static RecordBytes main(final int operation, final int at) {
        return switch (operation) {
            case 0x00 -> new RecordBytes().u16(at).u8(1);
            case 0x20, 0x40 ->
                new RecordBytes().u32(703).u16(at).u8(4).u8(0x63).u32(0).u16(TUPLES + 1);
            case 0x50, 0x70 -> new RecordBytes().u16(at);
            default -> new RecordBytes().u32(703).u16(at).u8(4).u8(1);
        };
    }

    private static RecordBytes data(final int operation, final RandomGenerator random) {
        final byte[] tuple =
                HeapPages.tuple(1, 0, new byte[random.nextInt(200)]).array();
        return operation == 0x20 || operation == 0x40
                ? new RecordBytes().u16(2).u16(3).raw(tuple)
                : new RecordBytes().raw(tuple);
    }

    private static RecordBytes main2(final int operation, final int at, final PostgresVersion version) {
        return switch (operation) {
            case 0x40 -> new RecordBytes().u32(1).u8(3);
            case 0x50 -> new RecordBytes().u16(1).u16(2).u16s(4, TUPLES + 1);
            case 0x60 -> new RecordBytes().u32(703).u16(at).u8(4).u8(1);
            default -> {
                if (version.combinedPruneFreeze()) {
                    yield new RecordBytes().u8(0).u8(0xF4);
                }
                yield operation == 0x10
                        ? new RecordBytes().u32(1).u16(1).u16(1)
                        : new RecordBytes().u16(1).u16(0).u16(1);
            }
        };
    }

    private static RecordBytes data2(final int operation, final int at, final PostgresVersion version) {
        if (operation == 0x50) {
            return new RecordBytes()
                    .u16(3)
                    .u32(1)
                    .u8(24)
                    .fill(4, 7)
                    .align(2)
                    .u16(3)
                    .u32(1)
                    .u8(24)
                    .fill(3, 7);
        }
        if (version.combinedPruneFreeze()) {
            return new RecordBytes()
                    .u16(1)
                    .u16(0)
                    .u32(0)
                    .u16(1)
                    .u16(0x300)
                    .u16(0)
                    .u16(1)
                    .u16s(1, 1, 2)
                    .u16s(1, 3)
                    .u16s(1, at)
                    .u16s(5);
        }
        return operation == 0x30
                ? new RecordBytes().u32(0).u16(at).u32(1).u16(0)
                : operation == 0x20 ? new RecordBytes().u16(at) : new RecordBytes().u16s(1, 2, 3, at);
    }
}
