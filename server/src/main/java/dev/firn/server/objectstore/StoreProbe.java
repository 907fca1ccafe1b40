package dev.firn.server.objectstore;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.server.storage.ProbeBlock;
import dev.firn.server.store.StoreSentences;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One proof after the other: puts an object, reads it back, deletes it. The proof that admits a store also creates the object
 * on condition that there is none, and then once more, which the store must refuse. Belongs to the session's thread.
 */
final class StoreProbe {
    private final ObjectStore store;
    private final StoreSession session;
    private final String key;
    private final CallOptions options;
    private final Clock clock;
    private final MemorySegment written;
    private final MemorySegment read;
    private long sequence;
    private long begunNs;
    private long durationNs;
    private boolean admission;
    private boolean underWay;
    private boolean stopped;
    private String failure;

    /**
     * @param key of the object, which nobody else writes.
     * @param written borrowed until the session is closed; a block long.
     * @param read likewise.
     */
    StoreProbe(
            final ObjectStore store,
            final StoreSession session,
            final String key,
            final CallOptions options,
            final Clock clock,
            final MemorySegment written,
            final MemorySegment read) {
        this.store = store;
        this.session = session;
        this.key = key;
        this.options = options;
        this.clock = clock;
        this.written = written;
        this.read = read;
    }

    /** Begins a proof; none may be under way. */
    void begin(final boolean admits) {
        admission = admits;
        underWay = true;
        failure = null;
        sequence++;
        begunNs = clock.nanoTime();
        ProbeBlock.fill(written, sequence, clock.epochNs());
        read.fill((byte) 0);
        put(admits ? WriteCondition.IF_ABSENT : WriteCondition.ALWAYS, this::onPut);
    }

    /** Begins nothing any more: the session is about to be closed, and a proof ends with the call that is under way. */
    void stop() {
        stopped = true;
    }

    boolean underWay() {
        return underWay;
    }

    long begunNs() {
        return begunNs;
    }

    long durationNs() {
        return durationNs;
    }

    /** Why the last proof failed, in one sentence; null when it held. */
    String failure() {
        return failure;
    }

    private void put(final WriteCondition condition, final OutcomeHandler<? super PutOutcome> handler) {
        session.put(key, List.of(written), condition, options, handler);
    }

    private void onPut(final PutOutcome outcome) {
        switch (outcome) {
            case PutOutcome.Stored _ -> goOn(() -> session.get(key, 0, read, null, options, this::onGet));
            case PutOutcome.PreconditionFailed refused -> end(cannot("create") + refused.reason());
            case PutOutcome.Unknown unknown -> end(StoreSentences.reason(unknown.cause()));
            case Failed failed -> end(StoreSentences.reason(failed));
        }
    }

    private void onGet(final GetOutcome outcome) {
        switch (outcome) {
            case GetOutcome.Fetched fetched -> onContent(fetched);
            case GetOutcome.OutOfRange _ -> end(cannot("read back") + "the object is empty");
            case GetOutcome.VersionChanged changed -> end(cannot("read back") + changed.reason());
            case NotFound _ -> end(cannot("read back") + "it is not there, and it was written just before");
            case Failed failed -> end(StoreSentences.reason(failed));
        }
    }

    private void onContent(final GetOutcome.Fetched fetched) {
        if (fetched.lengthBytes() != written.byteSize() || fetched.objectBytes() != written.byteSize()) {
            end(cannot("read back") + "it has " + fetched.objectBytes() + " bytes, and " + written.byteSize()
                    + " were written");
            return;
        }
        final String defect = ProbeBlock.defectOf(read, sequence);
        if (defect != null) {
            end(cannot("read back") + defect);
        } else if (admission) {
            goOn(() -> put(WriteCondition.IF_ABSENT, this::onSecondCreate));
        } else {
            delete(null);
        }
    }

    private void onSecondCreate(final PutOutcome outcome) {
        switch (outcome) {
            case PutOutcome.PreconditionFailed _ -> delete(null);
            case PutOutcome.Stored _ ->
                delete("the store is unfit: it creates " + store.addressOf(key)
                        + " on condition that it is absent, although it is there; ./firn store check tells what else it"
                        + " lacks");
            case PutOutcome.Unknown unknown -> end(StoreSentences.reason(unknown.cause()));
            case Failed failed -> end(StoreSentences.reason(failed));
        }
    }

    /**
     * @param verdict what is wrong all the same; null when nothing is.
     */
    private void delete(final String verdict) {
        goOn(() -> session.delete(key, options, outcome -> onDelete(outcome, verdict)));
    }

    private void onDelete(final DeleteOutcome outcome, final String verdict) {
        final String refusal = switch (outcome) {
            case DeleteOutcome.Deleted _ -> null;
            case DeleteOutcome.PartlyDeleted partly ->
                cannot("delete") + partly.refused().getFirst().reason();
            case Failed failed -> StoreSentences.reason(failed);
        };
        end(verdict == null ? refusal : verdict);
    }

    private void goOn(final Runnable step) {
        if (stopped) {
            end("stopped before " + store.addressOf(key) + " was proved");
        } else {
            step.run();
        }
    }

    private String cannot(final String what) {
        return "cannot " + what + " " + store.addressOf(key) + ": ";
    }

    private void end(final String reason) {
        failure = reason;
        if (reason == null) {
            durationNs = clock.nanoTime() - begunNs;
        }
        underWay = false;
    }
}
