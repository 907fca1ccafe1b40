package dev.firn.postgres.redo.gist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GistMaskTest {
    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);
    private final PageFlyweight page = new PageFlyweight();
    private final GistMask mask = new GistMask();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldMaskALeaf() {
        final MemorySegment memory = dirty(GistPage.LEAF | GistPage.TUPLES_DELETED | GistPage.HAS_GARBAGE);
        mask.mask(page, 7);
        assertThat(page.lsn()).isZero();
        assertThat(page.checksum()).isZero();
        assertThat(page.pruneXid()).isZero();
        assertThat(page.flags()).isZero();
        assertThat(GistBytes.nsn(memory)).isZero();
        assertThat(GistPage.flags(page)).isEqualTo(GistPage.LEAF | GistPage.TUPLES_DELETED | GistPage.FOLLOW_RIGHT);
        assertThat(page.linePointer(1)).isEqualTo(LinePointer.of(8160, LinePointer.UNUSED, 16));
        assertThat(page.linePointer(2)).isEqualTo(LinePointer.of(8136, LinePointer.UNUSED, 24));
        assertThat(memory.asSlice(32, 8136 - 32).mismatch(MemorySegment.ofArray(new byte[8136 - 32])))
                .isEqualTo(-1);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 8136)).as("items count").isEqualTo((byte) 2);
    }

    @Test
    void shouldKeepTheLinePointersOfAnInnerPage() {
        dirty(GistPage.HAS_GARBAGE);
        mask.mask(page, 7);
        assertThat(LinePointer.state(page.linePointer(1))).isEqualTo(LinePointer.DEAD);
        assertThat(LinePointer.state(page.linePointer(2))).isEqualTo(LinePointer.NORMAL);
        assertThat(GistPage.flags(page)).isEqualTo(GistPage.FOLLOW_RIGHT);
    }

    @Test
    void shouldRefusePagesThatAreNoGistPages() {
        page.wrap(fixture.emptyPage(8), 0);
        assertThatThrownBy(() -> mask.mask(page, 7)).isInstanceOf(MalformedDataException.class);
    }

    private MemorySegment dirty(final int flags) {
        final MemorySegment memory = GistBytes.page(fixture, flags, 16, 24);
        page.wrap(memory, 0);
        page.checksum(99);
        page.pruneXid(98);
        page.flags(PageLayout.VALID_FLAGS);
        page.linePointer(1, LinePointer.markDead(page.linePointer(1)));
        GistPage.nsn(page, 77);
        memory.set(ValueLayout.JAVA_BYTE, 4000, (byte) 9);
        return memory;
    }
}
