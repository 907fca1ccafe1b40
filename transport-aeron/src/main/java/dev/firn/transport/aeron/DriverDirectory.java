package dev.firn.transport.aeron;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where one media driver keeps its log buffers: a directory of its own, readable by its user only, removed on close. It has a
 * random name, or one that others know ({@link #named}).
 *
 * <p>A process that is killed cannot remove it, and in {@code /dev/shm} that is memory lost until the next boot. So each
 * directory holds a file that its process keeps locked; the next driver that starts in the same place removes the
 * directories whose lock is free. The kernel frees a lock with its process, so no time-out guesses are needed. A directory
 * of this very process is left alone: POSIX drops a process's locks on a file when it closes <em>any</em> descriptor of
 * it (fcntl(2)), so looking would unlock.
 */
final class DriverDirectory implements AutoCloseable {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    /** Three nodes, each with its own media driver, take about half of it; a container's default of 64 MiB is too small. */
    private static final long MIN_SHARED_MEMORY_BYTES = 1L << 30;

    private static final String PREFIX = "firn-aeron-";
    private static final String LOCK = "lock";
    private static final String DRIVER = "driver";

    private static final int MAX_LOCK_ATTEMPTS = 10;

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    /** What this process holds by name: it must not be looked at by its lock, see above. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path root;
    private final FileChannel lockChannel;

    private DriverDirectory(final Path root, final FileChannel lockChannel) {
        this.root = root;
        this.lockChannel = lockChannel;
    }

    /** Shared memory where the host has it, and room in it; else the directory for temporary files. */
    static Path defaultParent() {
        return Files.isWritable(SHARED_MEMORY) && SHARED_MEMORY.toFile().getUsableSpace() >= MIN_SHARED_MEMORY_BYTES
                ? SHARED_MEMORY
                : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** One sentence when log buffers lie on a disk; empty in shared memory. */
    static Optional<String> warningAbout(final Path parent) {
        try {
            final String type = Files.getFileStore(parent).type();
            return type.equals("tmpfs")
                    ? Optional.empty()
                    : Optional.of("the media driver's log buffers are in " + parent + " on " + type
                            + ": what passes through them is written to that disk; give it " + SHARED_MEMORY + " with "
                            + (MIN_SHARED_MEMORY_BYTES >> 20) + " MiB free");
        } catch (final IOException e) {
            return Optional.of("the media driver's log buffers are in " + parent + ", which cannot be examined: "
                    + e.getMessage());
        }
    }

    static DriverDirectory create(final Path parent) {
        try {
            Files.createDirectories(parent);
            removeAbandoned(parent);
            final Path root = Files.createTempDirectory(parent, ownPrefix());
            return new DriverDirectory(root, lock(root));
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot make a directory for the media driver in " + parent, e);
        }
    }

    /**
     * The directory of this name, for a driver that other processes look for there. What a killed one left in it is removed.
     *
     * @throws IllegalStateException when another driver holds it, or others than its owner can enter it.
     */
    static DriverDirectory named(final Path path) {
        final Path root = path.toAbsolutePath().normalize();
        if (!HELD.add(root)) {
            throw new IllegalStateException("another media driver runs in " + root);
        }
        boolean done = false;
        try {
            for (int attempt = 0; attempt < MAX_LOCK_ATTEMPTS; attempt++) {
                final FileChannel channel = lockNamed(root);
                if (channel != null) {
                    final DriverDirectory directory = new DriverDirectory(root, channel);
                    removeTree(directory.driver());
                    done = true;
                    return directory;
                }
            }
            throw new IllegalStateException("the media driver's directory " + root + " comes and goes");
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot make the media driver's directory " + root, e);
        } finally {
            if (!done) {
                HELD.remove(root);
            }
        }
    }

    /** Null when another process made or removed something at the same moment: look again. */
    private static FileChannel lockNamed(final Path root) throws IOException {
        try {
            if (!Files.isDirectory(root)) {
                Files.createDirectories(root.getParent());
                Files.createDirectory(root, PosixFilePermissions.asFileAttribute(PRIVATE));
            }
            final Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(root);
            if (!PRIVATE.containsAll(permissions)) {
                throw new IllegalStateException("the media driver's directory " + root + " has mode "
                        + PosixFilePermissions.toString(permissions) + ": others could enter it; give it mode 0700");
            }
            final Path lock = root.resolve(LOCK);
            final FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            final Object opened =
                    Files.readAttributes(lock, BasicFileAttributes.class).fileKey();
            if (channel.tryLock() == null) {
                channel.close();
                throw new IllegalStateException("another media driver runs in " + root);
            }
            // A lock is on the file, not on its name: whoever ends removes the name while it holds the lock.
            if (opened.equals(
                    Files.readAttributes(lock, BasicFileAttributes.class).fileKey())) {
                return channel;
            }
            channel.close();
            return null;
        } catch (final FileAlreadyExistsException | NoSuchFileException e) {
            return null;
        }
    }

    /** The lock file gets its name only once it is locked: whoever finds it by name finds it locked. */
    private static FileChannel lock(final Path root) throws IOException {
        final Path unnamed = root.resolve(LOCK + ".new");
        final FileChannel channel = FileChannel.open(unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            channel.lock();
            Files.move(unnamed, root.resolve(LOCK));
            return channel;
        } catch (final IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void removeAbandoned(final Path parent) throws IOException {
        try (DirectoryStream<Path> candidates = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (final Path candidate : candidates) {
                if (!candidate.getFileName().toString().startsWith(ownPrefix())
                        && !HELD.contains(candidate.toAbsolutePath().normalize())
                        && abandoned(candidate)) {
                    removeTree(candidate);
                }
            }
        }
    }

    /** Another user's directory cannot be opened and is not ours to remove. */
    private static boolean abandoned(final Path candidate) {
        try (FileChannel channel = FileChannel.open(candidate.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (final IOException e) {
            return false;
        }
    }

    private static String ownPrefix() {
        return PREFIX + ProcessHandle.current().pid() + "-";
    }

    /** What Aeron is given as its directory; the driver makes it. */
    Path driver() {
        return driverIn(root);
    }

    /** Where the driver that runs in a directory of this name has its files. */
    static Path driverIn(final Path root) {
        return root.resolve(DRIVER);
    }

    @Override
    public void close() {
        try {
            removeTree(root);
            lockChannel.close();
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot remove the media driver's directory " + root, e);
        } finally {
            HELD.remove(root);
        }
    }

    private static void removeTree(final Path root) throws IOException {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes)
                        throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(final Path directory, final IOException failure)
                        throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (final NoSuchFileException e) {
            // Another process that starts at the same moment has removed the same abandoned directory.
            return;
        }
    }
}
