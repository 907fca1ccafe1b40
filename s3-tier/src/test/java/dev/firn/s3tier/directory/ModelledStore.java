package dev.firn.s3tier.directory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.DiskGeometry;
import dev.firn.nativeio.simulation.HostDownError;
import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.SimulatedDisk;
import dev.firn.nativeio.simulation.Trace;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Missing;
import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.backend.AttemptResult.PageListed;
import dev.firn.s3tier.backend.AttemptResult.PartWritten;
import dev.firn.s3tier.backend.AttemptResult.RangeBeyondEnd;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.backend.AttemptResult.UploadCreated;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.ListOutcome.ListedObject;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Processes that use one store on one simulated disk, random operations of theirs, kills and losses of power; and
 * beside it what a store must be: for each key the one version that a read may see, and those that a loss of power
 * may bring back.
 *
 * <p>One operation of a key is under way at a time, so that every answer is right or wrong; different keys, and
 * both processes, go on at the same time.
 */
final class ModelledStore implements AutoCloseable {
    private static final long NEVER_ANSWERED_NS = 60_000_000_000L;
    private static final int MAX_BODY_BYTES = 3_000;
    private static final int BUFFER_BYTES = 8 << 10;
    private static final int MAX_TURN_NS = 200_000;
    private static final int MOST_IN_FLIGHT = 6;

    /** Plain ones, nested ones whose directories come and go, and some that need escaping. */
    private static final List<String> KEYS = List.of(
            "a",
            "d/x",
            "d/y",
            "d/e/z",
            "f/g/h/i",
            "f/g/j",
            "p//q",
            "t/",
            "~",
            ".firn",
            ".~x",
            "v/wal-0001",
            "v/wal-0002",
            "x".repeat(300),
            "f/é/雪");

    /** A version: null content is no object. */
    private record Version(byte[] content, String etag) {
        static final Version NONE = new Version(null, null);

        boolean same(final Version other) {
            return Arrays.equals(content, other.content);
        }
    }

    private static final class KeyState {
        private Version seen = Version.NONE;

        /** What may be there after a loss of power; {@code seen} among them. */
        private final List<Version> durable = new ArrayList<>(List.of(Version.NONE));

        /** What an operation under way, or one whose end nobody knows, may have made of it; null for none. */
        private Version possible;

        private boolean busy;

        private void acknowledged(final Version version) {
            seen = version;
            possible = null;
            durable.clear();
            durable.add(version);
        }

        /** It is not known whether a write took effect, nor whether it will last. */
        private void unresolved() {
            if (possible != null && durable.stream().noneMatch(possible::same)) {
                durable.add(possible);
            }
        }
    }

    /** One operation under way. */
    private final class Operation implements Attempt.Completions {
        private final DirectoryBackend backend;
        private final String key;
        private final KeyState state;
        private final MemorySegment buffer;
        private Attempt attempt;
        private java.util.function.Consumer<AttemptResult> next;
        private boolean done;

        private Operation(final DirectoryBackend backend, final String key) {
            this.backend = backend;
            this.key = key;
            this.state = keys.get(key);
            this.state.busy = true;
            this.buffer = buffers.removeLast();
        }

        private void send(final AttemptRequest request, final java.util.function.Consumer<AttemptResult> then) {
            next = then;
            attempt = new Attempt(request, NEVER_ANSWERED_NS, this);
            backend.begin(attempt);
        }

        @Override
        public void onCompleted(final Attempt completed) {
            completed(completed.result());
        }

        private void completed(final AttemptResult result) {
            try {
                next.accept(result);
            } catch (final AssertionError e) {
                throw new AssertionError(describe() + " was answered " + result, e);
            }
        }

        private void end() {
            done = true;
            state.busy = false;
            buffers.add(buffer);
            operations++;
        }

        private String describe() {
            return "seed " + seed + ": " + attempt.request().getClass().getSimpleName() + " of "
                    + (key.length() > 40 ? key.length() + " x" : key) + ", where "
                    + (state.seen.etag == null ? "nothing" : state.seen.etag) + " is";
        }
    }

    private final long seed;
    private final RandomGenerator random;
    private final SimulatedDisk disk;
    private final Scheduler scheduler;
    private final Arena arena = Arena.ofConfined();
    private final List<MemorySegment> buffers = new ArrayList<>();
    private final Map<String, KeyState> keys = new TreeMap<>(KeyPaths::compare);
    private final List<DirectoryBackend> backends = new ArrayList<>();
    private final List<Operation> inFlight = new ArrayList<>();
    private final boolean errors;
    private final int processes;
    private boolean broken;
    private long operations;
    private long writes;
    private long crashes;
    private long kills;

    ModelledStore(final long seed, final DiskFaults faults, final int processes) {
        this.seed = seed;
        this.random = SystemRandom.seeded(seed);
        this.scheduler = new Scheduler(seed, Trace.silent());
        this.disk = new SimulatedDisk(scheduler, 0, seed, DiskGeometry.DEFAULT, faults);
        this.errors = faults.syncError() + faults.writeError() + faults.readError() + faults.directorySyncError() > 0;
        this.processes = processes;
        KEYS.forEach(key -> keys.put(key, new KeyState()));
        for (int i = 0; i < MOST_IN_FLIGHT; i++) {
            buffers.add(arena.allocate(BUFFER_BYTES));
        }
        recover(true);
    }

    long operations() {
        return operations;
    }

    long crashes() {
        return crashes;
    }

    long kills() {
        return kills;
    }

    /** So many operations, with an end of the power or of the processes every so often. */
    void run(final int count, final int meanBetweenCrashes) {
        final long wanted = operations + count;
        while (operations < wanted) {
            try {
                if (meanBetweenCrashes > 0 && random.nextInt(meanBetweenCrashes) == 0) {
                    strike();
                }
                if (broken) {
                    crashAndRecover();
                }
                step();
            } catch (final HostDownError powerLost) {
                crashes++;
                recover(true);
            }
        }
        settle();
    }

    private void strike() {
        switch (random.nextInt(4)) {
            case 0 -> crashAndRecover();
            case 1 -> {
                if (errors) {
                    // A directory's sync may have failed unseen: on a disk that goes on as if nothing had happened,
                    // only the end of
                    // the power brings certainty back. Real file systems stop writing by themselves.
                    crashAndRecover();
                    return;
                }
                disk.killProcess();
                kills++;
                recover(false);
            }
            default -> disk.powerLossAfter(1 + random.nextInt(30));
        }
    }

    private void crashAndRecover() {
        disk.crash();
        crashes++;
        recover(true);
    }

    private void step() {
        if (inFlight.size() < MOST_IN_FLIGHT && !broken) {
            begin();
        }
        turn();
    }

    private void turn() {
        for (final DirectoryBackend backend : backends) {
            backend.doWork();
        }
        scheduler.runFor(1 + random.nextInt(MAX_TURN_NS));
        inFlight.removeIf(operation -> operation.done);
    }

    /** Until all is answered; then everything must be as it should. */
    private void settle() {
        while (true) {
            try {
                disk.powerLossAfter(0);
                for (int i = 0; i < 1_000_000 && !inFlight.isEmpty(); i++) {
                    turn();
                }
                assertThat(inFlight)
                        .as("seed %d: operations without an answer", seed)
                        .isEmpty();
                if (broken) {
                    crashAndRecover();
                } else {
                    verifyAll(false);
                }
                return;
            } catch (final HostDownError powerLost) {
                crashes++;
                recover(true);
            }
        }
    }

    // --- operations ---

    private void begin() {
        final String key = KEYS.get(random.nextInt(KEYS.size()));
        if (keys.get(key).busy) {
            return;
        }
        final Operation operation = new Operation(backends.get(random.nextInt(backends.size())), key);
        inFlight.add(operation);
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> put(operation);
            case 4 -> upload(operation);
            case 5, 6 -> delete(operation);
            case 7 -> head(operation);
            case 8 -> get(operation, 0, MAX_BODY_BYTES + 1);
            case 9 -> get(operation, random.nextInt(MAX_BODY_BYTES), 1 + random.nextInt(1_000));
            case 10 -> wrongVersion(operation);
            default -> list(operation);
        }
    }

    private byte[] body(final Operation operation, final int most) {
        final byte[] content = new byte[random.nextInt(most)];
        random.nextBytes(content);
        MemorySegment.copy(content, 0, operation.buffer, JAVA_BYTE, 0, content.length);
        writes++;
        return content;
    }

    private List<MemorySegment> segments(final MemorySegment whole, final int length) {
        final int cut = length == 0 ? 0 : random.nextInt(length);
        return List.of(whole.asSlice(0, cut), whole.asSlice(cut, length - cut));
    }

    private Precondition precondition(final KeyState state) {
        return switch (random.nextInt(3)) {
            case 0 -> Precondition.NONE;
            case 1 -> Precondition.ABSENT;
            default ->
                new Precondition.Matches(state.seen.etag == null ? "\"00000000-0000000000000000\"" : state.seen.etag);
        };
    }

    private static boolean holds(final Precondition precondition, final Version seen) {
        return switch (precondition) {
            case Precondition.None none -> true;
            case Precondition.Absent absent -> seen.content == null;
            case Precondition.Matches matches -> seen.content != null;
        };
    }

    private void put(final Operation operation) {
        final byte[] content = body(operation, MAX_BODY_BYTES);
        final Precondition precondition = precondition(operation.state);
        final boolean expected = holds(precondition, operation.state.seen);
        operation.state.possible = expected ? new Version(content, null) : null;
        operation.send(
                new AttemptRequest.PutObject(
                        operation.key,
                        segments(operation.buffer, content.length),
                        Crc32c.compute(content, 0, content.length),
                        precondition,
                        stamp()),
                result -> written(operation, content, expected, result));
    }

    private WriteStamp stamp() {
        return WriteStamp.created(String.format(java.util.Locale.ROOT, "%032x", writes));
    }

    private void written(
            final Operation operation, final byte[] content, final boolean expected, final AttemptResult result) {
        switch (result) {
            case ObjectWritten written -> {
                assertThat(expected).as("the condition held").isTrue();
                operation.state.acknowledged(new Version(content, written.etag()));
            }
            case ConditionFailed failed -> {
                assertThat(expected).as("the condition did not hold").isFalse();
                operation.state.possible = null;
            }
            case AttemptFailed failed -> failed(operation, failed);
            default -> throw new AssertionError("this is no answer to a write");
        }
        operation.end();
    }

    private void failed(final Operation operation, final AttemptFailed failed) {
        assertThat(errors).as("nothing fails without a reason").isTrue();
        assertThat(failed.kind()).isIn(FailureKind.STORE_ERROR);
        if (failed.effect() == Effect.UNKNOWN) {
            operation.state.unresolved();
        } else {
            operation.state.possible = null;
        }
        broken |= failed.retry() == AttemptResult.Retry.NEVER;
    }

    private void upload(final Operation operation) {
        final int partBytes = 1 + random.nextInt(1_000);
        final byte[] content = body(operation, MAX_BODY_BYTES);
        final WriteStamp stamp = stamp();
        operation.send(new AttemptRequest.CreateUpload(operation.key, stamp), created -> {
            if (created instanceof UploadCreated(String id)) {
                sendPart(operation, id, content, partBytes, new ArrayList<>(), stamp);
            } else {
                failed(operation, (AttemptFailed) created);
                operation.end();
            }
        });
    }

    private void sendPart(
            final Operation operation,
            final String id,
            final byte[] content,
            final int partBytes,
            final List<AttemptRequest.Part> parts,
            final WriteStamp stamp) {
        final int offset = parts.size() * partBytes;
        if (offset >= content.length) {
            complete(operation, id, content, parts, stamp);
            return;
        }
        final int length = Math.min(partBytes, content.length - offset);
        final int crc = Crc32c.compute(content, offset, length);
        final int number = parts.size() + 1;
        operation.send(
                new AttemptRequest.UploadPart(
                        operation.key, id, number, offset, operation.buffer.asSlice(offset, length), crc),
                result -> {
                    if (result instanceof PartWritten(String etag)) {
                        parts.add(new AttemptRequest.Part(number, etag, length, crc));
                        sendPart(operation, id, content, partBytes, parts, stamp);
                    } else {
                        failed(operation, (AttemptFailed) result);
                        operation.end();
                    }
                });
    }

    private void complete(
            final Operation operation,
            final String id,
            final byte[] content,
            final List<AttemptRequest.Part> parts,
            final WriteStamp stamp) {
        if (random.nextInt(5) == 0) {
            operation.send(new AttemptRequest.AbortUpload(operation.key, id), result -> {
                if (result instanceof AttemptFailed failed) {
                    failed(operation, failed);
                }
                operation.end();
            });
            return;
        }
        final Precondition precondition = precondition(operation.state);
        final boolean expected = holds(precondition, operation.state.seen);
        operation.state.possible = expected ? new Version(content, null) : null;
        operation.send(
                new AttemptRequest.CompleteUpload(operation.key, id, parts, precondition, stamp),
                result -> written(operation, content, expected, result));
    }

    private void delete(final Operation operation) {
        operation.state.possible = Version.NONE;
        final AttemptRequest request = random.nextBoolean()
                ? new AttemptRequest.DeleteObject(operation.key)
                : new AttemptRequest.DeleteBatch(List.of(operation.key, operation.key));
        operation.send(request, result -> {
            switch (result) {
                case ObjectsDeleted deleted -> {
                    assertThat(deleted.refused()).isEmpty();
                    operation.state.acknowledged(Version.NONE);
                }
                case AttemptFailed failed -> failed(operation, failed);
                default -> throw new AssertionError("this is no answer to a delete");
            }
            operation.end();
        });
    }

    private void head(final Operation operation) {
        operation.send(new AttemptRequest.HeadObject(operation.key), result -> {
            switch (result) {
                case ObjectFound found -> {
                    assertThat(found.etag()).isEqualTo(operation.state.seen.etag);
                    assertThat(found.lengthBytes()).isEqualTo(operation.state.seen.content.length);
                }
                case Missing missing -> assertThat(operation.state.seen.content).isNull();
                case AttemptFailed failed -> failed(operation, failed);
                default -> throw new AssertionError("this is no answer to a head");
            }
            operation.end();
        });
    }

    private void get(final Operation operation, final int offset, final int length) {
        final MemorySegment into = operation.buffer.asSlice(0, length);
        operation.send(new AttemptRequest.GetRange(operation.key, offset, into, operation.state.seen.etag), result -> {
            final byte[] content = operation.state.seen.content;
            switch (result) {
                case RangeRead read -> {
                    assertThat(read.etag()).isEqualTo(operation.state.seen.etag);
                    assertThat(into.asSlice(0, read.lengthBytes()).toArray(JAVA_BYTE))
                            .isEqualTo(Arrays.copyOfRange(content, offset, Math.min(offset + length, content.length)));
                }
                case RangeBeyondEnd beyond -> assertThat(content).hasSizeLessThanOrEqualTo(offset);
                case Missing missing -> assertThat(content).isNull();
                case AttemptFailed failed -> failed(operation, failed);
                default -> throw new AssertionError("this is no answer to a get");
            }
            operation.end();
        });
    }

    private void wrongVersion(final Operation operation) {
        final byte[] content = body(operation, 100);
        operation.send(
                new AttemptRequest.PutObject(
                        operation.key,
                        segments(operation.buffer, content.length),
                        Crc32c.compute(content, 0, content.length),
                        new Precondition.Matches("\"00000000-0000000000000001\""),
                        stamp()),
                result -> {
                    if (result instanceof AttemptFailed failed) {
                        failed(operation, failed);
                    } else {
                        assertThat(result).isInstanceOf(ConditionFailed.class);
                    }
                    operation.end();
                });
    }

    /** Of the level that the key is in; what is under way may be there or not. */
    private void list(final Operation operation) {
        operation.send(new AttemptRequest.ListPage(operation.key, null, null, 1_000), result -> {
            if (result instanceof PageListed(var page)) {
                final boolean there = page.objects().stream()
                        .anyMatch(object -> object.key().equals(operation.key)
                                && object.etag().equals(operation.state.seen.etag));
                assertThat(there).isEqualTo(operation.state.seen.content != null);
            } else {
                failed(operation, (AttemptFailed) result);
            }
            operation.end();
        });
    }

    // --- ends and beginnings ---

    private void open() {
        for (int i = 0; i < processes; i++) {
            final Storage storage = disk.mount();
            final Clock clock = new SimulatedClock(scheduler, 0, 0, 0);
            backends.add(DirectoryBackend.open(
                    storage,
                    "/simulated",
                    DirectoryConfig.DRIVEN.withTransferBytes(512),
                    StoreLimits.DEFAULT,
                    clock,
                    SystemRandom.seeded(random.nextLong())));
        }
    }

    private void recover(final boolean powerLost) {
        inFlight.removeIf(operation -> operation.done);
        for (final Operation operation : inFlight) {
            operation.state.unresolved();
            operation.state.busy = false;
            buffers.add(operation.buffer);
        }
        inFlight.clear();
        boolean lost = powerLost;
        while (true) {
            try {
                backends.clear();
                broken = false;
                if (random.nextInt(4) == 0) {
                    disk.powerLossAfter(1 + random.nextInt(40));
                }
                open();
                disk.powerLossAfter(0);
                verifyAll(lost);
                return;
            } catch (final HostDownError powerLostAgain) {
                crashes++;
                lost = true;
            } catch (final StorageException e) {
                assertThat(errors)
                        .as("seed %d: it cannot be opened: %s", seed, e)
                        .isTrue();
                disk.crash();
                crashes++;
                lost = true;
            }
        }
    }

    /** Every key has a version that it may have, whole; the list says the same. */
    private void verifyAll(final boolean powerLost) {
        final MemorySegment into = buffers.getFirst().asSlice(0, MAX_BODY_BYTES + 1);
        final Map<String, String> etags = new TreeMap<>(KeyPaths::compare);
        for (final Map.Entry<String, KeyState> entry : keys.entrySet()) {
            final KeyState state = entry.getValue();
            final Version found = read(entry.getKey(), into);
            final boolean known = found.same(state.seen) || (state.possible != null && found.same(state.possible));
            assertThat(powerLost ? state.durable.stream().anyMatch(found::same) : known)
                    .as(
                            "seed %d: %s is as an answered write left it, or one under way (power lost: %s)",
                            seed, entry.getKey(), powerLost)
                    .isTrue();
            if (powerLost) {
                state.durable.clear();
                state.durable.add(found);
            }
            state.seen = found;
            state.possible = null;
            if (found.content != null) {
                etags.put(entry.getKey(), found.etag);
            }
        }
        assertThat(listed()).as("seed %d", seed).isEqualTo(new ArrayList<>(etags.keySet()));
    }

    private Version read(final String key, final MemorySegment into) {
        while (true) {
            switch (await(new AttemptRequest.GetRange(key, 0, into, null))) {
                case RangeRead read -> {
                    return new Version(into.asSlice(0, read.lengthBytes()).toArray(JAVA_BYTE), read.etag());
                }
                case RangeBeyondEnd beyond -> {
                    assertThat(beyond.objectBytes()).isZero();
                    final AttemptResult head = await(new AttemptRequest.HeadObject(key));
                    return new Version(new byte[0], ((ObjectFound) head).etag());
                }
                case Missing missing -> {
                    return Version.NONE;
                }
                case AttemptFailed failed ->
                    assertThat(errors && failed.retry() == AttemptResult.Retry.LATER)
                            .as("seed %d: the read of %s failed: %s", seed, key, failed)
                            .isTrue();
                case AttemptResult other -> throw new AssertionError("seed " + seed + ": " + other);
            }
        }
    }

    /** In pages of random length. */
    private List<String> listed() {
        final List<String> found = new ArrayList<>();
        String token = null;
        do {
            final AttemptResult result = await(new AttemptRequest.ListPage("", "", token, 1 + random.nextInt(6)));
            assertThat(result).as("seed %d", seed).isInstanceOf(PageListed.class);
            final var page = ((PageListed) result).page();
            page.objects().stream().map(ListedObject::key).forEach(found::add);
            token = page.nextToken();
        } while (token != null);
        return found;
    }

    private AttemptResult await(final AttemptRequest request) {
        final Attempt attempt = new Attempt(request, NEVER_ANSWERED_NS, completed -> {});
        backends.getFirst().begin(attempt);
        while (attempt.result() == null) {
            turn();
        }
        return attempt.result();
    }

    @Override
    public void close() {
        backends.forEach(DirectoryBackend::close);
        assertThat(disk.openFiles()).as("seed %d: files left open", seed).isZero();
        assertThat(disk.openRings()).as("seed %d: rings left open", seed).isZero();
        arena.close();
    }
}
