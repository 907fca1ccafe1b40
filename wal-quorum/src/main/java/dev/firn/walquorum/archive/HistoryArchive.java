package dev.firn.walquorum.archive;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.walquorum.catalog.HistoryFile;
import dev.firn.walquorum.catalog.StoreSentence;
import dev.firn.walquorum.catalog.TimelineKeys;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The histories of Postgres' timelines in the store. Whoever proposes WAL puts a timeline's history before the first byte of it: so
 * whoever meets a byte of a timeline finds its history.
 *
 * <p>Belongs to the session's thread.
 */
public final class HistoryArchive {
    private static final MemoryTag TAG = MemoryTag.of("wal-history");

    private final StoreSession session;
    private final TimelineKeys keys;
    private final OffHeapMemory memory;
    private final CallOptions options;

    /** What became of a question. */
    public sealed interface Outcome {
        /** It is there. */
        record Found(HistoryFile file) implements Outcome {}

        /** There is none. */
        record None() implements Outcome {}

        /** The store does not answer now: try again. */
        record Unavailable(String sentence) implements Outcome {}

        /** What is there is damaged, or another history: trying again does not help. */
        record Wrong(String sentence) implements Outcome {}
    }

    /** @param memory as much as a history may be long, for each question that is not answered. */
    public HistoryArchive(
            final StoreSession session,
            final TimelineKeys keys,
            final OffHeapMemory memory,
            final CallOptions options) {
        this.session = session;
        this.keys = keys;
        this.memory = memory;
        this.options = options;
    }

    /**
     * Puts a history, once.
     *
     * @param handler hears {@link Outcome.Found} when it is there, by this or an earlier write.
     */
    public void put(final HistoryFile file, final Consumer<Outcome> handler) {
        final byte[] bytes = file.bytes();
        final String key = keys.history(file.postgresTimeline());
        final MemorySegment body = memory.allocate(bytes.length, TAG);
        MemorySegment.copy(bytes, 0, body, ValueLayout.JAVA_BYTE, 0, bytes.length);
        session.put(key, List.of(body), WriteCondition.IF_ABSENT, options, outcome -> {
            memory.free(body);
            switch (outcome) {
                case PutOutcome.Stored _ -> handler.accept(new Outcome.Found(file));
                case PutOutcome.PreconditionFailed _ ->
                    get(file.postgresTimeline(), found -> handler.accept(compared(key, file, found)));
                default -> handler.accept(new Outcome.Unavailable(StoreSentence.of(key, outcome)));
            }
        });
    }

    private static Outcome compared(final String key, final HistoryFile wanted, final Outcome found) {
        return switch (found) {
            case Outcome.Found there ->
                Arrays.equals(there.file().bytes(), wanted.bytes())
                        ? there
                        : new Outcome.Wrong(
                                key + " is in the archive with another history: the timeline was begun twice");
            case Outcome.None _ -> new Outcome.Unavailable(key + " was deleted while it was written");
            default -> found;
        };
    }

    /** Reads a history. */
    public void get(final int postgresTimeline, final Consumer<Outcome> handler) {
        final String key = keys.history(postgresTimeline);
        final MemorySegment into = memory.tryAllocate(HistoryFile.MAX_BYTES, TAG);
        if (into == null) {
            handler.accept(new Outcome.Unavailable("no memory is free to read " + key));
            return;
        }
        session.get(key, 0, into, null, options, outcome -> {
            final Outcome read = switch (outcome) {
                case GetOutcome.Fetched fetched -> parse(key, postgresTimeline, into, fetched);
                case GetOutcome.OutOfRange _ -> new Outcome.Wrong(key + " is empty");
                case GetOutcome.VersionChanged changed -> new Outcome.Unavailable(key + ": " + changed.reason());
                case NotFound _ -> new Outcome.None();
                case Failed failed -> new Outcome.Unavailable(StoreSentence.of("cannot read " + key, failed));
            };
            memory.free(into);
            handler.accept(read);
        });
    }

    private static Outcome parse(
            final String key, final int postgresTimeline, final MemorySegment into, final GetOutcome.Fetched fetched) {
        if (fetched.objectBytes() > HistoryFile.MAX_BYTES) {
            return new Outcome.Wrong(key + " has " + fetched.objectBytes() + " bytes, which is no history");
        }
        try {
            return new Outcome.Found(HistoryFile.parse(
                    postgresTimeline, into.asSlice(0, fetched.lengthBytes()).toArray(ValueLayout.JAVA_BYTE)));
        } catch (final IllegalArgumentException e) {
            return new Outcome.Wrong(key + " is damaged: " + e.getMessage());
        }
    }
}
