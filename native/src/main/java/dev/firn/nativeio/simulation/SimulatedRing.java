package dev.firn.nativeio.simulation;

import dev.firn.nativeio.ring.OwnerThread;
import dev.firn.nativeio.ring.TransferChecks;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;

/**
 * The {@link Ring} of a simulated host: operations complete at simulated times.
 *
 * <p>Outside of the scheduler's tasks {@link #submitAndWait} runs the scheduler until there is enough to poll; a call takes
 * {@value #SYSTEM_CALL_NS} ns of virtual time. Inside a task nothing may wait: a call that would is refused. A ring that was
 * opened by an agent is refused to every other agent of the simulation, as another thread would be.
 *
 * <p>Unlike the rings of a real host it allocates.
 */
final class SimulatedRing implements Ring {
    static final long SYSTEM_CALL_NS = 1_000;

    private final OwnerThread owner = new OwnerThread();
    private final SimulatedDisk disk;
    private final Scheduler scheduler;
    private final Life life;
    private final Agent ownerAgent;
    private final RandomGenerator random;
    private final RingEngine engine;
    private final int capacity;
    private final int maxFiles;
    private final List<SimulatedRingFile> files = new ArrayList<>();
    private final ArrayDeque<RingOperation> free = new ArrayDeque<>();
    private final ArrayDeque<RingOperation> queued = new ArrayDeque<>();
    private final RingCompletion completion = new RingCompletion();
    private RingOperation chainHead;
    private RingOperation chainTail;
    private boolean delivering;
    private boolean closed;

    SimulatedRing(final SimulatedDisk disk, final Life life, final RingConfig config) {
        this.disk = disk;
        this.scheduler = disk.scheduler();
        this.life = life;
        this.ownerAgent = scheduler.currentAgent();
        this.random = disk.ringRandom();
        this.engine = new RingEngine(disk, random);
        this.capacity = config.capacity();
        this.maxFiles = config.maxFiles();
        for (int i = 0; i < capacity; i++) {
            free.add(new RingOperation());
        }
    }

    @Override
    public String describe() {
        return "simulated (virtual time, faults by seed)";
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public int inFlight() {
        checkUsable();
        return capacity - free.size();
    }

    @Override
    public int room() {
        checkUsable();
        return free.size();
    }

    @Override
    public RingFile attach(final StorageFile file) {
        checkUsable();
        if (files.size() >= maxFiles) {
            throw new IllegalStateException("this ring has its " + maxFiles
                    + " files attached (RingConfig.maxFiles); detach one before " + file.name());
        }
        final SimulatedRingFile attached = SimulatedRingFile.attach(file, disk, this);
        files.add(attached);
        return attached;
    }

    @Override
    public void detach(final RingFile file) {
        checkUsable();
        final SimulatedRingFile attached = SimulatedRingFile.of(file, this);
        attached.detach();
        files.removeIf(one -> one.equals(attached));
    }

    @Override
    public boolean registerBuffers(final MemorySegment... regions) {
        checkUsable();
        if (inFlight() > 0) {
            throw new IllegalStateException(
                    "buffers are registered with nothing in flight; " + inFlight() + " operations are");
        }
        for (final MemorySegment region : regions) {
            addBuffers(region);
        }
        return true;
    }

    @Override
    public boolean addBuffers(final MemorySegment region) {
        checkUsable();
        if (!region.isNative()) {
            throw new IllegalArgumentException("a region to register is native memory; this one is on the heap");
        }
        return true;
    }

    @Override
    public void removeBuffers(final MemorySegment region) {
        checkUsable();
    }

    @Override
    public boolean nop(final long token, final int flags) {
        begin(OperationKind.NOP, flags);
        return accept(take(OperationKind.NOP, null, -1, 0, token), flags);
    }

    @Override
    public boolean read(
            final RingFile file, final long fileOffset, final MemorySegment buffer, final long token, final int flags) {
        checkWritable(buffer);
        return transfer(OperationKind.READ, file, fileOffset, buffer, token, flags);
    }

    @Override
    public boolean write(
            final RingFile file, final long fileOffset, final MemorySegment buffer, final long token, final int flags) {
        return transfer(OperationKind.WRITE, file, fileOffset, buffer, token, flags);
    }

    private boolean transfer(
            final OperationKind kind,
            final RingFile file,
            final long fileOffset,
            final MemorySegment buffer,
            final long token,
            final int flags) {
        begin(kind, flags);
        TransferChecks.checkBuffer(buffer);
        TransferChecks.checkOffset(fileOffset);
        final SimulatedRingFile attached = SimulatedRingFile.of(file, this);
        final RingOperation operation = take(kind, attached, fileOffset, buffer.byteSize(), token);
        if (operation != null) {
            operation.buffers[0] = buffer;
            operation.bufferCount = 1;
        }
        return accept(operation, flags);
    }

    @Override
    public boolean readVectored(
            final RingFile file,
            final long fileOffset,
            final MemorySegment[] buffers,
            final int count,
            final long token,
            final int flags) {
        for (int i = 0; i < Math.min(count, buffers.length); i++) {
            checkWritable(buffers[i]);
        }
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
        final RingOperation operation = take(kind, SimulatedRingFile.of(file, this), fileOffset, total, token);
        if (operation != null) {
            System.arraycopy(buffers, 0, operation.buffers, 0, count);
            operation.bufferCount = count;
        }
        return accept(operation, flags);
    }

    @Override
    public boolean sync(final RingFile file, final long token, final int flags) {
        begin(OperationKind.SYNC, flags);
        return accept(take(OperationKind.SYNC, SimulatedRingFile.of(file, this), 0, 0, token), flags);
    }

    @Override
    public boolean dataSync(final RingFile file, final long token, final int flags) {
        begin(OperationKind.DATA_SYNC, flags);
        return accept(take(OperationKind.DATA_SYNC, SimulatedRingFile.of(file, this), 0, 0, token), flags);
    }

    @Override
    public boolean allocate(
            final RingFile file, final long fileOffset, final long lengthBytes, final long token, final int flags) {
        begin(OperationKind.ALLOCATE, flags);
        TransferChecks.checkOffset(fileOffset);
        final SimulatedRingFile attached = SimulatedRingFile.of(file, this);
        return accept(take(OperationKind.ALLOCATE, attached, fileOffset, lengthBytes, token), flags);
    }

    @Override
    public boolean timeout(final long durationNs, final long token, final int flags) {
        return timed(OperationKind.TIMEOUT, durationNs, token, flags);
    }

    @Override
    public boolean linkTimeout(final long durationNs, final long token, final int flags) {
        if (chainTail == null) {
            throw new IllegalStateException("a link timeout bounds the operation before it, which must carry LINK");
        }
        return timed(OperationKind.LINK_TIMEOUT, durationNs, token, flags);
    }

    private boolean timed(final OperationKind kind, final long durationNs, final long token, final int flags) {
        begin(kind, flags);
        TransferChecks.checkDuration(durationNs);
        final RingOperation operation = take(kind, null, -1, 0, token);
        if (operation != null) {
            operation.durationNs = durationNs;
        }
        return accept(operation, flags);
    }

    @Override
    public boolean cancel(final long targetToken, final long token, final int flags) {
        begin(OperationKind.CANCEL, flags);
        final RingOperation operation = take(OperationKind.CANCEL, null, -1, 0, token);
        if (operation != null) {
            operation.targetToken = targetToken;
        }
        return accept(operation, flags);
    }

    @Override
    public int submit() {
        checkUsable();
        checkChainClosed();
        int chains = queued.size();
        if (chains > 1 && Seeds.happens(random, disk.faults().partialSubmit())) {
            chains = 1 + random.nextInt(chains - 1);
            disk.trace().fault(FaultKind.PARTIAL_SUBMIT, disk.node(), "", chains, queued.size());
        }
        return handOver(chains);
    }

    @Override
    public int submitAndWait(final int minCompletions, final long timeoutNs) {
        checkUsable();
        checkChainClosed();
        TransferChecks.checkDuration(timeoutNs);
        handOver(queued.size());
        if (scheduler.insideTask()) {
            if (engine.readyCount() < Math.min(minCompletions, inFlight()) && timeoutNs > 0) {
                scheduler.refuseInsideTask("wait for completions");
            }
            return engine.readyCount();
        }
        final long nowNs = scheduler.nowNs();
        final int wanted = Math.min(minCompletions, inFlight());
        scheduler.runUntil(nowNs + SYSTEM_CALL_NS);
        if (timeoutNs > SYSTEM_CALL_NS) {
            final long deadlineNs = timeoutNs > Long.MAX_VALUE - nowNs ? Long.MAX_VALUE : nowNs + timeoutNs;
            scheduler.runUntil(() -> life.over() || engine.readyCount() >= wanted, deadlineNs);
        }
        life.check();
        return engine.readyCount();
    }

    @Override
    public int poll(final CompletionHandler handler, final int limit) {
        checkUsable();
        if (delivering) {
            throw new IllegalStateException("a completion handler must not poll its ring");
        }
        int delivered = 0;
        delivering = true;
        try {
            while (delivered < limit && engine.readyCount() > 0) {
                final RingOperation operation = engine.takeReady();
                completion.load(operation);
                giveBack(operation);
                delivered++;
                handler.onCompletion(completion);
            }
        } finally {
            delivering = false;
        }
        return delivered;
    }

    @Override
    public void close() {
        owner.check();
        if (closed || life.over()) {
            return;
        }
        checkAgent();
        closed = true;
        engine.close();
        releaseAll();
        disk.onRingClosed(this);
    }

    /** Power is lost or the process killed: what is in flight is cut, and nothing of it completes. */
    void die() {
        engine.die();
        releaseAll();
    }

    private void releaseAll() {
        files.forEach(SimulatedRingFile::release);
        files.clear();
        queued.clear();
    }

    private int handOver(final int chains) {
        int handedOver = 0;
        for (int i = 0; i < chains; i++) {
            final RingOperation head = queued.remove();
            for (RingOperation operation = head; operation != null; operation = operation.next) {
                handedOver++;
            }
            engine.submit(head);
        }
        engine.startWaiting();
        return handedOver;
    }

    private void begin(final OperationKind kind, final int flags) {
        checkUsable();
        TransferChecks.checkFlags(kind, flags);
    }

    private RingOperation take(
            final OperationKind kind,
            final SimulatedRingFile file,
            final long fileOffset,
            final long requestedBytes,
            final long token) {
        final RingOperation operation = free.poll();
        if (operation == null) {
            return null;
        }
        operation.kind = kind;
        operation.file = file;
        operation.fileOffset = fileOffset;
        operation.requestedBytes = requestedBytes;
        operation.token = token;
        if (file != null) {
            file.operationAccepted();
        }
        return operation;
    }

    /** Puts an operation at the end of the open chain, or begins one; a chain is queued when it is whole. */
    private boolean accept(final RingOperation operation, final int flags) {
        if (operation == null) {
            return false;
        }
        operation.flags = flags;
        if (chainTail == null) {
            chainHead = operation;
        } else {
            chainTail.next = operation;
            chainHead.flags |= flags & DRAIN;
        }
        chainTail = operation;
        if ((flags & (LINK | HARD_LINK)) == 0) {
            queued.add(chainHead);
            chainHead = null;
            chainTail = null;
        }
        return true;
    }

    private void giveBack(final RingOperation operation) {
        if (operation.file != null) {
            operation.file.operationDelivered();
        }
        operation.clear();
        free.add(operation);
    }

    private void checkUsable() {
        owner.check();
        life.check();
        checkAgent();
        if (closed) {
            throw new IllegalStateException("this ring is closed");
        }
    }

    private void checkAgent() {
        final Agent caller = scheduler.currentAgent();
        if (ownerAgent != null && caller != null && !ownerAgent.equals(caller)) {
            throw new IllegalStateException("this ring is owned by agent " + ownerAgent.roleName()
                    + " and was used by agent " + caller.roleName());
        }
    }

    private void checkChainClosed() {
        if (chainTail != null) {
            throw new IllegalStateException(
                    "the last operation queued carries a link: queue the rest of its chain first");
        }
    }

    private static void checkWritable(final MemorySegment buffer) {
        if (buffer.isReadOnly()) {
            throw new IllegalArgumentException("the buffer of a read is read-only");
        }
    }
}
