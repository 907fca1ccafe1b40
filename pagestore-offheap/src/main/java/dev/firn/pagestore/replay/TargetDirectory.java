package dev.firn.pagestore.replay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * The directory that a replay or a restore writes. It is made, or was empty; files have the rights that Postgres gives its own, and its owner when that is
 * allowed. Nothing is durable before {@link #sync}; then everything is.
 */
public final class TargetDirectory {
    /** How many files are made durable at once. */
    private static final int SYNC_THREADS = 16;

    private final Path root;
    private final boolean existed;
    private final FileAttribute<Set<PosixFilePermission>> folderRights;
    private final FileAttribute<Set<PosixFilePermission>> fileRights;
    private final PosixFileAttributes like;

    private TargetDirectory(final Path root, final boolean existed, final PosixFileAttributes like) {
        this.root = root;
        this.existed = existed;
        this.like = like;
        final boolean group = like.permissions().contains(PosixFilePermission.GROUP_READ);
        this.folderRights = PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString(group ? "rwxr-x---" : "rwx------"));
        this.fileRights = PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString(group ? "rw-r-----" : "rw-------"));
    }

    /**
     * Refuses a directory that has something in it.
     *
     * @throws ReplayException when it does, or is none.
     */
    public static void requireUsable(final Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> entries = Files.list(root)) {
            if (entries.findAny().isPresent()) {
                throw new ReplayException(root + " is not empty: name a directory that is, or that is not there yet");
            }
        } catch (final IOException e) {
            throw new ReplayException(root + " cannot be written to: " + e.getMessage(), e);
        }
    }

    /** Makes the directory. {@code base} is the one whose owner and rights are taken. */
    public static TargetDirectory create(final Path root, final Path base) {
        requireUsable(root);
        try {
            final boolean existed = Files.exists(root);
            final TargetDirectory target = new TargetDirectory(
                    root.toAbsolutePath(), existed, Files.readAttributes(base, PosixFileAttributes.class));
            if (existed) {
                Files.setPosixFilePermissions(root, target.folderRights.value());
            } else {
                Files.createDirectories(root.toAbsolutePath().getParent());
                Files.createDirectory(root, target.folderRights);
            }
            return target;
        } catch (final IOException e) {
            throw new ReplayException("cannot make " + root + ": " + e.getMessage(), e);
        }
    }

    public Path root() {
        return root;
    }

    /** Makes a folder and those above it, unless they are there. */
    public void folder(final String name) {
        final Path folder = root.resolve(name);
        if (Files.isDirectory(folder)) {
            return;
        }
        try {
            Files.createDirectories(folder, folderRights);
        } catch (final IOException e) {
            throw failed("make", folder, e);
        }
    }

    /** Makes a symbolic link to a folder, which is made too. */
    public void link(final String name, final String folderName) {
        folder(folderName);
        try {
            Files.createSymbolicLink(root.resolve(name), root.resolve(folderName));
        } catch (final IOException e) {
            throw failed("make", root.resolve(name), e);
        }
    }

    /** Makes a file, open for reading and writing, whose folder is made too. */
    public FileChannel file(final String name) {
        final Path file = root.resolve(name);
        try {
            Files.createDirectories(file.getParent(), folderRights);
            return FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    fileRights);
        } catch (final FileAlreadyExistsException e) {
            throw new ReplayException(file + " would be written twice", e);
        } catch (final IOException e) {
            throw failed("make", file, e);
        }
    }

    /** Makes a small file. */
    public void write(final String name, final byte[] content) {
        try (FileChannel channel = file(name)) {
            final ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (final IOException e) {
            throw failed("write", root.resolve(name), e);
        }
    }

    /** Copies the first bytes of a file. */
    void copy(final Path source, final String name, final long lengthBytes) {
        try (FileChannel channel = file(name)) {
            append(source, channel, lengthBytes);
        } catch (final IOException e) {
            throw failed("write", root.resolve(name), e);
        }
    }

    /** Copies the first bytes of a file to the begin of another. */
    void append(final Path source, final FileChannel channel, final long lengthBytes) {
        try (FileChannel from = FileChannel.open(source)) {
            long copied = 0;
            while (copied < lengthBytes) {
                final long moved = from.transferTo(copied, lengthBytes - copied, channel);
                if (moved <= 0) {
                    throw new IOException(source + " ends at " + copied + ", and " + lengthBytes
                            + " bytes of it were wanted: it changed while it was read");
                }
                copied += moved;
            }
        } catch (final IOException e) {
            throw new ReplayException("cannot copy " + source + ": " + e.getMessage(), e);
        }
    }

    /** Gives all to the base's owner where that is another and this process may, and makes all of it durable. */
    public void sync() {
        final List<Path> files = new ArrayList<>();
        final List<Path> folders = new ArrayList<>();
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes) {
                    if (attributes.isRegularFile()) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(final Path folder, final IOException failure) {
                    folders.add(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (final IOException e) {
            throw failed("list", root, e);
        }
        folders.add(root.getParent());
        syncAll(files);
        syncAll(folders);
    }

    /** Makes one file, its folder, and whose they are, durable, when all else is. */
    public void sync(final String name) {
        final Path file = root.resolve(name);
        syncOne(file);
        syncOne(file.getParent());
    }

    /** Many at once: the file system's journal takes what waits together in one commit. */
    private void syncAll(final List<Path> paths) {
        try (ExecutorService threads = Executors.newFixedThreadPool(SYNC_THREADS)) {
            final List<Future<?>> done = new ArrayList<>();
            for (final Path path : paths) {
                done.add(threads.submit(() -> syncOne(path)));
            }
            for (final Future<?> future : done) {
                future.get();
            }
        } catch (final ExecutionException e) {
            throw e.getCause() instanceof ReplayException failure
                    ? failure
                    : new ReplayException("cannot make " + root + " durable: " + e.getCause(), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ReplayException("interrupted while " + root + " was made durable", e);
        }
    }

    private void syncOne(final Path path) {
        try {
            if (path.startsWith(root)) {
                giveAway(path);
            }
            // Linux makes durable what is open for reading only, files and folders alike (fsync(2)).
            try (FileChannel channel = FileChannel.open(path)) {
                channel.force(true);
            }
        } catch (final IOException e) {
            throw new ReplayException("cannot make " + path + " durable: " + e.getMessage(), e);
        }
    }

    /** Removes what was written; the directory stays when it was there before. */
    public void remove() {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes)
                        throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(final Path folder, final IOException failure)
                        throws IOException {
                    if (!existed || !folder.equals(root)) {
                        Files.delete(folder);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (final IOException e) {
            throw new ReplayException("cannot remove the half-written " + root + ": " + e.getMessage(), e);
        }
    }

    /** Postgres refuses a data directory of somebody else. Only root may give files away. */
    private void giveAway(final Path file) throws IOException {
        final PosixFileAttributes mine = Files.readAttributes(file, PosixFileAttributes.class);
        if (!mine.owner().equals(like.owner()) && mine.owner().getName().equals("root")) {
            Files.setOwner(file, like.owner());
        }
    }

    private static ReplayException failed(final String verb, final Path file, final IOException cause) {
        return new ReplayException("cannot " + verb + " " + file + ": " + cause.getMessage(), cause);
    }
}
