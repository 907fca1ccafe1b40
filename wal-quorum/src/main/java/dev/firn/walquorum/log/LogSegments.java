package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The segment that is written, the next one, and those that are not needed any more.
 *
 * <p><b>The next one</b> is made ready ahead, through the ring, so that going on to it waits for nothing. Ready means: there, of
 * full length, its space taken, and its name durable. Then it is filled with zeros, a piece at a time: the first write to
 * space that is only reserved changes the file's metadata, so that each durable write there commits the file system's journal too,
 * and takes twice as long. Should the log get there first, the rest stays as it is.
 *
 * <p><b>Retired segments</b> go one a duty cycle, by calls that block for as long as the file system takes to change a directory:
 * less than it takes to open a file, which going on to a segment does as well; a thread for it would buy little and need
 * a protocol. Nothing waits for their end to be durable: the control file says that they do not count. Some are kept as
 * spares and become the next segment by a new name: their space has been written already.
 *
 * <p><b>When the disk is full</b> the next segment is tried again now and then.
 */
final class LogSegments implements AutoCloseable {
    static final long ALLOCATED = LogOperations.OTHERS + 1;
    static final long SYNCED = LogOperations.OTHERS + 2;
    static final long NAMED = LogOperations.OTHERS + 3;
    static final long TIME_TO_RETRY = LogOperations.OTHERS + 4;

    static final long ZEROED = LogOperations.OTHERS + 6;
    static final long ZEROS_SYNCED = LogOperations.OTHERS + 7;

    /** How much is filled with one write: little enough to be hardly in the way of the log's own. */
    static final int ZERO_BYTES = 64 << 10;

    private static final long RETRY_NS = 200_000_000;

    private enum Next {
        ABSENT,
        WAITING,
        ALLOCATING,
        SYNCING,
        NAMING,
        READY
    }

    private final Storage storage;
    private final LogNames names;
    private final LogOperations operations;
    private final SegmentFiles readers;
    private final LogListener listener;
    private final long segmentBytes;
    private final StorageFile directory;
    private final RingFile directoryOnRing;
    private final MemorySegment zeros;

    /** Null when no segment has been begun. */
    private StorageFile file;

    private RingFile onRing;
    private long current;

    private Next state = Next.ABSENT;
    private StorageFile nextFile;
    private RingFile nextOnRing;
    private boolean isFull;

    /** Up to where the next segment's space has been written, or is being; and whether anything is on its way to it. */
    private long filledBytes;

    private boolean isFilling;

    /** Numbers of files that are still there. */
    private long[] retired = new long[16];

    private int retiredCount;
    private final long[] spares;
    private int spareCount;

    /**
     * Blocks.
     *
     * @param current the segment to go on writing, or the one before the first.
     * @param isThere whether there is such a one.
     * @param zeros of {@link #ZERO_BYTES}; borrowed.
     */
    LogSegments(
            final Storage storage,
            final LogNames names,
            final LogOperations operations,
            final SegmentFiles readers,
            final LogListener listener,
            final LogConfig config,
            final long current,
            final boolean isThere,
            final MemorySegment zeros) {
        this.storage = storage;
        this.names = names;
        this.operations = operations;
        this.readers = readers;
        this.listener = listener;
        this.segmentBytes = config.segmentBytes();
        this.current = current;
        this.zeros = zeros.fill((byte) 0);
        this.spares = new long[config.spareSegments()];
        this.directory = storage.openDirectory(names.directory());
        this.directoryOnRing = operations.attach(directory);
        if (isThere) {
            file = storage.open(names.segment(current), Access.DIRECT);
            onRing = operations.attach(file);
        }
    }

    long current() {
        return current;
    }

    RingFile file() {
        return onRing;
    }

    int alignmentBytes() {
        return file.alignmentBytes();
    }

    /** Makes the next segment ready, and lets retired ones go, a step at a time; returns how much was done. */
    int doWork() {
        final int work = switch (state) {
            case ABSENT -> prepareNext();
            case READY -> fillNext();
            case WAITING, ALLOCATING, SYNCING, NAMING -> 0;
        };
        return work + (retiredCount > 0 ? retireOne() : 0);
    }

    /** Fills the next piece, and syncs what that changed of the file when all is filled. */
    private int fillNext() {
        if (isFilling || filledBytes > segmentBytes) {
            return 0;
        }
        final int length = (int) Math.min(ZERO_BYTES, segmentBytes - filledBytes);
        isFilling = length == 0
                ? operations.sync(nextOnRing, ZEROS_SYNCED)
                : operations.writeUnsynced(nextOnRing, filledBytes, zeros, 0, length, ZEROED);
        if (!isFilling) {
            return 0;
        }
        filledBytes += length == 0 ? 1 : length;
        return 1;
    }

    private int prepareNext() {
        try {
            if (nextFile != null) {
                return begin(Next.ALLOCATING);
            }
            final String name = names.segment(current + 1);
            if (spareCount > 0) {
                storage.rename(names.segment(spares[--spareCount]), name);
                open(storage.open(name, Access.DIRECT));
                filledBytes = segmentBytes + 1;
                return begin(Next.NAMING);
            }
            open(storage.create(name, Access.DIRECT));
            filledBytes = 0;
            return begin(Next.ALLOCATING);
        } catch (final StorageException e) {
            if (!isFull(e.errno())) {
                throw e;
            }
            waitForRoom(e.getMessage());
            return 1;
        }
    }

    private void open(final StorageFile opened) {
        nextFile = opened;
        nextOnRing = operations.attach(opened);
    }

    /** Goes on to a state with an operation; another time when the ring is full. */
    private int begin(final Next wanted) {
        final boolean isBegun = switch (wanted) {
            case ALLOCATING -> operations.allocate(nextOnRing, segmentBytes, ALLOCATED);
            case SYNCING -> operations.sync(nextOnRing, SYNCED);
            case NAMING -> operations.sync(directoryOnRing, NAMED);
            case WAITING -> operations.timeout(RETRY_NS, TIME_TO_RETRY);
            case ABSENT, READY -> throw new IllegalArgumentException(wanted + " is no operation");
        };
        if (!isBegun) {
            throw new IllegalStateException(
                    "the log's ring has no room for its own operation: its capacity is too small");
        }
        state = wanted;
        return 1;
    }

    /** A completion with a token of this class. */
    void onCompletion(final Completion completion) {
        final long token = LogOperations.tokenOf(completion);
        if (token == TIME_TO_RETRY) {
            state = Next.ABSENT;
        } else if (token == ALLOCATED && isFull(completion.errno())) {
            waitForRoom(completion.failure().getMessage());
        } else if (completion.failed()) {
            throw completion.failure();
        } else if (token == ALLOCATED) {
            begin(Next.SYNCING);
        } else if (token == SYNCED) {
            begin(Next.NAMING);
        } else if (token == ZEROED || token == ZEROS_SYNCED) {
            // A write that ended early leaves a piece as it was: nothing depends on it.
            isFilling = false;
        } else {
            state = Next.READY;
            if (isFull) {
                isFull = false;
                listener.onDiskRoom();
            }
        }
    }

    private static boolean isFull(final int errno) {
        return errno == Errno.ENOSPC || errno == Errno.EDQUOT;
    }

    private void waitForRoom(final String cause) {
        begin(Next.WAITING);
        if (!isFull) {
            isFull = true;
            listener.onDiskFull("the WAL log in " + names.directory() + " has no space for its next segment of "
                    + segmentBytes + " bytes (" + cause
                    + "): make room on its disk, or let the archive catch up; the log goes on by itself");
        }
    }

    /** Whether there is a next segment, with its space. */
    boolean isNextReady() {
        return state == Next.READY;
    }

    /** Whether the log can go on to the next segment. To be asked when it has to: what is not filled by then will not be. */
    boolean mayAdvance() {
        if (state != Next.READY) {
            return false;
        }
        filledBytes = segmentBytes + 1;
        return !isFilling;
    }

    /** Goes on to the next segment. No write to the current one may be in flight. */
    void advance() {
        leave();
        file = nextFile;
        onRing = nextOnRing;
        nextFile = null;
        nextOnRing = null;
        state = Next.ABSENT;
        current++;
    }

    /** Closes the current segment; the next one is gone on to before anything is written. */
    void leave() {
        if (file != null) {
            operations.detach(onRing);
            file.close();
            file = null;
            onRing = null;
        }
    }

    /** This segment is not needed any more. */
    void retire(final long segment) {
        if (retiredCount == retired.length) {
            retired = Arrays.copyOf(retired, 2 * retiredCount);
        }
        retired[retiredCount++] = segment;
    }

    /** How many segments are still to go. */
    int retiredCount() {
        return retiredCount;
    }

    private int retireOne() {
        final long segment = retired[retiredCount - 1];
        if (!readers.forget(segment)) {
            return 0;
        }
        retiredCount--;
        final String name = names.segment(segment);
        if (spareCount < spares.length && storage.status(name).lengthBytes() == segmentBytes) {
            spares[spareCount++] = segment;
        } else {
            storage.delete(name);
        }
        return 1;
    }

    /** Nothing may be in flight. */
    @Override
    public void close() {
        leave();
        operations.detach(directoryOnRing);
        directory.close();
        if (nextFile != null) {
            operations.detach(nextOnRing);
            nextFile.close();
        }
    }
}
