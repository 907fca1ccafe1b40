package dev.firn.nvmecache;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Reads in flight: whole units are read and verified, in the caller's memory where range and memory are aligned, else in a
 * bounce buffer and copied.
 */
final class SlotReads {
    private static final int IN_PLACE = -1;

    private final Ring ring;
    private final RingFile file;
    private final long dataOffset;
    private final CacheConfig config;
    private final int alignmentBytes;
    private final BlockDirectory directory;
    private final SlotTable slots;
    private final SlotWriter writer;
    private final IoBuffers buffers;
    private final DeviceHealth health;
    private final CacheCounters counters;

    private final FreeNumbers freeReads;
    private final FreeNumbers freeBounces;
    private final long[] tokens;
    private final MemorySegment[] targets;
    private final long[] targetOffsets;
    private final int[] slotOf;
    private final int[] offsets;
    private final int[] counts;
    private final int[] bounces;
    private final int[] progress;
    private final boolean[] durable;

    /** Reads that need no device, in the order in which they came. */
    private final int[] answered;

    private int answeredHead;
    private int answeredCount;

    SlotReads(
            final Ring ring,
            final RingFile file,
            final int alignmentBytes,
            final CacheConfig config,
            final BlockDirectory directory,
            final SlotWriter writer,
            final IoBuffers buffers,
            final DeviceHealth health,
            final CacheCounters counters) {
        this.ring = ring;
        this.file = file;
        this.alignmentBytes = alignmentBytes;
        this.config = config;
        this.dataOffset = CacheLayout.dataOffset(config.slots());
        this.directory = directory;
        this.slots = directory.slots();
        this.writer = writer;
        this.buffers = buffers;
        this.health = health;
        this.counters = counters;
        final int size = config.readsInFlight();
        this.freeReads = new FreeNumbers(size);
        this.freeBounces = new FreeNumbers(config.bounceBuffers());
        this.tokens = new long[size];
        this.targets = new MemorySegment[size];
        this.targetOffsets = new long[size];
        this.slotOf = new int[size];
        this.offsets = new int[size];
        this.counts = new int[size];
        this.bounces = new int[size];
        this.progress = new int[size];
        this.durable = new boolean[size];
        this.answered = new int[size];
    }

    int inFlight() {
        return freeReads.used();
    }

    /** Reads that were given to the device, or are answered, and not delivered. */
    int readyCount() {
        return answeredCount;
    }

    /** As {@link BlockCache#read}, of a block that is here. */
    int begin(
            final int slot,
            final int offset,
            final MemorySegment into,
            final long intoOffset,
            final long wantedBytes,
            final long token) {
        final int length = slots.lengthBytes(slot);
        Objects.checkFromIndexSize(intoOffset, wantedBytes, into.byteSize());
        if (offset < 0 || offset >= length || wantedBytes == 0) {
            throw new IndexOutOfBoundsException("a read of " + wantedBytes + " bytes at " + offset
                    + " is not within a block of " + length + " bytes");
        }
        if (freeReads.isEmpty()) {
            return BlockCache.FULL;
        }
        final int count = (int) Math.min(wantedBytes, length - offset);
        final boolean inMemory = slots.phase(slot) == SlotTable.WRITING;
        final boolean inPlace = wantedBytes == into.byteSize() && isAligned(slot, offset, into);
        if (!inMemory && !inPlace && freeBounces.isEmpty()) {
            return BlockCache.FULL;
        }
        final int read = freeReads.take();
        tokens[read] = token;
        slotOf[read] = slot;
        offsets[read] = offset;
        counts[read] = count;
        if (inMemory) {
            writer.copyTo(slot, offset, into, intoOffset, count);
            CacheCounters.add(counters.hitsInMemory, 1);
            answered[(answeredHead + answeredCount++) % answered.length] = read;
            return BlockCache.ACCEPTED;
        }
        targets[read] = into;
        targetOffsets[read] = intoOffset;
        bounces[read] = inPlace ? IN_PLACE : freeBounces.take();
        progress[read] = 0;
        durable[read] = slots.phase(slot) == SlotTable.DURABLE;
        slots.addReaders(slot, 1);
        submit(read, buffer(read));
        return BlockCache.ACCEPTED;
    }

    private boolean isAligned(final int slot, final int offset, final MemorySegment into) {
        final int unitBytes = config.unitBytes();
        return (offset & (unitBytes - 1)) == 0
                && (into.byteSize() & (unitBytes - 1)) == 0
                && (into.address() & (alignmentBytes - 1)) == 0
                && offset + into.byteSize() <= (long) slots.unitsOf(slot) * unitBytes;
    }

    private int firstUnit(final int read) {
        return offsets[read] / config.unitBytes();
    }

    private int units(final int read) {
        return (offsets[read] + counts[read] - 1) / config.unitBytes() - firstUnit(read) + 1;
    }

    private MemorySegment buffer(final int read) {
        return bounces[read] == IN_PLACE ? targets[read] : buffers.bounce(bounces[read], units(read));
    }

    private void submit(final int read, final MemorySegment rest) {
        final long offset = dataOffset
                + (long) slotOf[read] * config.blockBytes()
                + (long) firstUnit(read) * config.unitBytes()
                + progress[read];
        Tokens.requireAccepted(ring.read(file, offset, rest, Tokens.of(Tokens.READ, read), 0));
    }

    /** Delivers the reads that needed no device; returns how many. */
    int deliverAnswered(final ReadHandler handler, final int limit) {
        int delivered = 0;
        while (answeredCount > 0 && delivered < limit) {
            final int read = answered[answeredHead];
            answeredHead = (answeredHead + 1) % answered.length;
            answeredCount--;
            delivered++;
            finish(read, counts[read], handler);
        }
        return delivered;
    }

    void onCompletion(final int read, final Completion completion, final ReadHandler handler) {
        final MemorySegment buffer = buffer(read);
        final int moved = completion.result();
        if (moved > 0) {
            progress[read] += moved;
            if (progress[read] < buffer.byteSize()) {
                submit(read, buffer.asSlice(progress[read]));
                return;
            }
        }
        final int slot = slotOf[read];
        int result = counts[read];
        if (moved <= 0) {
            // Nothing at all is the end of the file: it was cut, and the slot is not there.
            CacheCounters.add(counters.readErrors, 1);
            health.failed(completion);
            result = BlockCache.MISS;
        } else {
            health.succeeded();
            if (!agrees(read, buffer)) {
                CacheCounters.add(counters.checksumFailures, 1);
                CacheCounters.add(counters.durableChecksumFailures, durable[read] ? 1 : 0);
                result = BlockCache.MISS;
            } else if (bounces[read] != IN_PLACE) {
                MemorySegment.copy(
                        buffer,
                        offsets[read] - (long) firstUnit(read) * config.unitBytes(),
                        targets[read],
                        targetOffsets[read],
                        result);
            }
        }
        if (bounces[read] != IN_PLACE) {
            freeBounces.give(bounces[read]);
        }
        targets[read] = null;
        slots.addReaders(slot, -1);
        if (result == BlockCache.MISS) {
            slots.addFault(slot);
            directory.drop(slot);
        } else {
            directory.releaseIfUnused(slot);
        }
        finish(read, result, handler);
    }

    /** Against the checksums of the block that was asked for: its slot has been nobody else's since, because it was read. */
    private boolean agrees(final int read, final MemorySegment buffer) {
        final int slot = slotOf[read];
        final int first = firstUnit(read);
        final int unitBytes = config.unitBytes();
        for (int unit = 0; unit < units(read); unit++) {
            final int crc = Crc32c.compute(buffer, (long) unit * unitBytes, unitBytes);
            if (crc != slots.unitCrc(slot, first + unit)) {
                return false;
            }
        }
        return true;
    }

    private void finish(final int read, final int result, final ReadHandler handler) {
        final long token = tokens[read];
        freeReads.give(read);
        if (result == BlockCache.MISS) {
            CacheCounters.add(counters.misses, 1);
        } else {
            CacheCounters.add(counters.hits, 1);
            CacheCounters.add(counters.bytesRead, result);
        }
        handler.onRead(token, result);
    }
}
