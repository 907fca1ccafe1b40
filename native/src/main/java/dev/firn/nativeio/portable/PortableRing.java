package dev.firn.nativeio.portable;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.ring.AttachedFile;
import dev.firn.nativeio.ring.AttachedFiles;
import dev.firn.nativeio.ring.OperationTable;
import dev.firn.nativeio.ring.OwnerThread;
import dev.firn.nativeio.ring.TransferChecks;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The {@link Ring} over positional reads and writes on a pool of threads: checks what it is given and keeps it in the table;
 * {@link Chains} decides what starts when, {@link Transfers} makes the system calls.
 */
public final class PortableRing implements Ring {
    private static final long VECTOR_BYTES = 16L * RingConfig.MAX_VECTORS;

    private final OwnerThread owner = new OwnerThread();
    private final Clock clock;
    private final OperationTable table;
    private final AttachedFiles files;
    private final Transfers transfers;
    private final Chains chains;

    /** Read by threads of the pool. */
    private final Arena arena = Arena.ofShared();

    private final MemorySegment vectors;
    private boolean delivering;
    private boolean closed;

    public PortableRing(final RingConfig config, final Clock clock) {
        this.clock = clock;
        this.table = new OperationTable(config.capacity());
        this.files = new AttachedFiles(this, config.maxFiles(), AttachedFiles.UNREGISTERED);
        this.vectors = arena.allocate(config.capacity() * VECTOR_BYTES, Long.BYTES);
        this.transfers = new Transfers(table);
        this.chains = new Chains(table, transfers, clock);
    }

    @Override
    public String describe() {
        return "portable (positional reads and writes on " + transfers.threadCount() + " threads)";
    }

    @Override
    public int capacity() {
        return table.capacity();
    }

    @Override
    public int inFlight() {
        checkUsable();
        return table.inFlight();
    }

    @Override
    public int room() {
        checkUsable();
        return table.room();
    }

    @Override
    public RingFile attach(final StorageFile file) {
        checkUsable();
        return files.attach(file);
    }

    @Override
    public void detach(final RingFile file) {
        checkUsable();
        files.detach(file);
    }

    @Override
    public boolean registerBuffers(final MemorySegment... regions) {
        checkUsable();
        if (table.inFlight() > 0) {
            throw new IllegalStateException(
                    "buffers are registered with nothing in flight; " + table.inFlight() + " operations are");
        }
        return regions.length == 0;
    }

    @Override
    public boolean addBuffers(final MemorySegment region) {
        checkUsable();
        return false;
    }

    @Override
    public void removeBuffers(final MemorySegment region) {
        checkUsable();
    }

    @Override
    public boolean nop(final long token, final int flags) {
        begin(OperationKind.NOP, flags);
        return accept(table.take(OperationKind.NOP, null, -1, 0, null, token), flags);
    }

    @Override
    public boolean read(
            final RingFile file, final long fileOffset, final MemorySegment buffer, final long token, final int flags) {
        return read(file, fileOffset, buffer, 0, buffer.byteSize(), token, flags);
    }

    @Override
    public boolean write(
            final RingFile file, final long fileOffset, final MemorySegment buffer, final long token, final int flags) {
        return write(file, fileOffset, buffer, 0, buffer.byteSize(), token, flags);
    }

    @Override
    public boolean read(
            final RingFile file,
            final long fileOffset,
            final MemorySegment buffer,
            final long bufferOffset,
            final long lengthBytes,
            final long token,
            final int flags) {
        return transfer(OperationKind.READ, file, fileOffset, buffer, bufferOffset, lengthBytes, token, flags);
    }

    @Override
    public boolean write(
            final RingFile file,
            final long fileOffset,
            final MemorySegment buffer,
            final long bufferOffset,
            final long lengthBytes,
            final long token,
            final int flags) {
        return transfer(OperationKind.WRITE, file, fileOffset, buffer, bufferOffset, lengthBytes, token, flags);
    }

    private boolean transfer(
            final OperationKind kind,
            final RingFile file,
            final long fileOffset,
            final MemorySegment buffer,
            final long bufferOffset,
            final long lengthBytes,
            final long token,
            final int flags) {
        begin(kind, flags);
        TransferChecks.checkPart(buffer, bufferOffset, lengthBytes);
        TransferChecks.checkOffset(fileOffset);
        final AttachedFile attached = AttachedFile.of(file, this);
        final int slot = table.take(kind, attached, fileOffset, lengthBytes, buffer, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        transfers.prepare(slot, attached.descriptor(), buffer.address() + bufferOffset, 1, (flags & DURABLE) != 0);
        return accept(slot, flags);
    }

    @Override
    public boolean readVectored(
            final RingFile file,
            final long fileOffset,
            final MemorySegment[] buffers,
            final int count,
            final long token,
            final int flags) {
        return vectored(OperationKind.READ_VECTORED, file, fileOffset, buffers, count, token, flags);
    }

    @Override
    public boolean writeVectored(
            final RingFile file,
            final long fileOffset,
            final MemorySegment[] buffers,
            final int count,
            final long token,
            final int flags) {
        return vectored(OperationKind.WRITE_VECTORED, file, fileOffset, buffers, count, token, flags);
    }

    private boolean vectored(
            final OperationKind kind,
            final RingFile file,
            final long fileOffset,
            final MemorySegment[] buffers,
            final int count,
            final long token,
            final int flags) {
        begin(kind, flags);
        final long total = TransferChecks.checkVector(buffers, count);
        TransferChecks.checkOffset(fileOffset);
        final AttachedFile attached = AttachedFile.of(file, this);
        final int slot = table.take(kind, attached, fileOffset, total, buffers[0], token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        final long at = slot * VECTOR_BYTES;
        for (int i = 0; i < count; i++) {
            vectors.set(JAVA_LONG, at + i * 16L, buffers[i].address());
            vectors.set(JAVA_LONG, at + i * 16L + 8, buffers[i].byteSize());
        }
        transfers.prepare(slot, attached.descriptor(), vectors.address() + at, count, (flags & DURABLE) != 0);
        return accept(slot, flags);
    }

    @Override
    public boolean sync(final RingFile file, final long token, final int flags) {
        return onFile(OperationKind.SYNC, file, 0, 0, token, flags);
    }

    @Override
    public boolean dataSync(final RingFile file, final long token, final int flags) {
        return onFile(OperationKind.DATA_SYNC, file, 0, 0, token, flags);
    }

    @Override
    public boolean allocate(
            final RingFile file, final long fileOffset, final long lengthBytes, final long token, final int flags) {
        TransferChecks.checkOffset(fileOffset);
        return onFile(OperationKind.ALLOCATE, file, fileOffset, lengthBytes, token, flags);
    }

    private boolean onFile(
            final OperationKind kind,
            final RingFile file,
            final long fileOffset,
            final long lengthBytes,
            final long token,
            final int flags) {
        begin(kind, flags);
        final AttachedFile attached = AttachedFile.of(file, this);
        final int slot = table.take(kind, attached, fileOffset, lengthBytes, null, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        transfers.prepare(slot, attached.descriptor(), 0, 0, false);
        return accept(slot, flags);
    }

    @Override
    public boolean timeout(final long durationNs, final long token, final int flags) {
        return timed(OperationKind.TIMEOUT, durationNs, token, flags);
    }

    @Override
    public boolean linkTimeout(final long durationNs, final long token, final int flags) {
        if (!chains.chainOpen()) {
            throw new IllegalStateException("a link timeout bounds the operation before it, which must carry LINK");
        }
        return timed(OperationKind.LINK_TIMEOUT, durationNs, token, flags);
    }

    private boolean timed(final OperationKind kind, final long durationNs, final long token, final int flags) {
        begin(kind, flags);
        TransferChecks.checkDuration(durationNs);
        final int slot = table.take(kind, null, -1, 0, null, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        chains.setDuration(slot, durationNs);
        return accept(slot, flags);
    }

    @Override
    public boolean cancel(final long targetToken, final long token, final int flags) {
        begin(OperationKind.CANCEL, flags);
        final int slot = table.take(OperationKind.CANCEL, null, -1, 0, null, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        chains.setTarget(slot, targetToken);
        return accept(slot, flags);
    }

    private void begin(final OperationKind kind, final int flags) {
        checkUsable();
        TransferChecks.checkFlags(kind, flags);
    }

    private boolean accept(final int slot, final int flags) {
        if (slot == OperationTable.FULL) {
            return false;
        }
        chains.queue(slot, flags);
        return true;
    }

    @Override
    public int submit() {
        checkUsable();
        if (chains.chainOpen()) {
            throw new IllegalStateException(
                    "the last operation queued carries a link: queue the rest of its chain first");
        }
        return chains.submit();
    }

    @Override
    public int submitAndWait(final int minCompletions, final long timeoutNs) {
        TransferChecks.checkDuration(timeoutNs);
        submit();
        chains.collect();
        final int wanted = Math.min(minCompletions, table.inFlight());
        final long startedNs = clock.nanoTime();
        while (chains.readyCount() < wanted) {
            final long leftNs = timeoutNs == Long.MAX_VALUE ? timeoutNs : timeoutNs - (clock.nanoTime() - startedNs);
            if (leftNs <= 0) {
                break;
            }
            final long timerNs = chains.untilTimerNs();
            if (timerNs > 0) {
                transfers.awaitDone(Math.min(leftNs, timerNs));
            }
            chains.collect();
        }
        return chains.readyCount();
    }

    @Override
    public int poll(final CompletionHandler handler, final int limit) {
        checkUsable();
        if (delivering) {
            throw new IllegalStateException("a completion handler must not poll its ring");
        }
        chains.collect();
        int delivered = 0;
        delivering = true;
        try {
            while (delivered < limit && chains.readyCount() > 0) {
                final int slot = chains.takeReady();
                table.complete(slot, chains.result(slot));
                delivered++;
                handler.onCompletion(table);
            }
        } finally {
            delivering = false;
        }
        return delivered;
    }

    private void checkUsable() {
        owner.check();
        if (closed) {
            throw new IllegalStateException("this ring is closed");
        }
    }

    @Override
    public void close() {
        owner.check();
        if (closed) {
            return;
        }
        closed = true;
        transfers.close();
        files.releaseAll();
        table.clear();
        arena.close();
    }
}
