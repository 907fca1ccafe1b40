package dev.firn.server.store;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.IntConsumer;

/**
 * A file: written past the page cache under another name in the same folder, and renamed when it is whole and durable. A file
 * of the name that is there already stays until then.
 */
final class FileTarget implements DownloadTarget {
    private final Storage storage;
    private final String name;
    private final String temporary;
    private final StorageFile file;
    private final Ring ring;
    private final RingFile ringFile;
    private final int[] pendingBytes;
    private long lengthBytes;
    private int written;
    private boolean finished;
    private StorageException failure;

    /**
     * @param path its folder is there.
     * @param suffix what nobody else gives a temporary file in that folder.
     * @param slots most blocks under way.
     */
    FileTarget(final Path path, final String suffix, final int slots) {
        this.storage = new HostStorage(path.getParent());
        this.name = path.getFileName().toString();
        this.temporary = ".firn-get-" + suffix;
        this.pendingBytes = new int[slots];
        this.file = storage.create(temporary, Access.DIRECT);
        Ring opened = null;
        try {
            opened = storage.openRing(RingConfig.ofCapacity(slots));
            this.ring = opened;
            this.ringFile = ring.attach(file);
        } catch (final RuntimeException e) {
            if (opened != null) {
                opened.close();
            }
            remove();
            throw e;
        }
    }

    @Override
    public int alignmentBytes() {
        return file.alignmentBytes();
    }

    @Override
    public void begin(final long bytes) {
        lengthBytes = bytes;
        if (bytes > 0) {
            // A disk without room says so now, not at the end.
            file.allocate(0, aligned(bytes));
        }
    }

    private long aligned(final long bytes) {
        final long alignment = file.alignmentBytes();
        return (bytes + alignment - 1) / alignment * alignment;
    }

    @Override
    public boolean write(final int slot, final long offset, final MemorySegment block, final long bytes) {
        final long whole = aligned(bytes);
        block.asSlice(bytes, whole - bytes).fill((byte) 0);
        if (!ring.write(ringFile, offset, block.asSlice(0, whole), slot, 0)) {
            return false;
        }
        pendingBytes[slot] = Math.toIntExact(whole);
        ring.submit();
        return true;
    }

    @Override
    public int poll(final IntConsumer handler) {
        written = 0;
        ring.poll(completion -> onCompletion(completion, handler), pendingBytes.length);
        if (failure != null) {
            throw failure;
        }
        return written;
    }

    private void onCompletion(final Completion completion, final IntConsumer handler) {
        final int slot = (int) completion.token();
        if (completion.failed()) {
            failure = completion.failure();
        } else if (completion.result() != pendingBytes[slot]) {
            // The kernel writes less than asked when there is no room for the rest.
            failure = new StorageException(
                    "WRITE", temporary, completion.fileOffset() + completion.result(), Errno.ENOSPC);
        } else {
            written++;
            handler.accept(slot);
        }
    }

    @Override
    public void finish() {
        ring.detach(ringFile);
        file.truncate(lengthBytes);
        file.sync();
        storage.renameDurably(temporary, name);
        finished = true;
    }

    @Override
    public void close() {
        ring.close();
        if (finished) {
            file.close();
            storage.close();
        } else {
            remove();
        }
    }

    private void remove() {
        file.close();
        try {
            storage.delete(temporary);
        } catch (final StorageException e) {
            throw new IllegalStateException("could not remove " + temporary + ": " + e.getMessage(), e);
        } finally {
            storage.close();
        }
    }
}
