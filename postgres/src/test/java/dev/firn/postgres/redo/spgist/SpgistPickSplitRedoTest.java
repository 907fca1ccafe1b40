package dev.firn.postgres.redo.spgist;

import static dev.firn.postgres.redo.spgist.SpgistPages.dead;
import static dev.firn.postgres.redo.spgist.SpgistPages.inner;
import static dev.firn.postgres.redo.spgist.SpgistPages.leaf;
import static dev.firn.postgres.redo.spgist.SpgistPages.nodeLink;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SpgistPickSplitRedoTest {
    private static final int PICKSPLIT = 0x50;

    private static final int ROOT = 0x01;
    private static final int INIT_SOURCE = 0x02;
    private static final int INIT_DESTINATION = 0x04;
    private static final int INIT_INNER = 0x08;
    private static final int NULLS = 0x10;
    private static final int INNER_IS_PARENT = 0x20;
    private static final int BUILD = 0x40;

    private static final int XID = 4711;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    private static int bit(final int flags, final int flag) {
        return (flags & flag) == 0 ? 0 : 1;
    }

    /** Three leaf tuples go from the source; of three others the first and the last go there, the second to the destination. */
    private RedoFixture.Draft pickSplit(final int flags) {
        final boolean fresh = (flags & (ROOT | INIT_SOURCE)) != 0;
        final RecordBytes main = new RecordBytes()
                .u8(bit(flags, ROOT))
                .u8(0)
                .u16(fresh ? 0 : 3)
                .u16(3)
                .u8(bit(flags, INIT_SOURCE))
                .u8(bit(flags, INIT_DESTINATION))
                .u16(bit(flags, INNER_IS_PARENT) + 1)
                .u8(bit(flags, INIT_INNER))
                .u8(bit(flags, NULLS))
                .u8(bit(flags, INNER_IS_PARENT))
                .u8(0)
                .u16(1)
                .u16(1)
                .align(4)
                .u32(XID)
                .u8(bit(flags, BUILD))
                .align(4);
        if (!fresh) {
            main.u16s(3, 1, 2);
        }
        main.u16s(1, 1, 2).u8(0).u8(1).u8(0);
        main.raw(inner(2, 8)).raw(leaf(24, 0, 5)).raw(leaf(32, 0, 6)).raw(leaf(40, 0, 7));
        return fixture.record(ResourceManager.SPGIST, PICKSPLIT).main(main);
    }

    private void applied(final int block, final MemorySegment page) {
        assertThat(fixture.apply(block, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(of(page).lsn()).isEqualTo(fixture.read().nextLsn());
    }

    private MemorySegment fullSource() {
        return page(fixture, SpgistPage.LEAF, leaf(2, 1), leaf(0, 2), leaf(1, 3), leaf(0, 4));
    }

    @Test
    void shouldRedirectTheChainAndReuseItsPlaces() {
        pickSplit(0).block(0, 30).block(1, 31).block(2, 32).block(3, 33);
        final MemorySegment source = fullSource();
        applied(0, source);
        assertThat(tuple(source, 1)).isEqualTo(leaf(24, 0, 5));
        assertThat(tuple(source, 2)).isEqualTo(leaf(40, 0, 7));
        assertThat(tuple(source, 3))
                .isEqualTo(new RecordBytes()
                        .u32(16 << 2 | SpgistPage.REDIRECT)
                        .u16(0)
                        .blockId(32)
                        .u16(1)
                        .u32(XID)
                        .array());
        assertThat(tuple(source, 4)).isEqualTo(leaf(0, 4));
        assertThat(special(source)).containsExactly(SpgistPage.LEAF, 1, 0, 0xFF82);
    }

    @Test
    void shouldFillTheDestination() {
        pickSplit(0).block(0, 30).block(1, 31).block(2, 32).block(3, 33);
        final MemorySegment target = page(fixture, SpgistPage.LEAF, dead(SpgistPage.PLACEHOLDER), leaf(0, 9));
        applied(1, target);
        assertThat(tuple(target, 1)).isEqualTo(leaf(32, 0, 6));
        assertThat(of(target).linePointerCount()).isEqualTo(2);
        pickSplit(INIT_DESTINATION | NULLS).block(0, 30).block(1, 31).willInit().block(2, 32);
        final MemorySegment fresh = fixture.newPage();
        applied(1, fresh);
        assertThat(tuple(fresh, 1)).isEqualTo(leaf(32, 0, 6));
        assertThat(special(fresh)).containsExactly(SpgistPage.LEAF | SpgistPage.NULLS, 0, 0, 0xFF82);
    }

    @Test
    void shouldAddTheInnerTupleAndLeadItsParentThere() {
        pickSplit(0).block(0, 30).block(1, 31).block(2, 32).block(3, 33);
        final MemorySegment target = page(fixture, 0, dead(SpgistPage.PLACEHOLDER));
        applied(2, target);
        assertThat(tuple(target, 1)).isEqualTo(inner(2, 8));
        final MemorySegment parent = page(fixture, 0, inner(2, 0));
        applied(3, parent);
        assertThat(nodeLink(parent, 1, 0, 0)).containsExactly(0xFFFF, 0xFFFF, 0);
        assertThat(nodeLink(parent, 1, 0, 1)).containsExactly(0, 32, 1);
        pickSplit(INNER_IS_PARENT).block(0, 30).block(2, 32);
        final MemorySegment both = page(fixture, 0, inner(2, 0));
        applied(2, both);
        assertThat(tuple(both, 2)).isEqualTo(inner(2, 8));
        assertThat(nodeLink(both, 1, 0, 1)).containsExactly(0, 32, 2);
    }

    @Test
    void shouldMakePagesAnew() {
        pickSplit(INIT_SOURCE | INIT_INNER | NULLS)
                .block(0, 30)
                .willInit()
                .block(2, 32)
                .willInit();
        final MemorySegment source = fixture.newPage();
        applied(0, source);
        assertThat(states(source)).containsExactly(SpgistPage.LIVE, SpgistPage.LIVE);
        assertThat(tuple(source, 2)).isEqualTo(leaf(40, 0, 7));
        assertThat(special(source)).containsExactly(SpgistPage.LEAF | SpgistPage.NULLS, 0, 0, 0xFF82);
        final MemorySegment target = fixture.newPage();
        applied(2, target);
        assertThat(special(target)).containsExactly(SpgistPage.NULLS, 0, 0, 0xFF82);
    }

    @Test
    void shouldLeavePlaceholdersWhileTheIndexIsBuilt() {
        pickSplit(BUILD).block(0, 30).block(1, 31).block(2, 32).block(3, 33);
        final MemorySegment source = fullSource();
        applied(0, source);
        assertThat(states(source))
                .containsExactly(SpgistPage.LIVE, SpgistPage.LIVE, SpgistPage.PLACEHOLDER, SpgistPage.LIVE);
        assertThat(special(source)).containsExactly(SpgistPage.LEAF, 0, 1, 0xFF82);
    }

    @Test
    void shouldTouchTheRootOnlyAsTheNewInnerPage() {
        pickSplit(ROOT | INIT_INNER)
                .block(0, 1)
                .block(1, 31)
                .block(2, 1)
                .willInit()
                .block(4, 5);
        assertThatThrownBy(() -> fixture.apply(0, fullSource()))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("SPGist PICKSPLIT (info 0x50)")
                .hasMessageContaining("this kind of record has no block reference #0");
        assertThatThrownBy(() -> fixture.apply(4, fullSource())).isInstanceOf(RedoException.class);
    }

    @Test
    void shouldRefuseWhatDoesNotFit() {
        pickSplit(0).block(0, 30).block(1, 31).block(2, 32);
        assertThatThrownBy(() -> fixture.apply(1, fullSource()))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("the tuple at offset number 1 has state 0, not 3");
        pickSplit(INIT_SOURCE).block(0, 30).block(2, 32);
        assertThatThrownBy(() -> fixture.apply(0, fullSource()))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("does not mark it so");
        fixture.record(ResourceManager.SPGIST, PICKSPLIT).block(2, 32).main(new byte[27]);
        assertThatThrownBy(() -> fixture.apply(2, fullSource()))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("has 27 bytes here, and asks for 28");
    }
}
