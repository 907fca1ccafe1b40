package dev.firn.nativeio.uring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.liburing.LibUring;
import dev.firn.nativeio.ring.AttachedFile;
import dev.firn.nativeio.ring.AttachedFiles;
import dev.firn.nativeio.ring.OperationTable;
import dev.firn.nativeio.ring.OwnerThread;
import dev.firn.nativeio.ring.TransferChecks;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The {@link Ring} over io_uring. */
public final class UringRing implements Ring {
    private static final int FLAG_FIXED_FILE = LibUring.IOSQE_FIXED_FILE();
    private static final int FLAG_LINK = LibUring.IOSQE_IO_LINK();
    private static final int FLAG_HARD_LINK = LibUring.IOSQE_IO_HARDLINK();
    private static final int FLAG_DRAIN = LibUring.IOSQE_IO_DRAIN();
    private static final int NO_FILE = -1;
    private static final int NO_BUFFER = 0;

    private static final int OP_READ = LibUring.IORING_OP_READ();
    private static final int OP_READ_FIXED = LibUring.IORING_OP_READ_FIXED();
    private static final int OP_WRITE = LibUring.IORING_OP_WRITE();
    private static final int OP_WRITE_FIXED = LibUring.IORING_OP_WRITE_FIXED();
    private static final int OP_READV = LibUring.IORING_OP_READV();
    private static final int OP_WRITEV = LibUring.IORING_OP_WRITEV();
    private static final int OP_FSYNC = LibUring.IORING_OP_FSYNC();
    private static final int OP_FALLOCATE = LibUring.IORING_OP_FALLOCATE();
    private static final int OP_TIMEOUT = LibUring.IORING_OP_TIMEOUT();
    private static final int OP_LINK_TIMEOUT = LibUring.IORING_OP_LINK_TIMEOUT();
    private static final int OP_ASYNC_CANCEL = LibUring.IORING_OP_ASYNC_CANCEL();
    private static final int OP_NOP = LibUring.IORING_OP_NOP();
    private static final int RWF_DSYNC = LibUring.RWF_DSYNC();
    private static final int FSYNC_DATASYNC = LibUring.IORING_FSYNC_DATASYNC();
    private static final int CANCEL_EVERYTHING =
            LibUring.IORING_ASYNC_CANCEL_ANY() | LibUring.IORING_ASYNC_CANCEL_ALL();

    /** User data of the ring's own operations; no slot ever has it. */
    private static final long OWN_OPERATION = -1L;

    /** User data that no operation carries: what is cancelled when the target is not in flight. */
    private static final long NOBODY = -2L;

    private static final long TIMESPEC_BYTES = 16;
    private static final long VECTOR_BYTES = 16L * RingConfig.MAX_VECTORS;
    private static final long NANOS_A_SECOND = 1_000_000_000L;

    private final OwnerThread owner = new OwnerThread();
    private final Arena arena;
    private final UringSetup setup;
    private final Entrance entrance;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final OperationTable table;
    private final RegisteredFiles registeredFiles;
    private final AttachedFiles files;
    private final FixedBuffers fixedBuffers;
    private final MemorySegment timespecs;
    private final MemorySegment vectors;
    /** Null until somebody asked for its descriptor. */
    private CompletionSignal signal;

    private boolean linkOpen;
    private boolean delivering;
    private boolean closed;

    private UringRing(final Arena arena, final UringSetup setup, final RingConfig config) {
        this.arena = arena;
        this.setup = setup;
        this.submissions = new SubmissionQueue(setup.ring());
        this.completions = new CompletionQueue(setup.ring());
        this.entrance = new Entrance(setup, arena);
        this.table = new OperationTable(Math.min(config.capacity(), submissions.entryCount()));
        this.registeredFiles = new RegisteredFiles(setup.ring(), config.maxFiles(), arena);
        this.files = new AttachedFiles(this, config.maxFiles(), registeredFiles);
        this.fixedBuffers = new FixedBuffers(setup.ring());
        this.timespecs = arena.allocate(submissions.entryCount() * TIMESPEC_BYTES, Long.BYTES);
        this.vectors = arena.allocate(submissions.entryCount() * VECTOR_BYTES, Long.BYTES);
    }

    /**
     * Opens a ring for the calling thread. Throws {@link StorageException} with the errno when the kernel refuses; ask
     * {@link UringSupport} first for the reason in words.
     */
    public static UringRing open(final RingConfig config) {
        final Arena arena = Arena.ofConfined();
        UringSetup setup = null;
        try {
            setup = UringSetup.open(arena, config);
            return new UringRing(arena, setup, config);
        } catch (final RuntimeException | Error e) {
            if (setup != null) {
                setup.close();
            }
            arena.close();
            throw e;
        }
    }

    @Override
    public String describe() {
        return "io_uring (" + setup.step().name() + ", registered ring " + yesNo(setup.registered())
                + ", registered files " + yesNo(registeredFiles.granted()) + ", registered buffers "
                + yesNo(fixedBuffers.registered()) + ")";
    }

    private static String yesNo(final boolean value) {
        return value ? "yes" : "no";
    }

    @Override
    public int capacity() {
        return table.capacity();
    }

    /**
     * Made when it is first asked for: a ring whose owner waits in {@link #submitAndWait} need not pay for it. The ring's own
     * descriptor would not do: with DEFER_TASKRUN nobody who polls it is woken.
     */
    @Override
    public int descriptor() {
        checkUsable();
        if (signal == null) {
            signal = CompletionSignal.register(setup, arena);
        }
        return signal.descriptor();
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
        return fixedBuffers.register(regions);
    }

    @Override
    public boolean addBuffers(final MemorySegment region) {
        checkUsable();
        return fixedBuffers.add(region);
    }

    @Override
    public void removeBuffers(final MemorySegment region) {
        checkUsable();
        fixedBuffers.remove(region);
    }

    @Override
    public boolean nop(final long token, final int flags) {
        begin(OperationKind.NOP, flags);
        final int slot = table.take(OperationKind.NOP, null, -1, 0, null, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        submissions.add(OP_NOP, entryFlags(flags), NO_FILE, 0, 0, 0, 0, table.userData(slot), NO_BUFFER);
        return accepted(flags);
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
        return transfer(
                OperationKind.READ,
                OP_READ,
                OP_READ_FIXED,
                file,
                fileOffset,
                buffer,
                bufferOffset,
                lengthBytes,
                token,
                flags);
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
        return transfer(
                OperationKind.WRITE,
                OP_WRITE,
                OP_WRITE_FIXED,
                file,
                fileOffset,
                buffer,
                bufferOffset,
                lengthBytes,
                token,
                flags);
    }

    private boolean transfer(
            final OperationKind kind,
            final int opcode,
            final int fixedOpcode,
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
        final long address = buffer.address() + bufferOffset;
        final int length = (int) lengthBytes;
        final int slot = table.take(kind, attached, fileOffset, length, buffer, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        final int bufferIndex = fixedBuffers.indexOf(address, length);
        final boolean fixed = bufferIndex >= 0;
        submissions.add(
                fixed ? fixedOpcode : opcode,
                entryFlags(flags) | fileFlag(attached),
                descriptor(attached),
                fileOffset,
                address,
                length,
                writeFlags(flags),
                table.userData(slot),
                fixed ? bufferIndex : NO_BUFFER);
        return accepted(flags);
    }

    @Override
    public boolean readVectored(
            final RingFile file,
            final long fileOffset,
            final MemorySegment[] buffers,
            final int count,
            final long token,
            final int flags) {
        return vectored(OperationKind.READ_VECTORED, OP_READV, file, fileOffset, buffers, count, token, flags);
    }

    @Override
    public boolean writeVectored(
            final RingFile file,
            final long fileOffset,
            final MemorySegment[] buffers,
            final int count,
            final long token,
            final int flags) {
        return vectored(OperationKind.WRITE_VECTORED, OP_WRITEV, file, fileOffset, buffers, count, token, flags);
    }

    private boolean vectored(
            final OperationKind kind,
            final int opcode,
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
        // The kernel copies the vector when it takes the entry (IORING_FEAT_SUBMIT_STABLE), so one vector an entry is
        // enough.
        final long at = submissions.nextIndex() * VECTOR_BYTES;
        for (int i = 0; i < count; i++) {
            vectors.set(JAVA_LONG, at + i * 16L, buffers[i].address());
            vectors.set(JAVA_LONG, at + i * 16L + 8, buffers[i].byteSize());
        }
        submissions.add(
                opcode,
                entryFlags(flags) | fileFlag(attached),
                descriptor(attached),
                fileOffset,
                vectors.address() + at,
                count,
                writeFlags(flags),
                table.userData(slot),
                NO_BUFFER);
        return accepted(flags);
    }

    @Override
    public boolean sync(final RingFile file, final long token, final int flags) {
        return onFile(OperationKind.SYNC, OP_FSYNC, file, 0, 0, 0, 0, token, flags);
    }

    @Override
    public boolean dataSync(final RingFile file, final long token, final int flags) {
        return onFile(OperationKind.DATA_SYNC, OP_FSYNC, file, 0, 0, 0, FSYNC_DATASYNC, token, flags);
    }

    @Override
    public boolean allocate(
            final RingFile file, final long fileOffset, final long lengthBytes, final long token, final int flags) {
        TransferChecks.checkOffset(fileOffset);
        // fallocate takes its length in the address field and its mode, 0, in the length field (io_uring_enter(2)).
        return onFile(OperationKind.ALLOCATE, OP_FALLOCATE, file, fileOffset, lengthBytes, 0, 0, token, flags);
    }

    private boolean onFile(
            final OperationKind kind,
            final int opcode,
            final RingFile file,
            final long fileOffset,
            final long address,
            final int length,
            final int operationFlags,
            final long token,
            final int flags) {
        begin(kind, flags);
        final AttachedFile attached = AttachedFile.of(file, this);
        final int slot = table.take(kind, attached, fileOffset, address, null, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        submissions.add(
                opcode,
                entryFlags(flags) | fileFlag(attached),
                descriptor(attached),
                fileOffset,
                address,
                length,
                operationFlags,
                table.userData(slot),
                NO_BUFFER);
        return accepted(flags);
    }

    @Override
    public boolean timeout(final long durationNs, final long token, final int flags) {
        return timed(OperationKind.TIMEOUT, OP_TIMEOUT, durationNs, token, flags);
    }

    @Override
    public boolean linkTimeout(final long durationNs, final long token, final int flags) {
        if (!linkOpen) {
            throw new IllegalStateException("a link timeout bounds the operation before it, which must carry LINK");
        }
        return timed(OperationKind.LINK_TIMEOUT, OP_LINK_TIMEOUT, durationNs, token, flags);
    }

    private boolean timed(
            final OperationKind kind, final int opcode, final long durationNs, final long token, final int flags) {
        begin(kind, flags);
        TransferChecks.checkDuration(durationNs);
        final int slot = table.take(kind, null, -1, 0, null, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        final long at = submissions.nextIndex() * TIMESPEC_BYTES;
        timespecs.set(JAVA_LONG, at, durationNs / NANOS_A_SECOND);
        timespecs.set(JAVA_LONG, at + Long.BYTES, durationNs % NANOS_A_SECOND);
        submissions.add(
                opcode, entryFlags(flags), NO_FILE, 0, timespecs.address() + at, 1, 0, table.userData(slot), NO_BUFFER);
        return accepted(flags);
    }

    @Override
    public boolean cancel(final long targetToken, final long token, final int flags) {
        begin(OperationKind.CANCEL, flags);
        final int target = table.slotOf(targetToken);
        final long targetUserData = target == OperationTable.NONE ? NOBODY : table.userData(target);
        final int slot = table.take(OperationKind.CANCEL, null, -1, 0, null, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        submissions.add(
                OP_ASYNC_CANCEL, entryFlags(flags), NO_FILE, 0, targetUserData, 0, 0, table.userData(slot), NO_BUFFER);
        return accepted(flags);
    }

    private void begin(final OperationKind kind, final int flags) {
        checkUsable();
        TransferChecks.checkFlags(kind, flags);
    }

    private boolean accepted(final int flags) {
        linkOpen = (flags & (LINK | HARD_LINK)) != 0;
        return true;
    }

    private static int entryFlags(final int flags) {
        return flags == 0
                ? 0
                : ((flags & LINK) != 0 ? FLAG_LINK : 0)
                        | ((flags & HARD_LINK) != 0 ? FLAG_HARD_LINK : 0)
                        | ((flags & DRAIN) != 0 ? FLAG_DRAIN : 0);
    }

    /** The rw_flags of an entry; only writes come here with {@link Ring#DURABLE}. */
    private static int writeFlags(final int flags) {
        return (flags & DURABLE) == 0 ? 0 : RWF_DSYNC;
    }

    private static int fileFlag(final AttachedFile file) {
        return file.slot() == AttachedFile.NO_SLOT ? 0 : FLAG_FIXED_FILE;
    }

    private static int descriptor(final AttachedFile file) {
        return file.slot() == AttachedFile.NO_SLOT ? file.descriptor() : file.slot();
    }

    @Override
    public int submit() {
        checkUsable();
        checkChainClosed();
        submissions.publish();
        return entrance.submit(submissions);
    }

    @Override
    public int submitAndWait(final int minCompletions, final long timeoutNs) {
        checkUsable();
        checkChainClosed();
        TransferChecks.checkDuration(timeoutNs);
        submissions.publish();
        final int wanted = Math.min(minCompletions, table.inFlight());
        final int there = completions.available();
        if (there >= wanted) {
            entrance.submit(submissions);
            return completions.available();
        }
        do {
            entrance.submitAndWait(submissions, wanted, timeoutNs);
        } while (timeoutNs == Long.MAX_VALUE && completions.available() < wanted);
        return completions.available();
    }

    private void checkChainClosed() {
        if (linkOpen) {
            throw new IllegalStateException(
                    "the last operation queued carries a link: queue the rest of its chain first");
        }
    }

    @Override
    public int poll(final CompletionHandler handler, final int limit) {
        checkUsable();
        if (delivering) {
            throw new IllegalStateException("a completion handler must not poll its ring");
        }
        if (completions.available() == 0) {
            if (table.inFlight() == 0 || !submissions.hasHeldBackCompletions()) {
                return 0;
            }
            entrance.collect();
        }
        int delivered = 0;
        delivering = true;
        try {
            while (delivered < limit && completions.available() > 0) {
                final int slot = table.slotOfUserData(completions.userData());
                final int result = completions.result();
                completions.advance();
                table.complete(slot, result);
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
        final int undelivered = table.inFlight() - submissions.withdraw(setup.submissionThread());
        cancelAndAwait(undelivered);
        fixedBuffers.unregister();
        registeredFiles.unregisterAll();
        files.releaseAll();
        table.clear();
        setup.close();
        if (signal != null) {
            signal.close();
        }
        arena.close();
    }

    /** Cancels everything submitted, and takes completions until none is outstanding. */
    private void cancelAndAwait(final int submitted) {
        int outstanding = submitted;
        if (outstanding == 0) {
            return;
        }
        submissions.add(OP_ASYNC_CANCEL, 0, NO_FILE, 0, 0, 0, CANCEL_EVERYTHING, OWN_OPERATION, NO_BUFFER);
        submissions.publish();
        outstanding++;
        while (outstanding > 0) {
            while (completions.available() > 0) {
                completions.advance();
                outstanding--;
            }
            if (outstanding > 0) {
                entrance.submitAndWait(submissions, 1, Long.MAX_VALUE);
            }
        }
    }

    /** How many completions the kernel had to hold back for want of room: stays 0. For tests. */
    int overflowCount() {
        return completions.overflowCount();
    }
}
