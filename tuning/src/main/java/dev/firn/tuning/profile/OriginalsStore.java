package dev.firn.tuning.profile;

import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;

/** Keeps the record of originals in the state directory. */
final class OriginalsStore {
    private static final String RECORD = "originals";
    private static final String LOCK = "lock";

    private final Path directory;
    private final Path record;
    private final Clock clock;

    OriginalsStore(final Path directory, final Clock clock) {
        this.directory = directory;
        this.record = directory.resolve(RECORD);
        this.clock = clock;
    }

    Path record() {
        return record;
    }

    /** An empty record when there is none. */
    Originals load() throws IOException, OriginalsCodec.DamagedException {
        if (!Files.exists(record)) {
            return new Originals();
        }
        // Not readString: bytes that are no UTF-8 are damage for the checksum to find, not a failed read.
        return OriginalsCodec.decode(new String(Files.readAllBytes(record), StandardCharsets.UTF_8));
    }

    /** Durable when it returns; without any originals left, the record is removed. */
    void save(final Originals originals) throws IOException {
        if (originals.isEmpty()) {
            DurableFiles.delete(record);
        } else {
            final Instant now = Instant.EPOCH.plusNanos(clock.epochNs());
            final String text = OriginalsCodec.encode(originals, now.toString());
            DurableFiles.replace(record, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Makes the state directory and keeps other commands out of it; empty when one is at work. */
    Optional<Lock> lock() throws IOException {
        DurableFiles.createDirectories(directory);
        final FileChannel channel =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            final FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(new Lock(channel));
            }
        } catch (final OverlappingFileLockException heldByThisProcess) {
            channel.close();
            return Optional.empty();
        } catch (final IOException failed) {
            channel.close();
            throw failed;
        }
        channel.close();
        return Optional.empty();
    }

    /** Closing the channel gives the lock back. */
    record Lock(FileChannel channel) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
