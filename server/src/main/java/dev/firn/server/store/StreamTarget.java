package dev.firn.server.store;

import dev.firn.server.CommandException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.IntConsumer;

/** Standard output, a pipe or a device: blocks are written in order. */
final class StreamTarget implements DownloadTarget {
    private final String name;
    private final FileChannel channel;
    private long nextOffset;
    private int last = -1;

    /** @param stream closed with the target. */
    StreamTarget(final String name, final FileOutputStream stream) {
        this.name = name;
        this.channel = stream.getChannel();
    }

    @Override
    public int alignmentBytes() {
        return 1;
    }

    @Override
    public void begin(final long lengthBytes) {
        // A stream has no length of its own.
    }

    @Override
    public boolean write(final int slot, final long offset, final MemorySegment block, final long lengthBytes) {
        if (offset != nextOffset || last >= 0) {
            return false;
        }
        final ByteBuffer bytes = block.asSlice(0, lengthBytes).asByteBuffer();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (final IOException e) {
            throw new CommandException("cannot write to " + name + ": " + e.getMessage(), e);
        }
        nextOffset += lengthBytes;
        last = slot;
        return true;
    }

    @Override
    public int poll(final IntConsumer written) {
        if (last < 0) {
            return 0;
        }
        final int slot = last;
        last = -1;
        written.accept(slot);
        return 1;
    }

    @Override
    public void finish() {
        // Whoever reads has it.
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (final IOException e) {
            throw new CommandException("cannot close " + name + ": " + e.getMessage(), e);
        }
    }
}
