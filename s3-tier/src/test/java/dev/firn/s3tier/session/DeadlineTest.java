package dev.firn.s3tier.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.StoreCall;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final CallOptions TEN_SECONDS = CallOptions.within(Duration.ofSeconds(10));

    private SessionFixture fixture = new SessionFixture(SessionFixture.limits()
            .attemptTimeoutNs(4_000_000_000L)
            .requestsInFlight(1)
            .build());

    @AfterEach
    void everythingIsGivenBack() {
        fixture.close();
    }

    @Test
    void shouldGiveAnAttemptUpAndTryAgain() {
        fixture.session.head("a", TEN_SECONDS, fixture.keep());
        assertThat(fixture.backend.begun.getFirst().deadlineNs() - fixture.clock.nanoTime())
                .isEqualTo(4_000_000_000L);
        fixture.clock.advanceNs(3_999_999_999L);
        fixture.poll();
        assertThat(fixture.backend.cancelled).isEmpty();
        fixture.clock.advanceNs(1);
        fixture.poll();
        assertThat(fixture.backend.cancelled).hasSize(1);
        assertThat(fixture.backend.begun).hasSize(1);

        fixture.backend.answer(ScriptedBackend.cancelledWith(Effect.NONE));
        fixture.pollUntilSent();
        fixture.backend.answer(new AttemptResult.Missing("not there"));
        fixture.poll();

        assertThat(fixture.only()).isEqualTo(new NotFound("a"));
        assertThat(fixture.store.counters().timedOut()).isEqualTo(1);
        assertThat(fixture.store.counters().retries()).isEqualTo(1);
    }

    @Test
    void shouldAnswerAfterTheDeadlineWhenTheAttemptHasEnded() {
        final StoreCall call =
                fixture.session.get("a", 0, fixture.buffer(8, 0), null, new CallOptions(1_000), fixture.keep());
        fixture.clock.advanceNs(1_000);
        fixture.poll();
        assertThat(fixture.backend.cancelled).hasSize(1);
        assertThat(call.isAnswered()).isFalse();
        fixture.clock.advance(Duration.ofSeconds(30));
        fixture.poll();
        assertThat(call.isAnswered()).isFalse();

        fixture.backend.answer(ScriptedBackend.cancelledWith(Effect.NONE));
        fixture.poll();

        final Failed failed = (Failed) fixture.only();
        assertThat(failed.kind()).isEqualTo(FailureKind.TIMED_OUT);
        assertThat(failed.attempts()).isEqualTo(1);
        assertThat(failed.message()).contains("get of scripted://a from 0 to 8").contains("the deadline passed");
        assertThat(fixture.store.counters().timedOut()).isEqualTo(1);
    }

    @Test
    void shouldGiveTheTrueResultThatComesAfterTheDeadline() {
        fixture.session.head("a", new CallOptions(1_000), fixture.keep());
        fixture.clock.advanceNs(2_000);
        fixture.poll();
        fixture.backend.answer(new AttemptResult.Missing("not there"));
        fixture.poll();
        assertThat(fixture.only()).isEqualTo(new NotFound("a"));
    }

    @Test
    void shouldTimeOutWhatWaitsForRoomOrForAnotherAttempt() {
        fixture.session.head("flying", TEN_SECONDS, fixture.keep());
        fixture.session.head("waiting", CallOptions.within(Duration.ofSeconds(1)), fixture.keep());
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.poll();
        assertThat(((Failed) fixture.only()).kind()).isEqualTo(FailureKind.TIMED_OUT);
        assertThat(((Failed) fixture.only()).attempts()).isZero();
        assertThat(fixture.backend.begun).hasSize(1);
    }

    @Test
    void shouldNotPauseBeyondTheDeadline() {
        fixture.close();
        fixture = new SessionFixture(SessionFixture.limits()
                .backoffNs(1_000_000_000L, 60_000_000_000L)
                .build());
        fixture.session.head("a", new CallOptions(1), fixture.keep());
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.poll();
        // Answered at once with what went wrong, not as timed out when nothing can be done any more.
        assertThat(((Failed) fixture.only()).kind()).isEqualTo(FailureKind.STORE_ERROR);
        assertThat(((Failed) fixture.only()).requestId()).isEqualTo("request-1");
    }
}
