package dev.firn.postgres.redo.btree;

import static dev.firn.postgres.redo.btree.BtreeBytes.HAS_GARBAGE;
import static dev.firn.postgres.redo.btree.BtreeBytes.LEAF;
import static dev.firn.postgres.redo.btree.BtreeBytes.assertSameItems;
import static dev.firn.postgres.redo.btree.BtreeBytes.page;
import static dev.firn.postgres.redo.btree.BtreeBytes.pivot;
import static dev.firn.postgres.redo.btree.BtreeBytes.plain;
import static dev.firn.postgres.redo.btree.BtreeBytes.posting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Items that go, and posting lists that lose TIDs, by vacuum and by insertions that look for room. */
class BtreeDeleteRedoTest {
    private static final int DELETE = 0x70;
    private static final int VACUUM = 0xC0;

    private static void vacuum(
            final RedoFixture fixture, final int deleted, final int updated, final RecordBytes data) {
        fixture.record(ResourceManager.BTREE, VACUUM)
                .block(0, 3)
                .data(data)
                .main(new RecordBytes().u16s(deleted, updated));
    }

    private static MemorySegment leaf(final RedoFixture fixture) {
        return page(
                fixture,
                1,
                2,
                0,
                LEAF | HAS_GARBAGE,
                pivot(9, 0),
                plain(1, 1),
                posting(2, 1, 2, 3, 4),
                plain(3, 1),
                posting(4, 5, 6, 7),
                plain(5, 1));
    }

    @Test
    void shouldDeleteAndUpdateByVacuum() {
        try (RedoFixture fixture = new RedoFixture(PostgresVersion.V17)) {
            vacuum(
                    fixture,
                    2,
                    2,
                    new RecordBytes().u16s(2, 6).u16s(3, 5).u16s(2, 0, 2).u16s(1, 1));
            final MemorySegment page = leaf(fixture);
            assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
            assertSameItems(
                    page, page(fixture, 1, 2, 0, LEAF, pivot(9, 0), posting(2, 2, 4), plain(3, 1), posting(4, 5, 7)));
        }
    }

    @Test
    void shouldMakeAPlainTupleOfTheLastTid() {
        try (RedoFixture fixture = new RedoFixture(PostgresVersion.V17)) {
            vacuum(fixture, 0, 1, new RecordBytes().u16s(3).u16s(3, 0, 1, 3));
            final MemorySegment page = leaf(fixture);
            fixture.apply(0, page);
            assertSameItems(
                    page,
                    page(
                            fixture,
                            1,
                            2,
                            0,
                            LEAF,
                            pivot(9, 0),
                            plain(1, 1),
                            plain(2, 3),
                            plain(3, 1),
                            posting(4, 5, 6, 7),
                            plain(5, 1)));
        }
    }

    @Test
    void shouldLeaveTheBytesBehindAShorterTupleAsTheyWere() {
        try (RedoFixture fixture = new RedoFixture(PostgresVersion.V17)) {
            final MemorySegment page = page(fixture, 1, 0, 0, LEAF, plain(1, 1), posting(2, 1, 2, 3, 4));
            final MemorySegment old = fixture.newPage().copyFrom(page);
            vacuum(fixture, 0, 1, new RecordBytes().u16s(2).u16s(2, 0, 1));
            fixture.apply(0, page);
            // The list was the lowest item: 40 bytes are 32 now, and its first eight stay in the hole.
            final int upper = 8176 - 16 - 40;
            assertThat(page.asSlice(upper, 8).mismatch(old.asSlice(upper, 8))).isEqualTo(-1);
            assertSameItems(page, page(fixture, 1, 0, 0, LEAF, plain(1, 1), posting(2, 3, 4)));
        }
    }

    @Test
    void shouldDeleteByInsertionInBothVersions() {
        for (final PostgresVersion version : PostgresVersion.values()) {
            try (RedoFixture fixture = new RedoFixture(version)) {
                final RecordBytes main = new RecordBytes().u32(777).u16s(3, 1);
                if (version.recordsTellCatalogRelation()) {
                    main.u8(1);
                }
                fixture.record(ResourceManager.BTREE, DELETE)
                        .block(0, 3)
                        .data(new RecordBytes().u16s(2, 4, 6).u16s(5).u16s(1, 2))
                        .main(main);
                final MemorySegment page = leaf(fixture);
                assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
                assertSameItems(
                        page, page(fixture, 1, 2, 0, LEAF, pivot(9, 0), posting(2, 1, 2, 3, 4), posting(4, 5, 6)));
            }
        }
    }

    @Test
    void shouldOnlyClearTheHintWhenNothingGoes() {
        try (RedoFixture fixture = new RedoFixture(PostgresVersion.V15)) {
            vacuum(fixture, 0, 0, new RecordBytes());
            final MemorySegment page = leaf(fixture);
            fixture.apply(0, page);
            assertThat(page.get(ValueLayout.JAVA_BYTE, 8188)).isEqualTo((byte) LEAF);
        }
    }

    @Test
    void shouldRefuseWhatThePageDoesNotHave() {
        try (RedoFixture fixture = new RedoFixture(PostgresVersion.V17)) {
            vacuum(fixture, 5, 2, new RecordBytes().u16s(1, 2, 3, 4, 5, 6, 7));
            assertRefused(fixture, "deletes 5 items and updates 2, of 6");
            vacuum(fixture, 1, 0, new RecordBytes().u16s(7));
            assertRefused(fixture, "no line pointer 7 among 6");
            vacuum(fixture, 3, 0, new RecordBytes().u16s(4, 3, 5));
            assertRefused(fixture, "not ascending");
            vacuum(fixture, 1, 0, new RecordBytes().u16s(4, 5));
            assertRefused(fixture, "2 bytes more");
            vacuum(fixture, 0, 1, new RecordBytes().u16s(2).u16s(1, 0));
            assertRefused(fixture, "takes 1 TIDs from the item at offset number 2, which has 1");
            vacuum(fixture, 0, 1, new RecordBytes().u16s(3).u16s(4, 0, 1, 2, 3));
            assertRefused(fixture, "takes 4 TIDs from the item at offset number 3, which has 4");
            vacuum(fixture, 0, 1, new RecordBytes().u16s(3).u16s(2, 1, 0));
            assertRefused(fixture, "not ascending ones among 4");
            vacuum(fixture, 0, 1, new RecordBytes().u16s(3).u16s(1, 4));
            assertRefused(fixture, "not ascending ones among 4");
            vacuum(fixture, 0, 2, new RecordBytes().u16s(5, 3).u16s(1, 0).u16s(1, 0));
            assertRefused(fixture, "don't ascend: 3 after 5");
            vacuum(fixture, 0, 1, new RecordBytes().u16s(3).u16s(2, 1));
            assertRefused(fixture, "the record has 6 bytes here");
        }
    }

    private static void assertRefused(final RedoFixture fixture, final String message) {
        assertThatThrownBy(() -> fixture.apply(0, leaf(fixture)))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(message);
    }
}
