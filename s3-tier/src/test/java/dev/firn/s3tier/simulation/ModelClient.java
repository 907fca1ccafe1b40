package dev.firn.s3tier.simulation;

import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.s3tier.contract.Bytes;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.PartOutcome;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.RangeTarget;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;

/**
 * One life of a client of a model run: begins random calls, tells the model what they were answered, and vanishes when its
 * host crashes.
 */
final class ModelClient implements Agent {
    /** The length of the id that stands at the beginning of every content. */
    private static final int ID_BYTES = Long.BYTES;

    private static final int LONGEST_CONTENT = 700;
    private static final int SLOT_BYTES = 1_024;
    private static final byte POISON = 0x3C;
    private static final long[] TIMEOUTS_NS = {
        30_000_000, 500_000_000, 2_000_000_000, 10_000_000_000L, 60_000_000_000L, 60_000_000_000L, 60_000_000_000L
    };
    /** What a client does that is told that the circuit is open: wait. */
    private static final long PAUSE_NS = 100_000_000;

    private static final double CANCEL = 0.003;
    private static final double REOPEN = 0.000_1;

    /** A call in flight, with its memory; {@code onCrash} tells the model when there will be no answer. */
    private static final class Slot {
        private final MemorySegment buffer;
        private StoreCall call;
        private Runnable onCrash;

        private Slot(final MemorySegment buffer) {
            this.buffer = buffer;
        }

        private MemorySegment of(final int lengthBytes) {
            return buffer.asSlice(0, lengthBytes);
        }
    }

    private final SimulatedHost host;
    private final ModelRun run;
    private final StoreModel model;
    private final ObjectStore store;
    private final RandomGenerator random;
    private final List<Slot> free = new ArrayList<>();
    private final List<Slot> busy = new ArrayList<>();

    /** Of this life, until it is buried: whoever touches it afterwards fails. */
    private final Arena memory = Arena.ofConfined();

    private StoreSession session;
    private long pausedUntilNs;
    private boolean closing;
    private boolean dead;

    ModelClient(final SimulatedHost host, final ModelRun run, final ObjectStore store, final int width) {
        this.host = host;
        this.run = run;
        this.model = run.model();
        this.store = store;
        this.random = host.random();
        this.session = store.openSession();
        for (int i = 0; i < width; i++) {
            final MemorySegment buffer = memory.allocate(SLOT_BYTES, 8);
            buffer.fill(POISON);
            free.add(new Slot(buffer));
        }
    }

    @Override
    public String roleName() {
        return "model-client";
    }

    @Override
    public int doWork() {
        if (busy.isEmpty() && random.nextDouble() < REOPEN) {
            session.close();
            session = store.openSession();
        } else if (random.nextDouble() < REOPEN) {
            closeInFlight();
        }
        int work = session.poll(1 + random.nextInt(8));
        while (!free.isEmpty() && run.wantsMore() && nowNs() >= pausedUntilNs && random.nextInt(3) > 0) {
            beginSomething();
            work++;
        }
        if (!busy.isEmpty() && random.nextDouble() < CANCEL) {
            final Slot slot = busy.get(random.nextInt(busy.size()));
            if (slot.call != null) {
                slot.call.cancel();
            }
        }
        return work;
    }

    boolean isIdle() {
        return busy.isEmpty();
    }

    /** The host has crashed, and nobody hears the answers: what was in flight may have happened. */
    void bury() {
        dead = true;
        for (final Slot slot : busy) {
            slot.onCrash.run();
        }
        session.close();
        store.close();
        memory.close();
    }

    /** All calls in flight are answered by the end of the session. */
    private void closeInFlight() {
        closing = true;
        session.close();
        closing = false;
        if (!busy.isEmpty()) {
            throw new AssertionError(busy.size() + " calls were not answered when their session was closed");
        }
        session = store.openSession();
    }

    private long nowNs() {
        return run.nowNs();
    }

    private CallOptions options() {
        return new CallOptions(TIMEOUTS_NS[random.nextInt(TIMEOUTS_NS.length)]);
    }

    private Slot take(final Runnable onCrash) {
        final Slot slot = free.removeLast();
        for (long i = 0; i < SLOT_BYTES; i += Long.BYTES) {
            if (slot.buffer.get(ValueLayout.JAVA_LONG, i) != 0x3C3C3C3C3C3C3C3CL) {
                throw new AssertionError("a buffer was written to after its call had been answered, near " + i);
            }
        }
        slot.onCrash = onCrash;
        slot.call = null;
        busy.add(slot);
        run.operationBegun();
        return slot;
    }

    /** What a handler does first: returns false in a life that is over. */
    private boolean giveBack(final Slot slot) {
        if (dead) {
            return false;
        }
        busy.remove(slot);
        free.add(slot);
        return true;
    }

    private void answered(final StoreOutcome outcome) {
        run.answered(outcome);
        if (outcome instanceof Failed failed && failed.kind() == FailureKind.CIRCUIT_OPEN) {
            pausedUntilNs = nowNs() + PAUSE_NS;
        }
    }

    private static void poison(final Slot slot) {
        slot.buffer.fill(POISON);
    }

    // What to do next.

    private void beginSomething() {
        final int dice = random.nextInt(100);
        if (dice < 45) {
            onChain(run.chainKey(random));
        } else if (dice < 90) {
            onFreeKey(run.freeKey(random));
        } else if (dice < 98) {
            list();
        } else {
            sweep();
        }
    }

    private void onChain(final String key) {
        final ModelRun.Seen seen = run.seenBy(host.id(), key);
        final int dice = random.nextInt(10);
        if (dice < 3) {
            get(key, null);
        } else if (dice < 4) {
            head(key);
        } else if (dice < 5) {
            getRanges(key);
        } else if (seen == null) {
            write(key, true, null, WriteCondition.IF_ABSENT);
        } else if (dice < 6) {
            get(key, seen);
        } else {
            write(key, true, seen.write(), WriteCondition.ifVersion(seen.version()));
        }
    }

    private void onFreeKey(final String key) {
        final ModelRun.Seen seen = run.seenBy(host.id(), key);
        switch (random.nextInt(10)) {
            case 0, 1 -> get(key, random.nextBoolean() ? seen : null);
            case 2 -> head(key);
            case 3 -> getRanges(key);
            case 4, 5 -> write(key, false, null, WriteCondition.ALWAYS);
            case 6 -> write(key, false, null, WriteCondition.IF_ABSENT);
            case 7 ->
                write(
                        key,
                        false,
                        null,
                        seen == null ? WriteCondition.ALWAYS : WriteCondition.ifVersion(seen.version()));
            case 8 -> delete(key);
            default -> deleteSome();
        }
    }

    // Writes.

    private void write(
            final String key, final boolean link, final ModelWrite predecessor, final WriteCondition condition) {
        final int lengthBytes = ID_BYTES + random.nextInt(LONGEST_CONTENT - ID_BYTES);
        final ModelWrite write = link
                ? model.beginLink(key, predecessor, lengthBytes, nowNs())
                : model.beginFree(key, lengthBytes, nowNs());
        final Slot slot = take(() -> model.unknown(write, nowNs()));
        fill(slot.of(lengthBytes), write);
        if (random.nextInt(4) == 0) {
            upload(slot, write, condition);
        } else {
            final int cut = random.nextInt(lengthBytes + 1);
            slot.call = session.put(
                    key,
                    List.of(slot.buffer.asSlice(0, cut), slot.buffer.asSlice(cut, lengthBytes - cut)),
                    condition,
                    options(),
                    outcome -> written(slot, write, outcome));
        }
    }

    private void upload(final Slot slot, final ModelWrite write, final WriteCondition condition) {
        final MultipartUpload upload = session.openUpload(write.key, condition);
        final int partBytes = ModelRun.MIN_PART_BYTES + random.nextInt(ModelRun.MIN_PART_BYTES);
        // The slot is free when the completion, each part and, if need be, the abort are answered.
        final int[] unanswered = {1};
        for (int offset = 0; offset < write.lengthBytes; offset += partBytes) {
            final int count = Math.min(partBytes, write.lengthBytes - offset);
            unanswered[0]++;
            upload.part(slot.buffer.asSlice(offset, count), options(), outcome -> {
                check(
                        outcome instanceof PartOutcome.PartStored || outcome instanceof Failed,
                        "a part was answered %s",
                        outcome);
                uploadAnswered(slot, unanswered);
            });
        }
        slot.call = upload.complete(options(), outcome -> {
            if (dead) {
                return;
            }
            result(write, outcome);
            slot.onCrash = () -> {};
            if (!(outcome instanceof PutOutcome.Stored) && !closing) {
                unanswered[0]++;
                upload.abort(options(), aborted -> uploadAnswered(slot, unanswered));
            }
            uploadAnswered(slot, unanswered);
        });
    }

    private void uploadAnswered(final Slot slot, final int[] unanswered) {
        if (--unanswered[0] == 0 && giveBack(slot)) {
            poison(slot);
        }
    }

    private void written(final Slot slot, final ModelWrite write, final PutOutcome outcome) {
        if (giveBack(slot)) {
            poison(slot);
            result(write, outcome);
        }
    }

    private void result(final ModelWrite write, final PutOutcome outcome) {
        answered(outcome);
        switch (outcome) {
            case PutOutcome.Stored stored -> {
                model.stored(write, stored.version().etag(), nowNs());
                if (!stored.overtaken()) {
                    saw(write, stored.version());
                }
            }
            case PutOutcome.PreconditionFailed _ -> {
                model.refused(write, nowNs());
                run.forget(host.id(), write.key);
            }
            case PutOutcome.Unknown _ -> model.unknown(write, nowNs());
            case Failed _ -> model.failed(write, nowNs());
        }
    }

    private static void fill(final MemorySegment content, final ModelWrite write) {
        Bytes.fill(content, write.id, 0);
        content.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, write.id);
    }

    // Deletes.

    private void delete(final String key) {
        final long startNs = nowNs();
        model.beginDelete(key);
        final Slot slot = take(() -> model.maybeDeleted(key, nowNs()));
        slot.call = session.delete(key, options(), outcome -> {
            if (giveBack(slot)) {
                answered(outcome);
                deleted(List.of(key), outcome, startNs);
            }
        });
    }

    private void deleteSome() {
        final List<String> keys = new ArrayList<>();
        while (keys.isEmpty() || random.nextInt(3) > 0) {
            final String key = run.freeKey(random);
            if (!keys.contains(key)) {
                keys.add(key);
            }
            if (keys.size() == 4) {
                break;
            }
        }
        final long startNs = nowNs();
        keys.forEach(model::beginDelete);
        final Slot slot = take(() -> keys.forEach(key -> model.maybeDeleted(key, nowNs())));
        slot.call = session.deleteAll(keys, options(), outcome -> {
            if (giveBack(slot)) {
                answered(outcome);
                deleted(keys, outcome, startNs);
            }
        });
    }

    private void deleted(final List<String> keys, final DeleteOutcome outcome, final long startNs) {
        for (final String key : keys) {
            run.forget(host.id(), key);
            final boolean certain = switch (outcome) {
                case DeleteOutcome.Deleted _ -> true;
                case DeleteOutcome.PartlyDeleted partly ->
                    partly.refused().stream().noneMatch(one -> one.key().equals(key));
                case Failed _ -> false;
            };
            if (certain) {
                model.deleted(key, startNs, nowNs());
            } else {
                model.maybeDeleted(key, nowNs());
            }
        }
    }

    // Reads.

    /** @param expected the version to ask for, or null. */
    private void get(final String key, final ModelRun.Seen expected) {
        final long known = model.knownOf(key);
        final Slot slot = take(() -> {});
        slot.call =
                session.get(key, 0, slot.buffer, expected == null ? null : expected.version(), options(), outcome -> {
                    if (!giveBack(slot)) {
                        return;
                    }
                    answered(outcome);
                    switch (outcome) {
                        case GetOutcome.Fetched fetched -> {
                            final ModelWrite write = writeIn(slot.buffer);
                            check(
                                    fetched.lengthBytes() == write.lengthBytes
                                            && fetched.objectBytes() == write.lengthBytes
                                            && Bytes.mismatch(
                                                            slot.buffer.asSlice(ID_BYTES),
                                                            write.id,
                                                            ID_BYTES,
                                                            write.lengthBytes - ID_BYTES)
                                                    < 0,
                                    "%s was read as %s, and not whole",
                                    write,
                                    fetched);
                            check(
                                    expected == null || expected.write().id == write.id,
                                    "%s was read, not the version that was asked for",
                                    write);
                            model.sawEtag(write, fetched.version().etag());
                            model.saw(write, key, known, nowNs());
                            saw(write, fetched.version());
                        }
                        case NotFound _ -> sawNothing(key, known);
                        case GetOutcome.VersionChanged _ ->
                            check(expected != null, "%s has changed, but no version was asked for", key);
                        case GetOutcome.OutOfRange range -> throw new AssertionError(key + " has " + range);
                        case Failed _ -> {}
                    }
                    poison(slot);
                });
    }

    private void getRanges(final String key) {
        final long known = model.knownOf(key);
        final Slot slot = take(() -> {});
        // The id, which every content has, and some bytes behind it, which may be beyond the end.
        final int offset = ID_BYTES * (1 + random.nextInt(40));
        final int count = ID_BYTES * (1 + random.nextInt(20));
        final MemorySegment head = slot.of(ID_BYTES);
        final MemorySegment tail = slot.buffer.asSlice(512, count);
        slot.call = session.getRanges(
                key, List.of(new RangeTarget(offset, tail), new RangeTarget(0, head)), null, options(), outcome -> {
                    if (!giveBack(slot)) {
                        return;
                    }
                    answered(outcome);
                    if (outcome instanceof GetOutcome.Fetched fetched) {
                        final ModelWrite write = writeIn(head);
                        check(
                                fetched.objectBytes() == write.lengthBytes
                                        && Bytes.mismatch(tail, write.id, offset, count) < 0,
                                "ranges of several versions were read as one: %s at %d",
                                write,
                                offset);
                        model.sawEtag(write, fetched.version().etag());
                        model.saw(write, key, known, nowNs());
                        saw(write, fetched.version());
                    } else if (outcome instanceof NotFound) {
                        sawNothing(key, known);
                    }
                    poison(slot);
                });
    }

    private void head(final String key) {
        final long known = model.knownOf(key);
        final Slot slot = take(() -> {});
        slot.call = session.head(key, options(), outcome -> {
            if (!giveBack(slot)) {
                return;
            }
            answered(outcome);
            switch (outcome) {
                case HeadOutcome.Found found -> {
                    final ModelWrite write = model.writeOf(found.version().etag());
                    if (write != null) {
                        check(
                                found.lengthBytes() == write.lengthBytes,
                                "%s has %d bytes in the store",
                                write,
                                found.lengthBytes());
                        model.saw(write, key, known, nowNs());
                        saw(write, found.version());
                    }
                }
                case NotFound _ -> sawNothing(key, known);
                case Failed _ -> {}
            }
        });
    }

    private void list() {
        final boolean ofChains = random.nextBoolean();
        final String prefix = ofChains ? StoreModel.CHAINS : ModelRun.FREE_KEYS;
        final long startNs = nowNs();
        final List<String> all = ofChains ? List.of() : run.freeKeys();
        final long[] known = all.stream().mapToLong(model::knownOf).toArray();
        final Slot slot = take(() -> {});
        final ListRequest request = new ListRequest(prefix, "", null, 1 + random.nextInt(40));
        slot.call = session.list(request, options(), outcome -> {
            if (!giveBack(slot)) {
                return;
            }
            answered(outcome);
            if (!(outcome instanceof ListOutcome.Listed page)) {
                return;
            }
            final List<String> listed =
                    page.objects().stream().map(ListOutcome.ListedObject::key).toList();
            final String last = page.nextToken() == null ? null : listed.getLast();
            if (ofChains) {
                model.checkListedChains(prefix, last, listed, startNs);
                return;
            }
            for (int i = 0; i < known.length; i++) {
                final String key = all.get(i);
                final int place = listed.indexOf(key);
                if (place >= 0) {
                    final ModelWrite write =
                            model.writeOf(page.objects().get(place).etag());
                    if (write != null) {
                        model.saw(write, key, known[i], nowNs());
                    }
                } else if (last == null || key.compareTo(last) <= 0) {
                    model.sawNothing(key, known[i]);
                }
            }
        });
    }

    private void sweep() {
        final Slot slot = take(() -> {});
        slot.call = session.abortStaleUploads("", ModelRun.STALE_NS, options(), outcome -> {
            if (giveBack(slot)) {
                answered(outcome);
            }
        });
    }

    private ModelWrite writeIn(final MemorySegment content) {
        return model.writeOf(content.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    }

    private void saw(final ModelWrite write, final ObjectVersion version) {
        run.saw(host.id(), write, version);
    }

    private void sawNothing(final String key, final long known) {
        model.sawNothing(key, known);
        run.forget(host.id(), key);
    }

    private static void check(final boolean holds, final String message, final Object... arguments) {
        if (!holds) {
            throw new AssertionError(String.format(Locale.ROOT, message, arguments));
        }
    }
}
