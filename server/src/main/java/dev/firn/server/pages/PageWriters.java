package dev.firn.server.pages;

import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.page.PageChecksum;
import dev.firn.postgres.page.PageLayout;
import dev.firn.server.store.StoppedException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes pages into files with some threads, so that whoever receives them does not wait for checksums and for the file system. The buffers bound what
 * has been received and is not written: without a free one the receiver waits, and the page server with it.
 *
 * <p>For one receiving thread; a buffer belongs to it from {@link #take} to {@link #write}, and to a writer from then until it is free again.
 */
final class PageWriters implements AutoCloseable {
    /** More of them than this would wait for one file system. */
    private static final int MAX_THREADS = 4;

    private static final int BUFFERS_A_THREAD = 4;

    private final boolean checksums;
    private final int buffers;
    private final BlockingQueue<ByteBuffer> free;
    private final ExecutorService threads;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

    /**
     * @param bufferBytes of what is written at once, at most.
     * @param checksums whether pages get checksums: what redo leaves has none, or one of before, and Postgres computes it as it writes a page.
     */
    PageWriters(final int bufferBytes, final boolean checksums) {
        final int count = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
        this.checksums = checksums;
        this.buffers = count * BUFFERS_A_THREAD;
        this.free = new ArrayBlockingQueue<>(buffers);
        for (int i = 0; i < buffers; i++) {
            free.add(ByteBuffer.allocateDirect(bufferBytes));
        }
        this.threads = Executors.newFixedThreadPool(
                count,
                task -> Thread.ofPlatform().name("restore-writer").daemon().unstarted(task));
    }

    /** An empty buffer; waits for one. */
    ByteBuffer take() {
        requireSound();
        try {
            return free.take().clear();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException();
        }
    }

    /**
     * Has the pages of a buffer that was taken written, soon.
     *
     * @param buffer flipped: from its position to its limit are pages that follow one another.
     * @param firstBlock the first one's number in its fork.
     */
    void write(final ByteBuffer buffer, final PageFile file, final int firstBlock) {
        threads.execute(() -> {
            try {
                if (failure.get() == null) {
                    writeNow(buffer, file, firstBlock);
                }
            } catch (final RuntimeException e) {
                failure.compareAndSet(null, e);
            } finally {
                free.add(buffer);
            }
        });
    }

    private void writeNow(final ByteBuffer buffer, final PageFile file, final int firstBlock) {
        final int length = buffer.remaining();
        final int pages = length / PageLayout.PAGE_BYTES;
        if (checksums) {
            final MemorySegment segment = MemorySegment.ofBuffer(buffer);
            for (int i = 0; i < pages; i++) {
                PageChecksum.store(segment, (long) i * PageLayout.PAGE_BYTES, firstBlock + i);
            }
        }
        file.write(buffer, RelationPath.offsetInSegment(firstBlock), pages);
        bytes.addAndGet(length);
    }

    /** How many bytes are written; from any thread. */
    long bytes() {
        return bytes.get();
    }

    /** Whether all that was given is written. */
    boolean isIdle() {
        return free.size() == buffers;
    }

    /** @throws RuntimeException the first that a writer met. */
    void requireSound() {
        final RuntimeException met = failure.get();
        if (met != null) {
            throw met;
        }
    }

    /** Ends the threads when they have written what they were given. */
    @Override
    public void close() {
        threads.close();
    }
}
