package dev.firn.pagestore.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RegionWindowsTest {
    private static final long GIB = 1L << 30;
    private static final long[] OFFSETS = {0, 4_096, GIB - 1, GIB, 2 * GIB - 7, 2 * GIB, 3 * GIB - 64};

    @Test
    void shouldReachAllOfARegionThatOneBufferCannotHold() {
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("region-windows-test", 3 * GIB))) {
            final RegionWindows windows = new RegionWindows(memory);
            final MemorySegment region = memory.wholeRegion();
            for (final long offset : OFFSETS) {
                region.set(ValueLayout.JAVA_BYTE, offset, (byte) (offset >>> 20 | 1));
                final MemorySegment slice = region.asSlice(offset);
                final long length = Math.min(slice.byteSize(), RegionWindows.LONGEST_BYTES);
                assertThat(windows.covers(slice, 0, length)).as("at %d", offset).isTrue();
                assertThat(windows.covers(slice, 0, slice.byteSize() + 1)).isFalse();
                final ByteBuffer window = windows.window(region, offset);
                assertThat(window.get(windows.position(region, offset))).isEqualTo((byte) (offset >>> 20 | 1));
                assertThat(windows.position(region, offset) + length).isLessThanOrEqualTo(window.limit());
            }
            assertThat(windows.covers(region, 0, RegionWindows.LONGEST_BYTES + 1))
                    .isFalse();
            try (Arena other = Arena.ofConfined()) {
                assertThat(windows.covers(other.allocate(16), 0, 16)).isFalse();
            }
            assertThat(windows.covers(MemorySegment.ofArray(new byte[16]), 0, 16))
                    .isFalse();
        }
    }
}
