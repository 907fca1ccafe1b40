package dev.firn.server.objectstore;

import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.StoreLimits;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A store in front of another, that ignores conditions, or answers nothing, when the test says so. */
final class ScriptedBackend implements StoreBackend {
    private final StoreBackend actual;
    private final Queue<Attempt> held = new ConcurrentLinkedQueue<>();
    volatile boolean ignoresConditions;
    volatile boolean hangs;

    ScriptedBackend(final StoreBackend actual) {
        this.actual = actual;
    }

    @Override
    public String describe() {
        return actual.describe();
    }

    @Override
    public StoreLimits limits() {
        return actual.limits();
    }

    @Override
    public String addressOf(final String key) {
        return actual.addressOf(key);
    }

    @Override
    public void begin(final Attempt attempt) {
        if (hangs) {
            held.add(attempt);
        } else {
            pass(attempt);
        }
    }

    /** Answers everything from now on, and what has waited. */
    void recover() {
        hangs = false;
        for (Attempt attempt = held.poll(); attempt != null; attempt = held.poll()) {
            pass(attempt);
        }
    }

    private void pass(final Attempt attempt) {
        final AttemptRequest request = ignoresConditions && attempt.request() instanceof AttemptRequest.PutObject put
                ? new AttemptRequest.PutObject(
                        put.key(), put.body(), put.crc32c(), AttemptRequest.Precondition.NONE, put.stamp())
                : attempt.request();
        final Attempt inner =
                new Attempt(request, attempt.deadlineNs(), completed -> attempt.complete(completed.result()));
        actual.begin(inner);
    }

    /** An attempt that hangs hangs on; any other is about to be answered. */
    @Override
    public void cancel(final Attempt attempt) {}

    @Override
    public void close() {
        actual.close();
    }
}
