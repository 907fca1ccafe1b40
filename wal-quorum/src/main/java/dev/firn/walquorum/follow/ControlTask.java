package dev.firn.walquorum.follow;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * One thing at a time that blocks, done elsewhere: started and asked for by the agent, done by the executor. What comes about when
 * nobody waits any more is closed at once.
 */
final class ControlTask {
    /** What came of it. */
    sealed interface Outcome {}

    record Opened(OpenStream stream) implements Outcome {}

    record Threw(RuntimeException cause) implements Outcome {}

    /** Nobody waits for what is under way. */
    private static final Outcome ABANDONED = new Threw(new IllegalStateException("abandoned"));

    private final Executor executor;
    private AtomicReference<Outcome> underWay;

    ControlTask(final Executor executor) {
        this.executor = executor;
    }

    void run(final Supplier<OpenStream> work) {
        if (underWay != null) {
            throw new IllegalStateException("another task is under way");
        }
        final AtomicReference<Outcome> outcome = new AtomicReference<>();
        underWay = outcome;
        try {
            executor.execute(() -> execute(work, outcome));
        } catch (final RejectedExecutionException e) {
            outcome.set(new Threw(e));
        }
    }

    private static void execute(final Supplier<OpenStream> work, final AtomicReference<Outcome> outcome) {
        Outcome came;
        try {
            came = new Opened(work.get());
        } catch (final RuntimeException e) {
            came = new Threw(e);
        }
        if (!outcome.compareAndSet(null, came) && came instanceof Opened(final OpenStream stream)) {
            stream.close();
        }
    }

    /** What came of it; null while it is under way, or when nothing is. */
    Outcome poll() {
        if (underWay == null) {
            return null;
        }
        final Outcome came = underWay.get();
        if (came != null) {
            underWay = null;
        }
        return came;
    }

    /** What is under way is not waited for any more. */
    void abandon() {
        if (underWay != null) {
            final Outcome came = underWay.getAndSet(ABANDONED);
            underWay = null;
            if (came instanceof Opened(final OpenStream stream)) {
                stream.close();
            }
        }
    }
}
