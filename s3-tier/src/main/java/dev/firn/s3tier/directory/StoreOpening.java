package dev.firn.s3tier.directory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileLock;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Opens a directory as a store: makes what is missing, refuses what is not for this program, sweeps what dead
 * processes have left. Several processes may do so at once.
 */
final class StoreOpening {
    /** How long the lock that joining processes share is waited for. */
    static final long MEMBERS_WAIT_NS = 10_000_000_000L;

    private static final long PAUSE_NS = 1_000_000L;
    private static final long NANOS_A_MILLISECOND = 1_000_000L;

    private final Storage storage;
    private final String place;
    private final Clock clock;
    private final RandomGenerator random;

    private StoreOpening(final Storage storage, final String place, final Clock clock, final RandomGenerator random) {
        this.storage = storage;
        this.place = place;
        this.clock = clock;
        this.random = random;
    }

    static Store open(
            final Storage storage,
            final String place,
            final DirectoryConfig config,
            final Clock clock,
            final RandomGenerator random) {
        final StoreOpening opening = new StoreOpening(storage, place, clock, random);
        try {
            return opening.open(config);
        } catch (final StorageException e) {
            if (e.errno() == Errno.EROFS || e.errno() == Errno.EACCES || e.errno() == Errno.EPERM) {
                throw new StoreRefusedException(Failures.of(e, place).message(), e);
            }
            throw e;
        }
    }

    private Store open(final DirectoryConfig config) {
        final StoreFormat known = readFormat();
        storage.createDirectories(StoreLayout.LOCKS);
        storage.createDirectories(StoreLayout.TEMPORARIES);
        storage.createDirectories(StoreLayout.UPLOADS);
        try (FileLock lock = lockMembers()) {
            final ProcessFolder folder = ProcessFolder.join(storage, random);
            DirectoryGenerations generations = null;
            try {
                requireAttributes(folder);
                final StoreFormat format = known == null ? makeFormat(folder) : known;
                final int swept = ProcessFolder.sweep(storage)
                        + WorkerUploads.sweep(storage, clock.epochNs() / NANOS_A_MILLISECOND);
                if (swept > 0) {
                    System.getLogger(StoreOpening.class.getName())
                            .log(System.Logger.Level.INFO, "removed {0} unfinished files from {1}", swept, place);
                }
                generations = DirectoryGenerations.open(storage);
                makeDurable(folder);
                return new Store(storage, place, config, clock, format, folder, generations);
            } catch (final RuntimeException e) {
                if (generations != null) {
                    generations.close();
                }
                folder.close();
                throw e;
            }
        }
    }

    private FileLock lockMembers() {
        final long deadlineNs = clock.nanoTime() + MEMBERS_WAIT_NS;
        FileLock lock = storage.tryLock(StoreLayout.MEMBERS_LOCK);
        while (lock == null) {
            if (clock.nanoTime() - deadlineNs >= 0) {
                throw new StoreRefusedException(place + "/" + StoreLayout.MEMBERS_LOCK
                        + " has been held by another process for " + MEMBERS_WAIT_NS / NANOS_A_MILLISECOND
                        + " ms: is one stopped while it opens the store?");
            }
            LockSupport.parkNanos(PAUSE_NS);
            lock = storage.tryLock(StoreLayout.MEMBERS_LOCK);
        }
        return lock;
    }

    /** Null when the directory is no store yet. */
    private StoreFormat readFormat() {
        try (StorageFile file = storage.openForRead(StoreLayout.FORMAT, Access.BUFFERED);
                Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(StoreFormat.MAX_BYTES);
            final int count = file.read(0, buffer);
            return StoreFormat.decode(buffer.asSlice(0, count).toArray(JAVA_BYTE), place);
        } catch (final StorageException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            if (e.errno() == Errno.ENOTDIR) {
                throw new StoreRefusedException(place + "/" + StoreLayout.ROOT
                        + " is a file, and a store keeps its own things in a directory of that name: move it away");
            }
            throw e;
        }
    }

    /** Whole, synced and named in one step; whoever comes first has made the store. */
    private StoreFormat makeFormat(final ProcessFolder folder) {
        final HexFormat hex = HexFormat.of();
        final StoreFormat format = new StoreFormat(
                StoreFormat.VERSION, hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong()));
        final String temporary = folder.newFile();
        try (StorageFile file = storage.create(temporary, Access.BUFFERED);
                Arena arena = Arena.ofConfined()) {
            file.write(0, arena.allocateFrom(JAVA_BYTE, format.encode()));
            file.sync();
        }
        if (storage.renameExclusively(temporary, StoreLayout.FORMAT)) {
            return format;
        }
        storage.delete(temporary);
        return readFormat();
    }

    private void requireAttributes(final ProcessFolder folder) {
        final byte[] probe = {1};
        try (StorageFile file = storage.open(folder.lockPath(), Access.BUFFERED)) {
            file.setAttribute(StoreLayout.ATTRIBUTE, probe);
            if (file.attribute(StoreLayout.ATTRIBUTE) == null) {
                throw noAttributes(null);
            }
        } catch (final StorageException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                throw noAttributes(e);
            }
            throw e;
        }
    }

    private StoreRefusedException noAttributes(final StorageException cause) {
        return new StoreRefusedException(
                "the file system under " + place
                        + " keeps no extended attributes of users, in which the store keeps each"
                        + " object's version: use ext4, XFS or Btrfs, or a tmpfs of Linux 6.6 or later",
                cause);
    }

    /** Also what another process has made and not synced yet: from here on it is relied upon. */
    private void makeDurable(final ProcessFolder folder) {
        storage.syncDirectory(folder.path());
        storage.syncDirectory(StoreLayout.TEMPORARIES);
        storage.syncDirectory(StoreLayout.ROOT);
        storage.syncDirectory("");
    }
}
