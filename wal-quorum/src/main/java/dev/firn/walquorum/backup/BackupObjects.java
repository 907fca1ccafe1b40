package dev.firn.walquorum.backup;

import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.StoreSentence;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The objects that one attempt at a backup has begun: which are on their way, which are stored, and how to be rid of them.
 */
final class BackupObjects {
    private final StoreSession session;
    private final CallOptions options;
    private final Consumer<String> onFailure;

    /** Every key that was begun; null until it is known to be stored. */
    private final Map<String, ObjectVersion> versions = new TreeMap<>();

    private int completing;

    /** @param onFailure hears why an object could not be stored. */
    BackupObjects(final StoreSession session, final CallOptions options, final Consumer<String> onFailure) {
        this.session = session;
        this.options = options;
        this.onFailure = onFailure;
    }

    void begun(final String key) {
        versions.put(key, null);
    }

    /** Makes an object appear; false when the session has no room: ask again. */
    boolean complete(final String key, final ObjectWriter writer) {
        final boolean taken = writer.complete(outcome -> onStored(key, outcome));
        if (taken) {
            completing++;
        }
        return taken;
    }

    private void onStored(final String key, final PutOutcome outcome) {
        completing--;
        if (outcome instanceof PutOutcome.Stored stored && !stored.overtaken()) {
            versions.put(key, stored.version());
        } else {
            onFailure.accept(StoreSentence.of(key, outcome));
        }
    }

    /** How many are on their way to be complete. */
    int completing() {
        return completing;
    }

    /**
     * Makes sure that what is there is what was stored, and not another attempt's.
     *
     * @param done hears null, or what is wrong.
     */
    void check(final Consumer<String> done) {
        checkNext(versions.entrySet().iterator(), done);
    }

    private void checkNext(final Iterator<Map.Entry<String, ObjectVersion>> left, final Consumer<String> done) {
        if (!left.hasNext()) {
            done.accept(null);
            return;
        }
        final Map.Entry<String, ObjectVersion> next = left.next();
        final String key = next.getKey();
        session.head(key, options, outcome -> {
            switch (outcome) {
                case HeadOutcome.Found found -> {
                    if (isSame(found.version(), next.getValue())) {
                        checkNext(left, done);
                    } else {
                        done.accept(
                                key + " was replaced while the backup was taken: another is taken at the same place");
                    }
                }
                case NotFound _ -> done.accept(key + " was deleted while the backup was taken");
                case Failed failed -> done.accept(StoreSentence.of("cannot look at " + key, failed));
            }
        });
    }

    private static boolean isSame(final ObjectVersion found, final ObjectVersion stored) {
        return found.etag().equals(stored.etag())
                || (!stored.stamp().writes().isEmpty() && found.stamp().equals(stored.stamp()));
    }

    /**
     * Deletes all that was begun, as far as the store lets it: the next attempt, or the sweep, finds the rest.
     *
     * @param done called when there is nothing more to wait for.
     */
    void delete(final Runnable done) {
        final List<String> keys = new ArrayList<>(versions.keySet());
        if (keys.isEmpty()) {
            done.run();
            return;
        }
        session.deleteAll(keys, options, (final DeleteOutcome outcome) -> done.run());
    }
}
