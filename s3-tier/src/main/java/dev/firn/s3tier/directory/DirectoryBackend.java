package dev.firn.s3tier.directory;

import dev.firn.nativeio.agent.AgentThread;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Storage;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.ObjectKeys;
import dev.firn.s3tier.store.StoreLimits;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The object store in a local directory: the promises of S3, kept by one file system, between any number of
 * processes that use it.
 *
 * <p>An object is a plain file under its key. Its version (etag, write stamp, checksum) is in an extended attribute
 * of the file, which is synced with its bytes before the file gets its name, so that content and version change in
 * one instant. How each promise is kept is in {@code docs/decisions/2026-11-21-directory-store.md}.
 *
 * <p>Thread-safe. The work is done by a fixed number of {@link Worker}s; without workers of its own, by whoever calls
 * {@link #doWork}.
 */
public final class DirectoryBackend implements StoreBackend {
    private final Store store;
    private final StoreLimits limits;
    private final Worker[] workers;
    private final List<AgentThread> threads = new ArrayList<>();
    private boolean closed;

    private DirectoryBackend(final Store store, final StoreLimits limits, final RandomGenerator random) {
        this.store = store;
        this.limits = limits;
        final int count = store.config().workers();
        this.workers = new Worker[Math.max(1, count)];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(store, i, count > 0, SystemRandom.seeded(random.nextLong()));
        }
    }

    /**
     * Opens the store in a directory; makes one of it when it is none yet. What is in it already becomes objects.
     *
     * @param storage the directory; borrowed until the backend is closed.
     * @param place the directory's absolute path, for messages and addresses.
     * @param random for ids; used during this call only.
     * @throws StoreRefusedException when it cannot be used as a store; says why.
     * @throws dev.firn.nativeio.storage.StorageException when the file system fails.
     */
    public static DirectoryBackend open(
            final Storage storage,
            final String place,
            final DirectoryConfig config,
            final StoreLimits limits,
            final Clock clock,
            final RandomGenerator random) {
        final DirectoryBackend backend =
                new DirectoryBackend(StoreOpening.open(storage, place, config, clock, random), limits, random);
        backend.startThreads();
        return backend;
    }

    private void startThreads() {
        if (store.config().workers() == 0) {
            return;
        }
        try {
            for (final Worker worker : workers) {
                threads.add(AgentThread.start(
                        worker,
                        AgentThreadConfig.of(IdleProfile.SHARED_MACHINE).wokenBy(worker.waits()),
                        DirectoryBackend::onFailure));
            }
        } catch (final RuntimeException e) {
            close();
            throw e;
        }
    }

    private static void onFailure(final String roleName, final Throwable cause) {
        System.getLogger(DirectoryBackend.class.getName())
                .log(System.Logger.Level.ERROR, "the store's thread " + roleName + " has failed", cause);
    }

    @Override
    public String describe() {
        return "local directory " + store.place() + ", store " + store.format().id() + ", "
                + (store.config().workers() == 0
                        ? "driven by its caller"
                        : store.config().workers() + " workers");
    }

    /** Tells this store from every other; drawn when it was made. */
    public String storeId() {
        return store.format().id();
    }

    @Override
    public StoreLimits limits() {
        return limits;
    }

    @Override
    public String addressOf(final String key) {
        try {
            final String root = store.place().endsWith("/") ? store.place() : store.place() + "/";
            return "file://"
                    + new URI(null, null, root + KeyPaths.pathOf(ObjectKeys.requireValid(key)), null).toASCIIString();
        } catch (final URISyntaxException e) {
            throw new IllegalArgumentException("no address can be made of " + key, e);
        }
    }

    @Override
    public void begin(final Attempt attempt) {
        final Task task;
        try {
            task = taskOf(attempt);
        } catch (final IllegalArgumentException e) {
            attempt.complete(Failures.rejected(e.getMessage()));
            return;
        }
        attempt.backendState(task);
        final Worker worker = workerFor(attempt.request());
        if (!worker.offer(task)) {
            attempt.complete(
                    worker.isClosed()
                            ? Failures.cancelled(task.toString())
                            : Failures.overloaded("the queue of the store in " + store.place() + " is full"));
        }
    }

    @Override
    public void cancel(final Attempt attempt) {
        if (attempt.result() == null && attempt.backendState() instanceof final Task task) {
            task.cancel();
            for (final Worker worker : workers) {
                worker.onCancel();
            }
        }
    }

    @Override
    public int doWork() {
        return store.config().workers() == 0 ? workers[0].doWork() : 0;
    }

    /** Without workers of its own, on the thread that has driven it. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        store.beginClose();
        try {
            if (threads.isEmpty()) {
                workers[0].onClose();
            }
            for (final Worker worker : workers) {
                worker.wake();
            }
            threads.forEach(AgentThread::close);
            for (final Worker worker : workers) {
                worker.closeSignal();
            }
        } finally {
            store.generations().close();
            store.folder().close();
        }
    }

    private static Task taskOf(final Attempt attempt) {
        return switch (attempt.request()) {
            case AttemptRequest.PutObject put -> {
                ObjectKeys.requireValid(put.key());
                yield new PutTask(attempt, put);
            }
            case AttemptRequest.GetRange get -> {
                ObjectKeys.requireValid(get.key());
                yield new GetTask(attempt, get);
            }
            case AttemptRequest.HeadObject head -> {
                ObjectKeys.requireValid(head.key());
                yield new CallTask(attempt);
            }
            case AttemptRequest.DeleteObject delete ->
                new DeleteTask(attempt, List.of(ObjectKeys.requireValid(delete.key())));
            case AttemptRequest.DeleteBatch batch -> {
                if (batch.keys().isEmpty() || batch.keys().size() > AttemptRequest.MAX_DELETE_BATCH) {
                    throw new IllegalArgumentException("a batch of "
                            + batch.keys().size() + " deletes is not within 1.." + AttemptRequest.MAX_DELETE_BATCH);
                }
                batch.keys().forEach(ObjectKeys::requireValid);
                yield new DeleteTask(attempt, List.copyOf(batch.keys()));
            }
            case AttemptRequest.CreateUpload create -> {
                ObjectKeys.requireValid(create.key());
                yield new CallTask(attempt);
            }
            case AttemptRequest.UploadPart part -> new PartTask(attempt, part);
            case AttemptRequest.CompleteUpload complete -> {
                ObjectKeys.requireValid(complete.key());
                yield new CompleteTask(attempt, complete);
            }
            case AttemptRequest.ListPage list -> new CallTask(attempt);
            case AttemptRequest.AbortUpload abort -> new CallTask(attempt);
            case AttemptRequest.ListUploads list -> new CallTask(attempt);
        };
    }

    /** An upload stays with its worker; all else goes to the one with the least to do. */
    private Worker workerFor(final AttemptRequest request) {
        return switch (request) {
            case AttemptRequest.UploadPart part -> ownerOf(part.uploadId());
            case AttemptRequest.CompleteUpload complete -> ownerOf(complete.uploadId());
            case AttemptRequest.AbortUpload abort -> ownerOf(abort.uploadId());
            default -> leastBusy();
        };
    }

    private Worker ownerOf(final String uploadId) {
        return workers[WorkerUploads.workerOf(uploadId, workers.length)];
    }

    private Worker leastBusy() {
        Worker least = workers[0];
        int fewest = least.pending();
        for (int i = 1; i < workers.length && fewest > 0; i++) {
            final int pending = workers[i].pending();
            if (pending < fewest) {
                least = workers[i];
                fewest = pending;
            }
        }
        return least;
    }
}
