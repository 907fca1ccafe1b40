package dev.firn.postgres.redo.gin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Mutated records on mutated pages: nothing but a {@link RedoException} comes out, and no byte next to the page changes. */
class GinRedoFuzzTest {
    private static final int CASES = 15_000;
    private static final int GUARD = 4096;
    private static final byte GUARD_BYTE = 0x7E;
    private static final int PAGE_BYTES = 8192;

    @Test
    void shouldSurviveMutatedRecordsAndPages() {
        int applied = 0;
        int refused = 0;
        try (Arena arena = Arena.ofConfined();
                RedoFixture fixture = new RedoFixture(PostgresVersion.V17)) {
            final MemorySegment guarded = arena.allocate(PAGE_BYTES + 2 * GUARD);
            guarded.fill(GUARD_BYTE);
            final MemorySegment page = guarded.asSlice(GUARD, PAGE_BYTES);
            final MemorySegment[] pages = pages(fixture);
            for (long seed = 0; seed < CASES; seed++) {
                final RandomGenerator random = new SplittableRandom(seed);
                page.copyFrom(pages[random.nextInt(pages.length)]);
                RedoFixture.mutate(page, 4, random);
                final int block = draft(fixture, random);
                try {
                    fixture.apply(block, page);
                    applied++;
                } catch (final RedoException e) {
                    refused++;
                } catch (final RuntimeException e) {
                    throw new AssertionError("seed " + seed, e);
                }
                assertThat(isGuarded(guarded)).as("guards, seed " + seed).isTrue();
            }
        }
        assertThat(applied).as("records that were applied").isGreaterThan(CASES / 20);
        assertThat(refused).as("records that were refused").isGreaterThan(CASES / 20);
    }

    private static boolean isGuarded(final MemorySegment guarded) {
        for (int at = 0; at < GUARD; at += Long.BYTES) {
            if (guarded.get(ValueLayout.JAVA_LONG_UNALIGNED, at) != 0x7E7E_7E7E_7E7E_7E7EL
                    || guarded.get(ValueLayout.JAVA_LONG_UNALIGNED, at + GUARD + PAGE_BYTES)
                            != 0x7E7E_7E7E_7E7E_7E7EL) {
                return false;
            }
        }
        return true;
    }

    /** A page of each kind. */
    private static MemorySegment[] pages(final RedoFixture fixture) {
        final byte[] items = new RecordBytes().fill(200, 1).array();
        final MemorySegment entries = GinBytes.page(fixture, GinPage.LEAF, 0);
        final PageFlyweight flyweight = new PageFlyweight().wrap(entries, 0);
        for (int upper = 8160; upper > 8000; upper -= 24) {
            entries.set(ValueLayout.JAVA_INT_UNALIGNED, flyweight.lower(), upper | 1 << 15 | 24 << 17);
            flyweight.upper(upper);
            flyweight.lower(flyweight.lower() + 4);
        }
        final MemorySegment inner = fixture.newPage().copyFrom(entries);
        inner.set(ValueLayout.JAVA_SHORT_UNALIGNED, 8190, (short) 0);
        return new MemorySegment[] {
            GinBytes.leaf(fixture, GinBytes.list(1, 2, 3), GinBytes.list(5000, 9000), GinBytes.list(70_000)),
            GinBytes.page(fixture, GinPage.DATA | GinPage.LEAF, 3, GinBytes.itemPointers(1, 2, 3)),
            GinBytes.page(fixture, GinPage.DATA, 20, items),
            entries,
            inner
        };
    }

    /** Drafts a record, and says which of its blocks to apply. */
    private static int draft(final RedoFixture fixture, final RandomGenerator random) {
        final byte[] tuple = GinBytes.tuple(24, 5);
        final RecordBytes main = new RecordBytes();
        final RecordBytes data = new RecordBytes();
        final int operation = 1 + random.nextInt(random.nextInt(10) == 0 ? 15 : 9);
        int block = random.nextInt(4) == 0 ? random.nextInt(4) : 0;
        boolean init = false;
        switch (operation) {
            case 1 -> {
                main.u32(28).raw(GinBytes.list(1, 2, 3)).fill(17, 3);
                init = true;
            }
            case 2 -> {
                final int flags = random.nextInt(4);
                main.u16(flags).blockId(3).blockId(4);
                if (flags == 3) {
                    actions(data, random);
                } else if (flags == 1) {
                    data.u16(1 + random.nextInt(21)).blockId(9).raw(GinBytes.itemPointer(77));
                } else {
                    data.u16(1 + random.nextInt(8)).u8(random.nextInt(2)).u8(0).raw(tuple);
                }
            }
            case 6 -> {
                main.fill(80, 2).u32(random.nextInt(3)).u32(0);
                data.raw(tuple).raw(tuple);
                block = random.nextInt(2);
                init = block == 0;
            }
            case 7 -> {
                main.u32(random.nextInt(2) - 1).u32(2);
                data.raw(tuple).raw(tuple);
                init = true;
            }
            case 8 -> {
                main.fill(56, 2).u32(2).u32(0);
                init = true;
            }
            case 9 -> actions(data, random);
            default -> main.u16(1 + random.nextInt(20)).u16(0).u32(6).u32(7).fill(16, 0);
        }
        if (random.nextInt(50) == 0) {
            init = !init;
        }
        final RedoFixture.Draft draft = fixture.record(ResourceManager.GIN, operation << 4)
                .main(main)
                .block(block, 7)
                .data(data);
        if (init) {
            draft.willInit();
        }
        draft.mutate(random.nextBoolean() ? 0 : 4, random);
        return block;
    }

    private static void actions(final RecordBytes data, final RandomGenerator random) {
        final int count = 1 + random.nextInt(3);
        data.u16(count);
        int segment = 0;
        for (int i = 0; i < count; i++) {
            segment += random.nextInt(2);
            final int action = 1 + random.nextInt(4);
            data.u8(segment).u8(action);
            if (action == 4) {
                data.u16(2).raw(GinBytes.itemPointers(100, 6000));
            } else if (action != 1) {
                data.raw(GinBytes.list(9, 10, 8000));
            }
            segment += action == 2 ? 0 : 1;
        }
    }
}
