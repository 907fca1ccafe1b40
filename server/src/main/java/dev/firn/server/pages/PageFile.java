package dev.firn.server.pages;

import dev.firn.server.CommandException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicLong;

/** A file of a relation that several threads write, each its own pages; whoever writes the last of them closes it. */
final class PageFile implements AutoCloseable {
    private final FileChannel channel;
    private final String name;
    private final AtomicLong missingPages;

    /** @param pages that it will have; a file of none is closed at once. */
    PageFile(final FileChannel channel, final String name, final long pages) {
        this.channel = channel;
        this.name = name;
        this.missingPages = new AtomicLong(pages);
        if (pages == 0) {
            close();
        }
    }

    String name() {
        return name;
    }

    /** Writes some pages where they belong; the buffer is empty then. */
    void write(final ByteBuffer bytes, final long offset, final int pages) {
        long position = offset;
        try {
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
        } catch (final IOException e) {
            throw new CommandException("cannot write " + name + ": " + e.getMessage(), e);
        }
        if (missingPages.addAndGet(-pages) == 0) {
            close();
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (final IOException e) {
            throw new CommandException("cannot finish " + name + ": " + e.getMessage(), e);
        }
    }
}
