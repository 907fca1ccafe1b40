package dev.firn.postgres.redo.gist;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mutated records on mutated pages: nothing but a {@link RedoException} comes out, and no byte next to the page changes. */
class GistRedoFuzzTest {
    private static final int CASES = 6_000;
    private static final int GUARD = 4096;
    private static final byte GUARD_BYTE = 0x7E;
    private static final int PAGE_BYTES = 8192;

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldSurviveMutatedRecordsAndPages(final PostgresVersion version) {
        int applied = 0;
        int refused = 0;
        try (Arena arena = Arena.ofConfined();
                RedoFixture fixture = new RedoFixture(version)) {
            final MemorySegment guarded = arena.allocate(PAGE_BYTES + 2 * GUARD);
            guarded.fill(GUARD_BYTE);
            final MemorySegment page = guarded.asSlice(GUARD, PAGE_BYTES);
            final MemorySegment[] pages = {
                GistBytes.page(fixture, GistPage.LEAF, 16, 24, 40, 16, 24),
                GistBytes.page(fixture, 0, 16, 24, 40, 3000, 16, 4000),
                GistBytes.page(fixture, GistPage.LEAF)
            };
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

    /** Drafts a record, and says which of its blocks to apply. */
    private static int draft(final RedoFixture fixture, final RandomGenerator random) {
        final byte[] tuple = GistBytes.tuple(24, 5);
        final RecordBytes main = new RecordBytes();
        final RecordBytes data = new RecordBytes();
        final int[] operations = {0, 0, 1, 3, 6, 6, random.nextInt(16)};
        final int operation = operations[random.nextInt(operations.length)];
        int block = random.nextInt(3);
        boolean init = false;
        switch (operation) {
            case 0 -> {
                final int deleted = random.nextInt(4);
                final int inserted = random.nextInt(3);
                main.u16(deleted).u16(inserted);
                for (int i = 1; i <= deleted; i++) {
                    data.u16(i);
                }
                for (int i = 0; i < inserted; i++) {
                    data.raw(tuple);
                }
            }
            case 1 -> {
                main.u32(9).u16(3);
                main.fill(fixture.version().recordsTellCatalogRelation() ? 2 : 0, 0)
                        .u16s(1, 2, 4);
                block = 0;
            }
            case 3 -> {
                main.u64(3).u64(99).u8(1).u8(0).u16(1).u8(1).fill(3, 0);
                data.u32(2).raw(tuple).raw(tuple);
                block = 1;
                init = true;
            }
            default -> main.u64(99).u16(1 + random.nextInt(4));
        }
        final RedoFixture.Draft draft = fixture.record(ResourceManager.GIST, operation << 4)
                .main(main)
                .block(block, 7)
                .data(data);
        if (init) {
            draft.willInit();
        }
        draft.mutate(random.nextBoolean() ? 0 : 4, random);
        return block;
    }
}
