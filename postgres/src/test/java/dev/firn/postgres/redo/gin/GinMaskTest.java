package dev.firn.postgres.redo.gin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GinMaskTest {
    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);
    private final PageFlyweight page = new PageFlyweight();
    private final GinMask mask = new GinMask();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldMaskHintsAndTheHole() {
        final MemorySegment memory = GinBytes.page(fixture, GinPage.LEAF | GinPage.INCOMPLETE_SPLIT, 3);
        dirty(memory);
        page.wrap(memory, 0).lower(28);
        mask.mask(page, 7);
        assertThat(page.lsn()).isZero();
        assertThat(page.checksum()).isZero();
        assertThat(page.pruneXid()).isZero();
        assertThat(page.flags()).isZero();
        assertThat(page.lower()).isEqualTo(28);
        assertThat(GinBytes.bytes(memory, 24, 28)).as("line pointers count").containsOnly(9);
        assertThat(GinBytes.bytes(memory, 28, 8184)).containsOnly(0);
        assertThat(GinBytes.flags(memory)).isEqualTo(GinPage.LEAF | GinPage.INCOMPLETE_SPLIT);
        assertThat(GinBytes.maxOffset(memory)).isEqualTo(3);
    }

    @Test
    void shouldMaskAllOfADeletedPage() {
        final MemorySegment memory = GinBytes.page(fixture, GinPage.DELETED, 3);
        dirty(memory);
        mask.mask(page.wrap(memory, 0), 7);
        assertThat(page.lower()).isZero();
        assertThat(page.upper()).isZero();
        assertThat(page.special()).isEqualTo(8184);
        assertThat(GinBytes.bytes(memory, 24, 8192)).containsOnly(0);
    }

    @Test
    void shouldMaskNoHoleWhereLowerWasNeverSet() {
        final MemorySegment memory = GinBytes.page(fixture, GinPage.DATA | GinPage.LEAF, 3);
        dirty(memory);
        page.wrap(memory, 0).lower(24);
        mask.mask(page, 7);
        assertThat(GinBytes.bytes(memory, 24, 8184)).containsOnly(9);
    }

    @Test
    void shouldRefusePagesThatAreNoGinPages() {
        page.wrap(fixture.newPage(), 0);
        assertThatThrownBy(() -> mask.mask(page, 7)).isInstanceOf(MalformedDataException.class);
    }

    private void dirty(final MemorySegment memory) {
        page.wrap(memory, 0);
        page.checksum(99);
        page.pruneXid(98);
        page.flags(PageLayout.VALID_FLAGS);
        for (int at = 24; at < 8184; at++) {
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) 9);
        }
    }
}
