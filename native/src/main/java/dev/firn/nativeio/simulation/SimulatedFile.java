package dev.firn.nativeio.simulation;

import dev.firn.nativeio.ring.TransferChecks;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.FileStatus;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** An open file of a {@link SimulatedDisk}. */
final class SimulatedFile implements StorageFile {
    private final SimulatedDisk disk;
    private final Life life;
    private final FileImage image;

    /** Of a directory opened for its syncs; {@code image} is null then. */
    private final Directory directory;

    private final String name;
    private final boolean direct;
    private final boolean writable;
    private int ringCount;
    private boolean closed;

    SimulatedFile(
            final SimulatedDisk disk,
            final Life life,
            final FileImage image,
            final String name,
            final boolean direct,
            final boolean writable) {
        this(disk, life, image, null, name, direct, writable);
    }

    private SimulatedFile(
            final SimulatedDisk disk,
            final Life life,
            final FileImage image,
            final Directory directory,
            final String name,
            final boolean direct,
            final boolean writable) {
        this.disk = disk;
        this.life = life;
        this.image = image;
        this.directory = directory;
        this.name = name;
        this.direct = direct;
        this.writable = writable;
    }

    static SimulatedFile ofDirectory(
            final SimulatedDisk disk, final Life life, final Directory directory, final String name) {
        return new SimulatedFile(disk, life, null, directory, name, false, false);
    }

    FileImage image() {
        return image;
    }

    /** Null for a file. */
    Directory directory() {
        return directory;
    }

    boolean writable() {
        return writable;
    }

    SimulatedDisk disk() {
        return disk;
    }

    void retainForRing() {
        checkUsable();
        ringCount++;
    }

    void releaseFromRing() {
        ringCount--;
    }

    /** The process that had it open is dead. */
    void abandon() {
        if (!closed) {
            closed = true;
            handleClosed();
        }
    }

    /** The errno for a transfer that the kernel refuses for its alignment, else 0. */
    int alignmentErrno(final boolean reading, final long fileOffset, final MemorySegment buffer) {
        if (!direct || buffer.byteSize() == 0 || (reading && fileOffset >= image.lengthBytes())) {
            return 0;
        }
        final long bits = buffer.address() | fileOffset | buffer.byteSize();
        return bits % alignmentBytes() == 0 ? 0 : Errno.EINVAL;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long lengthBytes() {
        checkUsable();
        refuseDirectory("STATX");
        return image.lengthBytes();
    }

    @Override
    public FileStatus status() {
        checkUsable();
        return directory == null ? image.status() : new FileStatus(FileKind.DIRECTORY, 0, 0, directory.inode());
    }

    @Override
    public void setAttribute(final String attribute, final byte[] value) {
        begin(DiskOperation.SET_ATTRIBUTE, "FSETXATTR", -1, 0);
        image.setAttribute(attribute, value);
        disk.trace().add(Arrays.hashCode(value));
        end("FSETXATTR {} bytes", value.length, 0);
    }

    @Override
    public byte[] attribute(final String attribute) {
        checkUsable();
        refuseDirectory("FGETXATTR");
        return image.attribute(attribute);
    }

    @Override
    public int alignmentBytes() {
        return direct ? disk.geometry().directAlignmentBytes() : 1;
    }

    @Override
    public boolean direct() {
        return direct;
    }

    @Override
    public void allocate(final long fileOffset, final long lengthBytes) {
        begin(DiskOperation.ALLOCATE, "FALLOCATE", fileOffset, lengthBytes);
        if (!writable) {
            throw new StorageException("FALLOCATE", name, fileOffset, Errno.EBADF);
        }
        final int status = image.allocate(fileOffset, lengthBytes);
        if (status < 0) {
            throw failed("FALLOCATE", fileOffset, -status);
        }
        end("ALLOCATE {} bytes at {}", lengthBytes, fileOffset);
    }

    @Override
    public void truncate(final long lengthBytes) {
        begin(DiskOperation.TRUNCATE, "FTRUNCATE", lengthBytes, 0);
        if (!writable || lengthBytes < 0) {
            throw new StorageException("FTRUNCATE", name, lengthBytes, Errno.EINVAL);
        }
        if (lengthBytes > FileImage.MAX_LENGTH_BYTES) {
            throw new StorageException("FTRUNCATE", name, lengthBytes, Errno.EFBIG);
        }
        image.truncate(lengthBytes);
        end("TRUNCATE to {} bytes", lengthBytes, 0);
    }

    @Override
    public int read(final long fileOffset, final MemorySegment buffer) {
        TransferChecks.checkBuffer(buffer);
        begin(DiskOperation.READ, "PREAD", fileOffset, buffer.byteSize());
        refuse("PREAD", fileOffset, fileOffset < 0 ? Errno.EINVAL : alignmentErrno(true, fileOffset, buffer));
        disk.decay(image, name, fileOffset, buffer.byteSize());
        final byte[] data = image.read(fileOffset, buffer.byteSize());
        MemorySegment.copy(data, 0, buffer, ValueLayout.JAVA_BYTE, 0, data.length);
        end("PREAD {} bytes at {}", data.length, fileOffset);
        return data.length;
    }

    @Override
    public void write(final long fileOffset, final MemorySegment buffer) {
        TransferChecks.checkBuffer(buffer);
        checkUsable();
        refuseDirectory("PWRITE");
        disk.enter(life);
        refuse("PWRITE", fileOffset, writable ? 0 : Errno.EBADF);
        refuse("PWRITE", fileOffset, fileOffset < 0 ? Errno.EINVAL : alignmentErrno(false, fileOffset, buffer));
        final byte[] data = buffer.toArray(ValueLayout.JAVA_BYTE);
        final int fault = disk.plan().decide(DiskOperation.WRITE, name, fileOffset, data.length);
        if (fault < 0) {
            image.writeSome(fileOffset, data, disk.random());
            throw new StorageException("PWRITE", name, fileOffset, -fault);
        }
        final int moved = image.write(fileOffset, data, data.length, WriteEffect.COMPLETED);
        image.modified(disk.changeTimeNs());
        if (moved < data.length) {
            final int done = Math.max(0, moved);
            throw failed("PWRITE", fileOffset + done, moved < 0 ? -moved : Errno.ENOSPC);
        }
        disk.trace().add(Arrays.hashCode(data));
        end("PWRITE {} bytes at {}", data.length, fileOffset);
    }

    @Override
    public void sync() {
        checkUsable();
        refuseDirectory("FSYNC");
        disk.enter(life);
        final int fault = disk.plan().decide(DiskOperation.SYNC, name, -1, 0);
        if (fault < 0) {
            image.failSync(disk.dice());
            throw new StorageException("FSYNC", name, -1, -fault);
        }
        image.finishSync(image.beginSync());
        end("FSYNC", 0, 0);
    }

    @Override
    public void close() {
        if (closed || life.over()) {
            return;
        }
        if (ringCount > 0) {
            throw new IllegalStateException(name + " is attached to " + ringCount + " rings: detach it first");
        }
        closed = true;
        handleClosed();
        disk.onFileClosed(this);
    }

    private void handleClosed() {
        if (image != null) {
            image.closed();
        }
    }

    @Override
    public String toString() {
        return name + (direct ? " (direct)" : "");
    }

    private void checkUsable() {
        life.check();
        if (closed) {
            throw new IllegalStateException(name + " is closed");
        }
    }

    private void begin(final DiskOperation operation, final String call, final long fileOffset, final long count) {
        checkUsable();
        refuseDirectory(call);
        disk.enter(life);
        final int fault = disk.plan().decide(operation, name, fileOffset, count);
        refuse(call, fileOffset, Math.max(0, -fault));
    }

    private void end(final String event, final long first, final long second) {
        disk.trace().record(disk.node(), event, name, first, second);
        disk.leave(life);
    }

    /** By the blocking calls a directory is synced through its storage. */
    private void refuseDirectory(final String call) {
        refuse(call, -1, directory == null ? 0 : Errno.EISDIR);
    }

    private void refuse(final String call, final long fileOffset, final int errno) {
        if (errno != 0) {
            throw new StorageException(call, name, fileOffset, errno);
        }
    }

    private StorageException failed(final String call, final long fileOffset, final int errno) {
        if (errno == Errno.ENOSPC) {
            disk.trace().fault(FaultKind.NO_SPACE, disk.node(), name, fileOffset, 0);
        }
        return new StorageException(call, name, fileOffset, errno);
    }
}
