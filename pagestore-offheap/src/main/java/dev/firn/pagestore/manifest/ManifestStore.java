package dev.firn.pagestore.manifest;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * One timeline's manifest in the store, and who owns it. Belongs to the session's thread, moved by its poll; one operation at a time.
 *
 * <p>Whoever takes the timeline over writes the manifest with the next epoch in place of the version that it has read. The owner replaces only the
 * version that it wrote last. So there is one line of manifests, and once a claim stands in it, no owner before can add to it. An owner that finds a
 * higher epoch is deposed, for good.
 *
 * <p><b>Writes that nobody can answer for.</b> When the session says that a write's outcome is unknown, this owner's next operation begins with a
 * read: the manifest there is its own, of the one attempt or the other, or another owner's. An attempt that arrives even later finds the version that
 * it wants gone.
 */
public final class ManifestStore implements AutoCloseable {
    private static final MemoryTag BYTES = MemoryTag.of("manifest");

    /** What a read asks for first: 500 layers. A longer manifest takes a second read. */
    private static final int FIRST_READ_BYTES = 64 << 10;

    /** How often one operation reads and writes again because the manifest has changed meanwhile: others cannot be that fast for ever. */
    private static final int MAX_ATTEMPTS = 16;

    /** What became of an operation. */
    public sealed interface Outcome {
        /** This manifest is in the store; after a claim or a replacement it is the caller's. */
        record Held(Manifest manifest) implements Outcome {}

        /** There is none. */
        record Absent() implements Outcome {}

        /** Another has taken over: stop. */
        record Deposed(long byEpoch) implements Outcome {}

        /** What is in the store is no manifest, or not this timeline's. */
        record Damaged(String message) implements Outcome {}

        /** It could not be done now. After a replacement the caller is still the owner as far as it knows, and may try again. */
        record Failed(String message) implements Outcome {}
    }

    /** Hears the outcome, in the session's poll. */
    @FunctionalInterface
    public interface Handler {
        void onOutcome(Outcome outcome);
    }

    private final StoreSession session;
    private final String timeline;
    private final String key;
    private final OffHeapMemory memory;
    private final CallOptions options;
    private final RandomGenerator random;

    private Handler handler;
    private int attempts;
    private boolean closed;

    /** Hears, during a claim, that there was none to take over. */
    private Runnable onNone = () -> {};

    // As the owner; epoch 0 before a claim, and once deposed.
    private long epoch;
    private long owner;
    private Manifest current;
    private ObjectVersion version;

    /** Whether the store may hold another manifest of this owner's than {@code current}. */
    private boolean uncertain;

    /** The last that was used: an attempt that failed uses one up, so that two attempts never have the same bytes. */
    private long generation;

    /**
     * @param session borrowed.
     * @param memory borrowed; for the manifest's bytes, twice at most.
     * @param random draws the owner's number.
     */
    public ManifestStore(
            final StoreSession session,
            final String timeline,
            final OffHeapMemory memory,
            final CallOptions options,
            final RandomGenerator random) {
        this.session = session;
        this.timeline = timeline;
        this.key = keyOf(timeline);
        this.memory = memory;
        this.options = options;
        this.random = random;
    }

    /** The key of a timeline's manifest. */
    public static String keyOf(final String timeline) {
        return LayerName.prefix(timeline) + "manifest";
    }

    /** The last one that this owner knows to have stored, or null before a claim. */
    public Manifest current() {
        return current;
    }

    /** Reads what is there: for those who only want to know. */
    public void read(final Handler newHandler) {
        begin(newHandler);
        fetch((found, at) -> answer(found == null ? new Outcome.Absent() : new Outcome.Held(found)));
    }

    /**
     * Takes the timeline over: writes what is there with the next epoch.
     *
     * @param first what to begin with when there is none: epoch, owner and generation are put in; null to be told {@link Outcome.Absent}.
     */
    public void claim(final Manifest first, final Handler newHandler) {
        claim(first, () -> {}, newHandler);
    }

    /**
     * The same.
     *
     * @param newOnNone hears, in the session's poll, that there is none and that {@code first} is being written. Another may be faster yet.
     */
    public void claim(final Manifest first, final Runnable newOnNone, final Handler newHandler) {
        if (epoch != 0) {
            throw new IllegalStateException("timeline " + timeline + " is owned already, with epoch " + epoch);
        }
        if (first != null && !first.timeline().equals(timeline)) {
            throw new IllegalArgumentException("a manifest of " + first.timeline() + " for timeline " + timeline);
        }
        begin(newHandler);
        owner = random.nextLong();
        onNone = newOnNone;
        readAndClaim(first);
    }

    /**
     * Writes the next manifest, in place of the one that this owner wrote last. Epoch, owner and generation are put in.
     *
     * @throws IllegalStateException without a claim, and once deposed.
     * @throws IllegalArgumentException when it is too long.
     */
    public void replace(final Manifest next, final Handler newHandler) {
        if (epoch == 0) {
            throw new IllegalStateException("timeline " + timeline + " is not owned here");
        }
        if (!next.timeline().equals(timeline)) {
            throw new IllegalArgumentException("a manifest of " + next.timeline() + " for timeline " + timeline);
        }
        begin(newHandler);
        if (uncertain) {
            readAndReplace(next);
        } else {
            writeReplacement(next);
        }
    }

    /** An operation under way is not answered any more; its memory is freed when the session answers. */
    @Override
    public void close() {
        closed = true;
        handler = null;
    }

    private void readAndClaim(final Manifest first) {
        fetch((found, at) -> {
            if (found == null && first == null) {
                answer(new Outcome.Absent());
                return;
            }
            final Manifest base = found == null ? first : found;
            final long nextEpoch = found == null ? 1 : found.epoch() + 1;
            final long nextGeneration = found == null ? 1 : found.generation() + 1;
            final Manifest claim = base.writtenBy(nextEpoch, owner, nextGeneration);
            final WriteCondition condition = found == null ? WriteCondition.IF_ABSENT : WriteCondition.ifVersion(at);
            if (found == null) {
                onNone.run();
            }
            write(claim, condition, outcome -> {
                if (outcome instanceof PutOutcome.Stored stored && !stored.overtaken()) {
                    epoch = nextEpoch;
                    generation = nextGeneration;
                    held(claim, stored.version());
                } else if (outcome instanceof PutOutcome.Stored || outcome instanceof PutOutcome.PreconditionFailed) {
                    again(() -> readAndClaim(first));
                } else {
                    failed(outcome);
                }
            });
        });
    }

    private void readAndReplace(final Manifest next) {
        fetch((found, at) -> {
            if (found == null) {
                answer(new Outcome.Absent());
            } else if (found.isOf(epoch, owner)) {
                uncertain = false;
                current = found;
                version = at;
                generation = Math.max(generation, found.generation());
                writeReplacement(next);
            } else if (found.epoch() > epoch) {
                epoch = 0;
                answer(new Outcome.Deposed(found.epoch()));
            } else {
                answer(new Outcome.Damaged("the manifest of " + timeline + " went back to epoch " + found.epoch()
                        + ", generation " + found.generation() + ", from epoch " + epoch + ", generation "
                        + current.generation()));
            }
        });
    }

    private void writeReplacement(final Manifest next) {
        final Manifest replacement = next.writtenBy(epoch, owner, ++generation);
        write(replacement, WriteCondition.ifVersion(version), outcome -> {
            if (outcome instanceof PutOutcome.Stored stored && !stored.overtaken()) {
                held(replacement, stored.version());
            } else if (outcome instanceof PutOutcome.Stored || outcome instanceof PutOutcome.PreconditionFailed) {
                // Another owner's, or an attempt of our own that came late.
                uncertain = true;
                again(() -> readAndReplace(next));
            } else {
                uncertain |= outcome instanceof PutOutcome.Unknown;
                failed(outcome);
            }
        });
    }

    private void held(final Manifest manifest, final ObjectVersion newVersion) {
        current = manifest;
        version = newVersion;
        answer(new Outcome.Held(manifest));
    }

    private void again(final Runnable step) {
        if (++attempts == MAX_ATTEMPTS) {
            answer(new Outcome.Failed(
                    "the manifest of " + timeline + " changed " + MAX_ATTEMPTS + " times while it was to be written"));
        } else if (!closed) {
            step.run();
        }
    }

    private void failed(final PutOutcome outcome) {
        final Failed why = outcome instanceof PutOutcome.Unknown unknown ? unknown.cause() : (Failed) outcome;
        answer(new Outcome.Failed("the manifest of " + timeline + " could not be written"
                + (outcome instanceof PutOutcome.Unknown ? ", or perhaps it was: " : ": ") + why.message()));
    }

    private void begin(final Handler newHandler) {
        if (handler != null || closed) {
            throw new IllegalStateException(
                    "the manifest of " + timeline + (closed ? " is closed here" : " is being read or written already"));
        }
        handler = newHandler;
        attempts = 0;
    }

    private void answer(final Outcome outcome) {
        final Handler answered = handler;
        handler = null;
        if (answered != null) {
            answered.onOutcome(outcome);
        }
    }

    /** What goes on with a manifest that was read; null when there is none. */
    @FunctionalInterface
    private interface Continuation {
        void found(Manifest manifest, ObjectVersion version);
    }

    private void fetch(final Continuation then) {
        fetch(FIRST_READ_BYTES, then);
    }

    private void fetch(final int bytes, final Continuation then) {
        final MemorySegment buffer = memory.tryAllocate(bytes, BYTES);
        if (buffer == null) {
            outOfMemory(bytes);
            return;
        }
        session.get(key, 0, buffer, null, options, outcome -> {
            final Manifest found;
            final ObjectVersion at;
            final long longer;
            try {
                if (outcome instanceof NotFound) {
                    found = null;
                    at = null;
                    longer = 0;
                } else if (outcome instanceof GetOutcome.Fetched fetched) {
                    at = fetched.version();
                    longer = fetched.objectBytes() > bytes ? fetched.objectBytes() : 0;
                    found = longer > 0 ? null : decode(buffer, fetched.lengthBytes());
                } else if (outcome instanceof GetOutcome.OutOfRange) {
                    throw new MalformedManifestException("it is empty");
                } else {
                    answer(new Outcome.Failed("the manifest of " + timeline + " could not be read: "
                            + (outcome instanceof final Failed failed ? failed.message() : "it is changing")));
                    return;
                }
            } catch (final MalformedManifestException e) {
                answer(new Outcome.Damaged("the manifest of " + timeline + " is damaged: " + e.getMessage()));
                return;
            } finally {
                memory.free(buffer);
            }
            if (closed) {
                return;
            }
            if (longer > ManifestCodec.MAX_BYTES) {
                answer(new Outcome.Damaged("the manifest of " + timeline + " has " + longer + " bytes, more than "
                        + ManifestCodec.MAX_BYTES));
            } else if (longer > 0) {
                fetch((int) longer, then);
            } else {
                then.found(found, at);
            }
        });
    }

    /** Answered in the poll, as all is, and not here: a question that costs little brings it there. */
    private void outOfMemory(final int bytes) {
        session.head(
                key,
                options,
                ignored -> answer(
                        new Outcome.Failed("no memory for the manifest of " + timeline + ": " + bytes + " bytes")));
    }

    private Manifest decode(final MemorySegment buffer, final long length) {
        final Manifest manifest = ManifestCodec.decode(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        if (!manifest.timeline().equals(timeline)) {
            throw new MalformedManifestException("it is the manifest of timeline " + manifest.timeline());
        }
        return manifest;
    }

    private void write(final Manifest manifest, final WriteCondition condition, final Consumer<PutOutcome> then) {
        final byte[] bytes = ManifestCodec.encode(manifest);
        final MemorySegment buffer = memory.tryAllocate(bytes.length, BYTES);
        if (buffer == null) {
            outOfMemory(bytes.length);
            return;
        }
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
        session.put(key, List.of(buffer), condition, options, outcome -> {
            memory.free(buffer);
            then.accept(outcome);
        });
    }
}
