package dev.firn.nativeio.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.storage.Errno;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class MemoryCallsTest {
    private static final int READ_WRITE = MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE;
    private static final long PAGE_BYTES = 4096;

    @Test
    void shouldMapZeroedMemoryAndGiveItBack() {
        final long address = MemoryCalls.mapAnonymous(4 * PAGE_BYTES, READ_WRITE, 0);
        assertThat(address).isPositive();
        assertThat(address % PAGE_BYTES).isZero();
        final MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(4 * PAGE_BYTES);
        assertThat(memory.get(JAVA_BYTE, 4 * PAGE_BYTES - 1)).isZero();
        memory.set(JAVA_BYTE, PAGE_BYTES, (byte) 7);
        assertThat(memory.get(JAVA_BYTE, PAGE_BYTES)).isEqualTo((byte) 7);
        assertThat(MemoryCalls.lock(address, PAGE_BYTES)).isIn(0, -Errno.ENOMEM, -Errno.EPERM);
        assertThat(MemoryCalls.unmap(address, 4 * PAGE_BYTES)).isZero();
        assertThat(MemoryCalls.advise(address, PAGE_BYTES, MemoryCalls.MADV_POPULATE_WRITE))
                .as("the range is not mapped any more")
                .isEqualTo(-Errno.ENOMEM);
    }

    @Test
    void shouldReturnErrnoWhenTheKernelRefuses() {
        assertThat(MemoryCalls.mapAnonymous(0, READ_WRITE, 0)).isEqualTo(-Errno.EINVAL);
        assertThat(MemoryCalls.mapAnonymous(1L << 60, READ_WRITE, 0)).isEqualTo(-Errno.ENOMEM);
        assertThat(MemoryCalls.unmap(1, PAGE_BYTES)).isEqualTo(-Errno.EINVAL);
        assertThat(MemoryCalls.advise(0, PAGE_BYTES, 12_345)).isEqualTo(-Errno.EINVAL);
    }
}
