package dev.firn.bench.quorum;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What the disk does at best for three logs: three files, written before, that one ring writes again with durable, direct writes
 * from registered buffers, and nothing around it.
 *
 * <p>For one thread. Nothing is allocated after construction.
 */
final class PlainFiles implements CompletionHandler, AutoCloseable {
    static final int FILES = 3;

    /** A majority of the three. */
    private static final int QUORUM = 2;

    private static final int MAX_BLOCK_BYTES = 1 << 20;
    private static final int MAX_IN_FLIGHT = 4;
    private static final int ALIGNMENT = 4_096;
    private static final long FILE_BYTES = 64L << 20;

    private final Clock clock;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment block = arena.allocate(MAX_BLOCK_BYTES, ALIGNMENT);
    private final List<StorageFile> opened = new ArrayList<>();
    private final RingFile[] files = new RingFile[FILES];
    private final long[] offsets = new long[FILES];
    private final long[] durableBytes = new long[FILES];
    private final Ring ring;
    private int completed;
    private long quorumNs;

    /** The block that follows each that completes; null while each write is asked for by itself. */
    private MemorySegment following;

    PlainFiles(final Storage storage, final Clock clock) {
        this.clock = clock;
        this.ring = storage.openRing(RingConfig.ofCapacity(FILES * MAX_IN_FLIGHT + 1));
        ring.registerBuffers(block);
        block.fill((byte) 0x5A);
        for (int i = 0; i < FILES; i++) {
            final StorageFile file = storage.create("plain-" + i, Access.DIRECT);
            for (long at = 0; at < FILE_BYTES; at += MAX_BLOCK_BYTES) {
                file.write(at, block);
            }
            file.sync();
            opened.add(file);
            files[i] = ring.attach(file);
        }
    }

    String describe() {
        return ring.describe();
    }

    /** Writes so many bytes to each of some files at once; returns the nanoseconds until a majority of them had it on disk. */
    long write(final int bytes, final int count) {
        final MemorySegment piece = block.asSlice(0, bytes);
        completed = 0;
        following = null;
        final long startedNs = clock.nanoTime();
        for (int i = 0; i < count; i++) {
            begin(i, piece);
        }
        final int wanted = count == FILES ? QUORUM : count;
        while (completed < wanted) {
            ring.submitAndWait(1, Long.MAX_VALUE);
            ring.poll(this, FILES);
        }
        quorumNs = clock.nanoTime() - startedNs;
        while (completed < count) {
            ring.submitAndWait(1, Long.MAX_VALUE);
            ring.poll(this, FILES);
        }
        return quorumNs;
    }

    /** Writes blocks to all files for a while, and returns how many bytes a majority of them had on disk. */
    long stream(final int blockBytes, final int inFlight, final long measureNs) {
        for (int i = 0; i < FILES; i++) {
            durableBytes[i] = 0;
        }
        following = block.asSlice(0, blockBytes);
        final long endNs = clock.nanoTime() + measureNs;
        for (int i = 0; i < FILES * inFlight; i++) {
            begin(i % FILES, following);
        }
        while (clock.nanoTime() - endNs < 0) {
            ring.submitAndWait(1, Long.MAX_VALUE);
            ring.poll(this, FILES * MAX_IN_FLIGHT);
        }
        final long bytes = secondHighest();
        following = null;
        while (ring.inFlight() > 0) {
            ring.submitAndWait(1, Long.MAX_VALUE);
            ring.poll(this, FILES * MAX_IN_FLIGHT);
        }
        return bytes;
    }

    private long secondHighest() {
        final long highest = Math.max(durableBytes[0], Math.max(durableBytes[1], durableBytes[2]));
        final long lowest = Math.min(durableBytes[0], Math.min(durableBytes[1], durableBytes[2]));
        return durableBytes[0] + durableBytes[1] + durableBytes[2] - highest - lowest;
    }

    private void begin(final int file, final MemorySegment piece) {
        if (offsets[file] + piece.byteSize() > FILE_BYTES) {
            offsets[file] = 0;
        }
        if (!ring.write(files[file], offsets[file], piece, file, Ring.DURABLE)) {
            throw new IllegalStateException("the ring refused a write with " + ring.inFlight() + " in flight");
        }
        offsets[file] += piece.byteSize();
    }

    @Override
    public void onCompletion(final Completion completion) {
        if (completion.failed()) {
            throw completion.failure();
        }
        if (completion.result() != completion.requestedBytes()) {
            throw new IllegalStateException(completion.file().name() + " at offset " + completion.fileOffset()
                    + ": wrote " + completion.result() + " of " + completion.requestedBytes() + " bytes");
        }
        completed++;
        final int file = (int) completion.token();
        durableBytes[file] += completion.result();
        if (following != null) {
            begin(file, following);
        }
    }

    @Override
    public void close() {
        ring.close();
        opened.forEach(StorageFile::close);
        arena.close();
    }
}
