package dev.firn.nativeio.storage;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/**
 * Random operations against a model: a byte array that every write goes to as well. Operations that are in flight together
 * touch different regions of the file, so each result is determined; a digest of all results is the same for every back
 * end.
 */
public final class RandomOperations {
    private static final int REGION_BYTES = 16 * 1024;
    private static final int REGIONS = 64;
    private static final int MAX_TRANSFER_BYTES = 2048;
    private static final int WINDOW = 48;
    private static final long FNV_PRIME = 0x100000001b3L;

    /** The last region begins where the file ends at first: reads there are short, writes there extend the file. */
    private static final int TAIL_REGION = REGIONS - 1;

    private static final int MAX_BYTES = REGION_BYTES * REGIONS;

    private final RandomGenerator random;
    private final Ring ring;
    private final RingFile file;
    private final MemorySegment model;
    private final MemorySegment[] buffers = new MemorySegment[2 * WINDOW];
    private final MemorySegment[] pair = new MemorySegment[2];
    private final long[] expected = new long[2 * WINDOW];
    private final long[] compareFrom = new long[2 * WINDOW];
    private final MemorySegment[] compare = new MemorySegment[2 * WINDOW];
    private final int[] order = new int[REGIONS];
    private long fileLength = (long) REGION_BYTES * TAIL_REGION;
    private long digest = 0xcbf29ce484222325L;
    private long operations;
    private int queued;

    private RandomOperations(
            final RandomGenerator random, final Ring ring, final StorageFile opened, final Arena arena) {
        this.random = random;
        this.ring = ring;
        this.file = ring.attach(opened);
        this.model = arena.allocate(MAX_BYTES);
        final MemorySegment memory = arena.allocate(2L * WINDOW * MAX_TRANSFER_BYTES, 4096);
        ring.registerBuffers(memory.asSlice(0, memory.byteSize() / 2));
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = memory.asSlice((long) i * MAX_TRANSFER_BYTES, MAX_TRANSFER_BYTES);
        }
        for (int i = 0; i < REGIONS; i++) {
            order[i] = i;
        }
        opened.truncate(fileLength);
    }

    /** Runs at least so many operations and returns the digest of their results. */
    public static long run(
            final Storage storage, final RingConfig config, final RandomGenerator random, final long operations) {
        try (Arena arena = Arena.ofConfined();
                Ring ring = storage.openRing(config);
                StorageFile opened = storage.create("random", Access.BUFFERED)) {
            final RandomOperations run = new RandomOperations(random, ring, opened, arena);
            while (run.operations < operations) {
                run.window();
            }
            ring.detach(run.file);
            run.compareFile(opened, arena);
            return run.digest;
        } finally {
            storage.delete("random");
        }
    }

    private void window() {
        queued = 0;
        for (int i = 0; i < WINDOW; i++) {
            final int other = i + random.nextInt(REGIONS - i);
            final int region = order[other];
            order[other] = order[i];
            order[i] = region;
            enqueue(region);
        }
        ring.submitAndWait(queued, Long.MAX_VALUE);
        int delivered = 0;
        while (delivered < queued) {
            delivered += ring.poll(this::check, WINDOW);
        }
        for (int token = 0; token < queued; token++) {
            digest = (digest ^ expected[token]) * FNV_PRIME;
        }
        operations += queued;
    }

    private void enqueue(final int region) {
        final long regionStart = (long) region * REGION_BYTES;
        final int length = 1 + random.nextInt(MAX_TRANSFER_BYTES);
        final long offset = regionStart + random.nextInt(REGION_BYTES - 2 * MAX_TRANSFER_BYTES);
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3, 4 -> read(offset, length, 0);
            case 5, 6, 7, 8 -> write(offset, length, 0);
            case 9 -> readVectored(offset, length);
            case 10 -> writeVectored(offset, length);
            case 11, 12 -> {
                write(offset, length, Ring.LINK);
                read(offset, length, 0);
            }
            case 13 -> {
                expect(0, null, 0);
                assertThat(ring.nop(queued - 1L, 0)).isTrue();
            }
            case 14 -> {
                expect(-Errno.ENOENT, null, 0);
                assertThat(ring.cancel(Long.MIN_VALUE, queued - 1L, 0)).isTrue();
            }
            default -> rare(region, offset, length);
        }
    }

    private void rare(final int region, final long offset, final int length) {
        if (random.nextInt(2000) == 0) {
            expect(0, null, 0);
            assertThat(ring.dataSync(file, queued - 1L, 0)).isTrue();
        } else if (region == TAIL_REGION) {
            expect(0, null, 0);
            fileLength = Math.max(fileLength, offset + length);
            assertThat(ring.allocate(file, offset, length, queued - 1L, 0)).isTrue();
        } else {
            // A chain that breaks: nothing is behind the end of the tail region, and the write must not happen.
            expect(0, null, 0);
            assertThat(ring.read(
                            file, MAX_BYTES + offset, buffers[queued - 1].asSlice(0, length), queued - 1L, Ring.LINK))
                    .isTrue();
            expect(-Errno.ECANCELED, null, 0);
            assertThat(ring.write(file, offset, buffers[queued - 1].asSlice(0, length), queued - 1L, 0))
                    .isTrue();
        }
    }

    private void read(final long offset, final int length, final int flags) {
        final int there = (int) Math.clamp(fileLength - offset, 0, length);
        final MemorySegment buffer = buffers[queued].asSlice(0, length);
        expect(there, buffer.asSlice(0, there), offset);
        assertThat(ring.read(file, offset, buffer, queued - 1L, flags)).isTrue();
    }

    private void write(final long offset, final int length, final int flags) {
        final MemorySegment buffer = buffers[queued].asSlice(0, length).fill((byte) random.nextInt());
        buffer.set(JAVA_BYTE, random.nextInt(length), (byte) random.nextInt());
        toModel(offset, buffer);
        expect(length, null, 0);
        assertThat(ring.write(file, offset, buffer, queued - 1L, flags)).isTrue();
    }

    private void readVectored(final long offset, final int length) {
        final int there = (int) Math.clamp(fileLength - offset, 0, length);
        final MemorySegment buffer = buffers[queued].asSlice(0, length);
        splitInto(buffer, length);
        expect(there, buffer.asSlice(0, there), offset);
        assertThat(ring.readVectored(file, offset, pair, 2, queued - 1L, 0)).isTrue();
    }

    private void writeVectored(final long offset, final int length) {
        final MemorySegment buffer = buffers[queued].asSlice(0, length).fill((byte) random.nextInt());
        splitInto(buffer, length);
        toModel(offset, buffer);
        expect(length, null, 0);
        assertThat(ring.writeVectored(file, offset, pair, 2, queued - 1L, 0)).isTrue();
    }

    private void splitInto(final MemorySegment buffer, final int length) {
        final int cut = random.nextInt(length + 1);
        pair[0] = buffer.asSlice(0, cut);
        pair[1] = buffer.asSlice(cut, length - cut);
    }

    private void toModel(final long offset, final MemorySegment bytes) {
        MemorySegment.copy(bytes, 0, model, offset, bytes.byteSize());
        fileLength = Math.max(fileLength, offset + bytes.byteSize());
    }

    private void expect(final long result, final MemorySegment read, final long offset) {
        expected[queued] = result;
        compare[queued] = read;
        compareFrom[queued] = offset;
        queued++;
    }

    private void check(final Completion completion) {
        final int token = (int) completion.token();
        if (completion.result() != expected[token]) {
            throw new AssertionError(completion.kind() + " at " + completion.fileOffset() + " for "
                    + completion.requestedBytes() + " bytes gave " + completion.result() + ", not " + expected[token]);
        }
        final MemorySegment read = compare[token];
        if (read != null) {
            compareWithModel(completion.kind().name(), read, compareFrom[token]);
        }
    }

    private void compareWithModel(final String what, final MemorySegment read, final long offset) {
        final long at = MemorySegment.mismatch(read, 0, read.byteSize(), model, offset, offset + read.byteSize());
        if (at >= 0) {
            throw new AssertionError(what + " at " + offset + ": byte " + at + " differs from the model");
        }
    }

    private void compareFile(final StorageFile opened, final Arena arena) {
        assertThat(opened.lengthBytes()).isEqualTo(fileLength);
        final MemorySegment content = arena.allocate(fileLength);
        assertThat(opened.read(0, content)).isEqualTo((int) fileLength);
        compareWithModel("the file at the end", content, 0);
    }
}
