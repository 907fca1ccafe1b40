package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.OperationKind;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * What a ring's operations do to a {@link SimulatedDisk}: each has its effect at one instant between its start and its
 * completion. The buffer of a write is read at that instant and no earlier; the buffer of a read holds garbage from then
 * to the completion.
 */
final class RingTransfers {
    private final SimulatedDisk disk;
    private final RandomGenerator random;

    RingTransfers(final SimulatedDisk disk, final RandomGenerator random) {
        this.disk = disk;
        this.random = random;
    }

    /** The errno with which the kernel refuses the operation at once, or 0. */
    int refusal(final RingOperation operation) {
        final SimulatedFile file = operation.file.file();
        if (file.directory() != null && !operation.syncs()) {
            return operation.reads() ? Errno.EISDIR : Errno.EBADF;
        }
        if (operation.syncs() || operation.reads()) {
            return operation.reads() ? alignmentErrno(operation) : 0;
        }
        if (!file.writable()) {
            return Errno.EBADF;
        }
        return operation.writes() ? alignmentErrno(operation) : 0;
    }

    /** How long it takes from its start. */
    long latencyNs(final RingOperation operation) {
        final DiskFaults faults = disk.faults();
        if (operation.reads()) {
            return faults.readLatency().sampleNs(random);
        }
        if (!operation.writes()) {
            return faults.syncLatency().sampleNs(random);
        }
        final long writeNs = faults.writeLatency().sampleNs(random);
        return operation.durable() ? writeNs + faults.syncLatency().sampleNs(random) : writeNs;
    }

    /** A sync owes durability to what has completed by now. */
    void start(final RingOperation operation) {
        if (!operation.syncs()) {
            return;
        }
        final Directory directory = operation.file.file().directory();
        if (directory != null) {
            operation.directorySync = disk.names().beginSync(directory);
        } else {
            operation.snapshot = image(operation).beginSync();
        }
    }

    /** The operation touches the disk; its result is known afterwards, but not to the caller. */
    void takeEffect(final RingOperation operation) {
        operation.checkBuffersAlive();
        if (!disk.failsAtRingOperation()) {
            apply(operation);
        }
    }

    private void apply(final RingOperation operation) {
        operation.effectDone = true;
        if (operation.reads()) {
            read(operation);
        } else if (operation.writes()) {
            operation.result = write(operation);
        } else if (operation.syncs()) {
            operation.result = sync(operation);
        } else {
            operation.result = allocate(operation);
        }
    }

    /** The caller is about to learn of it. */
    void complete(final RingOperation operation) {
        if (operation.reads() && operation.result > 0) {
            operation.checkBuffersAlive();
            operation.scatter(operation.data);
        }
        settle(operation);
    }

    /** From now on a sync owes durability to what it wrote: nobody will hear of the write any more, or everybody has. */
    private static void settle(final RingOperation operation) {
        if (operation.effect != null) {
            operation.effect.settle();
        }
    }

    /** The process is dead with this operation in flight. */
    void cut(final RingOperation operation) {
        settle(operation);
        if (operation.effectDone || operation.cancelled || refusal(operation) != 0) {
            return;
        }
        if (operation.writes() && operation.buffersAlive()) {
            image(operation).writeSome(operation.fileOffset, operation.gather(), random);
            trace(FaultKind.WRITE_CUT, operation, operation.requestedBytes);
        } else if (operation.kind == OperationKind.ALLOCATE && random.nextBoolean()) {
            image(operation).allocate(operation.fileOffset, operation.requestedBytes);
        }
    }

    /** The ring is closed with this operation in flight: it happens whole before the close returns, or not at all. */
    void finishOrCancel(final RingOperation operation) {
        if (!operation.effectDone && !operation.cancelled && refusal(operation) == 0 && random.nextBoolean()) {
            operation.checkBuffersAlive();
            apply(operation);
        }
        settle(operation);
    }

    private int alignmentErrno(final RingOperation operation) {
        for (int i = 0; i < operation.bufferCount; i++) {
            final int errno =
                    operation.file.file().alignmentErrno(operation.reads(), operation.fileOffset, operation.buffers[i]);
            if (errno != 0) {
                return errno;
            }
        }
        return 0;
    }

    private void read(final RingOperation operation) {
        final String name = operation.file.name();
        final int fault = disk.plan().decide(DiskOperation.READ, name, operation.fileOffset, operation.requestedBytes);
        if (fault < 0) {
            operation.result = fault;
            operation.scribble((int) operation.requestedBytes);
            return;
        }
        disk.decay(image(operation), name, operation.fileOffset, operation.requestedBytes);
        byte[] data = image(operation).read(operation.fileOffset, operation.requestedBytes);
        final int moved = shortened(DiskOperation.READ, operation, fault, data.length);
        if (moved < data.length) {
            trace(FaultKind.SHORT_READ, operation, moved);
            data = Arrays.copyOf(data, moved);
        }
        operation.data = data;
        operation.result = data.length;
        operation.scribble(data.length);
    }

    private int write(final RingOperation operation) {
        final byte[] data = operation.gather();
        disk.trace().add(Arrays.hashCode(data));
        final int fault =
                disk.plan().decide(DiskOperation.WRITE, operation.file.name(), operation.fileOffset, data.length);
        if (fault < 0) {
            image(operation).writeSome(operation.fileOffset, data, random);
            return fault;
        }
        final int count = shortened(DiskOperation.WRITE, operation, fault, data.length);
        if (count < data.length) {
            trace(FaultKind.SHORT_WRITE, operation, count);
        }
        operation.effect = new WriteEffect();
        final int moved = image(operation).write(operation.fileOffset, data, count, operation.effect);
        image(operation).modified(disk.changeTimeNs());
        if (moved < count) {
            trace(FaultKind.NO_SPACE, operation, moved);
        }
        return moved > 0 && operation.durable() ? flushed(operation, moved) : moved;
    }

    /** The second half of a durable write: what it wrote goes to the platter, or the flush fails as a sync does. */
    private int flushed(final RingOperation operation, final int moved) {
        final FileImage image = image(operation);
        final int fault = disk.plan().decide(DiskOperation.SYNC, operation.file.name(), operation.fileOffset, moved);
        if (fault < 0) {
            image.failSync(disk.dice());
            return fault;
        }
        image.makeDurable(operation.fileOffset, moved);
        return moved;
    }

    private int sync(final RingOperation operation) {
        if (operation.directorySync != null) {
            return syncDirectory(operation);
        }
        final FileImage image = image(operation);
        final int fault = disk.plan().decide(DiskOperation.SYNC, operation.file.name(), -1, 0);
        if (fault < 0) {
            image.failSync(disk.dice());
            return fault;
        }
        if (image.outdated(operation.snapshot)) {
            return -Errno.EIO;
        }
        image.finishSync(operation.snapshot);
        return 0;
    }

    private int syncDirectory(final RingOperation operation) {
        final int fault = disk.plan().decide(DiskOperation.SYNC_DIRECTORY, operation.file.name(), -1, 0);
        if (fault < 0) {
            disk.names().failSync(operation.directorySync);
            return fault;
        }
        return disk.names().finishSync(operation.directorySync) ? 0 : -Errno.EIO;
    }

    private int allocate(final RingOperation operation) {
        final int fault = disk.plan()
                .decide(DiskOperation.ALLOCATE, operation.file.name(), operation.fileOffset, operation.requestedBytes);
        if (fault < 0) {
            return fault;
        }
        final int status = image(operation).allocate(operation.fileOffset, operation.requestedBytes);
        if (status == -Errno.ENOSPC) {
            trace(FaultKind.NO_SPACE, operation, 0);
        }
        return status;
    }

    private int shortened(
            final DiskOperation kind, final RingOperation operation, final int fault, final int available) {
        if (fault > 0) {
            return Math.min(fault, available);
        }
        final int unit = Math.max(1, operation.file.file().alignmentBytes());
        return (int) disk.plan().shorten(kind, available, unit);
    }

    private void trace(final FaultKind kind, final RingOperation operation, final long detail) {
        disk.trace().fault(kind, disk.node(), operation.file.name(), operation.fileOffset, detail);
    }

    private static FileImage image(final RingOperation operation) {
        return operation.file.file().image();
    }
}
