package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.DirectoryLockedException;
import dev.firn.nativeio.storage.EntryVisitor;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.FileLock;
import dev.firn.nativeio.storage.FileStatus;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A {@link SimulatedDisk} as one process sees it, for the length of that process' life. */
final class SimulatedStorage implements Storage {
    /** A host's lock leaves a file of this name in the directory, and so does this one: recovery code has to meet it. */
    private final SimulatedDisk disk;

    private final Life life;

    SimulatedStorage(final SimulatedDisk disk, final Life life) {
        this.disk = disk;
        this.life = life;
    }

    void end(final String how) {
        life.end(how);
    }

    @Override
    public StorageFile create(final String name, final Access access) {
        begin(DiskOperation.CREATE, "OPEN", name);
        final Directory parent = parentOf(name, "OPEN", name);
        final String entry = entryOf(name);
        if (parent.current().containsKey(entry)) {
            throw new StorageException("OPEN", name, -1, Errno.EEXIST);
        }
        final FileImage image = disk.newFile();
        disk.names().create(parent, entry, image);
        return end(DiskOperation.CREATE, name, opened(image, name, access, true));
    }

    @Override
    public StorageFile open(final String name, final Access access) {
        return openExisting(name, access, true);
    }

    @Override
    public StorageFile openForRead(final String name, final Access access) {
        return openExisting(name, access, false);
    }

    @Override
    public boolean exists(final String name) {
        life.check();
        checkName(name);
        return disk.names().find(name) != null;
    }

    @Override
    public void createDirectories(final String name) {
        begin(DiskOperation.MAKE_DIRECTORY, "MKDIR", name);
        String path = "";
        for (final String part : NameSpace.parts(name)) {
            final Directory parent = disk.names().directory(path, "MKDIR", name);
            final Inode there = parent.current().get(part);
            if (there == null) {
                disk.names().create(parent, part, disk.newDirectory());
            } else if (!(there instanceof Directory)) {
                throw new StorageException("MKDIR", name, -1, Errno.EEXIST);
            }
            path = path.isEmpty() ? part : path + "/" + part;
        }
        end(DiskOperation.MAKE_DIRECTORY, name, null);
    }

    @Override
    public FileStatus status(final String name) {
        life.check();
        checkName(name);
        return switch (disk.names().find(name)) {
            case null -> null;
            case Directory directory -> new FileStatus(FileKind.DIRECTORY, 0, 0, directory.inode());
            case FileImage image -> image.status();
        };
    }

    @Override
    public byte[] attribute(final String name, final String attribute) {
        life.check();
        return switch (parentOf(name, "GETXATTR", name).current().get(entryOf(name))) {
            case null -> throw new StorageException("GETXATTR", name, -1, Errno.ENOENT);
            case Directory directory -> null;
            case FileImage image -> image.attribute(attribute);
        };
    }

    @Override
    public boolean renameExclusively(final String from, final String to) {
        final String both = from + " to " + to;
        begin(DiskOperation.RENAME, "RENAME", from);
        checkName(to);
        final Directory fromParent = parentOf(from, "RENAME", both);
        final Directory toParent = parentOf(to, "RENAME", both);
        final Inode moved = fromParent.current().get(entryOf(from));
        if (toParent.current().containsKey(entryOf(to))) {
            return false;
        }
        final int errno = renameErrno(moved, null, from, to);
        if (errno != 0) {
            throw new StorageException("RENAME", both, -1, errno);
        }
        disk.names().rename(fromParent, entryOf(from), toParent, entryOf(to));
        end(DiskOperation.RENAME, both, null);
        return true;
    }

    @Override
    public void rename(final String from, final String to) {
        final String both = from + " to " + to;
        begin(DiskOperation.RENAME, "RENAME", from);
        checkName(to);
        final Directory fromParent = parentOf(from, "RENAME", both);
        final Directory toParent = parentOf(to, "RENAME", both);
        final Inode moved = fromParent.current().get(entryOf(from));
        final Inode replaced = toParent.current().get(entryOf(to));
        final int errno = renameErrno(moved, replaced, from, to);
        if (errno != 0) {
            throw new StorageException("RENAME", both, -1, errno);
        }
        if (!from.equals(to)) {
            disk.names().rename(fromParent, entryOf(from), toParent, entryOf(to));
        }
        end(DiskOperation.RENAME, both, null);
    }

    /** As rename(2). */
    private static int renameErrno(final Inode moved, final Inode replaced, final String from, final String to) {
        if (moved == null) {
            return Errno.ENOENT;
        }
        if (moved instanceof Directory && to.startsWith(from + "/")) {
            return Errno.EINVAL;
        }
        if (replaced == null || from.equals(to)) {
            return 0;
        }
        if (moved instanceof Directory) {
            if (!(replaced instanceof Directory directory)) {
                return Errno.ENOTDIR;
            }
            return directory.current().isEmpty() ? 0 : Errno.ENOTEMPTY;
        }
        return replaced instanceof Directory ? Errno.EISDIR : 0;
    }

    @Override
    public void delete(final String name) {
        begin(DiskOperation.DELETE, "REMOVE", name);
        final Directory parent = parentOf(name, "REMOVE", name);
        final Inode inode = parent.current().get(entryOf(name));
        if (inode == null) {
            throw new StorageException("REMOVE", name, -1, Errno.ENOENT);
        }
        if (inode instanceof Directory directory && !directory.current().isEmpty()) {
            throw new StorageException("REMOVE", name, -1, Errno.ENOTEMPTY);
        }
        disk.names().delete(parent, entryOf(name));
        end(DiskOperation.DELETE, name, null);
    }

    @Override
    public List<String> list(final String directory) {
        beginInDirectory(DiskOperation.LIST, "LIST", directory);
        final Directory listed = disk.names().directory(directory, "LIST", directory);
        end(DiskOperation.LIST, directory, null);
        return List.copyOf(listed.current().keySet());
    }

    @Override
    public void visit(final String directory, final EntryVisitor visitor) {
        beginInDirectory(DiskOperation.LIST, "LIST", directory);
        final Directory listed = disk.names().directory(directory, "LIST", directory);
        end(DiskOperation.LIST, directory, null);
        for (final Map.Entry<String, Inode> entry : new TreeMap<>(listed.current()).entrySet()) {
            final FileKind kind = entry.getValue() instanceof Directory ? FileKind.DIRECTORY : FileKind.FILE;
            if (!visitor.onEntry(entry.getKey(), kind)) {
                return;
            }
        }
    }

    @Override
    public StorageFile openDirectory(final String directory) {
        beginInDirectory(DiskOperation.OPEN, "OPEN", directory);
        final SimulatedFile opened =
                SimulatedFile.ofDirectory(disk, life, disk.names().directory(directory, "OPEN", directory), directory);
        disk.onFileOpened(opened);
        return end(DiskOperation.OPEN, directory, opened);
    }

    @Override
    public void syncDirectory(final String directory) {
        disk.enter(life);
        final Directory synced = disk.names().directory(directory, "FSYNC", directory);
        final DirectorySync sync = disk.names().beginSync(synced);
        final int fault = disk.plan().decide(DiskOperation.SYNC_DIRECTORY, directory, -1, 0);
        if (fault < 0) {
            disk.names().failSync(sync);
            throw new StorageException("FSYNC", directory, -1, -fault);
        }
        disk.names().finishSync(sync);
        end(DiskOperation.SYNC_DIRECTORY, directory, null);
    }

    @Override
    public FileLock tryLock(final String name) {
        life.check();
        checkName(name);
        final Directory parent = parentOf(name, "OPEN", name);
        if (!parent.current().containsKey(entryOf(name))) {
            disk.names().create(parent, entryOf(name), disk.newFile());
        }
        return disk.takeLock(name) ? new Lock(disk, life, name) : null;
    }

    @Override
    public DirectoryLock lock(final String directory) {
        life.check();
        final Directory locked = disk.names().directory(directory, "OPEN", directory);
        if (!locked.current().containsKey(LOCK_FILE)) {
            disk.names().create(locked, LOCK_FILE, disk.newFile());
        }
        if (!disk.takeLock(directory)) {
            throw new DirectoryLockedException(
                    directory.isEmpty() ? "the root of the simulated disk" : directory, "another process");
        }
        return new Lock(disk, life, directory);
    }

    @Override
    public Ring openRing(final RingConfig config) {
        life.check();
        final SimulatedRing ring = new SimulatedRing(disk, life, config);
        disk.onRingOpened(ring);
        return ring;
    }

    @Override
    public void close() {
        // Files, rings and locks are closed by those who opened them, as on a host.
    }

    private StorageFile openExisting(final String name, final Access access, final boolean writable) {
        begin(DiskOperation.OPEN, "OPEN", name);
        final Directory parent = parentOf(name, "OPEN", name);
        return switch (parent.current().get(entryOf(name))) {
            case null -> throw new StorageException("OPEN", name, -1, Errno.ENOENT);
            case Directory directory -> throw new StorageException("OPEN", name, -1, Errno.EISDIR);
            case FileImage image -> end(DiskOperation.OPEN, name, opened(image, name, access, writable));
        };
    }

    private SimulatedFile opened(
            final FileImage image, final String name, final Access access, final boolean writable) {
        final boolean direct = access == Access.DIRECT && disk.geometry().directSupported();
        final SimulatedFile file = new SimulatedFile(disk, life, image, name, direct, writable);
        image.opened();
        disk.onFileOpened(file);
        return file;
    }

    private void begin(final DiskOperation operation, final String call, final String name) {
        checkName(name);
        beginInDirectory(operation, call, name);
    }

    private void beginInDirectory(final DiskOperation operation, final String call, final String name) {
        disk.enter(life);
        final int fault = disk.plan().decide(operation, name, -1, 0);
        if (fault < 0) {
            throw new StorageException(call, name, -1, -fault);
        }
    }

    private StorageFile end(final DiskOperation operation, final String name, final StorageFile result) {
        disk.trace().record(disk.node(), operation.name(), name, 0, 0);
        disk.leave(life);
        return result;
    }

    private Directory parentOf(final String name, final String operation, final String subject) {
        return disk.names().directory(Storage.parentOf(name), operation, subject);
    }

    private static String entryOf(final String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    private static void checkName(final String name) {
        if (NameSpace.parts(name).isEmpty()) {
            throw new IllegalArgumentException("\"\" is the root of the storage, not a name in it");
        }
    }

    private static final class Lock implements DirectoryLock, FileLock {
        private final SimulatedDisk disk;
        private final Life life;
        private final String name;
        private boolean held = true;

        private Lock(final SimulatedDisk disk, final Life life, final String name) {
            this.disk = disk;
            this.life = life;
            this.name = name;
        }

        @Override
        public void close() {
            if (held && !life.over()) {
                disk.releaseLock(name);
            }
            held = false;
        }
    }
}
