package dev.firn.walquorum.archive;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.walquorum.catalog.StoreSentence;
import java.lang.foreign.MemorySegment;

/**
 * Carries one segment into the store: filled with committed bytes, checked page by page, put unless it is there, and compared with
 * what is there when it is.
 */
final class SegmentPut {
    private static final MemoryTag TAG = MemoryTag.of("wal-archive");

    /** A segment that is longer than one put may be goes in parts of this length. */
    private static final long PART_BYTES = 16L << 20;

    private static final int PART_BUFFERS = 3;

    /** What is compared at once. */
    private static final int COMPARE_BYTES = 1 << 20;

    private static final MemorySegment ZEROES =
            MemorySegment.ofArray(new byte[64 << 10]).asReadOnly();

    /** What became of it. */
    enum Result {
        STORED,
        SAME,
        AGAIN,
        WRONG
    }

    private enum State {
        FILLING,
        FULL,
        PUTTING,
        TO_COMPARE,
        COMPARING,
        ENDED
    }

    private final StoreSession session;
    private final OffHeapMemory memory;
    private final CallOptions options;
    private final String key;
    private final long beginLsn;
    private final long endLsn;
    private final int segmentBytes;
    private final boolean padded;
    private final ObjectWriter writer;
    private final PageGate gate;
    private State state = State.FILLING;
    private long position;
    private int crc;
    private int storedCrc;
    private long comparedBytes;
    private MemorySegment compareBuffer;
    private ObjectVersion comparedVersion;
    private Result result;
    private String sentence;

    /**
     * @param endLsn where the bytes end: the segment's end, or, for a partial segment, before it; zeroes follow then.
     */
    SegmentPut(
            final StoreSession session,
            final StoreLimits limits,
            final OffHeapMemory memory,
            final CallOptions options,
            final WalReaderConfig pages,
            final String key,
            final long beginLsn,
            final long endLsn) {
        this.session = session;
        this.memory = memory;
        this.options = options;
        this.key = key;
        this.beginLsn = beginLsn;
        this.endLsn = endLsn;
        this.segmentBytes = pages.segmentBytes();
        this.padded = endLsn < beginLsn + segmentBytes;
        this.position = beginLsn;
        this.gate = new PageGate(pages);
        this.writer = new ObjectWriter(
                session,
                limits,
                key,
                // A partial segment grows until the log goes on, and means nothing then.
                padded ? WriteCondition.ALWAYS : WriteCondition.IF_ABSENT,
                memory,
                TAG,
                shape(limits, segmentBytes, options));
    }

    private static ObjectWriter.Shape shape(
            final StoreLimits limits, final int segmentBytes, final CallOptions options) {
        return segmentBytes <= limits.maxPutBytes()
                ? new ObjectWriter.Shape(Math.max(segmentBytes, limits.minPartBytes()), 1, options)
                : new ObjectWriter.Shape(Math.max(PART_BYTES, limits.minPartBytes()), PART_BUFFERS, options);
    }

    /** How much memory one needs at most. */
    static long memoryBytes(final StoreLimits limits, final int segmentBytes) {
        final ObjectWriter.Shape shape = shape(limits, segmentBytes, CallOptions.DEFAULT);
        return shape.buffers() * OffHeapMemory.slotBytes(shape.partBytes()) + OffHeapMemory.slotBytes(COMPARE_BYTES);
    }

    long segment() {
        return beginLsn / segmentBytes;
    }

    boolean isPartial() {
        return padded;
    }

    boolean isFilling() {
        return state == State.FILLING;
    }

    /** The next byte that is needed, while it is filling. */
    long position() {
        return position;
    }

    long endLsn() {
        return endLsn;
    }

    /** Takes committed bytes, which begin at its position; returns how many. */
    int take(final MemorySegment bytes, final long offset, final int lengthBytes) {
        final int wanted = (int) Math.min(lengthBytes, endLsn - position);
        final long taken = writer.write(bytes.asSlice(offset, wanted));
        if (taken == ObjectWriter.FAILED) {
            // Completing tells why.
            state = State.FULL;
            return wanted;
        }
        if (!gate.pass(position, bytes, offset, taken)) {
            writer.close();
            end(Result.WRONG, "the committed WAL for " + key + " is not what Postgres writes: " + gate.defect());
            return wanted;
        }
        crc = Crc32c.update(crc, bytes, offset, taken);
        position += taken;
        if (position == endLsn) {
            state = State.FULL;
        }
        return (int) taken;
    }

    /** Moves it on; returns how much was done. */
    int work() {
        return switch (state) {
            case FULL -> complete();
            case TO_COMPARE -> compare();
            case FILLING, PUTTING, COMPARING, ENDED -> 0;
        };
    }

    private int complete() {
        int work = 0;
        while (padded && position < beginLsn + segmentBytes && position >= endLsn) {
            final long zeroes = Math.min(ZEROES.byteSize(), beginLsn + segmentBytes - position);
            final long taken = writer.write(ZEROES.asSlice(0, zeroes));
            if (taken == ObjectWriter.FAILED) {
                break;
            } else if (taken == 0) {
                return work;
            }
            position += taken;
            work++;
        }
        if (!writer.complete(this::onPut)) {
            return work;
        }
        if (state == State.FULL) {
            state = State.PUTTING;
        }
        return work + 1;
    }

    private void onPut(final PutOutcome outcome) {
        switch (outcome) {
            case PutOutcome.Stored _ -> end(Result.STORED, null);
            case PutOutcome.PreconditionFailed _ -> {
                state = State.TO_COMPARE;
                comparedBytes = 0;
                storedCrc = 0;
            }
            default -> end(Result.AGAIN, StoreSentence.of(key, outcome));
        }
    }

    /** Somebody has put it before: are these the same bytes? */
    private int compare() {
        if (session.room() == 0) {
            return 0;
        }
        if (compareBuffer == null) {
            compareBuffer = memory.tryAllocate(COMPARE_BYTES, TAG);
            if (compareBuffer == null) {
                return 0;
            }
        }
        state = State.COMPARING;
        session.get(key, comparedBytes, compareBuffer, comparedVersion, options, this::onCompared);
        return 1;
    }

    private void onCompared(final GetOutcome outcome) {
        switch (outcome) {
            case GetOutcome.Fetched fetched -> {
                comparedVersion = fetched.version();
                storedCrc = Crc32c.update(storedCrc, compareBuffer, 0, fetched.lengthBytes());
                comparedBytes += fetched.lengthBytes();
                if (fetched.objectBytes() != segmentBytes) {
                    end(Result.WRONG, ArchiveListing.wrongLength(key, fetched.objectBytes(), segmentBytes));
                } else if (comparedBytes < segmentBytes) {
                    state = State.TO_COMPARE;
                } else if (storedCrc == crc) {
                    end(Result.SAME, null);
                } else {
                    end(
                            Result.WRONG,
                            key + " is in the archive with other bytes than this log has committed: two clusters or two"
                                    + " logs write to one archive");
                }
            }
            case GetOutcome.OutOfRange empty ->
                end(Result.WRONG, ArchiveListing.wrongLength(key, empty.objectBytes(), segmentBytes));
            case GetOutcome.VersionChanged changed -> end(Result.AGAIN, key + ": " + changed.reason());
            case NotFound _ -> end(Result.AGAIN, key + " was deleted while it was compared");
            case Failed failed -> end(Result.AGAIN, StoreSentence.of("cannot read " + key, failed));
        }
    }

    /** Gives it up while it is filling. */
    void abandon(final String why) {
        writer.close();
        end(Result.AGAIN, why);
    }

    private void end(final Result how, final String why) {
        if (compareBuffer != null) {
            memory.free(compareBuffer);
            compareBuffer = null;
        }
        state = State.ENDED;
        result = how;
        sentence = why;
    }

    /** Null until it has ended. */
    Result result() {
        return result;
    }

    /** Why it has ended so; null when it is in the archive. */
    String sentence() {
        return sentence;
    }

    /** Gives everything back. The session may answer later. */
    void close() {
        if (state == State.FILLING || state == State.FULL) {
            abandon("the archiver is closed");
        }
    }
}
