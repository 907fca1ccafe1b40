package dev.firn.s3tier.directory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Which directories are known to be durable, all the way up, so that a write needs to sync its own only.
 *
 * <p>That knowledge ends when a directory is removed, by any process: another of the same name may be made, and not
 * be durable. So there is a number in the store, shared by all processes: odd while directories are being removed
 * (under the tree lock), another even one afterwards. Knowledge is gained only under an even number, and is good
 * only as long as the number is that one. A write compares after it has put its file in place: a directory that was
 * removed and made again before then has changed the number before then. A process that dies while it removes
 * leaves an odd number behind: until the next removal is done, everybody syncs all the way up.
 *
 * <p>The number is only ever compared for equality, and a torn read of it equals the old one only when nothing of
 * the new one was seen: then the read came first.
 *
 * <p>After a loss of power every process is gone, and its knowledge with it, so the number need not be durable.
 *
 * <p>Thread-safe.
 */
final class DirectoryGenerations implements AutoCloseable {
    /** Most directories that are remembered; past it, all are forgotten. */
    static final int MAX_DIRECTORIES = 4_096;

    /** No number: nothing is known, and nothing is learnt. */
    static final long UNKNOWN = -1;

    private final StorageFile file;
    private final ConcurrentHashMap<String, Long> durable = new ConcurrentHashMap<>();

    private DirectoryGenerations(final StorageFile file) {
        this.file = file;
    }

    /** Under the members lock. Takes the space for the number at once: a delete must go through on a full disk. */
    static DirectoryGenerations open(final Storage storage) {
        final StorageFile file = storage.exists(StoreLayout.GENERATION)
                ? storage.open(StoreLayout.GENERATION, Access.BUFFERED)
                : storage.create(StoreLayout.GENERATION, Access.BUFFERED);
        final DirectoryGenerations generations = new DirectoryGenerations(file);
        try (Arena arena = Arena.ofConfined()) {
            if (file.lengthBytes() < Long.BYTES) {
                generations.write(arena.allocate(JAVA_LONG), 0);
            }
            return generations;
        } catch (final StorageException e) {
            file.close();
            throw e;
        }
    }

    long current() {
        try (Arena arena = Arena.ofConfined()) {
            final long number = read(arena.allocate(JAVA_LONG));
            return (number & 1) == 0 ? number : UNKNOWN;
        } catch (final StorageException unreadable) {
            return UNKNOWN;
        }
    }

    /** Runs what removes directories. The caller holds the tree lock. */
    <T> T removing(final Supplier<T> removal) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(JAVA_LONG);
            final long odd = (read(buffer) + 1 | 1) & Long.MAX_VALUE;
            write(buffer, odd);
            final T result = removal.get();
            write(buffer, odd + 1 & Long.MAX_VALUE);
            return result;
        }
    }

    private void write(final MemorySegment buffer, final long number) {
        buffer.set(JAVA_LONG, 0, number);
        file.write(0, buffer);
    }

    private long read(final MemorySegment buffer) {
        final int count = file.read(0, buffer);
        return count < Long.BYTES ? 0 : buffer.get(JAVA_LONG, 0) & Long.MAX_VALUE;
    }

    /**
     * What has to be synced so that a change in a directory survives, children before their parents.
     *
     * @param generation {@link #current()}, read after the change.
     */
    List<String> toSync(final String directory, final long generation) {
        final List<String> directories = new ArrayList<>();
        directories.add(directory);
        final Long known = durable.get(directory);
        if (directory.isEmpty() || (known != null && known == generation)) {
            return directories;
        }
        String parent = directory;
        while (!parent.isEmpty()) {
            parent = Storage.parentOf(parent);
            directories.add(parent);
        }
        return directories;
    }

    /** A directory and all above it are durable, if nothing was removed since that generation. */
    void learn(final String directory, final long generation) {
        if (generation == UNKNOWN) {
            return;
        }
        if (durable.size() >= MAX_DIRECTORIES) {
            durable.clear();
        }
        durable.put(directory, generation);
    }

    @Override
    public void close() {
        file.close();
    }
}
