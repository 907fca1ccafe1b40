package dev.firn.bench.localstore;

import dev.firn.bench.transfer.TransferClient;
import dev.firn.bench.transfer.TransferJob;
import dev.firn.bench.transfer.TransferSlots;
import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The rival: durable files that appear whole and only where there was none, made with {@code java.nio} by as many threads as there
 * are operations in flight. Written under a name of its own, synced, linked to the name that counts, unlinked from the first, and the
 * directory synced.
 */
final class LinkClient implements TransferClient {
    private final Path directory;
    private final Clock clock;
    private final AtomicLong created = new AtomicLong();

    /** @param directory made when it is missing. */
    LinkClient(final Path directory, final Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    @Override
    public String describe() {
        return "java.nio: write, fsync, link, unlink, fsync of the directory, a thread each";
    }

    @Override
    public void transfer(final TransferJob job, final TransferSlots slots, final long durationNs)
            throws TransferException, InterruptedException {
        try {
            Files.createDirectories(directory);
        } catch (final IOException e) {
            throw new TransferException("cannot make " + directory + ": " + e.getMessage(), e);
        }
        final Creators creators = new Creators(slots, clock.nanoTime() + durationNs);
        for (int i = 0; i < slots.count(); i++) {
            final int slot = i;
            new Thread(() -> creators.run(slot), "link-creator").start();
        }
        creators.ended.await();
        if (creators.failure != null) {
            throw new TransferException(creators.failure.toString(), creators.failure);
        }
    }

    @Override
    public void close() {
        // Holds nothing open.
    }

    /** The threads of one transfer. */
    private final class Creators {
        private final TransferSlots slots;
        private final long deadlineNs;
        private final CountDownLatch ended;
        private volatile Exception failure;

        Creators(final TransferSlots slots, final long deadlineNs) {
            this.slots = slots;
            this.deadlineNs = deadlineNs;
            this.ended = new CountDownLatch(slots.count());
        }

        void run(final int slot) {
            try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
                do {
                    slots.begin(slot, clock.nanoTime());
                    create(entries, slots.memory(slot).asByteBuffer());
                    slots.end(slot, slots.memory(slot).byteSize(), clock.nanoTime());
                } while (failure == null && clock.nanoTime() - deadlineNs < 0);
            } catch (final IOException | RuntimeException e) {
                failure = e;
            } finally {
                ended.countDown();
            }
        }

        private void create(final FileChannel entries, final ByteBuffer body) throws IOException {
            final long number = created.getAndIncrement();
            final Path draft = directory.resolve(number + ".draft");
            try (FileChannel file = FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                while (body.hasRemaining()) {
                    file.write(body);
                }
                file.force(true);
            }
            Files.createLink(directory.resolve(Long.toString(number)), draft);
            Files.delete(draft);
            entries.force(true);
        }
    }
}
