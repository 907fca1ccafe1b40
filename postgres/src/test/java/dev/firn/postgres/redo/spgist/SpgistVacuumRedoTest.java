package dev.firn.postgres.redo.spgist;

import static dev.firn.postgres.redo.spgist.SpgistPages.dead;
import static dev.firn.postgres.redo.spgist.SpgistPages.leaf;
import static dev.firn.postgres.redo.spgist.SpgistPages.of;
import static dev.firn.postgres.redo.spgist.SpgistPages.page;
import static dev.firn.postgres.redo.spgist.SpgistPages.special;
import static dev.firn.postgres.redo.spgist.SpgistPages.states;
import static dev.firn.postgres.redo.spgist.SpgistPages.tuple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpgistVacuumRedoTest {
    private static final int VACUUM_LEAF = 0x60;
    private static final int VACUUM_ROOT = 0x70;
    private static final int VACUUM_REDIRECT = 0x80;

    private static final int LEAF = SpgistPage.LEAF;
    private static final int LIVE = SpgistPage.LIVE;
    private static final int REDIRECT = SpgistPage.REDIRECT;
    private static final int DEAD = SpgistPage.DEAD;
    private static final int PLACEHOLDER = SpgistPage.PLACEHOLDER;

    private static void applied(final RedoFixture fixture, final MemorySegment page) {
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(of(page).lsn()).isEqualTo(fixture.read().nextLsn());
    }

    private static void refused(final RedoFixture fixture, final MemorySegment page, final String why) {
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(why);
    }

    /** Tuple 1 is dead, 5 and 2 become placeholders, 4 takes the place of 3, and 6 links to 3 from now on. */
    private static void vacuumLeaf(final RedoFixture fixture) {
        fixture.record(ResourceManager.SPGIST, VACUUM_LEAF)
                .block(0, 7)
                .main(new RecordBytes()
                        .u16s(1, 2, 1, 1)
                        .u32(700)
                        .u32(0)
                        .u16s(1)
                        .u16s(5, 2)
                        .u16s(4)
                        .u16s(3)
                        .u16s(6)
                        .u16s(3));
    }

    @Test
    void shouldVacuumALeafPage() {
        try (RedoFixture fixture = new RedoFixture(PostgresVersion.V15)) {
            vacuumLeaf(fixture);
            final MemorySegment page = page(
                    fixture, LEAF, leaf(0, 1), leaf(0, 2), leaf(4, 3), leaf(0, 4), leaf(0, 5), leaf(9, 6), leaf(0, 7));
            applied(fixture, page);
            assertThat(states(page)).containsExactly(DEAD, PLACEHOLDER, LIVE, PLACEHOLDER, PLACEHOLDER, LIVE, LIVE);
            assertThat(tuple(page, 1)).isEqualTo(dead(DEAD));
            assertThat(tuple(page, 3)).isEqualTo(leaf(0, 4));
            assertThat(tuple(page, 6)).isEqualTo(leaf(3, 6));
            assertThat(tuple(page, 7)).isEqualTo(leaf(0, 7));
            assertThat(special(page)).containsExactly(LEAF, 0, 3, 0xFF82);
        }
    }

    @Test
    void shouldRefuseAVacuumThatDoesNotFit() {
        try (RedoFixture fixture = new RedoFixture(PostgresVersion.V15)) {
            vacuumLeaf(fixture);
            refused(
                    fixture,
                    page(fixture, LEAF, leaf(0, 1), leaf(0, 2), leaf(0, 3), leaf(0, 4), leaf(0, 5), dead(DEAD)),
                    "the tuple at offset number 6 has state 2, not 0");
            vacuumLeaf(fixture);
            refused(
                    fixture,
                    page(fixture, LEAF, leaf(0, 1), leaf(0, 2), leaf(0, 3), leaf(0, 4)),
                    "the record removes offset number 5 of 4");
            fixture.record(ResourceManager.SPGIST, VACUUM_LEAF)
                    .block(0, 7)
                    .main(new RecordBytes().u16s(0, 0, 0, 0xFFFF).u64(0));
            refused(fixture, page(fixture, LEAF), "and asks for 131070 at");
            vacuumLeaf(fixture);
            assertThatThrownBy(() -> fixture.apply(1, page(fixture, LEAF))).isInstanceOf(RedoException.class);
        }
    }

    @Test
    void shouldVacuumARootThatIsALeaf() {
        try (RedoFixture fixture = new RedoFixture(PostgresVersion.V15)) {
            for (final int count : new int[] {2, 3}) {
                final RecordBytes main =
                        new RecordBytes().u16(count).u16(0).u64(0).u16s(2, 3);
                fixture.record(ResourceManager.SPGIST, VACUUM_ROOT).block(0, 1).main(count == 3 ? main.u16(5) : main);
                final MemorySegment page =
                        page(fixture, LEAF, leaf(0, 1), leaf(0, 2), leaf(0, 3), leaf(0, 4), leaf(0, 5));
                applied(fixture, page);
                assertThat(of(page).linePointerCount()).isEqualTo(5 - count);
                assertThat(tuple(page, 1)).isEqualTo(leaf(0, 1));
                assertThat(tuple(page, 2)).isEqualTo(leaf(0, 4));
                assertThat(special(page)).containsExactly(LEAF, 0, 0, 0xFF82);
            }
            fixture.record(ResourceManager.SPGIST, VACUUM_ROOT)
                    .block(0, 1)
                    .main(new RecordBytes().u16(2).u16(0).u64(0).u16s(2, 1));
            refused(fixture, page(fixture, LEAF, leaf(0, 1), leaf(0, 2)), "are not ascending");
        }
    }

    private static void vacuumRedirect(
            final RedoFixture fixture, final int firstPlaceholder, final int... offsetNumbers) {
        final RecordBytes main = new RecordBytes()
                .u16(offsetNumbers.length)
                .u16(firstPlaceholder)
                .u32(700);
        if (fixture.version() != PostgresVersion.V15) {
            main.u8(1).u8(0);
        }
        fixture.record(ResourceManager.SPGIST, VACUUM_REDIRECT).block(0, 7).main(main.u16s(offsetNumbers));
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTurnRedirectionsIntoPlaceholders(final PostgresVersion version) {
        try (RedoFixture fixture = new RedoFixture(version)) {
            vacuumRedirect(fixture, 0, 3, 1);
            final MemorySegment page = page(fixture, LEAF, dead(REDIRECT), dead(REDIRECT), dead(REDIRECT), leaf(0, 4));
            applied(fixture, page);
            assertThat(states(page)).containsExactly(PLACEHOLDER, REDIRECT, PLACEHOLDER, LIVE);
            assertThat(special(page)).containsExactly(LEAF, 1, 2, 0xFF82);
            assertThat(tuple(page, 1))
                    .as("its transaction stays")
                    .isEqualTo(new RecordBytes()
                            .u32(16 << 2 | PLACEHOLDER)
                            .u16(0)
                            .blockId(-1)
                            .u16(0)
                            .u32(700)
                            .array());
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldRemovePlaceholdersAtThePagesEnd(final PostgresVersion version) {
        try (RedoFixture fixture = new RedoFixture(version)) {
            vacuumRedirect(fixture, 3, 4);
            final MemorySegment page = page(
                    fixture, LEAF, leaf(0, 1), dead(PLACEHOLDER), dead(PLACEHOLDER), dead(REDIRECT), dead(PLACEHOLDER));
            applied(fixture, page);
            assertThat(states(page)).containsExactly(LIVE, PLACEHOLDER);
            assertThat(special(page)).containsExactly(LEAF, 0, 1, 0xFF82);
        }
    }

    @Test
    void shouldRefuseRedirectionsThatAreNone() {
        try (RedoFixture fixture = new RedoFixture(PostgresVersion.V17)) {
            vacuumRedirect(fixture, 0, 1);
            refused(fixture, page(fixture, LEAF, leaf(0, 1)), "the tuple at offset number 1 has state 0, not 1");
            vacuumRedirect(fixture, 1);
            refused(fixture, page(fixture, LEAF, leaf(0, 1)), "the tuple at offset number 1 has state 0, not 3");
            vacuumRedirect(fixture, 2);
            refused(fixture, page(fixture, LEAF, leaf(0, 1)), "the record removes offset numbers from 2 on, of 1");
            final MemorySegment miscounted = page(fixture, LEAF, dead(REDIRECT));
            SpgistPage.addRedirections(of(miscounted), -1);
            vacuumRedirect(fixture, 0, 1);
            refused(fixture, miscounted, "the page counts 0 redirections, and loses 1");
            vacuumRedirect(fixture, 0);
            refused(fixture, fixture.emptyPage(16), "the page has 16 bytes of special space, not those of SP-GiST");
        }
    }
}
