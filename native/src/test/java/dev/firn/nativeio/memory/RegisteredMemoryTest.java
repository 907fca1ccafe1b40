package dev.firn.nativeio.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory as a ring uses it: the whole region registered, buffers allocated, written, read back, checked and freed. */
class RegisteredMemoryTest {
    private static final MemoryTag BUFFERS = MemoryTag.of("test-buffers");
    private static final long SEED = 20261121;

    @TempDir
    Path directory;

    @Test
    void shouldCarryDirectIoInRegisteredSlots() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        try (LeakCheck leaks = LeakCheck.start();
                Storage storage = new HostStorage(directory);
                StorageFile data = storage.createDurably("data", Access.DIRECT, 8 << 20)) {
            final OffHeapMemory memory = leaks.memory(16 << 20);
            try (Ring ring = storage.openRing(RingConfig.ofCapacity(8))) {
                final RingFile file = ring.attach(data);
                ring.registerBuffers(memory.wholeRegion());
                for (final int length : new int[] {4096, 8192, 64 << 10, 1 << 20, 3 << 20}) {
                    final MemorySegment written = memory.allocate(length, BUFFERS);
                    fill(written, random);
                    final int expected = Crc32c.compute(written);
                    assertThat(ring.write(file, 8192, written, 1, 0)).isTrue();
                    assertThat(awaitResult(ring)).as("written, seed %d", SEED).isEqualTo(length);
                    memory.free(written);

                    final MemorySegment read = memory.allocate(length, BUFFERS);
                    assertThat(ring.read(file, 8192, read, 2, 0)).isTrue();
                    assertThat(awaitResult(ring)).as("read, seed %d", SEED).isEqualTo(length);
                    assertThat(Crc32c.compute(read)).isEqualTo(expected);
                    memory.free(read);
                }
                ring.detach(file);
            }
        }
    }

    private static void fill(final MemorySegment segment, final RandomGenerator random) {
        final byte[] bytes = new byte[(int) segment.byteSize()];
        random.nextBytes(bytes);
        MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, 0, bytes.length);
    }

    private static int awaitResult(final Ring ring) {
        final int[] result = new int[1];
        assertThat(ring.submitAndWait(1, TimeUnit.SECONDS.toNanos(20))).isEqualTo(1);
        assertThat(ring.poll(completion -> result[0] = completion.result(), 1)).isEqualTo(1);
        return result[0];
    }
}
