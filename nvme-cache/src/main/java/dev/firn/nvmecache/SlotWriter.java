package dev.firn.nvmecache;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import java.lang.foreign.MemorySegment;

/** Blocks on their way to their slots: each in a buffer from which reads are served until the device has it. */
final class SlotWriter {
    private final Ring ring;
    private final RingFile file;
    private final long dataOffset;
    private final CacheConfig config;
    private final BlockDirectory directory;
    private final SlotTable slots;
    private final MapWriter map;
    private final IoBuffers buffers;
    private final DeviceHealth health;
    private final CacheCounters counters;
    private final FreeNumbers freeBuffers;
    private final int[] slotOf;
    private final int[] progress;

    /** {@link MapWriter#losses()} when the write began. */
    private final int[] lossesAtStart;

    SlotWriter(
            final Ring ring,
            final RingFile file,
            final CacheConfig config,
            final BlockDirectory directory,
            final MapWriter map,
            final IoBuffers buffers,
            final DeviceHealth health,
            final CacheCounters counters) {
        this.ring = ring;
        this.file = file;
        this.config = config;
        this.dataOffset = CacheLayout.dataOffset(config.slots());
        this.directory = directory;
        this.slots = directory.slots();
        this.map = map;
        this.buffers = buffers;
        this.health = health;
        this.counters = counters;
        this.freeBuffers = new FreeNumbers(config.writeBuffers());
        this.slotOf = new int[config.writeBuffers()];
        this.progress = new int[config.writeBuffers()];
        this.lossesAtStart = new int[config.writeBuffers()];
    }

    boolean hasRoom() {
        return !freeBuffers.isEmpty();
    }

    int inFlight() {
        return freeBuffers.used();
    }

    /** Copies a block, seals its slot's entry, and begins to write. */
    void write(final int slot, final MemorySegment bytes) {
        final int buffer = freeBuffers.take();
        final int units = slots.unitsOf(slot);
        final int unitBytes = config.unitBytes();
        final MemorySegment image = buffers.write(buffer, units);
        MemorySegment.copy(bytes, 0, image, 0, bytes.byteSize());
        for (long at = bytes.byteSize(); at < image.byteSize(); at++) {
            image.set(JAVA_BYTE, at, (byte) 0);
        }
        for (int unit = 0; unit < units; unit++) {
            slots.setUnitCrc(slot, unit, Crc32c.compute(image, (long) unit * unitBytes, unitBytes));
        }
        slots.seal(slot);
        slots.buffer(slot, buffer);
        slotOf[buffer] = slot;
        progress[buffer] = 0;
        lossesAtStart[buffer] = map.losses();
        submit(buffer, image);
    }

    private void submit(final int buffer, final MemorySegment image) {
        final long offset = dataOffset + (long) slotOf[buffer] * config.blockBytes() + progress[buffer];
        Tokens.requireAccepted(ring.write(file, offset, image, Tokens.of(Tokens.WRITE, buffer), 0));
    }

    void onCompletion(final int buffer, final Completion completion) {
        final int slot = slotOf[buffer];
        final MemorySegment image = buffers.write(buffer, slots.unitsOf(slot));
        if (completion.result() <= 0) {
            CacheCounters.add(counters.writeErrors, 1);
            health.failed(completion);
            freeBuffers.give(buffer);
            slots.addFault(slot);
            directory.abandon(slot);
            return;
        }
        health.succeeded();
        CacheCounters.add(counters.bytesWritten, completion.result());
        progress[buffer] += completion.result();
        if (progress[buffer] < image.byteSize()) {
            submit(buffer, image.asSlice(progress[buffer]));
            return;
        }
        freeBuffers.give(buffer);
        if (lossesAtStart[buffer] != map.losses()) {
            directory.abandon(slot);
        } else {
            map.onWritten(slot);
        }
    }

    /** Reads from a block that is on its way. */
    void copyTo(final int slot, final int offset, final MemorySegment into, final long intoOffset, final int count) {
        MemorySegment.copy(buffers.write(slots.buffer(slot), slots.unitsOf(slot)), offset, into, intoOffset, count);
    }
}
