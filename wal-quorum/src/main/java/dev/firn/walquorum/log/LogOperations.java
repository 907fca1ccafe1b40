package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;

/** One log's share of a ring: so many operations at once, and tokens of its own. */
final class LogOperations {
    /** Tokens of frames are their numbers; the log's other operations have tokens from here on. */
    static final long OTHERS = 1L << 39;

    private static final int LOG_SHIFT = 40;
    private static final long OWN_TOKEN = (1L << LOG_SHIFT) - 1;

    private final Ring ring;
    private final long tokenBase;
    private final int most;
    private int inFlight;
    private boolean isRingClosed;

    /** @param most operations at once; the ring has room for them. */
    LogOperations(final Ring ring, final int slot, final int most) {
        this.ring = ring;
        this.tokenBase = (long) slot << LOG_SHIFT;
        this.most = most;
    }

    /** Whose operation it was. */
    static int slotOf(final Completion completion) {
        return (int) (completion.token() >>> LOG_SHIFT);
    }

    /** The token that the operation was given here. */
    static long tokenOf(final Completion completion) {
        return completion.token() & OWN_TOKEN;
    }

    int inFlight() {
        return inFlight;
    }

    int room() {
        return most - inFlight;
    }

    /** One of the log's operations has completed. */
    void completed() {
        inFlight--;
    }

    /** Nothing is in flight any more, and files need not be detached. */
    void ringIsClosed() {
        isRingClosed = true;
        inFlight = 0;
    }

    RingFile attach(final StorageFile file) {
        return ring.attach(file);
    }

    void detach(final RingFile file) {
        if (!isRingClosed) {
            ring.detach(file);
        }
    }

    boolean read(
            final RingFile file,
            final long fileOffset,
            final MemorySegment buffer,
            final long bufferOffset,
            final long lengthBytes,
            final long token) {
        return room() > 0
                && accepted(ring.read(file, fileOffset, buffer, bufferOffset, lengthBytes, tokenBase | token, 0));
    }

    /** A durable write. */
    boolean write(
            final RingFile file,
            final long fileOffset,
            final MemorySegment buffer,
            final long bufferOffset,
            final long lengthBytes,
            final long token) {
        return room() > 0
                && accepted(ring.write(
                        file, fileOffset, buffer, bufferOffset, lengthBytes, tokenBase | token, Ring.DURABLE));
    }

    /** A write that nobody relies on. */
    boolean writeUnsynced(
            final RingFile file,
            final long fileOffset,
            final MemorySegment buffer,
            final long bufferOffset,
            final long lengthBytes,
            final long token) {
        return room() > 0
                && accepted(ring.write(file, fileOffset, buffer, bufferOffset, lengthBytes, tokenBase | token, 0));
    }

    boolean sync(final RingFile file, final long token) {
        return room() > 0 && accepted(ring.sync(file, tokenBase | token, 0));
    }

    boolean allocate(final RingFile file, final long lengthBytes, final long token) {
        return room() > 0 && accepted(ring.allocate(file, 0, lengthBytes, tokenBase | token, 0));
    }

    boolean timeout(final long durationNs, final long token) {
        return room() > 0 && accepted(ring.timeout(durationNs, tokenBase | token, 0));
    }

    private boolean accepted(final boolean isAccepted) {
        inFlight += isAccepted ? 1 : 0;
        return isAccepted;
    }
}
