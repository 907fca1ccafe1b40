package dev.firn.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PageChecksumTest {
    private static final long SEED = 7;

    @Test
    void shouldGiveTheSameSumFromBothKernels() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(PageLayout.PAGE_BYTES + 64);
            for (int i = 0; i < 200; i++) {
                final int offset = random.nextInt(64);
                RandomBytes.fill(memory, random);
                assertThat(VectorChecksum.sum(memory, offset))
                        .as("seed %d, round %d", SEED, i)
                        .isEqualTo(ScalarChecksum.sum(memory, offset));
            }
            assertThat(PageChecksum.describe()).contains("vectors");
        }
    }

    @Test
    void shouldNotDependOnTheStoredChecksumAndDependOnAllElse() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment page = arena.allocate(PageLayout.PAGE_BYTES);
            RandomBytes.fill(page, random);
            final int checksum = PageChecksum.compute(page, 0, 5);
            assertThat(PageChecksum.compute(page, 0, 6)).isNotEqualTo(checksum);
            for (int at = 0; at < PageLayout.PAGE_BYTES; at++) {
                final byte old = page.get(ValueLayout.JAVA_BYTE, at);
                page.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ 0x10));
                final boolean same = PageChecksum.compute(page.asReadOnly(), 0, 5) == checksum;
                assertThat(same).as("byte %d", at).isEqualTo(at == 8 || at == 9);
                page.set(ValueLayout.JAVA_BYTE, at, old);
            }
        }
    }

    @Test
    void shouldJudgePagesAsPostgresDoes() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(PageLayout.PAGE_BYTES);
            final PageFlyweight page = new PageFlyweight().wrap(memory, 0);
            assertThat(PageChecksum.verify(page, 0, true)).isEqualTo(PageVerdict.ZERO);
            PageChecksum.store(memory, 0, 0);
            assertThat(page.isZero()).as("a new page gets no checksum").isTrue();
            page.lsn(0x1_0000_0001L);
            assertThat(PageChecksum.verify(page, 0, true)).isEqualTo(PageVerdict.BAD_HEADER);
            page.initialize(16);
            assertThat(PageChecksum.verify(page, 0, true)).isEqualTo(PageVerdict.BAD_CHECKSUM);
            assertThat(PageChecksum.verify(page, 0, false)).isEqualTo(PageVerdict.VALID);
            PageChecksum.store(memory, 0, 9);
            assertThat(PageChecksum.verify(page, 9, true)).isEqualTo(PageVerdict.VALID);
            assertThat(PageChecksum.verify(page, 8, true)).isEqualTo(PageVerdict.BAD_CHECKSUM);
            page.flags(0x8);
            assertThat(PageChecksum.verify(page, 9, false)).isEqualTo(PageVerdict.BAD_HEADER);
        }
    }
}
