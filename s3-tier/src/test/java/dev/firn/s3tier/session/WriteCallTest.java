package dev.firn.s3tier.session;

import static dev.firn.s3tier.session.SessionFixture.MINUTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.s3tier.store.WriteStamp;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WriteCallTest {
    private static final String OTHER = "c".repeat(32);
    private static final ObjectVersion OLD = new ObjectVersion("\"old\"", WriteStamp.created("b".repeat(32)));
    private static final AttemptResult MISSING = new AttemptResult.Missing("not there");
    private static final AttemptResult REFUSED = new AttemptResult.ConditionFailed("412 by script");

    private SessionFixture fixture;

    @BeforeEach
    void open() {
        fixture = new SessionFixture();
    }

    @AfterEach
    void everythingIsGivenBack() {
        fixture.close();
    }

    private StoreCall put(final WriteCondition condition, final CallOptions options) {
        return fixture.session.put("a", List.of(fixture.buffer(16, 1)), condition, options, fixture.keep());
    }

    private WriteStamp sentStamp() {
        return ((AttemptRequest.PutObject) fixture.backend.begun.getFirst().request()).stamp();
    }

    private static ObjectFound found(final String etag, final WriteStamp stamp) {
        return new ObjectFound(16, 0, etag, stamp);
    }

    private void expectHead() {
        assertThat(fixture.backend.next()).isEqualTo(new AttemptRequest.HeadObject("a"));
    }

    private void expectSameWrite() {
        assertThat(fixture.backend.next())
                .isEqualTo(fixture.backend.begun.getFirst().request());
    }

    @Test
    void shouldSendAnUnconditionalPutAgainWithTheSameName() {
        put(WriteCondition.ALWAYS, MINUTE);
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        expectSameWrite();
        fixture.backend.answer(new AttemptResult.ObjectWritten("\"1\""));
        fixture.poll();

        assertThat(fixture.only()).isEqualTo(new PutOutcome.Stored(new ObjectVersion("\"1\"", sentStamp()), false));
        assertThat(fixture.store.counters().ambiguousWrites()).isEqualTo(1);
        assertThat(fixture.store.counters().ambiguousResolved()).isEqualTo(1);
    }

    @Test
    void shouldAnswerUnknownWhenAnUnconditionalPutEndsWithoutAnAnswer() {
        put(WriteCondition.ALWAYS, CallOptions.within(Duration.ofSeconds(1)));
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.poll();
        fixture.backend.answer(ScriptedBackend.cancelledWith(Effect.UNKNOWN));
        fixture.poll();

        final PutOutcome.Unknown unknown = (PutOutcome.Unknown) fixture.only();
        assertThat(unknown.cause().kind()).isEqualTo(FailureKind.TIMED_OUT);
        assertThat(fixture.store.counters().ambiguousResolved()).isZero();
        assertThat(fixture.store.counters().failures()).isEqualTo(1);
    }

    @Test
    void shouldAnswerFailedWhenTheWriteHadNoEffectForCertain() {
        put(WriteCondition.ALWAYS, CallOptions.within(Duration.ofSeconds(1)));
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.poll();
        fixture.backend.answer(ScriptedBackend.cancelledWith(Effect.NONE));
        fixture.poll();
        assertThat(((Failed) fixture.only()).kind()).isEqualTo(FailureKind.TIMED_OUT);
    }

    @Test
    void shouldAnswerUnknownWhenARefusalFollowsALostAnswer() {
        put(WriteCondition.ALWAYS, MINUTE);
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        fixture.backend.answer(ScriptedBackend.failed(FailureKind.DENIED, Effect.NONE, Retry.NEVER));
        fixture.poll();
        assertThat(((PutOutcome.Unknown) fixture.only()).cause().kind()).isEqualTo(FailureKind.DENIED);
    }

    @Test
    void shouldFindThatItsLostAnswerWasYes() {
        put(WriteCondition.ifVersion(OLD), MINUTE);
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        expectHead();
        fixture.backend.answer(found("\"1\"", sentStamp()));
        fixture.poll();

        assertThat(fixture.only()).isEqualTo(new PutOutcome.Stored(new ObjectVersion("\"1\"", sentStamp()), false));
        assertThat(sentStamp().writes())
                .hasSize(2)
                .endsWith(OLD.stamp().writes().getFirst());
    }

    @Test
    void shouldFindThatItWonAndWasOvertaken() {
        put(WriteCondition.IF_ABSENT, MINUTE);
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        fixture.backend.answer(found("\"2\"", sentStamp().replacedBy(OTHER)));
        fixture.poll();

        assertThat(fixture.only()).isEqualTo(new PutOutcome.Stored(ObjectVersion.replaced(sentStamp()), true));
    }

    @Test
    void shouldFindThatAnotherWon() {
        put(WriteCondition.ifVersion(OLD), MINUTE);
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        fixture.backend.answer(found("\"2\"", OLD.stamp().replacedBy(OTHER)));
        fixture.poll();

        assertThat(fixture.only()).isInstanceOf(PutOutcome.PreconditionFailed.class);
        assertThat(fixture.store.counters().ambiguousResolved()).isEqualTo(1);
    }

    @Test
    void shouldSendTheSameAgainWhenItHasNotTakenEffectYetAndBelieveTheNameMoreThanTheRefusal() {
        put(WriteCondition.IF_ABSENT, MINUTE);
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        expectHead();
        fixture.backend.answer(MISSING);
        fixture.pollUntilSent();
        expectSameWrite();
        // The first one arrives at last, before the second.
        fixture.backend.answer(REFUSED);
        fixture.poll();
        expectHead();
        fixture.backend.answer(found("\"1\"", sentStamp()));
        fixture.poll();

        assertThat(fixture.only()).isEqualTo(new PutOutcome.Stored(new ObjectVersion("\"1\"", sentStamp()), false));
    }

    @Test
    void shouldSeeThatARefusedWriteIsThereAllTheSame() {
        // A proxy sent the request twice: the answer is the second one's.
        put(WriteCondition.IF_ABSENT, MINUTE);
        fixture.backend.answer(REFUSED);
        fixture.poll();
        expectHead();
        fixture.backend.answer(found("\"1\"", sentStamp()));
        fixture.poll();
        assertThat(fixture.only()).isInstanceOf(PutOutcome.Stored.class);
    }

    @Test
    void shouldBelieveARefusalWhenNothingSpeaksAgainstIt() {
        final List<AttemptResult> heads = List.of(
                MISSING,
                found("\"foreign\"", WriteStamp.NONE),
                found("\"2\"", WriteStamp.created(OTHER)),
                found("\"2\"", WriteStamp.overwriting(OTHER)));
        for (final AttemptResult head : heads) {
            put(WriteCondition.IF_ABSENT, MINUTE);
            fixture.backend.answer(REFUSED);
            fixture.poll();
            fixture.backend.answer(head);
            fixture.poll();
            assertThat(fixture.only()).as(head.toString()).isInstanceOf(PutOutcome.PreconditionFailed.class);
            fixture.outcomes.clear();
        }
        assertThat(fixture.store.counters().ambiguousWrites()).isZero();
    }

    @Test
    void shouldAnswerUnknownWhenTheTraceIsCutOff() {
        put(WriteCondition.ifVersion(OLD), MINUTE);
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        fixture.backend.answer(MISSING);
        fixture.poll();
        assertThat(((PutOutcome.Unknown) fixture.only()).cause().message())
                .contains("there is no object now")
                .contains("UNREACHABLE by script");
    }

    @Test
    void shouldTryAConflictAgainWithoutAsking() {
        put(WriteCondition.ifVersion(OLD), MINUTE);
        fixture.backend.answer(ScriptedBackend.failed(FailureKind.REJECTED, Effect.NONE, Retry.LATER));
        fixture.pollUntilSent();
        expectSameWrite();
        fixture.backend.answer(new AttemptResult.ObjectWritten("\"1\""));
        fixture.poll();
        assertThat(fixture.only()).isInstanceOf(PutOutcome.Stored.class);
    }

    @Test
    void shouldAnswerUnknownWhenTheDeadlinePassesWhileItAsks() {
        put(WriteCondition.IF_ABSENT, CallOptions.within(Duration.ofSeconds(5)));
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        expectHead();
        fixture.clock.advance(Duration.ofSeconds(5));
        fixture.poll();
        assertThat(fixture.backend.cancelled).hasSize(1);
        fixture.backend.answer(ScriptedBackend.cancelledWith(Effect.NONE));
        fixture.poll();
        assertThat(((PutOutcome.Unknown) fixture.only()).cause().kind()).isEqualTo(FailureKind.TIMED_OUT);
    }

    @Test
    void shouldTakeTheAnswerThatComesAfterItWasCancelled() {
        final StoreCall call = put(WriteCondition.IF_ABSENT, MINUTE);
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        call.cancel();
        fixture.backend.answer(found("\"1\"", sentStamp()));
        fixture.poll();
        assertThat(fixture.only()).isInstanceOf(PutOutcome.Stored.class);
    }

    @Test
    void shouldAnswerUnknownWhenItIsCancelledBeforeItIsSentAgain() {
        final StoreCall call = put(WriteCondition.IF_ABSENT, MINUTE);
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        fixture.backend.answer(MISSING);
        fixture.poll();
        call.cancel();
        fixture.poll();
        assertThat(((PutOutcome.Unknown) fixture.only()).cause().kind()).isEqualTo(FailureKind.CANCELLED);
        assertThat(fixture.backend.pending).isEmpty();
    }

    @Test
    void shouldAnswerUnknownWhenTheLastAttemptIsUsedUp() {
        fixture.close();
        fixture = new SessionFixture(SessionFixture.limits().maxAttempts(2).build());
        put(WriteCondition.IF_ABSENT, MINUTE);
        for (int attempt = 0; attempt < 2; attempt++) {
            fixture.backend.answer(ScriptedBackend.lostAnswer());
            fixture.pollUntilSent();
            expectHead();
            fixture.backend.answer(MISSING);
            if (attempt == 0) {
                fixture.pollUntilSent();
                expectSameWrite();
            }
        }
        fixture.poll();
        assertThat(((PutOutcome.Unknown) fixture.only()).cause().kind()).isEqualTo(FailureKind.UNREACHABLE);
    }

    @Test
    void shouldAskAgainWhenAskingFails() {
        put(WriteCondition.IF_ABSENT, MINUTE);
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.pollUntilSent();
        expectHead();
        fixture.backend.answer(ScriptedBackend.failed(FailureKind.DENIED, Effect.NONE, Retry.NEVER));
        fixture.poll();
        assertThat(((PutOutcome.Unknown) fixture.only()).cause().message()).startsWith("head of scripted://a");
    }

    @Test
    void shouldAskAtOnceWhenAPauseWouldPassTheDeadline() {
        fixture.close();
        fixture = new SessionFixture(SessionFixture.limits()
                .backoffNs(60_000_000_000L, 60_000_000_000L)
                .build());
        put(WriteCondition.IF_ABSENT, CallOptions.within(Duration.ofMillis(1)));
        fixture.backend.answer(ScriptedBackend.failed(FailureKind.THROTTLED, Effect.UNKNOWN, Retry.LATER));
        fixture.poll();
        expectHead();
        fixture.backend.answer(found("\"1\"", sentStamp()));
        fixture.poll();
        assertThat(fixture.only()).isInstanceOf(PutOutcome.Stored.class);
    }
}
