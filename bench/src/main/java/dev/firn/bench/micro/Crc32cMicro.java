package dev.firn.bench.micro;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.seam.SystemRandom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The checksum of off-heap memory: ours by address, the JDK's through a direct buffer made once. */
@State(Scope.Thread)
public class Crc32cMicro {
    private static final long SEED = 0x63726333326353L;
    private static final int PAGE_BYTES = 4096;

    @Param({"4096", "8192", "16384", "1048576"})
    public int bytes;

    private Arena arena;
    private MemorySegment memory;
    private ByteBuffer buffer;
    private CRC32C crc;

    @Setup(Level.Trial)
    public void fill() {
        arena = Arena.ofConfined();
        memory = arena.allocate(bytes, PAGE_BYTES);
        buffer = memory.asByteBuffer();
        crc = new CRC32C();
        final RandomGenerator random = SystemRandom.seeded(SEED);
        for (int i = 0; i < bytes; i++) {
            buffer.put(i, (byte) random.nextInt());
        }
        if (firn(null) != (int) jdk(null)) {
            throw new IllegalStateException("the two checksums differ");
        }
    }

    @TearDown(Level.Trial)
    public void release() {
        arena.close();
    }

    @Benchmark
    public int firn(final AllocationCounter allocations) {
        return Crc32c.compute(memory);
    }

    @Benchmark
    public long jdk(final AllocationCounter allocations) {
        crc.reset();
        crc.update(buffer.clear());
        return crc.getValue();
    }
}
