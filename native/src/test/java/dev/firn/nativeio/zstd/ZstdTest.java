package dev.firn.nativeio.zstd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.seam.SystemRandom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ZstdTest {
    private static final int PAGE_BYTES = 8_192;
    private static final int MAX_PASSES = 300;
    private static final int ROUNDS = 2_000;

    private final Arena arena = Arena.ofConfined();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private int openBefore;

    @BeforeEach
    void needALibrary() {
        assumeTrue(ZstdLibrary.isPresent(), ZstdLibrary.describe());
        openBefore = ZstdLibrary.openContexts();
    }

    @AfterEach
    void everythingIsFreed() {
        arena.close();
        assertThat(ZstdLibrary.openContexts()).isEqualTo(openBefore);
    }

    @Test
    void shouldGiveBackWhatItWasGiven() {
        final RandomGenerator random = SystemRandom.seeded(7);
        try (ZstdCompressor compressor = new ZstdCompressor(1);
                ZstdDecompressor decompressor = new ZstdDecompressor()) {
            for (final int level : new int[] {1, -5, 3, 19, 1}) {
                compressor.level(level);
                for (final int length : new int[] {0, 1, 100, PAGE_BYTES, 200_000}) {
                    final MemorySegment content = content(random, length);
                    final MemorySegment frame = arena.allocate(ZstdCompressor.bound(length) + 16);
                    final long stored =
                            compressor.compress(content, 3, length, frame, 16, ZstdCompressor.bound(length));
                    final MemorySegment back = arena.allocate(length + 8);
                    assertThat(decompressor.decompress(frame, 16, stored, back, 8, length))
                            .as("level %d, %d bytes", level, length)
                            .isEqualTo(length);
                    assertThat(back.asSlice(8).mismatch(content.asSlice(3))).isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void shouldSayWhatIsWrongWithAFrame() {
        final MemorySegment content = content(SystemRandom.seeded(8), PAGE_BYTES);
        final MemorySegment frame = arena.allocate(ZstdCompressor.bound(PAGE_BYTES));
        final MemorySegment back = arena.allocate(PAGE_BYTES);
        try (ZstdCompressor compressor = new ZstdCompressor(1);
                ZstdDecompressor decompressor = new ZstdDecompressor()) {
            final long stored = compressor.compress(content, 3, PAGE_BYTES, frame, 0, frame.byteSize());
            assertThatThrownBy(() -> decompressor.decompress(frame, 0, stored - 1, back, 0, PAGE_BYTES))
                    .isInstanceOf(ZstdFrameException.class)
                    .hasMessageContaining("Src size");
            assertThatThrownBy(() -> decompressor.decompress(frame, 0, stored, back, 0, PAGE_BYTES - 1))
                    .isInstanceOf(ZstdFrameException.class)
                    .hasMessageContaining("too small");
            assertThatThrownBy(() -> compressor.compress(content, 3, PAGE_BYTES, frame, 0, stored / 2))
                    .isInstanceOf(ZstdFrameException.class)
                    .hasMessageContaining("too small");
            frame.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
            assertThatThrownBy(() -> decompressor.decompress(frame, 0, stored, back, 0, PAGE_BYTES))
                    .isInstanceOf(ZstdFrameException.class)
                    .hasMessageContaining("Unknown frame");
        }
    }

    @Test
    void shouldTouchNothingButNativeMemoryWithinItsSegments() {
        final MemorySegment some = arena.allocate(100);
        final MemorySegment heap = MemorySegment.ofArray(new byte[100]);
        final Arena shorter = Arena.ofConfined();
        final MemorySegment gone = shorter.allocate(100);
        shorter.close();
        try (ZstdCompressor compressor = new ZstdCompressor(1);
                ZstdDecompressor decompressor = new ZstdDecompressor()) {
            assertThatThrownBy(() -> compressor.compress(some, 1, 100, some, 0, 100))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> decompressor.decompress(some, 0, 10, some, 50, 51))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> compressor.compress(heap, 0, 100, some, 0, 100))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> decompressor.decompress(some, 0, 100, gone, 0, 100))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldBeOfNoUseOnceClosed() {
        final MemorySegment some = arena.allocate(1_000);
        final ZstdCompressor compressor = new ZstdCompressor(1);
        final ZstdDecompressor decompressor = new ZstdDecompressor();
        assertThat(ZstdLibrary.openContexts()).isEqualTo(openBefore + 2);
        compressor.close();
        compressor.close();
        decompressor.close();
        decompressor.close();
        assertThatThrownBy(() -> compressor.compress(some, 0, 10, some, 500, 500))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> decompressor.decompress(some, 0, 10, some, 500, 500))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldAllocateNothing() {
        final MemorySegment content = content(SystemRandom.seeded(9), PAGE_BYTES);
        final MemorySegment frame = arena.allocate(ZstdCompressor.bound(PAGE_BYTES));
        final MemorySegment back = arena.allocate(PAGE_BYTES);
        final long thread = Thread.currentThread().threadId();
        try (ZstdCompressor compressor = new ZstdCompressor(1);
                ZstdDecompressor decompressor = new ZstdDecompressor()) {
            long allocated = Long.MAX_VALUE;
            for (int pass = 0; pass < MAX_PASSES && allocated >= ROUNDS; pass++) {
                final long before = threads.getThreadAllocatedBytes(thread);
                for (int round = 0; round < ROUNDS; round++) {
                    final long stored = compressor.compress(content, 3, PAGE_BYTES, frame, 0, frame.byteSize());
                    decompressor.decompress(frame, 0, stored, back, 0, PAGE_BYTES);
                }
                allocated = threads.getThreadAllocatedBytes(thread) - before;
            }
            assertThat(allocated).as("bytes in %d rounds", ROUNDS).isLessThan(ROUNDS);
        }
    }

    @Test
    void shouldFindNoLibraryWhereThereIsNone() {
        assertThat(ZstdLibrary.load("libzstd-of-nobody.so.1")).isNull();
        assertThat(ZstdLibrary.load("libc.so.6")).isNull();
        assertThat(ZstdLibrary.describe()).startsWith("zstd 1.");
    }

    /** So many bytes from the fourth on, of which half are noise. */
    private MemorySegment content(final RandomGenerator random, final int length) {
        final MemorySegment content = arena.allocate(length + 3L);
        for (int i = 0; i < length; i++) {
            content.set(ValueLayout.JAVA_BYTE, i + 3L, i % 2 == 0 ? (byte) random.nextInt() : (byte) (i >> 6));
        }
        return content;
    }
}
