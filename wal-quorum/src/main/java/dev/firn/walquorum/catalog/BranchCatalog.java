package dev.firn.walquorum.catalog;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.walquorum.json.MalformedJsonException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Consumer;

/**
 * The branches of an object store, one small object each: that is all that a branch is when it is made. Each question is answered once,
 * in the session's poll. Belongs to the session's thread.
 */
public final class BranchCatalog {
    /** Longest entry that is read: far more than any has. */
    private static final int MAX_ENTRY_BYTES = 16 << 10;

    private static final MemoryTag TAG = MemoryTag.of("branch-catalog");

    private final StoreSession session;
    private final OffHeapMemory memory;
    private final CallOptions options;

    public BranchCatalog(final StoreSession session, final OffHeapMemory memory, final CallOptions options) {
        this.session = session;
        this.memory = memory;
        this.options = options;
    }

    public void read(final String name, final Consumer<BranchOutcome> handler) {
        final MemorySegment into = memory.allocate(MAX_ENTRY_BYTES, TAG);
        final String key = BranchEntry.key(name);
        session.get(key, 0, into, null, options, outcome -> {
            final BranchOutcome read = switch (outcome) {
                case GetOutcome.Fetched fetched -> decode(into, fetched, name);
                case GetOutcome.OutOfRange _ -> new BranchOutcome.Refused(key + " is damaged: it is empty");
                case GetOutcome.VersionChanged changed ->
                    new BranchOutcome.Refused("cannot read " + key + ": " + changed.reason());
                case NotFound _ -> new BranchOutcome.None();
                case Failed failed -> new BranchOutcome.Refused(StoreSentence.of("cannot read " + key, failed));
            };
            memory.free(into);
            handler.accept(read);
        });
    }

    private static BranchOutcome decode(final MemorySegment into, final GetOutcome.Fetched fetched, final String name) {
        if (fetched.objectBytes() > MAX_ENTRY_BYTES) {
            return new BranchOutcome.Refused(
                    BranchEntry.key(name) + " is damaged: it has " + fetched.objectBytes() + " bytes");
        }
        try {
            return new BranchOutcome.Found(
                    BranchEntry.decode(into.asSlice(0, fetched.lengthBytes()).toArray(ValueLayout.JAVA_BYTE), name));
        } catch (final MalformedJsonException e) {
            return new BranchOutcome.Refused(e.getMessage());
        }
    }

    /** Makes a branch, unless there is one of that name. */
    public void create(final BranchEntry entry, final Consumer<BranchOutcome> handler) {
        final byte[] bytes = entry.encode();
        final MemorySegment body = memory.allocate(bytes.length, TAG);
        MemorySegment.copy(bytes, 0, body, ValueLayout.JAVA_BYTE, 0, bytes.length);
        final String key = BranchEntry.key(entry.name());
        session.put(key, List.of(body), WriteCondition.IF_ABSENT, options, outcome -> {
            memory.free(body);
            handler.accept(
                    switch (outcome) {
                        case PutOutcome.Stored _ -> new BranchOutcome.Found(entry);
                        case PutOutcome.PreconditionFailed _ ->
                            new BranchOutcome.Refused("there is a branch " + entry.name() + " already");
                        default -> new BranchOutcome.Refused(StoreSentence.of(key, outcome));
                    });
        });
    }
}
