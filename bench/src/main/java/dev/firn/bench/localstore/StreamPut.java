package dev.firn.bench.localstore;

import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.meter.Meter;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.concurrent.IdleStrategy;

/**
 * One object streamed from a file into a store, portion by portion, as long as it is not known how long it will be. Reading the file is
 * part of it, as it is for {@code cp}.
 *
 * <p>For one thread, and for one use.
 */
final class StreamPut {
    private static final String KEY = "stream";
    private static final int PORTION_BYTES = 1 << 20;
    private static final int POLL_LIMIT = 16;
    private static final MemoryTag TAG = MemoryTag.of("bench-stream");

    private final ObjectStore store;
    private final IdleStrategy idle;
    private final Clock clock;
    private StoreOutcome answer;

    /** @param store borrowed. */
    StreamPut(final ObjectStore store, final IdleStrategy idle, final Clock clock) {
        this.store = store;
        this.idle = idle;
        this.clock = clock;
    }

    /** Writes the object, which stays. */
    Measurement run(final Path source, final boolean verified) throws IOException {
        final ObjectWriter.Shape shape = ObjectWriter.Shape.DEFAULT;
        final long bufferBytes = 2 * (shape.buffers() + 2) * shape.partBytes();
        try (OffHeapMemory memory = OffHeapMemory.open(
                        OffHeapConfig.of("bench-stream", bufferBytes).withPrefault(true));
                StoreSession session = store.openSession();
                FileChannel file = FileChannel.open(source, StandardOpenOption.READ)) {
            final MemorySegment portion = memory.allocate(PORTION_BYTES, TAG);
            final Meter meter = new Meter(clock);
            final LatencyRecorder latency = new LatencyRecorder();
            meter.start();
            final long startNs = clock.nanoTime();
            write(session, memory, file, portion);
            latency.record(clock.nanoTime() - startNs);
            meter.stop();
            if (verified) {
                verify(session, file, portion, memory);
            }
            memory.free(portion);
            return meter.measurement(1, latency, 0, store.describe());
        }
    }

    private void write(
            final StoreSession session, final OffHeapMemory memory, final FileChannel file, final MemorySegment portion)
            throws IOException {
        final ByteBuffer view = portion.asByteBuffer();
        try (ObjectWriter writer = new ObjectWriter(
                session, store.limits(), KEY, WriteCondition.IF_ABSENT, memory, TAG, ObjectWriter.Shape.DEFAULT)) {
            while (file.read(view.clear()) > 0) {
                offer(session, writer, portion.asSlice(0, view.position()));
            }
            answer = null;
            while (!writer.complete(outcome -> answer = outcome)) {
                session.poll(POLL_LIMIT);
            }
            await(session);
        }
        if (!(answer instanceof PutOutcome.Stored)) {
            throw new IOException("the object was not stored: " + answer);
        }
    }

    private void offer(final StoreSession session, final ObjectWriter writer, final MemorySegment bytes)
            throws IOException {
        long taken = 0;
        while (taken < bytes.byteSize()) {
            final long more = writer.write(bytes.asSlice(taken));
            if (more == ObjectWriter.FAILED) {
                throw new IOException("a part of the object was not written");
            }
            taken += more;
            final int polled = session.poll(POLL_LIMIT);
            if (more == 0) {
                idle.idle(polled);
            }
        }
    }

    /** Reads the object and the file side by side. */
    private void verify(
            final StoreSession session, final FileChannel file, final MemorySegment portion, final OffHeapMemory memory)
            throws IOException {
        final MemorySegment read = memory.allocate(PORTION_BYTES, TAG);
        try {
            final ByteBuffer view = portion.asByteBuffer();
            for (long offset = 0; offset < file.size(); offset += view.position()) {
                file.read(view.clear(), offset);
                answer = null;
                session.get(
                        KEY,
                        offset,
                        read.asSlice(0, view.position()),
                        null,
                        CallOptions.DEFAULT,
                        outcome -> answer = outcome);
                await(session);
                if (!(answer instanceof GetOutcome.Fetched fetched)
                        || fetched.objectBytes() != file.size()
                        || MemorySegment.mismatch(portion, 0, view.position(), read, 0, view.position()) >= 0) {
                    throw new IOException("the object is not as it was written at offset " + offset + ": " + answer);
                }
            }
        } finally {
            memory.free(read);
        }
    }

    private void await(final StoreSession session) {
        while (answer == null) {
            idle.idle(session.poll(POLL_LIMIT));
        }
    }
}
