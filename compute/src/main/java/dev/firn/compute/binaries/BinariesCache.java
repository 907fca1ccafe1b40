package dev.firn.compute.binaries;

import dev.firn.compute.ComputeException;
import dev.firn.compute.process.ShortCommand;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Unpacked releases, a directory each, shared by all programs of this machine that have the same cache.
 *
 * <p>A release's directory is renamed into place when it is verified, unpacked and synced, so that it is whole or absent; who
 * makes one holds a lock on a file beside them, and the others wait. What a killed process left half done is swept by the next
 * one that holds the lock. Directories are named by version and checksum, so another release never takes their place.
 */
final class BinariesCache {
    private static final String UNFINISHED_PREFIX = "unfinished-";
    private static final int CHECKSUM_DIGITS = 12;
    private static final Duration SYNC_LIMIT = Duration.ofMinutes(2);
    /** File locks are the process'; this one orders its threads. */
    private static final ReentrantLock THREADS = new ReentrantLock();

    private final Path directory;

    BinariesCache(final Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
    }

    /** A release that is there. */
    Optional<PostgresBinaries> find(final PostgresRelease release) {
        return PostgresBinaries.in(home(release).resolve("bin")).filter(found -> found.major() == release.major());
    }

    /** The release, brought by the source when it is not there, which the progress is told of. */
    PostgresBinaries obtain(
            final PostgresRelease release, final ReleaseSource source, final Consumer<String> progress) {
        final Optional<PostgresBinaries> there = find(release);
        if (there.isPresent()) {
            return there.get();
        }
        THREADS.lock();
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            try (FileChannel channel = FileChannel.open(
                            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (!lock.isValid()) {
                    throw new IOException("the lock on " + directory.resolve("lock") + " was lost");
                }
                sweep();
                if (find(release).isEmpty()) {
                    progress.accept("Postgres " + release.major() + " is not installed: getting "
                            + release.coordinates() + " through Maven, once, into " + directory);
                    bring(release, source);
                }
            }
        } catch (final IOException e) {
            throw new ComputeException("cannot keep Postgres " + release.version() + " in " + directory + ": " + e, e);
        } finally {
            THREADS.unlock();
        }
        return find(release)
                .orElseThrow(() -> new ComputeException("the programs in " + home(release) + " do not run as Postgres "
                        + release.major() + " on this machine; install Postgres " + release.major()
                        + " (Debian, Ubuntu: apt-get install postgresql-" + release.major() + ")"));
    }

    private void bring(final PostgresRelease release, final ReleaseSource source) throws IOException {
        final Path unfinished = Files.createTempDirectory(directory, UNFINISHED_PREFIX);
        try {
            final Path download = Files.createDirectory(unfinished.resolve("download"));
            final ReleaseArchive archive = new ReleaseArchive(source.fetch(release, download));
            archive.verify(release);
            final Path unpacked = Files.createDirectory(unfinished.resolve("unpacked"));
            archive.unpack(unpacked);
            final ShortCommand.Result synced = ShortCommand.run(List.of("sync", "-f", unpacked.toString()), SYNC_LIMIT);
            if (!synced.succeeded()) {
                throw new IOException(
                        "syncing " + unpacked + " failed: " + synced.output().strip());
            }
            // One that is there and did not pass `find` is broken.
            remove(home(release));
            Files.move(unpacked, home(release), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            remove(unfinished);
        }
    }

    private Path home(final PostgresRelease release) {
        return directory.resolve(release.version() + "-" + release.sha256().substring(0, CHECKSUM_DIGITS));
    }

    private void sweep() throws IOException {
        final List<Path> unfinished;
        try (Stream<Path> entries = Files.list(directory)) {
            unfinished = entries.filter(entry -> entry.getFileName().toString().startsWith(UNFINISHED_PREFIX))
                    .toList();
        }
        for (final Path entry : unfinished) {
            remove(entry);
        }
    }

    private static void remove(final Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        final List<Path> paths;
        try (Stream<Path> walk = Files.walk(tree)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (final Path path : paths) {
            Files.delete(path);
        }
    }
}
