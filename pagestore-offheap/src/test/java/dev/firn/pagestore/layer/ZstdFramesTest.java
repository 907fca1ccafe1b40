package dev.firn.pagestore.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.zstd.ZstdFrameException;
import dev.firn.nativeio.zstd.ZstdLibrary;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The host's library and the one that comes along: what one writes, the other reads. */
class ZstdFramesTest {
    private static final MemoryTag TAG = MemoryTag.of("layer-test");
    private static final int LENGTH = 40_000;

    private final int openBefore = ZstdLibrary.openContexts();
    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(16 << 20);
    private final RegionWindows windows = new RegionWindows(memory);
    private final MemorySegment content = memory.allocate(LENGTH, TAG);
    private final MemorySegment frame = memory.allocate(2 * LENGTH, TAG);
    private final MemorySegment back = memory.allocate(LENGTH, TAG);

    @AfterEach
    void everythingIsFreed() {
        memory.free(content);
        memory.free(frame);
        memory.free(back);
        leaks.close();
        assertThat(ZstdLibrary.openContexts()).isEqualTo(openBefore);
    }

    @Test
    void shouldReadWhatTheOtherHasWritten() {
        assumeTrue(ZstdLibrary.isPresent(), ZstdLibrary.describe());
        fill();
        try (ZstdFrames host = new HostZstdFrames();
                ZstdFrames packaged = new PackagedZstdFrames(windows)) {
            for (final int level : new int[] {1, 3, -3, 1}) {
                for (final ZstdFrames writer : List.of(host, packaged)) {
                    final int stored = writer.compress(content, 0, LENGTH, frame, 11, 2 * LENGTH - 11, level);
                    assertThat(stored).isLessThan(LENGTH);
                    for (final ZstdFrames reader : List.of(host, packaged)) {
                        back.fill((byte) 0);
                        assertThat(reader.decompress(frame, 11, stored, back, 0, LENGTH))
                                .isEqualTo(LENGTH);
                        assertThat(back.mismatch(content)).isEqualTo(-1);
                    }
                }
            }
        }
    }

    @Test
    void shouldRefuseAFrameThatIsDamagedOrLonger() {
        fill();
        try (ZstdFrames any = ZstdFrames.open(windows);
                ZstdFrames packaged = new PackagedZstdFrames(windows)) {
            final int stored = any.compress(content, 0, LENGTH, frame, 0, 2 * LENGTH, 1);
            for (final ZstdFrames reader : List.of(any, packaged)) {
                assertThatThrownBy(() -> reader.decompress(frame, 0, stored, back, 0, LENGTH - 1))
                        .isInstanceOf(ZstdFrameException.class);
                assertThatThrownBy(() -> reader.decompress(frame, 1, stored - 1, back, 0, LENGTH))
                        .isInstanceOf(ZstdFrameException.class);
            }
        }
    }

    private void fill() {
        final SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < LENGTH; i++) {
            content.set(ValueLayout.JAVA_BYTE, i, (byte) (i < LENGTH / 2 ? random.nextInt() : i >> 7));
        }
    }
}
