package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A disk of its own scheduler, and short ways to write and read it. */
final class TestDisk implements AutoCloseable {
    final Trace trace = Trace.silent();
    final Scheduler scheduler;
    final SimulatedDisk disk;
    final Arena arena = Arena.ofConfined();

    TestDisk(final long seed, final DiskFaults faults) {
        this(seed, DiskGeometry.DEFAULT, faults);
    }

    TestDisk(final long seed, final DiskGeometry geometry, final DiskFaults faults) {
        this.scheduler = new Scheduler(seed, trace);
        this.disk = new SimulatedDisk(scheduler, 0, seed, geometry, faults);
    }

    MemorySegment buffer(final int lengthBytes, final int fill) {
        return arena.allocate(lengthBytes, 4096).fill((byte) fill);
    }

    void write(final StorageFile file, final long offset, final int lengthBytes, final int fill) {
        file.write(offset, buffer(lengthBytes, fill));
    }

    byte[] read(final StorageFile file, final long offset, final int lengthBytes) {
        final MemorySegment buffer = buffer(lengthBytes, 0);
        final int count = file.read(offset, buffer);
        return buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() {
        arena.close();
    }
}
