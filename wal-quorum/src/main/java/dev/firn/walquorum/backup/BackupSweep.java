package dev.firn.walquorum.backup;

import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.StoreSentence;
import dev.firn.walquorum.catalog.TimelineKeys;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Removes what attempts at backups have left that never became complete: uploads, then objects. Only for who knows that no backup
 * of the timeline is being taken, or only its own.
 *
 * <p>Belongs to the session's thread.
 */
public final class BackupSweep {
    private final StoreSession session;
    private final CallOptions options;

    private BackupSweep(final StoreSession session, final CallOptions options) {
        this.session = session;
        this.options = options;
    }

    /**
     * Makes room for a backup.
     *
     * @param prefix of its objects.
     * @param done hears null when nothing is there any more; or why not, and that a complete backup is there already.
     */
    static void ofOne(
            final StoreSession session, final String prefix, final CallOptions options, final Consumer<String> done) {
        new BackupSweep(session, options).sweep(prefix, complete -> {
            if (complete == null || !complete.isEmpty()) {
                done.accept(complete);
            } else {
                done.accept("there is a complete backup at " + prefix + " already");
            }
        });
    }

    /**
     * Removes the leftovers of all backups of a timeline.
     *
     * @param done hears null when it is done, or why it is not.
     */
    public static void ofAll(
            final StoreSession session,
            final TimelineKeys keys,
            final CallOptions options,
            final Consumer<String> done) {
        final BackupSweep sweep = new BackupSweep(session, options);
        sweep.folders(ListRequest.ofLevel(keys.backups()), keys, new ArrayDeque<>(), done);
    }

    private void folders(
            final ListRequest request,
            final TimelineKeys keys,
            final Deque<String> found,
            final Consumer<String> done) {
        session.list(request, options, outcome -> {
            switch (outcome) {
                case ListOutcome.Listed listed -> {
                    listed.commonPrefixes().stream()
                            .filter(prefix -> keys.backupStartLsn(prefix) >= 0)
                            .forEach(found::add);
                    if (listed.nextToken() != null) {
                        folders(request.from(listed.nextToken()), keys, found, done);
                    } else {
                        next(found, done);
                    }
                }
                case Failed failed -> done.accept(StoreSentence.of("cannot list " + keys.backups(), failed));
            }
        });
    }

    private void next(final Deque<String> left, final Consumer<String> done) {
        if (left.isEmpty()) {
            done.accept(null);
            return;
        }
        sweep(left.poll(), sentence -> {
            if (sentence == null || sentence.isEmpty()) {
                next(left, done);
            } else {
                done.accept(sentence);
            }
        });
    }

    /** @param done hears null when nothing is there, an empty text when a complete backup is, or what went wrong. */
    private void sweep(final String prefix, final Consumer<String> done) {
        list(ListRequest.ofPrefix(prefix), new ArrayList<>(), prefix, done);
    }

    /** A backup has as many objects as tablespaces, and four. */
    private void list(
            final ListRequest request, final List<String> keys, final String prefix, final Consumer<String> done) {
        session.list(request, options, outcome -> {
            switch (outcome) {
                case ListOutcome.Listed listed -> {
                    listed.objects().forEach(object -> keys.add(object.key()));
                    if (listed.nextToken() != null) {
                        list(request.from(listed.nextToken()), keys, prefix, done);
                    } else if (keys.contains(prefix + BackupDescription.OBJECT)) {
                        done.accept("");
                    } else {
                        remove(keys, prefix, done);
                    }
                }
                case Failed failed -> done.accept(StoreSentence.of("cannot list " + prefix, failed));
            }
        });
    }

    private void remove(final List<String> keys, final String prefix, final Consumer<String> done) {
        session.abortStaleUploads(prefix, 0, options, aborted -> {
            if (aborted instanceof Failed failed) {
                done.accept(StoreSentence.of("cannot abort uploads of " + prefix, failed));
            } else if (keys.isEmpty()) {
                done.accept(null);
            } else {
                delete(keys, prefix, done);
            }
        });
    }

    private void delete(final List<String> keys, final String prefix, final Consumer<String> done) {
        session.deleteAll(keys, options, outcome -> {
            switch (outcome) {
                case DeleteOutcome.Deleted _ -> done.accept(null);
                case DeleteOutcome.PartlyDeleted partly ->
                    done.accept("cannot delete " + partly.refused().getFirst().key() + ": "
                            + partly.refused().getFirst().reason());
                case Failed failed -> done.accept(StoreSentence.of("cannot delete what is left at " + prefix, failed));
            }
        });
    }
}
