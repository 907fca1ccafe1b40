package dev.firn.nativeio.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects completions by token, and refuses a second one for the same token. */
public final class Completed implements CompletionHandler {
    private final Map<Long, Integer> results = new HashMap<>();
    private final Map<Long, StorageException> failures = new HashMap<>();
    private final List<Long> order = new ArrayList<>();

    @Override
    public void onCompletion(final Completion completion) {
        if (results.put(completion.token(), completion.result()) != null) {
            fail("token " + completion.token() + " was completed twice");
        }
        order.add(completion.token());
        if (completion.failed()) {
            failures.put(completion.token(), completion.failure());
        }
    }

    /** Submits, and polls until nothing is in flight. */
    public static Completed all(final Ring ring) {
        final Completed completed = new Completed();
        completed.await(ring);
        return completed;
    }

    public void await(final Ring ring) {
        ring.submit();
        while (ring.inFlight() > 0) {
            ring.submitAndWait(1, Long.MAX_VALUE);
            ring.poll(this, Integer.MAX_VALUE);
        }
    }

    /** Waits for one completion only. */
    public void awaitOne(final Ring ring) {
        final int before = order.size();
        while (order.size() == before) {
            ring.submitAndWait(1, Long.MAX_VALUE);
            ring.poll(this, 1);
        }
    }

    public int result(final long token) {
        assertThat(results).as("completed tokens").containsKey(token);
        return results.get(token);
    }

    public Collection<Integer> results() {
        return results.values();
    }

    public StorageException failure(final long token) {
        assertThat(failures).as("failed tokens").containsKey(token);
        return failures.get(token);
    }

    public List<Long> order() {
        return order;
    }

    public int count() {
        return order.size();
    }
}
