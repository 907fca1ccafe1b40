package dev.firn.server.wal;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalSegments;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/** Feeds a reader from a directory's segments. The buffer is this object's; the reader borrows it between two feeds. */
public final class WalFiles implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("wal-file");

    /** Large enough that system calls cost nothing, small enough to stay in the processor's cache. */
    private static final int BUFFER_BYTES = 256 << 10;

    private final WalDirectory directory;
    private final OffHeapMemory memory;
    private final MemorySegment buffer;
    private final ByteBuffer view;
    private FileChannel channel;
    private Path file;
    private long openSegment = -1;

    public WalFiles(final WalDirectory directory, final OffHeapMemory memory) {
        this.directory = directory;
        this.memory = memory;
        this.buffer = memory.allocate(BUFFER_BYTES, TAG);
        this.view = buffer.asByteBuffer();
    }

    /**
     * Gives the reader what it needs next.
     *
     * @return false when there is no more: no file, or the file ends here.
     */
    public boolean feed(final WalReader reader) {
        final long lsn = reader.neededLsn();
        final int segmentBytes = directory.header().segmentBytes();
        final long segment = WalSegments.number(lsn, segmentBytes);
        try {
            if (segment != openSegment && !open(segment)) {
                return false;
            }
            final long at = lsn % segmentBytes;
            view.clear().limit((int) Math.min(BUFFER_BYTES, segmentBytes - at));
            final int read = channel.read(view, at);
            if (read <= 0) {
                return false;
            }
            reader.feed(lsn, buffer, 0, read);
            return true;
        } catch (final IOException e) {
            throw new CommandException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private boolean open(final long segment) throws IOException {
        closeFile();
        final Optional<Path> found = directory.file(segment);
        if (found.isEmpty()) {
            return false;
        }
        file = found.get();
        channel = FileChannel.open(file);
        openSegment = segment;
        return true;
    }

    private void closeFile() throws IOException {
        openSegment = -1;
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    @Override
    public void close() {
        try {
            closeFile();
        } catch (final IOException e) {
            throw new CommandException("cannot close " + file + ": " + e.getMessage(), e);
        } finally {
            memory.free(buffer);
        }
    }
}
