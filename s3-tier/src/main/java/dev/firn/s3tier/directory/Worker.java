package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.nativeio.wakeup.WaitSet;
import dev.firn.nativeio.wakeup.Wakeup;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.WriteStamp;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Does attempts, many at a time, on one thread with one ring. Bytes and syncs go through the ring; the short calls
 * that io_uring has none for or gains nothing by (open, rename, attributes, locks) are made on this thread.
 *
 * <p>Its state belongs to the thread that calls {@link #doWork}; {@link #offer}, {@link #wake} and {@link #pending}
 * are for all.
 */
final class Worker implements Agent {
    private static final int RING_CAPACITY = 1_024;

    /** Files, uploads and directories that are attached at once. */
    private static final int MAX_ATTACHED = 1_024;

    private static final int COMPLETIONS_A_TURN = 256;

    /** How long a worker that ends waits for its ring before it gives its tasks another turn. */
    private static final long RING_WAIT_NS = 100_000;

    /** How long it sleeps without tasks: it is woken for each. */
    private static final long SLEEP_NS = 1_000_000_000L;

    /** The same with tasks: completions wake it, and what they wait for besides, but for other processes' locks. */
    private static final long SLEEP_WITH_TASKS_NS = 1_000_000L;

    /** The same while a ring that cannot wake it has something on its way. */
    private static final long SLEEP_UNSIGNALLED_NS = 100_000L;

    private static final long NANOS_A_MILLISECOND = 1_000_000L;

    private final Store store;
    private final int index;
    private final RandomGenerator random;

    /** What its thread sleeps by, and what ends the sleep; null without a thread of its own. */
    private final WaitSet waits;

    private final Wakeup wakeup;
    private final ManyToOneConcurrentArrayQueue<Task> queue;
    private final AtomicInteger pending = new AtomicInteger();
    private final WorkerUploads uploads = new WorkerUploads(this);
    private final Task[] tasks;
    private int active;
    private int attached;
    private Ring ring;
    private SyncRound round;
    private volatile boolean cancelRequested;
    private volatile boolean closed;

    /**
     * @param ownThread whether it may sleep.
     * @param random for write ids; the worker's own.
     */
    Worker(final Store store, final int index, final boolean ownThread, final RandomGenerator random) {
        this.store = store;
        this.index = index;
        this.random = random;
        this.waits = ownThread ? new WaitSet(SLEEP_NS, SLEEP_NS) : null;
        this.wakeup = ownThread ? Wakeup.open() : null;
        if (ownThread) {
            waits.add(wakeup);
        }
        this.queue = new ManyToOneConcurrentArrayQueue<>(store.config().queuedPerWorker());
        this.tasks = new Task[store.config().attemptsPerWorker()];
    }

    // --- for any thread ---

    /** @return false when its queue is full, or it is closed. */
    boolean offer(final Task task) {
        if (closed || !queue.offer(task)) {
            return false;
        }
        pending.incrementAndGet();
        wake();
        if (closed) {
            // It was closed in between: whoever takes the task out of the queue answers it.
            refuseQueued();
        }
        return true;
    }

    /** Attempts that it has, begun or waiting. */
    int pending() {
        return pending.get();
    }

    /** A task of this worker was cancelled. */
    void onCancel() {
        cancelRequested = true;
        wake();
    }

    boolean isClosed() {
        return closed;
    }

    /** Something that one of its tasks waits for has happened. */
    void wake() {
        if (wakeup != null) {
            wakeup.wake();
        }
    }

    /** Its thread has ended, and nobody has work for it any more. */
    void closeSignal() {
        if (wakeup != null) {
            waits.close();
            wakeup.close();
        }
    }

    /** What its thread sleeps by. */
    WaitSet waits() {
        return waits;
    }

    // --- for the worker's thread ---

    Store store() {
        return store;
    }

    int index() {
        return index;
    }

    RandomGenerator random() {
        return random;
    }

    Ring ring() {
        return ring;
    }

    WorkerUploads uploads() {
        return uploads;
    }

    /** What an operation of a task carries through the ring. */
    long token(final Task task, final int operation) {
        return ((long) task.slot() << Integer.SIZE) | operation;
    }

    /** What a sync of the round that this worker runs carries. */
    long syncToken(final int operation) {
        return ((long) tasks.length << Integer.SIZE) | operation;
    }

    boolean mayAttach() {
        return attached < MAX_ATTACHED;
    }

    RingFile attach(final StorageFile file) {
        final RingFile ringFile = ring.attach(file);
        attached++;
        return ringFile;
    }

    void detach(final RingFile file) {
        ring.detach(file);
        attached--;
    }

    ObjectAttribute newVersion(final int crc32c, final long lengthBytes, final WriteStamp stamp) {
        return new ObjectAttribute(
                crc32c, lengthBytes, random.nextLong(), store.clock().epochNs() / NANOS_A_MILLISECOND, stamp);
    }

    /** Removes a file that nobody knows of; what cannot be removed is swept when the store is opened next. */
    void deleteQuietly(final String path) {
        try {
            store.storage().delete(path);
        } catch (final StorageException e) {
            System.getLogger(Worker.class.getName())
                    .log(System.Logger.Level.DEBUG, "{0} is left to be swept: {1}", path, e.getMessage());
        }
    }

    @Override
    public String roleName() {
        return "store-" + index;
    }

    @Override
    public void onStart() {
        openRing();
    }

    private void openRing() {
        ring = store.storage()
                .openRing(RingConfig.ofCapacity(RING_CAPACITY).withMaxFiles(MAX_ATTACHED + SyncRound.WINDOW));
        if (ringWakes()) {
            waits.add(ring);
        }
    }

    private boolean ringWakes() {
        return waits != null && ring.descriptor() != Ring.NO_DESCRIPTOR;
    }

    /** How long it may sleep, unless it is woken: whoever ends it does not know whether it is about to. */
    private long patienceNs() {
        if (ring.inFlight() > 0 && ring.descriptor() == Ring.NO_DESCRIPTOR) {
            return SLEEP_UNSIGNALLED_NS;
        }
        return active == 0 && round == null && !store.closing() ? SLEEP_NS : SLEEP_WITH_TASKS_NS;
    }

    @Override
    public int doWork() {
        if (ring == null) {
            openRing();
        }
        int work = takeQueued();
        work += giveTurns();
        work += syncDirectories();
        ring.submit();
        work += ring.poll(this::onCompletion, COMPLETIONS_A_TURN);
        if (waits != null) {
            waits.wakeWithin(patienceNs());
        }
        return work;
    }

    private int takeQueued() {
        int taken = 0;
        while (active < tasks.length) {
            final Task task = queue.poll();
            if (task == null) {
                break;
            }
            int slot = 0;
            while (tasks[slot] != null) {
                slot++;
            }
            tasks[slot] = task;
            task.begin(this, slot);
            active++;
            taken++;
        }
        return taken;
    }

    /** @return how many tasks have ended. */
    private int giveTurns() {
        final boolean all = cancelRequested;
        cancelRequested = false;
        int ended = 0;
        for (int i = 0; i < tasks.length; i++) {
            final Task task = tasks[i];
            if (task != null && (task.wantsTurn() || (all && task.cancelled()))) {
                final AttemptResult result = task.turn();
                if (result != null) {
                    tasks[i] = null;
                    active--;
                    ended++;
                    answer(task, result);
                }
            }
        }
        return ended;
    }

    /**
     * Goes on with the round that this worker runs; begins one when tasks wait for one, its own or others', and no
     * worker runs one.
     *
     * @return 1 when a round is over.
     */
    private int syncDirectories() {
        if (round == null && active > 0) {
            round = store.syncs().begin();
        }
        if (round == null || !round.advance(this)) {
            return 0;
        }
        store.syncs().end(round);
        round = null;
        return 1;
    }

    private void answer(final Task task, final AttemptResult result) {
        pending.decrementAndGet();
        task.attempt().complete(result);
    }

    private void onCompletion(final Completion completion) {
        final long token = completion.token();
        final int slot = (int) (token >>> Integer.SIZE);
        if (slot == tasks.length) {
            round.onCompletion((int) token, completion.result());
        } else {
            tasks[slot].operationCompleted((int) token, completion.result());
        }
    }

    /** Cancels what can be stopped, brings to its end what cannot, and gives everything back. */
    @Override
    public void onClose() {
        closed = true;
        refuseQueued();
        try {
            while (active > 0 || round != null) {
                for (final Task task : tasks) {
                    if (task != null) {
                        task.cancel();
                    }
                }
                cancelRequested = true;
                giveTurns();
                syncDirectories();
                if (active > 0 || round != null) {
                    ring.submitAndWait(ring.inFlight() > 0 ? 1 : 0, RING_WAIT_NS);
                    ring.poll(this::onCompletion, COMPLETIONS_A_TURN);
                }
            }
            uploads.closeAll();
        } finally {
            refuseActive();
            if (ring != null) {
                if (ringWakes()) {
                    waits.remove(ring);
                }
                ring.close();
            }
            if (round != null) {
                round.abandon();
                store.syncs().end(round);
            }
        }
    }

    /** The queue has one consumer: after the close, whoever holds the lock. */
    private synchronized void refuseQueued() {
        Task task = queue.poll();
        while (task != null) {
            answer(task, Failures.cancelled(task.toString()));
            task = queue.poll();
        }
    }

    /** After an error of the worker's own: nothing is left unanswered. */
    private void refuseActive() {
        for (int i = 0; i < tasks.length; i++) {
            if (tasks[i] != null) {
                final AttemptFailed lost = Failures.of(
                        FailureKind.STORE_ERROR,
                        Effect.UNKNOWN,
                        Retry.NEVER,
                        "the store's thread " + roleName() + " ended before " + tasks[i] + " did; its log says why");
                answer(tasks[i], lost);
                tasks[i] = null;
            }
        }
    }
}
