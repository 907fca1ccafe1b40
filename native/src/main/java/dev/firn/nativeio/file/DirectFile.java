package dev.firn.nativeio.file;

import dev.firn.nativeio.posix.ErrnoCapture;
import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.posix.StatxLayout;
import dev.firn.nativeio.ring.DescriptorFile;
import dev.firn.nativeio.ring.TransferChecks;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileStatus;
import dev.firn.nativeio.storage.StorageException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file of the host, opened with O_DIRECT when {@link Access#DIRECT} was asked for and the file system takes it; else
 * through the page cache, and {@link #direct()} says so.
 */
public final class DirectFile implements DescriptorFile {
    /** What is assumed of a direct file when neither statx nor the file system says more: a page. */
    static final int ASSUMED_ALIGNMENT_BYTES = 4096;

    private static final int CREATE_MODE = 0640;
    private static final int CLOSED = Integer.MIN_VALUE;

    private final String name;
    private final int descriptor;
    private final boolean direct;
    private final int alignmentBytes;

    /** Rings that use the descriptor, or {@link #CLOSED}. */
    private final AtomicInteger ringCount = new AtomicInteger();

    private DirectFile(final String name, final int descriptor, final boolean direct, final int alignmentBytes) {
        this.name = name;
        this.descriptor = descriptor;
        this.direct = direct;
        this.alignmentBytes = alignmentBytes;
    }

    /**
     * Opens a file.
     *
     * @param name what messages call it.
     * @param flags of open(2), without O_DIRECT and O_CLOEXEC.
     */
    static DirectFile open(final String name, final String path, final int flags, final Access access) {
        if (access == Access.DIRECT) {
            final int descriptor = FileCalls.open(path, flags | FileCalls.O_DIRECT | FileCalls.O_CLOEXEC, CREATE_MODE);
            if (descriptor >= 0) {
                final int alignment = StatxLayout.directAlignmentBytes(descriptor);
                if (alignment != 0) {
                    return new DirectFile(name, descriptor, true, alignment < 0 ? ASSUMED_ALIGNMENT_BYTES : alignment);
                }
                FileCalls.close(descriptor);
            } else if (descriptor != -Errno.EINVAL) {
                throw new StorageException("OPEN", name, -1, -descriptor);
            }
        }
        // A refused O_DIRECT may have created the file: it is opened again, so O_EXCL has served.
        final int again = access == Access.DIRECT ? flags & ~FileCalls.O_EXCL : flags;
        final int descriptor = FileCalls.open(path, again | FileCalls.O_CLOEXEC, CREATE_MODE);
        if (descriptor < 0) {
            throw new StorageException("OPEN", name, -1, -descriptor);
        }
        return new DirectFile(name, descriptor, false, 1);
    }

    /** Opens a directory, for syncs only. */
    static DirectFile openDirectory(final String name, final String path) {
        final int descriptor =
                FileCalls.open(path, FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC, 0);
        if (descriptor < 0) {
            throw new StorageException("OPEN", name, -1, -descriptor);
        }
        return new DirectFile(name, descriptor, false, 1);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public boolean direct() {
        return direct;
    }

    @Override
    public int alignmentBytes() {
        return alignmentBytes;
    }

    @Override
    public long lengthBytes() {
        final long length = StatxLayout.lengthBytes(usable());
        if (length < 0) {
            throw new StorageException("STATX", name, -1, (int) -length);
        }
        return length;
    }

    @Override
    public FileStatus status() {
        final FileStatus[] found = new FileStatus[1];
        check("STATX", -1, StatxLayout.status(usable(), HostStorage.into(found)));
        return found[0];
    }

    @Override
    public void setAttribute(final String attribute, final byte[] value) {
        check("FSETXATTR", -1, FileCalls.setAttribute(usable(), attribute, value));
    }

    @Override
    public byte[] attribute(final String attribute) {
        return ExtendedAttributes.read(name, usable(), attribute);
    }

    @Override
    public void allocate(final long fileOffset, final long lengthBytes) {
        try (Arena arena = Arena.ofConfined()) {
            check(
                    "FALLOCATE",
                    fileOffset,
                    FileCalls.fallocate(new ErrnoCapture(arena), usable(), fileOffset, lengthBytes));
        }
    }

    @Override
    public void truncate(final long lengthBytes) {
        check("FTRUNCATE", lengthBytes, FileCalls.ftruncate(usable(), lengthBytes));
    }

    @Override
    public int read(final long fileOffset, final MemorySegment buffer) {
        try (Arena arena = Arena.ofConfined()) {
            TransferChecks.checkBuffer(buffer);
            final ErrnoCapture errno = new ErrnoCapture(arena);
            long done = 0;
            while (done < buffer.byteSize()) {
                final long moved = FileCalls.pread(
                        errno, usable(), buffer.address() + done, buffer.byteSize() - done, fileOffset + done);
                if (moved == -Errno.EINTR) {
                    continue;
                }
                check("PREAD", fileOffset + done, moved);
                if (moved == 0) {
                    break;
                }
                done += moved;
                if (direct && done % alignmentBytes != 0) {
                    break;
                }
            }
            return (int) done;
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    @Override
    public void write(final long fileOffset, final MemorySegment buffer) {
        try (Arena arena = Arena.ofConfined()) {
            TransferChecks.checkBuffer(buffer);
            final ErrnoCapture errno = new ErrnoCapture(arena);
            long done = 0;
            while (done < buffer.byteSize()) {
                final long moved = FileCalls.pwrite(
                        errno, usable(), buffer.address() + done, buffer.byteSize() - done, fileOffset + done);
                if (moved == -Errno.EINTR) {
                    continue;
                }
                check("PWRITE", fileOffset + done, moved == 0 ? -Errno.ENOSPC : moved);
                done += moved;
            }
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    @Override
    public void sync() {
        check("FSYNC", -1, FileCalls.fsync(usable()));
    }

    private int usable() {
        if (ringCount.get() == CLOSED) {
            throw new IllegalStateException(name + " is closed");
        }
        return descriptor;
    }

    private void check(final String operation, final long fileOffset, final long result) {
        if (result < 0) {
            throw new StorageException(operation, name, fileOffset, (int) -result);
        }
    }

    @Override
    public void retainForRing() {
        if (ringCount.getAndUpdate(count -> count == CLOSED ? CLOSED : count + 1) == CLOSED) {
            throw new IllegalStateException(name + " is closed");
        }
    }

    @Override
    public void releaseFromRing() {
        ringCount.decrementAndGet();
    }

    @Override
    public void close() {
        if (ringCount.compareAndSet(0, CLOSED)) {
            FileCalls.close(descriptor);
        } else if (ringCount.get() != CLOSED) {
            throw new IllegalStateException(name + " is attached to " + ringCount.get() + " rings: detach it first");
        }
    }

    @Override
    public String toString() {
        return name + (direct ? " (direct)" : "");
    }
}
