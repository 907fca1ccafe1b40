package dev.firn.walquorum.follow;

import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingMillisIdleStrategy;

/** Asks the object store, and waits for the answer: each call has a deadline. For threads that may block. */
final class StoreCalls implements AutoCloseable {
    private static final int HANDLERS_A_POLL = 64;

    private final StoreSession session;
    private final IdleStrategy idle = new SleepingMillisIdleStrategy(1);

    StoreCalls(final ObjectStore store) {
        this.session = store.openSession();
    }

    StoreSession session() {
        return session;
    }

    /** @param question begins the call, and hands the answer to what it is given. */
    <T> T ask(final Consumer<Consumer<T>> question) {
        final List<T> answer = new ArrayList<>(1);
        question.accept(answer::add);
        while (answer.isEmpty()) {
            idle.idle(session.poll(HANDLERS_A_POLL));
        }
        return answer.getFirst();
    }

    static <T> T with(final ObjectStore store, final Function<StoreCalls, T> work) {
        try (StoreCalls calls = new StoreCalls(store)) {
            return work.apply(calls);
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
