package dev.firn.walquorum.follow;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.walquorum.archive.HistoryArchive;
import dev.firn.walquorum.catalog.HistoryFile;
import dev.firn.walquorum.catalog.StoreSentence;
import dev.firn.walquorum.catalog.TimelineKeys;
import java.util.Optional;

/** Keeps a timeline's history files where its WAL archive is. Each call has a session of its own. */
public final class StoredHistories implements HistoryKeeper {
    /** How many numbers promotions may leave out, one after the other: those that others took and that came to nothing. */
    private static final int LONGEST_GAP = 16;

    private final ObjectStore store;
    private final TimelineKeys keys;
    private final int firstTimeline;
    private final OffHeapMemory memory;
    private final CallOptions options;

    /**
     * @param firstTimeline Postgres' timeline of the log's first byte.
     * @param memory one history's room.
     */
    public StoredHistories(
            final ObjectStore store,
            final TimelineKeys keys,
            final int firstTimeline,
            final OffHeapMemory memory,
            final CallOptions options) {
        this.store = store;
        this.keys = keys;
        this.firstTimeline = firstTimeline;
        this.memory = memory;
        this.options = options;
    }

    @Override
    public Optional<Kept> newest() {
        return StoreCalls.with(store, calls -> {
            int newest = firstTimeline;
            for (int timeline = firstTimeline + 1; timeline <= newest + LONGEST_GAP; timeline++) {
                if (isThere(calls, timeline)) {
                    newest = timeline;
                }
            }
            return newest == firstTimeline ? Optional.empty() : Optional.of(read(calls, newest));
        });
    }

    private boolean isThere(final StoreCalls calls, final int timeline) {
        final HeadOutcome outcome =
                calls.ask(answer -> calls.session().head(keys.history(timeline), options, answer::accept));
        if (outcome instanceof final Failed failed) {
            throw new IllegalStateException(StoreSentence.of("cannot look at " + keys.history(timeline), failed));
        }
        return outcome instanceof HeadOutcome.Found;
    }

    private Kept read(final StoreCalls calls, final int timeline) {
        final HistoryArchive.Outcome outcome =
                calls.ask(answer -> archive(calls).get(timeline, answer));
        return new Kept(timeline, require(outcome).bytes());
    }

    @Override
    public void keep(final Kept file) {
        final HistoryFile parsed = HistoryFile.parse(file.timeline(), file.content());
        StoreCalls.with(
                store, calls -> require(calls.ask(answer -> archive(calls).put(parsed, answer))));
    }

    private HistoryArchive archive(final StoreCalls calls) {
        return new HistoryArchive(calls.session(), keys, memory, options);
    }

    private HistoryFile require(final HistoryArchive.Outcome outcome) {
        return switch (outcome) {
            case HistoryArchive.Outcome.Found(final HistoryFile file) -> file;
            case HistoryArchive.Outcome.None _ ->
                throw new IllegalStateException(
                        "a history of timeline " + keys.name() + " was deleted from the archive");
            case HistoryArchive.Outcome.Unavailable(final String sentence) -> throw new IllegalStateException(sentence);
            case HistoryArchive.Outcome.Wrong(final String sentence) ->
                throw new FollowFailedException(sentence + ": follow the server that the archive knows");
        };
    }
}
