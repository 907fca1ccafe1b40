package dev.firn.server.store;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.server.CommandException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** An object that is written as its bytes come into being; waits where the store is slower. Nothing is seen of it before {@link #complete}. */
public final class StoreStream {
    private static final MemoryTag TAG = MemoryTag.of("store-stream");

    private final StoreConnection connection;
    private final String key;
    private final ObjectWriter writer;
    private boolean ended;

    /** @param memory borrowed, for parts on their way: four of 8 MiB. */
    public StoreStream(final StoreConnection connection, final String key, final OffHeapMemory memory) {
        this.connection = connection;
        this.key = key;
        final ObjectWriter.Shape shape = shape(connection);
        writer = new ObjectWriter(
                connection.session(), connection.limits(), key, WriteCondition.IF_ABSENT, memory, TAG, shape);
    }

    private static ObjectWriter.Shape shape(final StoreConnection connection) {
        return new ObjectWriter.Shape(
                Math.max(
                        ObjectWriter.Shape.DEFAULT.partBytes(),
                        connection.limits().minPartBytes()),
                ObjectWriter.Shape.DEFAULT.buffers(),
                StoreConnection.OPTIONS);
    }

    /** How much memory one takes at most. */
    public static long memoryBytes(final StoreConnection connection) {
        final ObjectWriter.Shape shape = shape(connection);
        return (long) shape.partBytes() * shape.buffers();
    }

    /** Takes bytes; waits until it has room for some. How many it took. */
    public long write(final MemorySegment bytes) {
        while (true) {
            final long taken = writer.write(bytes);
            if (taken == ObjectWriter.FAILED) {
                // Completing says why.
                complete();
                throw new CommandException("cannot write " + connection.addressOf(key));
            }
            connection.requireGoingOn();
            if (taken > 0) {
                connection.poll();
                return taken;
            }
            connection.turn(0);
        }
    }

    /** Makes the object appear, whole. */
    public void complete() {
        ended = true;
        final List<PutOutcome> answers = new ArrayList<>(1);
        while (!writer.complete(answers::add)) {
            connection.turn(0);
        }
        while (answers.isEmpty()) {
            connection.requireGoingOn();
            connection.turn(0);
        }
        writer.close();
        final String address = connection.addressOf(key);
        switch (answers.getFirst()) {
            case PutOutcome.Stored _ -> {
                // It is there.
            }
            case PutOutcome.PreconditionFailed refused ->
                throw new CommandException("nothing was written to " + address + ": " + refused.reason());
            case PutOutcome.Unknown unknown ->
                throw new CommandException("nobody can say whether " + address + " was written: "
                        + unknown.cause().message() + "; look with ./firn store ls, and try again");
            case Failed failed -> throw StoreSentences.failure("cannot write " + address, failed);
        }
    }

    /** Gives it up, and what the store holds of it. Of one that could not be completed nothing is left anyway. */
    public void abort() {
        if (ended) {
            return;
        }
        ended = true;
        connection.<DeleteOutcome>askToTheEnd(writer::abort);
        writer.close();
        connection.drain();
    }
}
