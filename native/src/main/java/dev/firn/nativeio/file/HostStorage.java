package dev.firn.nativeio.file;

import dev.firn.nativeio.portable.PortableRing;
import dev.firn.nativeio.posix.DirectoryEntries;
import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.posix.StatxLayout;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.EntryVisitor;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.FileLock;
import dev.firn.nativeio.storage.FileStatus;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.nativeio.uring.UringRing;
import dev.firn.nativeio.uring.UringSupport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A directory of the host's file system. */
public final class HostStorage implements Storage {
    /** Overrides {@link RingBackend#BEST}: {@code uring} or {@code portable}. */
    public static final String BACKEND_PROPERTY = "firn.ring";

    private static final int DIRECTORY_MODE = 0750;

    /** The C library takes a path to end here. */
    private static final char END_OF_PATH = '\0';

    private final Path root;
    private final String rootPrefix;
    private final Clock clock;

    /**
     * @param root an existing directory.
     */
    public HostStorage(final Path root) {
        this(root, SystemClock.INSTANCE);
    }

    public HostStorage(final Path root, final Clock clock) {
        if (!Files.isDirectory(root)) {
            throw new StorageException("OPEN", root.toString(), -1, Files.exists(root) ? Errno.ENOTDIR : Errno.ENOENT);
        }
        this.root = root.toAbsolutePath().normalize();
        final String path = this.root.toString();
        this.rootPrefix = path.endsWith("/") ? path : path + "/";
        this.clock = clock;
    }

    public Path root() {
        return root;
    }

    @Override
    public StorageFile create(final String name, final Access access) {
        return DirectFile.open(name, path(name), FileCalls.O_RDWR | FileCalls.O_CREAT | FileCalls.O_EXCL, access);
    }

    @Override
    public StorageFile open(final String name, final Access access) {
        return DirectFile.open(name, path(name), FileCalls.O_RDWR, access);
    }

    @Override
    public StorageFile openForRead(final String name, final Access access) {
        return DirectFile.open(name, path(name), FileCalls.O_RDONLY, access);
    }

    @Override
    public boolean exists(final String name) {
        final FileStatus[] found = new FileStatus[1];
        return StatxLayout.status(path(name), into(found)) >= 0;
    }

    @Override
    public FileStatus status(final String name) {
        final FileStatus[] found = new FileStatus[1];
        final int status = StatxLayout.status(path(name), into(found));
        if (status != -Errno.ENOENT && status != -Errno.ENOTDIR) {
            check("STATX", name, status);
        }
        return found[0];
    }

    static StatxLayout.StatusReceiver into(final FileStatus[] found) {
        return (regular, directory, lengthBytes, modifiedEpochNs, inode) -> found[0] = new FileStatus(
                regular ? FileKind.FILE : directory ? FileKind.DIRECTORY : FileKind.OTHER,
                lengthBytes,
                modifiedEpochNs,
                inode);
    }

    @Override
    public byte[] attribute(final String name, final String attribute) {
        return ExtendedAttributes.read(name, path(name), attribute);
    }

    @Override
    public void createDirectories(final String name) {
        for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
            createDirectory(name.substring(0, slash));
        }
        createDirectory(name);
    }

    private void createDirectory(final String name) {
        final int status = FileCalls.mkdir(path(name), DIRECTORY_MODE);
        if (status != -Errno.EEXIST) {
            check("MKDIR", name, status);
        } else if (kindOf(name) != FileKind.DIRECTORY) {
            throw new StorageException("MKDIR", name, -1, Errno.ENOTDIR);
        }
    }

    @Override
    public void rename(final String from, final String to) {
        check("RENAME", from + " to " + to, FileCalls.rename(path(from), path(to)));
    }

    @Override
    public void delete(final String name) {
        check("REMOVE", name, FileCalls.remove(path(name)));
    }

    @Override
    public boolean renameExclusively(final String from, final String to) {
        int status = FileCalls.renameExclusively(path(from), path(to));
        if (status == -Errno.EINVAL || status == -Errno.ENOSYS) {
            // NFS and a few others: a second name is as exclusive, and after a crash between the two calls both are
            // there.
            status = FileCalls.link(path(from), path(to));
            if (status >= 0) {
                delete(from);
            }
        }
        if (status == -Errno.EEXIST) {
            return false;
        }
        check("RENAME", from + " to " + to, status);
        return true;
    }

    @Override
    public List<String> list(final String directory) {
        final List<String> names = new ArrayList<>();
        read(directory, (name, type) -> names.add(name));
        names.sort(null);
        return List.copyOf(names);
    }

    @Override
    public void visit(final String directory, final EntryVisitor visitor) {
        read(
                directory,
                (name, type) -> visitor.onEntry(
                        name,
                        switch (type) {
                            case DirectoryEntries.TYPE_REGULAR -> FileKind.FILE;
                            case DirectoryEntries.TYPE_DIRECTORY -> FileKind.DIRECTORY;
                            case DirectoryEntries.TYPE_LINK, DirectoryEntries.TYPE_UNKNOWN ->
                                kindOf(directory.isEmpty() ? name : directory + "/" + name);
                            default -> FileKind.OTHER;
                        }));
    }

    private FileKind kindOf(final String name) {
        final FileStatus status = status(name);
        return status == null ? FileKind.OTHER : status.kind();
    }

    private void read(final String directory, final DirectoryEntries.Receiver receiver) {
        final String path = directoryPath(directory);
        final int descriptor =
                FileCalls.open(path, FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC, 0);
        check("LIST", directory, descriptor);
        try {
            check("LIST", directory, DirectoryEntries.read(descriptor, receiver));
        } finally {
            FileCalls.close(descriptor);
        }
    }

    @Override
    public StorageFile openDirectory(final String directory) {
        return DirectFile.openDirectory(directory, directoryPath(directory));
    }

    @Override
    public void syncDirectory(final String directory) {
        try (DirectFile opened = DirectFile.openDirectory(directory, directoryPath(directory))) {
            opened.sync();
        }
    }

    @Override
    public FileLock tryLock(final String name) {
        return HostFileLock.tryAcquire(name, path(name));
    }

    @Override
    public DirectoryLock lock(final String directory) {
        return LockFile.acquire(directory.isEmpty() ? root : Path.of(path(directory)));
    }

    @Override
    public Ring openRing(final RingConfig config) {
        return switch (chosen(config.backend())) {
            case URING -> openUring(config);
            case PORTABLE -> new PortableRing(config, clock);
            case BEST -> UringSupport.host().available() ? UringRing.open(config) : new PortableRing(config, clock);
        };
    }

    /** Which back end {@link #openRing} takes when it may choose: what doctor and the logs show. */
    public static RingBackend bestBackend() {
        final RingBackend chosen = chosen(RingBackend.BEST);
        if (chosen != RingBackend.BEST) {
            return chosen;
        }
        return UringSupport.host().available() ? RingBackend.URING : RingBackend.PORTABLE;
    }

    private static RingBackend chosen(final RingBackend asked) {
        final String override = System.getProperty(BACKEND_PROPERTY, "");
        if (asked != RingBackend.BEST || override.isEmpty()) {
            return asked;
        }
        return switch (override) {
            case "uring" -> RingBackend.URING;
            case "portable" -> RingBackend.PORTABLE;
            default ->
                throw new IllegalArgumentException(
                        "-D" + BACKEND_PROPERTY + "=" + override + " is neither uring nor portable");
        };
    }

    private static Ring openUring(final RingConfig config) {
        final UringSupport support = UringSupport.host();
        if (!support.available()) {
            throw new IllegalStateException(
                    "io_uring was asked for, but " + support.reason() + "; " + support.remedy());
        }
        return UringRing.open(config);
    }

    private String directoryPath(final String directory) {
        return directory.isEmpty() ? root.toString() : path(directory);
    }

    /** Plain text, not a Path: the JDK would encode the name by the locale, and names are UTF-8 whatever the locale is. */
    private String path(final String name) {
        int start = 0;
        while (start <= name.length()) {
            final int slash = name.indexOf('/', start);
            final int end = slash < 0 ? name.length() : slash;
            if (end == start || isDots(name, start, end) || name.indexOf(END_OF_PATH) >= 0) {
                throw new IllegalArgumentException("'" + name + "' is not a name below " + root);
            }
            start = end + 1;
        }
        return rootPrefix + name;
    }

    private static boolean isDots(final String name, final int start, final int end) {
        return end - start <= 2 && name.charAt(start) == '.' && name.charAt(end - 1) == '.';
    }

    private static void check(final String operation, final String name, final int status) {
        if (status < 0) {
            throw new StorageException(operation, name, -1, -status);
        }
    }

    @Override
    public void close() {}
}
