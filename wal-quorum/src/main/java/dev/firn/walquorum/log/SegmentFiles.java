package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;

/** Segments that are open to be read: a few, the one that was idle longest goes first. */
final class SegmentFiles implements AutoCloseable {
    private static final long NONE = -1;

    private final Storage storage;
    private final LogNames names;
    private final LogOperations operations;
    private final Open[] files;
    private long uses;

    /** @param most files at once: more than reads in flight. */
    SegmentFiles(final Storage storage, final LogNames names, final LogOperations operations, final int most) {
        this.storage = storage;
        this.names = names;
        this.operations = operations;
        this.files = new Open[most];
        for (int i = 0; i < most; i++) {
            files[i] = new Open();
        }
    }

    /** The file of a segment, to be {@linkplain #release released} when the read is done. Blocks when it has to be opened. */
    Open acquire(final long segment) {
        Open idle = null;
        for (final Open file : files) {
            if (file.segment == segment) {
                file.readers++;
                file.lastUse = ++uses;
                return file;
            }
            if (file.readers == 0 && (idle == null || file.lastUse < idle.lastUse)) {
                idle = file;
            }
        }
        if (idle == null) {
            throw new IllegalStateException("more reads than files to read from");
        }
        close(idle);
        idle.file = storage.openForRead(names.segment(segment), Access.DIRECT);
        idle.onRing = operations.attach(idle.file);
        idle.segment = segment;
        idle.readers = 1;
        idle.lastUse = ++uses;
        return idle;
    }

    void release(final Open file) {
        file.readers--;
    }

    /** Closes a segment that is about to go; false while it is read. */
    boolean forget(final long segment) {
        for (final Open file : files) {
            if (file.segment == segment) {
                if (file.readers > 0) {
                    return false;
                }
                close(file);
            }
        }
        return true;
    }

    private void close(final Open open) {
        if (open.file != null) {
            operations.detach(open.onRing);
            open.file.close();
            open.file = null;
            open.segment = NONE;
        }
    }

    /** Nothing may be in flight. */
    @Override
    public void close() {
        for (final Open open : files) {
            close(open);
        }
    }

    /** An open segment. */
    static final class Open {
        private long segment = NONE;
        private StorageFile file;
        private RingFile onRing;
        private int readers;
        private long lastUse;

        RingFile onRing() {
            return onRing;
        }

        int alignmentBytes() {
            return file.alignmentBytes();
        }
    }
}
