package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;

/**
 * The segment that is written, and the next one: made ready ahead, through the ring, so that going on to it waits for
 * nothing.
 *
 * <p>Ready means: there, of full length, its space taken, and its name durable.
 */
final class LogSegments implements AutoCloseable {
    /** Tokens of the ring's operations here; writes of frames have tokens from 0 up. */
    static final long ALLOCATED = -1;

    static final long SYNCED = -2;
    static final long NAMED = -3;

    private enum Next {
        ABSENT,
        ALLOCATING,
        SYNCING,
        NAMING,
        READY
    }

    private final Storage storage;
    private final Ring ring;
    private final long segmentBytes;
    private final StorageFile directory;
    private final RingFile directoryOnRing;

    private long current;
    private StorageFile file;
    private RingFile onRing;

    private Next state = Next.ABSENT;
    private StorageFile nextFile;
    private RingFile nextOnRing;

    /** Opens the current segment, or makes it when it is not there. Blocks. */
    LogSegments(final Storage storage, final Ring ring, final long segmentBytes, final long current) {
        this.storage = storage;
        this.ring = ring;
        this.segmentBytes = segmentBytes;
        this.current = current;
        final String name = SegmentNames.of(current);
        final boolean isThere = storage.exists(name);
        this.directory = storage.openDirectory(SegmentNames.DIRECTORY);
        this.file =
                isThere ? storage.open(name, Access.DIRECT) : storage.createDurably(name, Access.DIRECT, segmentBytes);
        if (file.alignmentBytes() > FrameLayout.ALIGNMENT) {
            throw new LogException("the WAL node's disk wants writes of " + file.alignmentBytes()
                    + " bytes, more than the log's " + FrameLayout.ALIGNMENT + ": choose another file system");
        }
        if (file.lengthBytes() < segmentBytes) {
            file.allocate(0, segmentBytes);
            file.sync();
        }
        storage.syncDirectory(SegmentNames.DIRECTORY);
        this.onRing = ring.attach(file);
        this.directoryOnRing = ring.attach(directory);
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

    /** Makes the next segment ready, a step at a time; returns how much was done. */
    int prepareNext() {
        if (state != Next.ABSENT) {
            return 0;
        }
        final String name = SegmentNames.of(current + 1);
        nextFile = storage.exists(name) ? storage.open(name, Access.DIRECT) : storage.create(name, Access.DIRECT);
        nextOnRing = ring.attach(nextFile);
        state = Next.ALLOCATING;
        return ring.allocate(nextOnRing, 0, segmentBytes, ALLOCATED, 0) ? 1 : abandon();
    }

    /** @return whether the completion was one of this class' operations. */
    boolean onCompletion(final Completion completion) {
        final long token = completion.token();
        if (token >= 0) {
            return false;
        }
        if (completion.failed()) {
            throw completion.failure();
        }
        if (token == ALLOCATED) {
            state = Next.SYNCING;
            require(ring.sync(nextOnRing, SYNCED, 0));
        } else if (token == SYNCED) {
            state = Next.NAMING;
            require(ring.sync(directoryOnRing, NAMED, 0));
        } else {
            state = Next.READY;
        }
        return true;
    }

    boolean isNextReady() {
        return state == Next.READY;
    }

    /** Goes on to the next segment. No write to the current one may be in flight. */
    void advance() {
        ring.detach(onRing);
        file.close();
        file = nextFile;
        onRing = nextOnRing;
        nextFile = null;
        nextOnRing = null;
        state = Next.ABSENT;
        current++;
    }

    @Override
    public void close() {
        file.close();
        directory.close();
        if (nextFile != null) {
            nextFile.close();
        }
    }

    private int abandon() {
        ring.detach(nextOnRing);
        nextFile.close();
        nextFile = null;
        nextOnRing = null;
        state = Next.ABSENT;
        return 0;
    }

    private static void require(final boolean accepted) {
        if (!accepted) {
            throw new IllegalStateException(
                    "the log's ring has no room for its own operation: its capacity is too small");
        }
    }
}
