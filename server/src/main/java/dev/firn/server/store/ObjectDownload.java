package dev.firn.server.store;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.server.CommandException;
import java.io.FileDescriptor;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Carries one version of an object into a file or a stream, by ranges side by side. For one thread and one object. */
public final class ObjectDownload {
    private static final MemoryTag TAG = MemoryTag.of("store-get");

    /** One request: long enough that its latency is small beside its bytes. */
    private static final long BLOCK_BYTES = 8L << 20;

    /** Ranges on their way or being written. */
    private static final int SLOTS = 8;

    private final StoreConnection connection;
    private final RandomGenerator random;
    private final TransferProgress progress;
    private long doneBytes;
    private CommandException failure;

    public ObjectDownload(
            final StoreConnection connection, final RandomGenerator random, final TransferProgress progress) {
        this.connection = connection;
        this.random = random;
        this.progress = progress;
    }

    /** What was carried. */
    public record Result(long bytes, ObjectVersion version, double seconds) {}

    private enum State {
        FREE,
        FETCHING,
        FETCHED,
        WRITING
    }

    /** To standard output. */
    public Result toStandardOutput(final String key) {
        return run(key, () -> new StreamTarget("standard output", new FileOutputStream(FileDescriptor.out)));
    }

    /** To a file, which appears whole or not at all; what is there and is no file (a device, a pipe) is written to. */
    public Result toFile(final String key, final Path file) {
        try {
            return run(key, () -> target(file));
        } catch (final StorageException e) {
            throw new CommandException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private DownloadTarget target(final Path file) {
        final Path absolute = file.toAbsolutePath();
        try {
            if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
                return new StreamTarget(file.toString(), new FileOutputStream(absolute.toFile()));
            }
            // The file that a link leads to is replaced, not the link.
            final Path real = Files.exists(absolute) ? absolute.toRealPath() : absolute.normalize();
            if (!Files.isDirectory(real.getParent())) {
                throw new CommandException("there is no directory " + real.getParent() + ": create it first");
            }
            return new FileTarget(real, String.format("%016x", random.nextLong()), SLOTS);
        } catch (final FileNotFoundException e) {
            throw new CommandException("cannot write to " + file + ": " + e.getMessage(), e);
        } catch (final IOException e) {
            throw new CommandException("cannot look at " + file + ": " + e.getMessage(), e);
        }
    }

    private Result run(final String key, final Supplier<DownloadTarget> opener) {
        final HeadOutcome.Found found = connection
                .head(key)
                .orElseThrow(() -> new CommandException("there is no object " + connection.addressOf(key)));
        final long length = found.lengthBytes();
        // Blocks outlive the target, and the target the calls: whoever still uses a block ends before it is freed.
        try (Blocks blocks = new Blocks(length);
                DownloadTarget target = opener.get()) {
            target.begin(length);
            try {
                carry(key, found, target, blocks.slots);
                target.finish();
            } finally {
                giveUp(blocks.slots);
            }
        }
        return new Result(length, found.version(), progress.seconds());
    }

    private void carry(
            final String key, final HeadOutcome.Found found, final DownloadTarget target, final Slot[] slots) {
        final long length = found.lengthBytes();
        long asked = 0;
        doneBytes = 0;
        while (doneBytes < length) {
            connection.requireGoingOn();
            int work = target.poll(index -> {
                doneBytes += slots[index].lengthBytes;
                slots[index].state = State.FREE;
            });
            for (int i = 0; i < slots.length; i++) {
                final Slot slot = slots[i];
                if (slot.state == State.FREE && asked < length) {
                    slot.offset = asked;
                    slot.lengthBytes = Math.min(BLOCK_BYTES, length - asked);
                    asked += slot.lengthBytes;
                    fetch(key, found.version(), slot);
                    work++;
                } else if (slot.state == State.FETCHED && target.write(i, slot.offset, slot.block, slot.lengthBytes)) {
                    slot.state = State.WRITING;
                    work++;
                }
            }
            progress.moved(doneBytes, length);
            connection.turn(work);
            if (failure != null) {
                throw failure;
            }
        }
    }

    private void fetch(final String key, final ObjectVersion version, final Slot slot) {
        slot.state = State.FETCHING;
        final MemorySegment into = slot.block.asSlice(0, slot.lengthBytes);
        slot.call = connection
                .session()
                .get(key, slot.offset, into, version, StoreConnection.OPTIONS, outcome -> fetched(key, slot, outcome));
    }

    private void fetched(final String key, final Slot slot, final GetOutcome outcome) {
        slot.state = State.FETCHED;
        final String address = connection.addressOf(key);
        switch (outcome) {
            case GetOutcome.Fetched fetched when fetched.lengthBytes() == slot.lengthBytes -> {}
            case GetOutcome.Fetched fetched ->
                failure = new CommandException(address + " ended early: " + fetched.lengthBytes() + " of "
                        + slot.lengthBytes + " bytes from " + slot.offset);
            case GetOutcome.VersionChanged _, NotFound _, GetOutcome.OutOfRange _ ->
                failure = new CommandException(address + " was replaced or deleted while it was read: try again");
            case Failed failed -> failure = StoreSentences.failure("cannot read " + address, failed);
        }
    }

    /** Cancels the calls that are still open, and waits until they use no block any more. */
    private void giveUp(final Slot[] slots) {
        for (final Slot slot : slots) {
            if (slot.state == State.FETCHING) {
                slot.call.cancel();
            }
        }
        connection.drain();
    }

    private static final class Slot {
        private State state = State.FREE;
        private MemorySegment block;
        private StoreCall call;
        private long offset;
        private long lengthBytes;
    }

    /** The memory of a download. */
    private static final class Blocks implements AutoCloseable {
        private final OffHeapMemory memory;
        private final Slot[] slots;

        Blocks(final long lengthBytes) {
            this.slots = new Slot[(int) Math.clamp((lengthBytes + BLOCK_BYTES - 1) / BLOCK_BYTES, 1, SLOTS)];
            this.memory = OffHeapMemory.open(OffHeapConfig.of("store-get", slots.length * BLOCK_BYTES));
            for (int i = 0; i < slots.length; i++) {
                slots[i] = new Slot();
                slots[i].block = memory.allocate(BLOCK_BYTES, TAG);
            }
        }

        @Override
        public void close() {
            for (final Slot slot : slots) {
                memory.free(slot.block);
            }
            memory.close();
        }
    }
}
