package dev.firn.nvmecache;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.System.Logger;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/**
 * The file of a cache: found or made, and held.
 *
 * <p>It is made under another name and renamed when its superblocks are durable, so a file of the right name always had
 * both; two that are damaged are no leftover of a crash, and the file is refused.
 */
final class CacheFile implements AutoCloseable {
    private static final Logger LOG = System.getLogger(CacheFile.class.getPackageName());
    private static final MemoryTag TAG = MemoryTag.of("nvme-cache-open");

    private final StorageFile file;
    private final DirectoryLock lock;
    private final Superblock superblock;
    private final boolean existed;

    private CacheFile(
            final StorageFile file, final DirectoryLock lock, final Superblock superblock, final boolean existed) {
        this.file = file;
        this.lock = lock;
        this.superblock = superblock;
        this.existed = existed;
    }

    /**
     * @throws StorageException when the device fails or is full.
     * @throws CacheRefusedException when the file is not this cluster's cache.
     */
    static CacheFile open(
            final Storage storage, final CacheConfig config, final OffHeapMemory memory, final RandomGenerator random) {
        final String directory = Storage.parentOf(config.fileName());
        if (!directory.isEmpty()) {
            storage.createDirectories(directory);
        }
        final DirectoryLock lock = storage.lock(directory);
        final MemorySegment buffer = memory.allocate(CacheLayout.SUPERBLOCK_BYTES, TAG);
        try {
            return new Opening(storage, config, buffer, lock).open(random);
        } catch (final RuntimeException e) {
            lock.close();
            throw e;
        } finally {
            memory.free(buffer);
        }
    }

    StorageFile file() {
        return file;
    }

    Superblock superblock() {
        return superblock;
    }

    /** Whether it was there before, so that its map is worth reading. */
    boolean existed() {
        return existed;
    }

    @Override
    public void close() {
        try {
            file.close();
        } finally {
            lock.close();
        }
    }

    /** One opening: what its steps share. */
    private record Opening(Storage storage, CacheConfig config, MemorySegment buffer, DirectoryLock lock) {
        CacheFile open(final RandomGenerator random) {
            if (storage.exists(newName())) {
                storage.deleteDurably(newName());
            }
            if (storage.exists(config.fileName())) {
                final CacheFile existing = openExisting();
                if (existing != null) {
                    return existing;
                }
                storage.deleteDurably(config.fileName());
            }
            final Superblock made = new Superblock(
                    Superblock.VERSION,
                    config.cluster(),
                    new ObjectId(random.nextLong(), random.nextLong()),
                    config.blockBytes(),
                    config.slots());
            make(made);
            return new CacheFile(aligned(storage.open(config.fileName(), Access.DIRECT)), lock, made, false);
        }

        private String newName() {
            return config.fileName() + ".new";
        }

        /** The file that is there; null when it is this cluster's, but made for another configuration, or by an older program. */
        private CacheFile openExisting() {
            final StorageFile file = storage.open(config.fileName(), Access.DIRECT);
            try {
                aligned(file);
                final Superblock found = readSuperblock(file);
                final String other = found.cluster().equals(config.cluster()) ? differences(file, found) : "";
                if (!found.cluster().equals(config.cluster())) {
                    throw new CacheRefusedException("the cache " + config.fileName() + " belongs to cluster "
                            + found.cluster() + ", not to this one, " + config.cluster()
                            + ": give this cluster another file, or delete that one if its cluster is gone");
                }
                if (other.isEmpty()) {
                    // What the life before had written may not be durable yet, and we build on what we read.
                    file.sync();
                    return new CacheFile(file, lock, found, true);
                }
                LOG.log(Logger.Level.INFO, "the cache " + config.fileName() + " is made anew, and cold: " + other);
                file.close();
                return null;
            } catch (final RuntimeException e) {
                file.close();
                throw e;
            }
        }

        private String differences(final StorageFile file, final Superblock found) {
            final long fileBytes = CacheLayout.fileBytes(found.slots(), found.blockBytes());
            if (found.version() != Superblock.VERSION) {
                return "it has format version " + found.version() + ", and this program writes " + Superblock.VERSION;
            } else if (found.blockBytes() != config.blockBytes()) {
                return "its blocks have " + found.blockBytes() + " bytes, not " + config.blockBytes();
            } else if (found.slots() != config.slots()) {
                return "it has " + found.slots() + " slots, not " + config.slots();
            } else if (file.lengthBytes() < fileBytes) {
                return "it has " + file.lengthBytes() + " bytes, not the " + fileBytes + " that it was made with";
            }
            return "";
        }

        /** Of the two copies one that is whole; the other is mended. */
        private Superblock readSuperblock(final StorageFile file) {
            Superblock found = null;
            int damaged = -1;
            int otherVersion = 0;
            StorageException unreadable = null;
            for (int copy = 0; copy < CacheLayout.SUPERBLOCK_COPIES; copy++) {
                Superblock.Copy state = Superblock.Copy.DAMAGED;
                try {
                    buffer.fill((byte) 0);
                    file.read((long) copy * CacheLayout.SUPERBLOCK_BYTES, buffer);
                    state = Superblock.check(buffer);
                } catch (final StorageException e) {
                    unreadable = e;
                }
                if (state == Superblock.Copy.WHOLE) {
                    found = Superblock.decode(buffer);
                } else {
                    damaged = copy;
                    otherVersion = state == Superblock.Copy.OTHER_VERSION ? Superblock.version(buffer) : otherVersion;
                }
            }
            if (found == null) {
                throw unusable(unreadable, otherVersion);
            }
            if (damaged >= 0) {
                LOG.log(
                        Logger.Level.WARNING,
                        "the cache " + config.fileName() + ": copy " + damaged
                                + " of the superblock was damaged, and is mended from the other");
                write(file, damaged, found);
            }
            return found;
        }

        private RuntimeException unusable(final StorageException unreadable, final int otherVersion) {
            if (unreadable != null) {
                return unreadable;
            } else if (otherVersion != 0) {
                return new CacheRefusedException("the cache " + config.fileName() + " has format version "
                        + otherVersion + ", this program knows version " + Superblock.VERSION
                        + ": delete the file, it will be made anew, and cold");
            }
            return new CacheRefusedException("the file " + config.fileName()
                    + " is no cache, or both copies of its superblock are damaged: delete it if it is one, it will be made"
                    + " anew, and cold; otherwise give the cache another file");
        }

        private void make(final Superblock superblock) {
            final StorageFile made = storage.create(newName(), Access.DIRECT);
            try (made) {
                aligned(made);
                made.allocate(0, CacheLayout.fileBytes(superblock.slots(), superblock.blockBytes()));
                for (int copy = 0; copy < CacheLayout.SUPERBLOCK_COPIES; copy++) {
                    write(made, copy, superblock);
                }
                made.sync();
            } catch (final StorageException e) {
                try {
                    storage.delete(newName());
                } catch (final StorageException leftover) {
                    e.addSuppressed(leftover);
                }
                throw e;
            }
            storage.renameDurably(newName(), config.fileName());
        }

        private void write(final StorageFile file, final int copy, final Superblock superblock) {
            superblock.encode(buffer);
            file.write((long) copy * CacheLayout.SUPERBLOCK_BYTES, buffer);
        }

        private StorageFile aligned(final StorageFile file) {
            if (config.unitBytes() % file.alignmentBytes() != 0) {
                file.close();
                throw new IllegalArgumentException("the cache's unit of " + config.unitBytes() + " bytes ("
                        + config.blockBytes() + " a block) is not a multiple of what direct I/O on " + file.name()
                        + " asks for, " + file.alignmentBytes() + ": take larger blocks");
            }
            return file;
        }
    }
}
