package dev.firn.server.store;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.server.CommandException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads a file or standard input ahead, on a thread of its own: a pipe may be silent for hours, and the session's calls must
 * go on meanwhile. Parts are off-heap; when all memory is out, reading waits until one is given back.
 */
final class InputReader implements AutoCloseable {
    /** Parts read ahead or on their way, together. */
    static final long MEMORY_BYTES = 192L << 20;

    static final long PART_BYTES = 8L << 20;

    /** So many parts of one length, then their length doubles: what has no known end must fit into 10,000 parts. */
    static final int PARTS_OF_A_LENGTH = 1_000;

    static final long LONGEST_PART_BYTES = 64L << 20;

    /** Most parts of an upload, by S3's rule. */
    static final int MAX_PARTS = 10_000;

    private static final MemoryTag TAG = MemoryTag.of("store-put");
    private static final long JOIN_MS = 2_000;
    private static final long UNKNOWN = -1;
    private static final long WAIT_NS = 1_000_000;

    private final String name;
    private final FileChannel channel;
    private final long lengthBytes;
    private final long leastPartBytes;
    private final OffHeapMemory memory;
    private final ConcurrentLinkedQueue<Portion> portions = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean closing;

    /**
     * What was read next.
     *
     * @param memory to be given back; null when there are no bytes.
     * @param bytes the part of it that holds them.
     * @param last whether the input ends here.
     * @param failure null, or why there is no more.
     */
    record Portion(MemorySegment memory, MemorySegment bytes, boolean last, IOException failure) {}

    private InputReader(final String name, final FileChannel channel, final long lengthBytes, final long minPartBytes) {
        this.name = name;
        this.channel = channel;
        this.lengthBytes = lengthBytes;
        this.leastPartBytes = Math.max(minPartBytes, lengthBytes / MAX_PARTS + 1);
        this.memory = OffHeapMemory.open(
                OffHeapConfig.of("store-put", Math.max(MEMORY_BYTES, 3 * OffHeapMemory.slotBytes(leastPartBytes))));
        this.thread = new Thread(this::read, "firn-store-input");
        this.thread.setDaemon(true);
    }

    static InputReader ofStandardInput(final long minPartBytes) {
        final FileChannel channel = new FileInputStream(FileDescriptor.in).getChannel();
        return new InputReader("standard input", channel, UNKNOWN, minPartBytes).start();
    }

    static InputReader ofFile(final Path file, final long minPartBytes) {
        try {
            if (Files.isDirectory(file)) {
                throw new CommandException(file + " is a directory: name a file, or - for standard input");
            }
            final FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            final long length = Files.isRegularFile(file) ? channel.size() : UNKNOWN;
            return new InputReader(file.toString(), channel, length, minPartBytes).start();
        } catch (final NoSuchFileException e) {
            throw new CommandException("there is no file " + file, e);
        } catch (final IOException e) {
            throw new CommandException("cannot open " + file + ": " + e.getMessage(), e);
        }
    }

    private InputReader start() {
        thread.start();
        return this;
    }

    String name() {
        return name;
    }

    /** Negative when nobody knows. */
    long lengthBytes() {
        return lengthBytes;
    }

    /** What was read next, or null when there is nothing yet. */
    Portion poll() {
        return portions.poll();
    }

    void giveBack(final Portion portion) {
        if (portion.memory() != null) {
            memory.free(portion.memory());
        }
    }

    /** How long a part is, by its number from 0. */
    static long partBytes(final int index, final long leastBytes) {
        final int doublings = Math.min(index / PARTS_OF_A_LENGTH, 16);
        return Math.max(leastBytes, Math.min(LONGEST_PART_BYTES, PART_BYTES << doublings));
    }

    private void read() {
        boolean last = false;
        for (int index = 0; !last && !closing; index++) {
            final MemorySegment part = allocate(partBytes(index, leastPartBytes));
            if (part == null || closing) {
                if (part != null) {
                    memory.free(part);
                }
                return;
            }
            try {
                final ByteBuffer buffer = part.asByteBuffer();
                while (buffer.hasRemaining() && !last) {
                    last = channel.read(buffer) < 0;
                }
                portions.add(new Portion(part, part.asSlice(0, buffer.position()), last, null));
            } catch (final IOException e) {
                memory.free(part);
                portions.add(new Portion(null, null, true, e));
                return;
            }
        }
    }

    /** Waits for memory; null when the reader is closed meanwhile. */
    private MemorySegment allocate(final long bytes) {
        MemorySegment part = memory.tryAllocate(bytes, TAG);
        while (part == null && !closing) {
            LockSupport.parkNanos(WAIT_NS);
            part = memory.tryAllocate(bytes, TAG);
        }
        return part;
    }

    @Override
    public void close() {
        closing = true;
        try {
            // Ends a read that blocks, too.
            channel.close();
            thread.join(JOIN_MS);
        } catch (final IOException e) {
            throw new CommandException("cannot close " + name + ": " + e.getMessage(), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            // It may still write to its part: the memory goes with the process.
            return;
        }
        for (Portion portion = portions.poll(); portion != null; portion = portions.poll()) {
            giveBack(portion);
        }
        memory.close();
    }
}
