package dev.firn.s3tier.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreCounters;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How calls end: once each, in poll or close, whatever happens; and what they may take. */
interface CallContract extends ContractTests {
    int LARGE = 4 << 20;
    byte POISON = 0x5A;

    @Test
    default void shouldAnswerCallsBeyondTheLimitAtOnce() {
        final StoreLimits limits = limits(64, 512L << 20, 8);
        try (StoreFixture store = open("overload/", limits)) {
            assertThat(store.session().room()).isEqualTo(8);
            final List<Call<HeadOutcome>> calls = heads(store, 12);
            assertThat(store.session().room()).isZero();
            assertThat(store.session().inFlight()).isEqualTo(12);
            store.until(() -> calls.stream().allMatch(Call::isAnswered), "all calls are answered");
            for (int i = 0; i < 12; i++) {
                if (i < 8) {
                    assertThat(calls.get(i).outcome()).isInstanceOf(NotFound.class);
                } else {
                    assertThat(calls.get(i).outcome()).isInstanceOf(Failed.class);
                    assertThat(((Failed) calls.get(i).outcome()).kind()).isEqualTo(FailureKind.OVERLOADED);
                }
            }
            assertThat(store.session().room()).isEqualTo(8);
            assertThat(store.session().inFlight()).isZero();
        }
    }

    @Test
    default void shouldAnswerEveryCallWithFewRequestsAndBytesInFlight() {
        try (StoreFixture store = open("narrow/", limits(2, 100_000, 100))) {
            final MemorySegment buffer = store.buffer(90_000);
            Bytes.fill(buffer, 3, 0);
            final List<Call<PutOutcome>> puts = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                final String key = store.key("put-" + i);
                puts.add(Call.begin(handler -> store.session()
                        .put(key, List.of(buffer), WriteCondition.ALWAYS, CallOptions.DEFAULT, handler)));
            }
            final List<Call<HeadOutcome>> heads = heads(store, 40);
            puts.forEach(put -> assertThat(store.await(put)).isInstanceOf(PutOutcome.Stored.class));
            heads.forEach(head -> assertThat(store.await(head)).isInstanceOf(NotFound.class));
            store.free(buffer);
            assertThat(store.read(store.key("put-19"))).isEqualTo(Bytes.of(3, 90_000));
        }
    }

    @Test
    default void shouldCallNoMoreHandlersThanPollAllows() {
        final StoreFixture store = store();
        final int[] answered = new int[1];
        for (int i = 0; i < 10; i++) {
            store.session().head(store.key("nothing"), CallOptions.DEFAULT, outcome -> answered[0]++);
        }
        store.until(() -> answered[0] > 0, "the first is answered");
        while (answered[0] < 10) {
            final int before = answered[0];
            store.session().poll(0);
            assertThat(answered[0]).isEqualTo(before);
            store.session().poll(1);
            assertThat(answered[0]).isBetween(before, before + 1);
            if (answered[0] == before) {
                store.linger(Duration.ofMillis(1));
            }
        }
    }

    @Test
    default void shouldLetHandlersBeginFurtherCallsButNotPoll() {
        final StoreFixture store = store();
        final int[] depth = new int[1];
        final List<Throwable> refused = new ArrayList<>();
        final Runnable[] next = new Runnable[1];
        next[0] = () -> store.session().head(store.key("nothing"), CallOptions.DEFAULT, outcome -> {
            try {
                store.session().poll(1);
            } catch (final IllegalStateException e) {
                refused.add(e);
            }
            if (++depth[0] < 20) {
                next[0].run();
            }
        });
        next[0].run();
        store.until(() -> depth[0] == 20, "twenty calls, each begun by the answer to the one before");
        assertThat(refused).hasSize(20);
    }

    @Test
    default void shouldAnswerCancelledReadsOnceAndLeaveTheirBuffersAlone() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final MemorySegment buffer = large(store, key);
        for (int round = 0; round < 12; round++) {
            buffer.fill((byte) 0);
            final Call<GetOutcome> call =
                    Call.begin(handler -> store.session().get(key, 0, buffer, null, CallOptions.DEFAULT, handler));
            for (int i = 0; i < round && !call.isAnswered(); i++) {
                store.linger(Duration.ofMillis(1));
            }
            call.handle().cancel();
            call.handle().cancel();
            checkRead(store, store.await(call), buffer, FailureKind.CANCELLED);
            checkLeftAlone(store, buffer);
            call.check();
        }
        store.free(buffer);
    }

    @Test
    default void shouldAnswerTimedOutReadsOnceAndLeaveTheirBuffersAlone() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final MemorySegment buffer = large(store, key);
        long timeoutNs = 1;
        for (int round = 0; round < 12; round++) {
            final CallOptions options = new CallOptions(timeoutNs);
            final Call<GetOutcome> call =
                    Call.begin(handler -> store.session().get(key, 0, buffer, null, options, handler));
            checkRead(store, store.await(call), buffer, FailureKind.TIMED_OUT);
            checkLeftAlone(store, buffer);
            call.check();
            timeoutNs *= 5;
        }
        store.free(buffer);
    }

    @Test
    default void shouldTellTheTruthOfCancelledWrites() {
        final StoreFixture store = store();
        final MemorySegment buffer = store.buffer(LARGE);
        for (int round = 0; round < 12; round++) {
            final String key = store.key("cancelled-" + round);
            final WriteCondition condition = round % 2 == 0 ? WriteCondition.ALWAYS : WriteCondition.IF_ABSENT;
            Bytes.fill(buffer, round, 0);
            final Call<PutOutcome> call = Call.begin(
                    handler -> store.session().put(key, List.of(buffer), condition, CallOptions.DEFAULT, handler));
            for (int i = 0; i < round && !call.isAnswered(); i++) {
                store.linger(Duration.ofMillis(1));
            }
            call.handle().cancel();
            final PutOutcome outcome = store.await(call);
            buffer.fill(POISON);
            checkWrite(store, key, outcome, round, FailureKind.CANCELLED);
            call.check();
        }
        store.free(buffer);
    }

    @Test
    default void shouldTellTheTruthOfTimedOutWrites() {
        final StoreFixture store = store();
        final MemorySegment buffer = store.buffer(LARGE);
        long timeoutNs = 1;
        for (int round = 0; round < 12; round++) {
            final String key = store.key("timed-out-" + round);
            final WriteCondition condition = round % 2 == 0 ? WriteCondition.ALWAYS : WriteCondition.IF_ABSENT;
            Bytes.fill(buffer, round, 0);
            final CallOptions options = new CallOptions(timeoutNs);
            final Call<PutOutcome> call =
                    Call.begin(handler -> store.session().put(key, List.of(buffer), condition, options, handler));
            final PutOutcome outcome = store.await(call);
            buffer.fill(POISON);
            checkWrite(store, key, outcome, round, FailureKind.TIMED_OUT);
            call.check();
            timeoutNs *= 5;
        }
        store.free(buffer);
    }

    @Test
    default void shouldAnswerWhatIsInFlightWhenTheSessionIsClosed() {
        final StoreFixture store = store();
        final MemorySegment large = large(store, store.key("a"));
        try (StoreFixture closed = open("closed/", StoreLimits.DEFAULT)) {
            final List<MemorySegment> buffers = new ArrayList<>();
            final List<Call<PutOutcome>> puts = new ArrayList<>();
            final List<Call<GetOutcome>> gets = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                final MemorySegment body = closed.buffer(LARGE / 8);
                final MemorySegment into = closed.buffer(LARGE / 4);
                Bytes.fill(body, i, 0);
                buffers.addAll(List.of(body, into));
                final String key = closed.key("put-" + i);
                puts.add(Call.begin(handler -> closed.session()
                        .put(key, List.of(body), WriteCondition.IF_ABSENT, CallOptions.DEFAULT, handler)));
                gets.add(Call.begin(
                        handler -> closed.session().get(store.key("a"), 0, into, null, CallOptions.DEFAULT, handler)));
            }
            closed.linger(Duration.ofMillis(3));
            closed.session().close();
            buffers.forEach(buffer -> buffer.fill(POISON));
            for (int i = 0; i < 8; i++) {
                final PutOutcome put = puts.get(i).outcome();
                final GetOutcome get = gets.get(i).outcome();
                assertThat(get).isInstanceOfAny(GetOutcome.Fetched.class, Failed.class);
                checkTruth(store, closed.key("put-" + i), put, i, LARGE / 8, FailureKind.CANCELLED);
            }
            store.linger(Duration.ofMillis(50));
            for (final MemorySegment buffer : buffers) {
                checkPoisoned(buffer);
                closed.free(buffer);
            }
            assertThatThrownBy(() -> closed.session().head(store.key("a"), CallOptions.DEFAULT, outcome -> {}))
                    .isInstanceOf(IllegalStateException.class);
            closed.session().close();
        }
        store.free(large);
    }

    @Test
    default void shouldRefuseWhatMakesNoSenseBeforeAnythingIsBegun() {
        final StoreFixture store = store();
        final MemorySegment onHeap = MemorySegment.ofArray(new byte[16]);
        assertThatThrownBy(() -> store.session()
                        .put(store.key("a"), List.of(onHeap), WriteCondition.ALWAYS, CallOptions.DEFAULT, o -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.session().get(store.key("a"), 0, onHeap, null, CallOptions.DEFAULT, o -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        final MemorySegment buffer = store.buffer(1 << 20);
        final int tooMany = (int) (store.store().limits().maxPutBytes() >> 20) + 1;
        assertThatThrownBy(() -> store.session()
                        .put(
                                store.key("a"),
                                Collections.nCopies(tooMany, buffer),
                                WriteCondition.ALWAYS,
                                CallOptions.DEFAULT,
                                o -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        store.free(buffer);
        assertThat(store.session().inFlight()).isZero();
        assertThat(store.exists(store.key("a"))).isFalse();
    }

    @Test
    default void shouldCountWhatItDoes() {
        final StoreFixture store = store();
        final StoreCounters counters = store.store().counters();
        final long callsBefore = counters.calls();
        store.stored(store.key("a"), Bytes.of(1, 10_000), WriteCondition.ALWAYS);
        assertThat(store.read(store.key("a"))).hasSize(10_000);
        store.delete(store.key("a"));
        assertThat(counters.calls() - callsBefore).as("put, head, get, delete").isEqualTo(4);
        assertThat(counters.attempts()).isGreaterThanOrEqualTo(4);
        assertThat(counters.bytesSent()).isGreaterThanOrEqualTo(10_000);
        assertThat(counters.bytesReceived()).isGreaterThanOrEqualTo(10_000);
        assertThat(counters.failures()).isZero();
        assertThat(counters.circuitOpened()).isZero();
        if (!store.capabilities().masksFaults()) {
            assertThat(counters.retries()).isZero();
            assertThat(counters.ambiguousWrites()).isZero();
            assertThat(counters.attempts()).isEqualTo(4);
        }
        assertThat(counters.ambiguousResolved()).isEqualTo(counters.ambiguousWrites());
    }

    private static StoreLimits limits(final int requestsInFlight, final long bytesInFlight, final int queuedCalls) {
        return StoreLimits.DEFAULT.withRequests(requestsInFlight, bytesInFlight, queuedCalls);
    }

    private static List<Call<HeadOutcome>> heads(final StoreFixture store, final int count) {
        final List<Call<HeadOutcome>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(Call.begin(handler -> store.session().head(store.key("nothing"), CallOptions.DEFAULT, handler)));
        }
        return calls;
    }

    /** Makes a large object of the seed 0, and returns its buffer. */
    private static MemorySegment large(final StoreFixture store, final String key) {
        final MemorySegment buffer = store.buffer(LARGE);
        Bytes.fill(buffer, 0, 0);
        final PutOutcome outcome = store.call(handler ->
                store.session().put(key, List.of(buffer), WriteCondition.ALWAYS, CallOptions.DEFAULT, handler));
        assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
        return buffer;
    }

    private static void checkRead(
            final StoreFixture store, final GetOutcome outcome, final MemorySegment buffer, final FailureKind kind) {
        if (outcome instanceof GetOutcome.Fetched fetched) {
            assertThat(fetched.lengthBytes()).isEqualTo(LARGE);
            assertThat(Bytes.mismatch(buffer, 0, 0, LARGE)).isEqualTo(-1);
        } else {
            assertThat(outcome).isInstanceOf(Failed.class);
            checkKind(store, (Failed) outcome, kind);
        }
    }

    /** After the answer the buffer is the caller's again. */
    private static void checkLeftAlone(final StoreFixture store, final MemorySegment buffer) {
        buffer.fill(POISON);
        store.linger(Duration.ofMillis(20));
        checkPoisoned(buffer);
    }

    private static void checkPoisoned(final MemorySegment buffer) {
        final byte[] bytes = buffer.toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != POISON) {
                throw new AssertionError("a buffer was written to after its call was answered, at " + i);
            }
        }
    }

    private static void checkWrite(
            final StoreFixture store,
            final String key,
            final PutOutcome outcome,
            final long seed,
            final FailureKind kind) {
        checkTruth(store, key, outcome, seed, LARGE, kind);
    }

    /** What a write was answered agrees with what is there, now and later; and no byte of it is one written after the answer. */
    private static void checkTruth(
            final StoreFixture store,
            final String key,
            final PutOutcome outcome,
            final long seed,
            final int length,
            final FailureKind kind) {
        store.linger(Duration.ofMillis(20));
        final byte[] found = store.read(key);
        switch (outcome) {
            case PutOutcome.Stored _ -> assertThat(found).isNotNull();
            case PutOutcome.Unknown unknown -> checkKind(store, unknown.cause(), kind);
            case Failed failed -> {
                checkKind(store, failed, kind);
                assertThat(found).as("a write that failed had no effect").isNull();
            }
            case PutOutcome.PreconditionFailed refused ->
                throw new AssertionError("nobody else writes " + key + ": " + refused);
        }
        if (found != null) {
            assertThat(found).hasSize(length);
            assertThat(Bytes.mismatch(MemorySegment.ofArray(found), seed, 0, length))
                    .as("%s is whole, as it was given", key)
                    .isEqualTo(-1);
        }
    }

    private static void checkKind(final StoreFixture store, final Failed failed, final FailureKind kind) {
        assertThat(failed.message()).isNotBlank();
        if (!store.capabilities().masksFaults()) {
            assertThat(failed.kind()).isEqualTo(kind);
        }
    }
}
