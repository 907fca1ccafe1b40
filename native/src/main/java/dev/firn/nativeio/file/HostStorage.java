package dev.firn.nativeio.file;

import dev.firn.nativeio.portable.PortableRing;
import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.nativeio.uring.UringRing;
import dev.firn.nativeio.uring.UringSupport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A directory of the host's file system. */
public final class HostStorage implements Storage {
    /** Overrides {@link RingBackend#BEST}: {@code uring} or {@code portable}. */
    public static final String BACKEND_PROPERTY = "firn.ring";

    private static final int DIRECTORY_MODE = 0750;

    private final Path root;
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
        return Files.exists(Path.of(path(name)));
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
        } else if (!Files.isDirectory(Path.of(path(name)))) {
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
    public List<String> list(final String directory) {
        final Path path = directory.isEmpty() ? root : Path.of(path(directory));
        if (!Files.isDirectory(path)) {
            throw new StorageException("LIST", directory, -1, Files.exists(path) ? Errno.ENOTDIR : Errno.ENOENT);
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (final IOException e) {
            throw new UncheckedIOException("could not list " + path, e);
        }
    }

    @Override
    public void syncDirectory(final String directory) {
        final String path = directory.isEmpty() ? root.toString() : path(directory);
        final int descriptor =
                FileCalls.open(path, FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC, 0);
        check("OPEN", path, descriptor);
        final int status = FileCalls.fsync(descriptor);
        FileCalls.close(descriptor);
        check("FSYNC", path, status);
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

    private String path(final String name) {
        final Path resolved = root.resolve(name).normalize();
        if (name.isEmpty() || name.startsWith("/") || !resolved.startsWith(root) || resolved.equals(root)) {
            throw new IllegalArgumentException("'" + name + "' is not a name below " + root);
        }
        return resolved.toString();
    }

    private static void check(final String operation, final String name, final int status) {
        if (status < 0) {
            throw new StorageException(operation, name, -1, -status);
        }
    }

    @Override
    public void close() {}
}
