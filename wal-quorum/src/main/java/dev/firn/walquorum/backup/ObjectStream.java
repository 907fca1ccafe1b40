package dev.firn.walquorum.backup;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.StoreSentence;
import java.lang.foreign.MemorySegment;

/**
 * Reads an object of a known length from its beginning to its end, by ranges that are fetched ahead, and hands its bytes over in
 * order. Belongs to the session's thread.
 */
final class ObjectStream implements AutoCloseable {
    static final int CHUNK_BYTES = 4 << 20;
    static final int CHUNKS = 4;

    private static final MemoryTag TAG = MemoryTag.of("base-backup-read");

    /** Takes what comes. */
    @FunctionalInterface
    interface Taker {
        /** @param bytes borrowed for the call. */
        void take(MemorySegment bytes, long offset, long lengthBytes);
    }

    private static final class Chunk {
        private MemorySegment memory;
        private long offset;
        private long lengthBytes;
        private boolean inFlight;
        private boolean filled;
    }

    private final StoreSession session;
    private final String key;
    private final long lengthBytes;
    private final OffHeapMemory memory;
    private final CallOptions options;
    private final Taker taker;
    private final Chunk[] chunks;
    private ObjectVersion version;
    private long askedBytes;
    private long takenBytes;
    private int crc;
    private String failure;

    ObjectStream(
            final StoreSession session,
            final String key,
            final long lengthBytes,
            final OffHeapMemory memory,
            final CallOptions options,
            final Taker taker) {
        this.session = session;
        this.key = key;
        this.lengthBytes = lengthBytes;
        this.memory = memory;
        this.options = options;
        this.taker = taker;
        this.chunks = new Chunk[(int) Math.clamp((lengthBytes + CHUNK_BYTES - 1) / CHUNK_BYTES, 1, CHUNKS)];
        for (int i = 0; i < chunks.length; i++) {
            chunks[i] = new Chunk();
            chunks[i].memory = memory.allocate(CHUNK_BYTES, TAG);
        }
    }

    boolean isDone() {
        return failure != null || takenBytes == lengthBytes;
    }

    /** Why it cannot go on; null while all is well. */
    String failure() {
        return failure;
    }

    /** CRC-32C of all that was handed over. */
    int crc() {
        return crc;
    }

    /** Asks for what is next, and hands over what has come; returns how much was done. What the taker throws comes out of here. */
    int work() {
        int work = 0;
        while (failure == null && askedBytes < lengthBytes && session.room() > 0) {
            // The first answer says of which version all others must be.
            final Chunk chunk = version == null && askedBytes > 0 ? null : free();
            if (chunk == null) {
                break;
            }
            ask(chunk);
            work++;
        }
        for (Chunk chunk = next(); chunk != null && failure == null; chunk = next()) {
            chunk.filled = false;
            takenBytes += chunk.lengthBytes;
            crc = Crc32c.update(crc, chunk.memory, 0, chunk.lengthBytes);
            taker.take(chunk.memory, 0, chunk.lengthBytes);
            work++;
        }
        return work;
    }

    private void ask(final Chunk chunk) {
        chunk.offset = askedBytes;
        chunk.lengthBytes = Math.min(CHUNK_BYTES, lengthBytes - askedBytes);
        chunk.inFlight = true;
        askedBytes += chunk.lengthBytes;
        session.get(key, chunk.offset, chunk.memory.asSlice(0, chunk.lengthBytes), version, options, outcome -> {
            chunk.inFlight = false;
            onChunk(chunk, outcome);
        });
    }

    private void onChunk(final Chunk chunk, final GetOutcome outcome) {
        switch (outcome) {
            case GetOutcome.Fetched fetched -> {
                version = fetched.version();
                if (fetched.objectBytes() != lengthBytes || fetched.lengthBytes() != chunk.lengthBytes) {
                    fail(key + " has " + fetched.objectBytes() + " bytes, not " + lengthBytes);
                }
                chunk.filled = true;
            }
            case GetOutcome.OutOfRange shorter ->
                fail(key + " has " + shorter.objectBytes() + " bytes, not " + lengthBytes);
            case GetOutcome.VersionChanged changed -> fail(key + " has changed while it was read: " + changed.reason());
            case NotFound _ -> fail(key + " is missing");
            case Failed failed -> fail(StoreSentence.of("cannot read " + key, failed));
        }
    }

    private void fail(final String why) {
        failure = failure == null ? why : failure;
    }

    private Chunk free() {
        for (final Chunk chunk : chunks) {
            if (!chunk.inFlight && !chunk.filled) {
                return chunk;
            }
        }
        return null;
    }

    private Chunk next() {
        for (final Chunk chunk : chunks) {
            if (chunk.filled && chunk.offset == takenBytes) {
                return chunk;
            }
        }
        return null;
    }

    boolean isIdle() {
        for (final Chunk chunk : chunks) {
            if (chunk.inFlight) {
                return false;
            }
        }
        return true;
    }

    /** To be called when it {@link #isIdle()}. */
    @Override
    public void close() {
        for (final Chunk chunk : chunks) {
            memory.free(chunk.memory);
        }
    }
}
