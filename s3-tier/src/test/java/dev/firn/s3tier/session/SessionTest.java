package dev.firn.s3tier.session;

import static dev.firn.s3tier.session.SessionFixture.MINUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.SweepOutcome;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionTest {
    private static final AttemptResult MISSING = new AttemptResult.Missing("not there");

    private SessionFixture fixture = new SessionFixture();

    @AfterEach
    void everythingIsGivenBack() {
        fixture.close();
    }

    private void use(final LimitsBuilder limits) {
        fixture.close();
        fixture = new SessionFixture(limits.build());
    }

    @Test
    void shouldAnswerInPollAndNotInTheMethodThatBegan() {
        fixture.backend.always(request -> MISSING);

        final StoreCall call = fixture.session.head("a", MINUTE, fixture.keep());

        assertThat(fixture.outcomes).isEmpty();
        assertThat(call.isAnswered()).isFalse();
        assertThat(fixture.session.inFlight()).isEqualTo(1);
        fixture.poll();
        assertThat(fixture.only()).isEqualTo(new NotFound("a"));
        assertThat(call.isAnswered()).isTrue();
        assertThat(fixture.session.inFlight()).isZero();
        assertThat(fixture.poll()).isZero();
    }

    @Test
    void shouldCallNoMoreHandlersThanTheLimit() {
        fixture.backend.always(request -> MISSING);
        for (int i = 0; i < 5; i++) {
            fixture.session.head("a", MINUTE, fixture.keep());
        }

        fixture.session.poll(2);
        assertThat(fixture.outcomes).hasSize(2);
        fixture.session.poll(0);
        assertThat(fixture.outcomes).hasSize(2);
        fixture.session.poll(10);
        assertThat(fixture.outcomes).hasSize(5);
    }

    @Test
    void shouldLetHandlersBeginCallsButNotPollOrClose() {
        fixture.backend.always(request -> MISSING);
        final List<Throwable> refused = new ArrayList<>();
        fixture.session.head("a", MINUTE, outcome -> {
            fixture.session.head("b", MINUTE, fixture.keep());
            refused.add(org.assertj.core.api.Assertions.catchThrowable(fixture::poll));
            refused.add(org.assertj.core.api.Assertions.catchThrowable(fixture.session::close));
        });

        fixture.poll();
        fixture.poll();

        assertThat(fixture.only()).isEqualTo(new NotFound("b"));
        assertThat(refused).hasSize(2).allMatch(IllegalStateException.class::isInstance);
    }

    @Test
    void shouldStayConsistentWhenAHandlerThrows() {
        fixture.backend.always(request -> MISSING);
        final StoreCall broken = fixture.session.head("a", MINUTE, outcome -> {
            throw new UnsupportedOperationException("by test");
        });
        fixture.session.head("b", MINUTE, fixture.keep());

        assertThatThrownBy(fixture::poll).isInstanceOf(UnsupportedOperationException.class);
        assertThat(broken.isAnswered()).isTrue();
        assertThat(fixture.session.inFlight()).isEqualTo(1);
        fixture.poll();
        assertThat(fixture.only()).isEqualTo(new NotFound("b"));
    }

    @Test
    void shouldRefuseOtherThreads() throws InterruptedException {
        final AtomicReference<Throwable> thrown = new AtomicReference<>();
        final Thread other = new Thread(() -> {
            try {
                fixture.poll();
            } catch (final IllegalStateException e) {
                thrown.set(e);
            }
        });
        other.start();
        other.join();

        assertThat(thrown.get()).hasMessageContaining("belongs to thread");
    }

    @Test
    void shouldAnswerOverloadedBeyondTheLimitOfCallsAndThrowBeyondTwice() {
        use(SessionFixture.limits().queuedCalls(3));
        for (int i = 0; i < 6; i++) {
            fixture.session.head("a", MINUTE, fixture.keep());
        }
        assertThat(fixture.session.room()).isZero();
        assertThat(fixture.session.inFlight()).isEqualTo(6);
        assertThatThrownBy(() -> fixture.session.head("a", MINUTE, fixture.keep()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("polled");

        fixture.poll();

        assertThat(fixture.outcomes)
                .hasSize(3)
                .allMatch(outcome -> outcome instanceof Failed failed && failed.kind() == FailureKind.OVERLOADED);
        fixture.backend.answer(MISSING);
        fixture.poll();
        assertThat(fixture.session.room()).isEqualTo(1);
        assertThat(fixture.store.counters().calls()).isEqualTo(6);
    }

    @Test
    void shouldThrowForBadArgumentsBeforeAnythingIsBegun() {
        final MemorySegment onHeap = MemorySegment.ofArray(new byte[8]);
        final StoreSession session = fixture.session;
        assertThatThrownBy(() -> session.head("", MINUTE, fixture.keep())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> session.put("a", List.of(onHeap), WriteCondition.ALWAYS, MINUTE, fixture.keep()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("off-heap");
        assertThatThrownBy(() -> session.put(
                        "a", List.of(fixture.buffer(65_537, 1)), WriteCondition.ALWAYS, MINUTE, fixture.keep()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("parts");
        assertThatThrownBy(() -> session.get("a", -1, fixture.buffer(8, 0), null, MINUTE, fixture.keep()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> session.getRanges("a", List.of(), null, MINUTE, fixture.keep()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(fixture.backend.begun).isEmpty();
        assertThat(session.inFlight()).isZero();
    }

    @Test
    void shouldGiveTheChecksumOfTheWholeBodyAndAFreshName() {
        final MemorySegment first = fixture.buffer(1_000, 1);
        final MemorySegment second = fixture.buffer(500, 2);
        fixture.session.put("a", List.of(first, second), WriteCondition.IF_ABSENT, MINUTE, fixture.keep());
        fixture.session.put("b", List.of(), WriteCondition.ALWAYS, MINUTE, fixture.keep());

        final AttemptRequest.PutObject put =
                (AttemptRequest.PutObject) fixture.backend.begun.get(0).request();
        final AttemptRequest.PutObject empty =
                (AttemptRequest.PutObject) fixture.backend.begun.get(1).request();
        assertThat(put.crc32c())
                .isEqualTo(Crc32c.combine(Crc32c.compute(first), Crc32c.compute(second), second.byteSize()));
        assertThat(put.precondition()).isEqualTo(AttemptRequest.Precondition.ABSENT);
        assertThat(put.stamp().complete()).isTrue();
        assertThat(put.stamp().writes()).hasSize(1).isNotEqualTo(empty.stamp().writes());
        assertThat(WriteStamp.decode(put.stamp().encoded())).isEqualTo(put.stamp());
        assertThat(empty.stamp().complete()).isFalse();
        fixture.backend.answer(new AttemptResult.ObjectWritten("\"1\""));
        fixture.poll();
        assertThat(fixture.only()).isEqualTo(new PutOutcome.Stored(new ObjectVersion("\"1\"", put.stamp()), false));
    }

    @Test
    void shouldTellWhatAGetFound() {
        final MemorySegment into = fixture.buffer(100, 0);
        final WriteStamp stamp = WriteStamp.created("0123456789abcdef0123456789abcdef");
        final List<AttemptResult> results = List.of(
                new AttemptResult.RangeRead(100, 300, "\"1\"", stamp),
                new AttemptResult.RangeBeyondEnd(50),
                new AttemptResult.ConditionFailed("changed"),
                MISSING);
        for (final AttemptResult result : results) {
            fixture.session.get("a", 60, into, new ObjectVersion("\"1\"", WriteStamp.NONE), MINUTE, fixture.keep());
            assertThat(fixture.backend.next()).isEqualTo(new AttemptRequest.GetRange("a", 60, into, "\"1\""));
            fixture.backend.answer(result);
            fixture.poll();
        }

        assertThat(fixture.outcomes)
                .containsExactly(
                        new GetOutcome.Fetched(100, 300, new ObjectVersion("\"1\"", stamp)),
                        new GetOutcome.OutOfRange(50),
                        new GetOutcome.VersionChanged("changed"),
                        new NotFound("a"));
        assertThat(fixture.store.counters().bytesReceived()).isEqualTo(100);
    }

    @Test
    void shouldReadAgainWhenLessCameThanTheObjectHas() {
        final MemorySegment into = fixture.buffer(100, 0);
        fixture.session.get("a", 0, into, null, MINUTE, fixture.keep());
        fixture.backend.answer(new AttemptResult.RangeRead(99, 300, "\"1\"", WriteStamp.NONE));
        fixture.pollUntilSent();
        fixture.backend.answer(new AttemptResult.RangeRead(100, 300, "\"1\"", WriteStamp.NONE));
        fixture.poll();

        assertThat(fixture.only()).isInstanceOf(GetOutcome.Fetched.class);
        assertThat(fixture.store.counters().corruptions()).isEqualTo(1);
    }

    @Test
    void shouldAnswerWithoutAskingWhenTheVersionExpectedIsKnownToBeReplaced() {
        final ObjectVersion replaced = ObjectVersion.replaced(WriteStamp.NONE);
        fixture.session.put("a", List.of(), WriteCondition.ifVersion(replaced), MINUTE, fixture.keep());
        fixture.session.get("a", 0, fixture.buffer(8, 0), replaced, MINUTE, fixture.keep());
        assertThat(fixture.outcomes).isEmpty();

        fixture.poll();

        assertThat(fixture.outcomes.get(0)).isInstanceOf(PutOutcome.PreconditionFailed.class);
        assertThat(fixture.outcomes.get(1)).isInstanceOf(GetOutcome.VersionChanged.class);
        assertThat(fixture.backend.begun).isEmpty();
    }

    @Test
    void shouldCancelWhatWaitsAtOnceAndWhatIsInFlightWhenItsBufferIsFree() {
        use(SessionFixture.limits().requestsInFlight(1));
        final MemorySegment into = fixture.buffer(8, 0);
        final StoreCall flying = fixture.session.get("a", 0, into, null, MINUTE, fixture.keep());
        final StoreCall waiting = fixture.session.head("b", MINUTE, fixture.keep());
        flying.cancel();
        waiting.cancel();
        waiting.cancel();

        fixture.poll();
        assertThat(flying.isAnswered()).isFalse();
        assertThat(((Failed) fixture.only()).kind()).isEqualTo(FailureKind.CANCELLED);
        assertThat(fixture.backend.cancelled).hasSize(1);

        fixture.backend.answer(ScriptedBackend.cancelledWith(Effect.NONE));
        fixture.poll();
        assertThat(((Failed) fixture.outcomes.get(1)).kind()).isEqualTo(FailureKind.CANCELLED);
        assertThat(fixture.backend.begun).hasSize(1);
    }

    @Test
    void shouldGiveTheTrueOutcomeWhenItCameBeforeTheCancel() {
        final StoreCall call = fixture.session.head("a", MINUTE, fixture.keep());
        fixture.backend.answer(MISSING);
        call.cancel();
        fixture.poll();

        assertThat(fixture.only()).isEqualTo(new NotFound("a"));
        call.cancel();
        fixture.poll();
        assertThat(fixture.outcomes).hasSize(1);
    }

    @Test
    void shouldAnswerAllInCloseAlsoWhenAHandlerThrows() {
        fixture.backend.onCancel = ScriptedBackend.cancelledWith(Effect.UNKNOWN);
        fixture.session.head("a", MINUTE, outcome -> {
            throw new UnsupportedOperationException("by test");
        });
        fixture.session.put("b", List.of(fixture.buffer(8, 1)), WriteCondition.ALWAYS, MINUTE, fixture.keep());
        fixture.session.put("c", List.of(fixture.buffer(8, 1)), WriteCondition.IF_ABSENT, MINUTE, fixture.keep());
        final StoreSession session = fixture.session;

        assertThatThrownBy(session::close).isInstanceOf(UnsupportedOperationException.class);

        assertThat(fixture.outcomes)
                .hasSize(2)
                .allMatch(outcome -> outcome instanceof PutOutcome.Unknown unknown
                        && unknown.cause().kind() == FailureKind.CANCELLED);
        assertThatThrownBy(() -> session.head("a", MINUTE, fixture.keep())).hasMessageContaining("closed");
        assertThat(session.room()).isZero();
        session.close();
    }

    @Test
    void shouldCancelWhatHandlersBeginThatAreCalledByClose() {
        fixture.backend.always(request -> MISSING);
        final MemorySegment into = fixture.buffer(8, 1);
        fixture.session.head("a", MINUTE, outcome -> {
            fixture.outcomes.add(outcome);
            assertThatThrownBy(fixture::poll).hasMessageContaining("poll was called by a handler");
            fixture.session.get("b", 0, into, null, MINUTE, second -> {
                fixture.outcomes.add(second);
                fixture.session
                        .openUpload("c", WriteCondition.ALWAYS)
                        .part(fixture.buffer(8, 1), MINUTE, fixture.keep());
            });
        });

        fixture.session.close();

        assertThat(fixture.outcomes).hasSize(3);
        assertThat(fixture.outcomes.getFirst()).isEqualTo(new NotFound("a"));
        assertThat(fixture.outcomes.subList(1, 3))
                .allMatch(outcome -> outcome instanceof Failed failed && failed.kind() == FailureKind.CANCELLED);
        assertThat(fixture.backend.begun).hasSize(1);
        assertThat(fixture.session.inFlight()).isZero();
    }

    @Test
    void shouldEndItsCloseThoughAHandlerBeginsAgainWhateverItIsAnswered() {
        final StoreSession session = fixture.session;
        final List<OutcomeHandler<HeadOutcome>> again = new ArrayList<>();
        again.add(outcome -> session.head("a", MINUTE, again.getFirst()));
        session.head("a", MINUTE, again.getFirst());
        fixture.backend.onCancel = ScriptedBackend.cancelledWith(Effect.NONE);

        assertThatThrownBy(session::close).isInstanceOf(IllegalStateException.class);

        assertThat(session.inFlight()).isZero();
        session.close();
    }

    @Test
    void shouldNotCloseTheStoreUnderAnOpenSession() {
        assertThatThrownBy(fixture.store::close).hasMessageContaining("1 sessions are still open");
        assertThat(fixture.backend.closed).isFalse();
    }

    @Test
    void shouldDeleteInBatches() {
        final List<String> keys =
                IntStream.range(0, 2_500).mapToObj(i -> "key-" + i).toList();
        fixture.backend.always(request -> new AttemptResult.ObjectsDeleted(
                ((AttemptRequest.DeleteBatch) request).keys().contains("key-7")
                        ? List.of(new DeleteOutcome.Refused("key-7", "locked"))
                        : List.of()));
        fixture.session.deleteAll(keys, MINUTE, fixture.keep());
        fixture.poll();

        assertThat(fixture.only())
                .isEqualTo(
                        new DeleteOutcome.PartlyDeleted(2_499, List.of(new DeleteOutcome.Refused("key-7", "locked"))));
        assertThat(fixture.backend.begun)
                .extracting(attempt ->
                        ((AttemptRequest.DeleteBatch) attempt.request()).keys().size())
                .containsExactly(1_000, 1_000, 500);
        fixture.outcomes.clear();
        fixture.session.deleteAll(List.of(), MINUTE, fixture.keep());
        fixture.poll();
        assertThat(fixture.only()).isEqualTo(new DeleteOutcome.Deleted(0));
    }

    @Test
    void shouldAbortOldUploadsOfAllPages() {
        final long nowMs = fixture.clock.epochNs() / 1_000_000;
        final List<String> abortedIds = new ArrayList<>();
        fixture.backend.always(request -> switch (request) {
            case AttemptRequest.ListUploads list
            when list.token() == null ->
                new AttemptResult.UploadsListed(
                        List.of(
                                new AttemptResult.Upload("p/a", "1", nowMs - 3_600_001),
                                new AttemptResult.Upload("p/b", "2", nowMs - 3_599_999)),
                        "next");
            case AttemptRequest.ListUploads list ->
                new AttemptResult.UploadsListed(
                        List.of(
                                new AttemptResult.Upload("p/c", "3", nowMs - 7_200_000),
                                new AttemptResult.Upload("p/d", "gone", nowMs - 7_200_000)),
                        null);
            case AttemptRequest.AbortUpload abort when abort.uploadId().equals("gone") -> MISSING;
            case AttemptRequest.AbortUpload abort -> {
                abortedIds.add(abort.uploadId());
                yield new AttemptResult.UploadAborted();
            }
            default -> throw new AssertionError(request);
        });
        fixture.session.abortStaleUploads("p/", Duration.ofHours(1).toNanos(), MINUTE, fixture.keep());
        fixture.poll();

        assertThat(fixture.only()).isEqualTo(new SweepOutcome.Swept(2, 1));
        assertThat(abortedIds).containsExactly("1", "3");
    }

    @Test
    void shouldTakeAnEndlessTimeOut() {
        fixture.session.head("a", new CallOptions(Long.MAX_VALUE), fixture.keep());
        fixture.clock.advance(Duration.ofSeconds(4));
        fixture.poll();
        fixture.backend.answer(new AttemptResult.ObjectFound(1, 2, "\"1\"", WriteStamp.NONE));
        fixture.poll();
        assertThat(fixture.only())
                .isEqualTo(new HeadOutcome.Found("a", 1, 2, new ObjectVersion("\"1\"", WriteStamp.NONE)));
    }
}
