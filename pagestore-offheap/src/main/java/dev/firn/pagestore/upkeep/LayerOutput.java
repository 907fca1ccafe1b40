package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.pagestore.layer.BlockCodec;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.layer.LayerScope;
import dev.firn.pagestore.layer.LayerUpload;
import dev.firn.pagestore.layer.LayerWriteException;
import dev.firn.pagestore.layer.LayerWriter;
import dev.firn.s3tier.store.StoreSession;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Writes what a source has into layers, one after the other, and has them stored. A layer ends where it is large enough, and where the pages end:
 * what relations there are is asked for by scans, and lies apart from them.
 *
 * <p>Of images, the layers' ranges leave no gap, so that a key that is in none of them is known to have nothing.
 */
final class LayerOutput implements AutoCloseable {
    /** How far it is. */
    enum State {
        WRITING,
        FINISHING,
        STORING,
        DONE,
        FAILED
    }

    private final OutputContext context;
    private final String timeline;
    private final SortedEntries source;
    private final LayerKind kind;
    private final long fromLsn;
    private final long toLsn;

    /** Of images, which keys there would be without a limit; null of deltas. */
    private final KeyRange keys;

    private final int maxLayers;
    private final List<LayerDescription> written = new ArrayList<>();

    private State state = State.WRITING;
    private String failure;
    private LayerWriter writer;
    private LayerUpload upload;
    private boolean entryPending;
    private boolean sourceEnded;
    private long lastHigh;
    private long lastMiddle;
    private long lastLow;

    /** Of images, what the next layer covers begins with this key. */
    private long[] nextFrom;

    /** What all outputs of a timeline have in common. */
    record OutputContext(
            StoreSession session,
            dev.firn.s3tier.store.StoreLimits limits,
            UpkeepConfig config,
            BlockCodec codec,
            OffHeapMemory memory,
            long epoch,
            LongSupplier numbers) {}

    private LayerOutput(
            final OutputContext context,
            final String timeline,
            final SortedEntries source,
            final LayerKind kind,
            final long fromLsn,
            final long toLsn,
            final KeyRange keys,
            final int maxLayers) {
        this.context = context;
        this.timeline = timeline;
        this.source = source;
        this.kind = kind;
        this.fromLsn = fromLsn;
        this.toLsn = toLsn;
        this.keys = keys;
        this.maxLayers = maxLayers;
        this.nextFrom = keys == null ? null : new long[] {keys.fromHigh(), keys.fromMiddle(), keys.fromLow()};
    }

    /** Delta layers of all that the source has. */
    static LayerOutput ofDeltas(
            final OutputContext context,
            final String timeline,
            final SortedEntries source,
            final long fromLsn,
            final long toLsn) {
        return new LayerOutput(context, timeline, source, LayerKind.DELTA, fromLsn, toLsn, null, Integer.MAX_VALUE);
    }

    /** Image layers of a range's first pages: of all, unless these are more than a job makes. */
    static LayerOutput ofImages(
            final OutputContext context,
            final String timeline,
            final SortedEntries source,
            final long lsn,
            final KeyRange keys) {
        return new LayerOutput(
                context,
                timeline,
                source,
                LayerKind.IMAGE,
                lsn,
                lsn,
                keys,
                context.config().imageLayers());
    }

    /** A job's state, as far as its output tells. */
    static Job.State stateOf(final LayerOutput output) {
        if (output == null) {
            return Job.State.WORKING;
        }
        return switch (output.state) {
            case DONE -> Job.State.DONE;
            case FAILED -> Job.State.FAILED;
            default -> Job.State.WORKING;
        };
    }

    State state() {
        return state;
    }

    String failure() {
        return failure;
    }

    /** The layers, all stored, once {@link State#DONE}. */
    List<LayerDescription> written() {
        return written;
    }

    /** Goes on, over at most {@code limit} entries; returns how much was done. */
    int work(final int limit) {
        int done = 0;
        try {
            while (done < limit) {
                final boolean moved = switch (state) {
                    case WRITING -> write();
                    case FINISHING -> finish();
                    case STORING -> store();
                    case DONE, FAILED -> false;
                };
                if (!moved) {
                    break;
                }
                done++;
            }
        } catch (final LayerWriteException e) {
            fail(e.getMessage());
        }
        return done;
    }

    private boolean write() {
        if (!entryPending) {
            switch (source.advance()) {
                case SortedEntries.ENTRY -> entryPending = true;
                case SortedEntries.END -> {
                    sourceEnded = true;
                    state = writer == null ? State.DONE : State.FINISHING;
                    return true;
                }
                default -> {
                    return false;
                }
            }
        }
        if (writer != null && endsBefore()) {
            state = State.FINISHING;
            return true;
        }
        if (writer == null) {
            begin();
        }
        if (!writer.add(source)) {
            return false;
        }
        lastHigh = source.high();
        lastMiddle = source.middle();
        lastLow = source.low();
        entryPending = false;
        return true;
    }

    private boolean endsBefore() {
        final boolean sameKey = source.low() == lastLow && source.middle() == lastMiddle && source.high() == lastHigh;
        return !sameKey && (writer.isFull() || isPage(lastHigh) != isPage(source.high()));
    }

    private void begin() {
        final LayerName name = new LayerName(context.epoch, context.numbers.getAsLong());
        final LayerScope scope = kind == LayerKind.IMAGE
                ? LayerScope.image(timeline, name, toLsn)
                : LayerScope.delta(timeline, name, fromLsn, toLsn);
        upload = new LayerUpload(
                context.session, context.limits, timeline, name, context.memory, context.config.shape());
        writer = new LayerWriter(scope, context.config.layers(), upload, context.codec, context.memory);
    }

    private boolean finish() {
        if (!writer.finish(kind == LayerKind.IMAGE ? imageRange() : null) || !upload.complete()) {
            return false;
        }
        state = State.STORING;
        return true;
    }

    /** From where the last one ended up to this one's last key; of the last one, to the end of all keys. */
    private KeyRange imageRange() {
        return sourceEnded
                ? new KeyRange(nextFrom[0], nextFrom[1], nextFrom[2], keys.toHigh(), keys.toMiddle(), keys.toLow())
                : new KeyRange(nextFrom[0], nextFrom[1], nextFrom[2], lastHigh, lastMiddle, lastLow);
    }

    private boolean store() {
        switch (upload.state()) {
            case STORED -> {
                written.add(writer.description());
                nextFrom = successor(lastHigh, lastMiddle, lastLow);
                closeLayer();
                state = sourceEnded || written.size() == maxLayers ? State.DONE : State.WRITING;
                return true;
            }
            case FAILED -> {
                fail(upload.failure());
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /** The least key above, of a key that is not the greatest of all. */
    static long[] successor(final long high, final long middle, final long low) {
        if (low != -1L) {
            return new long[] {high, middle, low + 1};
        }
        return middle != -1L ? new long[] {high, middle + 1, 0} : new long[] {high + 1, 0, 0};
    }

    private void fail(final String why) {
        failure = why;
        state = State.FAILED;
    }

    /** As {@link Job#endUpload}. */
    void endUpload() {
        if (upload != null) {
            upload.close();
        }
    }

    private void closeLayer() {
        if (writer != null) {
            writer.close();
            writer = null;
        }
        if (upload != null) {
            upload.close();
            upload = null;
        }
    }

    static boolean isPage(final long high) {
        return PageKeys.keyClass(high).number() <= KeyClass.SLRU_PAGE.number();
    }

    @Override
    public void close() {
        closeLayer();
    }
}
