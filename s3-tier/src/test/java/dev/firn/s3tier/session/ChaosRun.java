package dev.firn.s3tier.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.RangeTarget;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Random calls of several sessions over a {@link ChaosBackend}, and what the {@link ChaosStore} knows held against every
 * outcome.
 *
 * <p>Keys are of three kinds: those written with conditions and never deleted, for which the promises hold without exception;
 * those written with conditions and deleted by others now and then; those written without conditions.
 */
final class ChaosRun {
    private static final MemoryTag TAG = MemoryTag.of("chaos-test");
    private static final int SESSIONS = 3;

    /** A write, what it was answered, and what the store had seen by then. */
    private static final class Write {
        final long number;
        final String key;
        final WriteCondition condition;
        final long sequenceAtStart;
        PutOutcome outcome;
        long sequenceAtAnswer;

        Write(final long number, final String key, final WriteCondition condition, final long sequenceAtStart) {
            this.number = number;
            this.key = key;
            this.condition = condition;
            this.sequenceAtStart = sequenceAtStart;
        }
    }

    private final ManualClock clock = new ManualClock();
    private final ChaosStore truth = new ChaosStore();
    private final RandomGenerator random;
    private final ChaosBackend backend;
    private final OffHeapMemory memory;
    private final CallOptions options;
    private final boolean cancels;
    private final List<StoreSession> sessions = new ArrayList<>();
    private final List<StoreCall> open = new ArrayList<>();
    private final List<Write> writes = new ArrayList<>();

    /** What each session believes is there. */
    private final List<Map<String, ObjectVersion>> known = new ArrayList<>();

    private int begun;
    private int answered;
    final int[] outcomes = new int[6];

    /** @param patient with long deadlines, many attempts and no cancelling, so that every write can be settled. */
    ChaosRun(final long seed, final double trouble, final boolean patient) {
        this.random = SystemRandom.seeded(seed);
        this.cancels = !patient;
        this.options = CallOptions.within(patient ? Duration.ofMinutes(30) : Duration.ofMillis(600));
        final StoreLimits limits = SessionFixture.limits()
                .requestsInFlight(6)
                .bytesInFlight(20_000)
                .queuedCalls(24)
                .attemptTimeoutNs(200_000_000L)
                .maxAttempts(patient ? 1_000 : 5)
                .retryBudget(patient ? 100_000 : 50)
                .circuit(patient ? 100_000 : 12, 100_000_000L)
                .minPartBytes(512)
                .build();
        this.backend = new ChaosBackend(truth, limits, clock, SystemRandom.seeded(seed + 1), trouble);
        this.leaks = LeakCheck.start();
        this.memory = leaks.memory(32 << 20);
        this.store = SessionStore.over(backend, clock, SystemRandom.seeded(seed + 2));
    }

    private final LeakCheck leaks;
    private final ObjectStore store;

    void run(final int steps) {
        for (int i = 0; i < SESSIONS; i++) {
            sessions.add(store.openSession());
            known.add(new HashMap<>());
        }
        for (int step = 0; step < steps; step++) {
            final int who = random.nextInt(SESSIONS);
            if (sessions.get(who).room() > 0 && random.nextInt(3) > 0) {
                beginSomething(who);
            }
            if (cancels && random.nextInt(40) == 0 && !open.isEmpty()) {
                open.get(random.nextInt(open.size())).cancel();
            }
            clock.advanceNs(random.nextLong(8_000_000));
            sessions.get(random.nextInt(SESSIONS)).poll(1 + random.nextInt(5));
            open.removeIf(StoreCall::isAnswered);
        }
        finish();
    }

    /** Lets all calls be answered; or some of them by closing the sessions. */
    private void finish() {
        for (int turn = 0; turn < 2_000_000 && (answered < begun && (!cancels || turn < 50)); turn++) {
            clock.advanceNs(2_000_000);
            sessions.forEach(session -> session.poll(100));
        }
        backend.moveClock();
        sessions.forEach(StoreSession::close);
        store.close();
        backend.runOut();
        assertThat(answered).as("each call is answered once").isEqualTo(begun);
        writes.forEach(this::judge);
        leaks.close();
    }

    private void beginSomething(final int who) {
        final StoreSession session = sessions.get(who);
        final String key = key();
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> put(who, key);
            case 5 -> upload(who, key);
            case 6, 7 -> get(session, key);
            case 8 -> ranges(session, key);
            case 9, 10 ->
                begin(session.head(key, options, outcome -> {
                    answered++;
                    if (outcome instanceof HeadOutcome.Found found) {
                        known.get(who).put(key, found.version());
                    }
                }));
            default -> {
                if (!key.startsWith("strict")) {
                    begin(session.delete(key, options, outcome -> answered++));
                }
            }
        }
    }

    private String key() {
        return switch (random.nextInt(4)) {
            case 0, 1 -> "strict-" + random.nextInt(4);
            case 2 -> "deleted-" + random.nextInt(2);
            default -> "plain-" + random.nextInt(2);
        };
    }

    private void begin(final StoreCall call) {
        begun++;
        open.add(call);
    }

    private WriteCondition condition(final int who, final String key) {
        if (key.startsWith("plain")) {
            return WriteCondition.ALWAYS;
        }
        final ObjectVersion version = known.get(who).get(key);
        return version == null || random.nextInt(6) == 0 ? WriteCondition.IF_ABSENT : WriteCondition.ifVersion(version);
    }

    private Write newWrite(final int who, final String key) {
        final Write write = new Write(writes.size() + 1, key, condition(who, key), truth.sequence());
        writes.add(write);
        return write;
    }

    private MemorySegment body(final Write write) {
        final MemorySegment body = memory.allocate(512 + random.nextInt(1_500), TAG);
        for (long i = 0; i < body.byteSize(); i++) {
            body.set(ValueLayout.JAVA_BYTE, i, (byte) (write.number * 31 + i * 7));
        }
        body.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, write.number);
        return body;
    }

    private void put(final int who, final String key) {
        final Write write = newWrite(who, key);
        final MemorySegment body = body(write);
        final long cut = random.nextLong(body.byteSize());
        begin(sessions.get(who)
                .put(key, List.of(body.asSlice(0, cut), body.asSlice(cut)), write.condition, options, outcome -> {
                    memory.free(body);
                    written(who, write, outcome);
                }));
    }

    private void upload(final int who, final String key) {
        if (sessions.get(who).room() < 5) {
            return;
        }
        final Write write = newWrite(who, key);
        final MultipartUpload upload = sessions.get(who).openUpload(key, write.condition);
        final int parts = 1 + random.nextInt(3);
        for (int i = 0; i < parts; i++) {
            final MemorySegment part = body(write);
            begin(upload.part(part, options, outcome -> {
                answered++;
                memory.free(part);
            }));
        }
        begin(upload.complete(options, outcome -> {
            written(who, write, outcome);
            if (!(outcome instanceof PutOutcome.Stored) && sessions.get(who).room() > 0) {
                begin(upload.abort(options, aborted -> answered++));
            }
        }));
    }

    private void written(final int who, final Write write, final PutOutcome outcome) {
        answered++;
        if (write.outcome != null) {
            throw new AssertionError("answered twice: " + write.outcome + ", " + outcome);
        }
        write.outcome = outcome;
        write.sequenceAtAnswer = truth.sequence();
        switch (outcome) {
            case PutOutcome.Stored stored
            when !stored.overtaken() -> known.get(who).put(write.key, stored.version());
            default -> known.get(who).remove(write.key);
        }
    }

    private void get(final StoreSession session, final String key) {
        final MemorySegment into = memory.allocate(1 + random.nextInt(2_000), TAG);
        final long offset = random.nextInt(1_000);
        begin(session.get(key, offset, into, null, options, outcome -> {
            answered++;
            if (outcome instanceof GetOutcome.Fetched fetched) {
                assertRead(into.asSlice(0, fetched.lengthBytes()), offset, fetched.version());
            }
            memory.free(into);
        }));
    }

    private void ranges(final StoreSession session, final String key) {
        final List<RangeTarget> ranges = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(4); i++) {
            ranges.add(new RangeTarget(random.nextInt(1_000), memory.allocate(1 + random.nextInt(100), TAG)));
        }
        begin(session.getRanges(key, ranges, null, options, outcome -> {
            answered++;
            for (final RangeTarget range : ranges) {
                if (outcome instanceof GetOutcome.Fetched fetched) {
                    assertRead(range.into(), range.offset(), fetched.version());
                }
                memory.free(range.into());
            }
        }));
    }

    private void assertRead(final MemorySegment read, final long offset, final ObjectVersion version) {
        final byte[] content = truth.contentOf(version.etag());
        final byte[] expected = Arrays.copyOfRange(content, (int) offset, (int) (offset + read.byteSize()));
        assertThat(Arrays.equals(read.toArray(ValueLayout.JAVA_BYTE), expected))
                .as("what was read from %d to %d is of version %s", offset, offset + read.byteSize(), version.etag())
                .isTrue();
    }

    /** When all is over and nothing can arrive any more: was the answer true? */
    private void judge(final Write write) {
        final String name = backend.names.get(write.number);
        final List<ChaosStore.Change> applied = name == null ? List.of() : truth.changesBy(name);
        final String context = write.key + " " + write.condition + " write " + name + " answered " + write.outcome
                + " at " + write.sequenceAtAnswer + ", applied " + applied;
        final boolean strict = write.key.startsWith("strict");
        if (strict) {
            assertThat(applied.size()).as("applied once at most: " + context).isLessThanOrEqualTo(1);
        }
        switch (write.outcome) {
            case PutOutcome.Stored stored -> {
                outcomes[stored.overtaken() ? 1 : 0]++;
                assertThat(applied).as(context).isNotEmpty();
                assertThat(applied.getFirst().sequence()).as(context).isLessThanOrEqualTo(write.sequenceAtAnswer);
                assertThat(stored.version().isReplaced()).as(context).isEqualTo(stored.overtaken());
                if (stored.overtaken()) {
                    assertThat(wasReplacedBefore(write, name)).as(context).isTrue();
                }
            }
            case PutOutcome.PreconditionFailed failed -> {
                outcomes[2]++;
                // A create that is deleted by others while nobody knows of it leaves no trace: the one exception.
                assertThat(applied.isEmpty()
                                || (write.condition instanceof WriteCondition.IfAbsent && wasDeletedSince(write)))
                        .as(context)
                        .isTrue();
            }
            case PutOutcome.Unknown unknown -> {
                outcomes[3]++;
                assertThat(cancels || !strict)
                        .as("could have been settled: " + context)
                        .isTrue();
                assertThat(unknown.cause().kind()).as(context).isNotEqualTo(FailureKind.CIRCUIT_OPEN);
            }
            case Failed failed -> {
                outcomes[4]++;
                // An upload that is gone, and no object: its completion may have been deleted by others.
                assertThat(applied.isEmpty() || (failed.kind() == FailureKind.NO_SUCH_PLACE && wasDeletedSince(write)))
                        .as(context)
                        .isTrue();
                assertThat(cancels || failed.kind() == FailureKind.NO_SUCH_PLACE)
                        .as("could have been done: " + context)
                        .isTrue();
            }
        }
    }

    private boolean wasReplacedBefore(final Write write, final String name) {
        return truth.changes.stream()
                .anyMatch(change -> change.sequence() <= write.sequenceAtAnswer
                        && change.replacedEtag() != null
                        && change.replacedEtag().contains(name));
    }

    private boolean wasDeletedSince(final Write write) {
        return truth.changes.stream()
                .anyMatch(change -> change.write() == null
                        && change.key().equals(write.key)
                        && change.sequence() >= write.sequenceAtStart);
    }
}
