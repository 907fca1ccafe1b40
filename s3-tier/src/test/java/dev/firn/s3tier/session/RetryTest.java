package dev.firn.s3tier.session;

import static dev.firn.s3tier.session.SessionFixture.MINUTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.WriteCondition;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetryTest {
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

    private FailureKind onlyFailure() {
        return ((Failed) fixture.only()).kind();
    }

    @Test
    void shouldTryAgainUntilTheLastAttempt() {
        use(SessionFixture.limits().maxAttempts(3));
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.pollUntilSent();
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.pollUntilSent();
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.poll();

        assertThat(onlyFailure()).isEqualTo(FailureKind.STORE_ERROR);
        assertThat(((Failed) fixture.only()).attempts()).isEqualTo(3);
        assertThat(fixture.store.counters().attempts()).isEqualTo(3);
        assertThat(fixture.store.counters().retries()).isEqualTo(2);
        assertThat(fixture.store.counters().failures()).isEqualTo(1);
    }

    @Test
    void shouldNotTryAgainWhatCannotSucceed() {
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.failed(FailureKind.DENIED, Effect.NONE, Retry.NEVER));
        fixture.poll();
        assertThat(onlyFailure()).isEqualTo(FailureKind.DENIED);
    }

    @Test
    void shouldWaitAsLongAsTheStoreAsksButNotBeyondTheCap() {
        use(SessionFixture.limits().backoffNs(1, 1_000_000_000L));
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.backend.answer(throttled(Duration.ofMillis(300)));
        fixture.poll();
        fixture.clock.advance(Duration.ofMillis(299));
        fixture.poll();
        assertThat(fixture.backend.begun).hasSize(1);
        fixture.clock.advanceNs(1_000_001);
        fixture.poll();
        assertThat(fixture.backend.begun).hasSize(2);

        fixture.backend.answer(throttled(Duration.ofHours(1)));
        fixture.poll();
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.poll();
        assertThat(fixture.backend.begun).hasSize(3);
        assertThat(fixture.store.counters().throttled()).isEqualTo(2);
    }

    private static AttemptFailed throttled(final Duration retryAfter) {
        return new AttemptFailed(
                FailureKind.THROTTLED, Effect.NONE, Retry.LATER, retryAfter.toNanos(), "slow down", "");
    }

    @Test
    void shouldDrawPausesBelowACeilingThatDoubles() {
        final Backoff backoff = new Backoff(
                SessionFixture.limits().backoffNs(1_000, 1_000_000).build(), new Randomness(SystemRandom.seeded(1)));
        for (int attempts = 1; attempts < 200; attempts++) {
            final long ceiling = attempts > 10 ? 1_000_000 : Math.min(1_000_000, 1_000L << (attempts - 1));
            long most = 0;
            for (int i = 0; i < 200; i++) {
                final long pause = backoff.pauseNs(attempts, 0);
                assertThat(pause).isBetween(0L, ceiling);
                most = Math.max(most, pause);
            }
            assertThat(most).as("the whole range is drawn from").isGreaterThan(ceiling * 9 / 10);
        }
    }

    @Test
    void shouldAnswerAtOnceWhenTheBudgetIsSpentAndPayBackByTenths() {
        use(SessionFixture.limits().retryBudget(1));
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.pollUntilSent();
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.poll();
        assertThat(onlyFailure()).isEqualTo(FailureKind.STORE_ERROR);
        assertThat(fixture.store.counters().retriesDenied()).isEqualTo(1);

        for (int i = 0; i < 9; i++) {
            succeed();
        }
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.poll();
        assertThat(fixture.store.counters().retriesDenied()).isEqualTo(2);
        succeed();
        fixture.outcomes.clear();
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.pollUntilSent();
        assertThat(fixture.outcomes).isEmpty();
    }

    private void succeed() {
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.backend.answer(MISSING);
        fixture.poll();
    }

    @Test
    void shouldNeverRetryWithABudgetOfNothing() {
        use(SessionFixture.limits().retryBudget(0));
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.poll();
        assertThat(onlyFailure()).isEqualTo(FailureKind.STORE_ERROR);
    }

    @Test
    void shouldOpenTheCircuitFailAtOnceAndCloseItWithAProbe() {
        use(SessionFixture.limits().circuit(3, 2_000_000_000L).maxAttempts(1));
        for (int i = 0; i < 3; i++) {
            fixture.session.head("a", MINUTE, fixture.keep());
            fixture.backend.answer(ScriptedBackend.trouble());
            fixture.poll();
        }
        assertThat(fixture.store.counters().circuitOpened()).isEqualTo(1);
        fixture.outcomes.clear();

        fixture.session.head("refused", MINUTE, fixture.keep());
        assertThat(fixture.outcomes).isEmpty();
        fixture.poll();
        assertThat(onlyFailure()).isEqualTo(FailureKind.CIRCUIT_OPEN);
        assertThat(fixture.backend.pending).isEmpty();

        fixture.clock.advance(Duration.ofSeconds(2));
        fixture.outcomes.clear();
        fixture.session.head("probe", MINUTE, fixture.keep());
        fixture.session.head("refused", MINUTE, fixture.keep());
        fixture.poll();
        assertThat(onlyFailure()).isEqualTo(FailureKind.CIRCUIT_OPEN);
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.poll();

        fixture.clock.advance(Duration.ofSeconds(2));
        fixture.outcomes.clear();
        fixture.session.head("probe", MINUTE, fixture.keep());
        fixture.backend.answer(MISSING);
        fixture.poll();
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.session.head("b", MINUTE, fixture.keep());
        assertThat(fixture.backend.pending).hasSize(2);
        assertThat(fixture.outcomes).containsExactly(new NotFound("probe"));
        assertThat(fixture.store.counters().circuitOpened()).isEqualTo(1);
    }

    @Test
    void shouldLetAnotherProbeGoWhenOneWasCancelled() {
        use(SessionFixture.limits().circuit(1, 1_000_000_000L).maxAttempts(1));
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.poll();
        fixture.clock.advance(Duration.ofSeconds(1));
        final StoreCall probe = fixture.session.head("probe", MINUTE, fixture.keep());
        probe.cancel();
        fixture.backend.answer(ScriptedBackend.cancelledWith(Effect.NONE));
        fixture.poll();
        fixture.session.head("another", MINUTE, fixture.keep());
        assertThat(fixture.backend.pending).hasSize(1);
    }

    @Test
    void shouldNotCountRefusalsAsFailuresOfTheStore() {
        use(SessionFixture.limits().circuit(2, 1_000_000_000L).maxAttempts(1));
        for (int i = 0; i < 10; i++) {
            fixture.session.head("a", MINUTE, fixture.keep());
            fixture.backend.answer(ScriptedBackend.failed(FailureKind.DENIED, Effect.NONE, Retry.NEVER));
            fixture.poll();
        }
        assertThat(fixture.store.counters().circuitOpened()).isZero();
    }

    @Test
    void shouldAnswerWhatWaitsForRoomWhenTheCircuitOpens() {
        use(SessionFixture.limits().circuit(1, 1_000_000_000L).requestsInFlight(1));
        fixture.session.head("a", MINUTE, fixture.keep());
        fixture.session.head("b", MINUTE, fixture.keep());
        fixture.session.head("c", MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.trouble());
        fixture.poll();
        assertThat(fixture.outcomes).hasSize(2);
        fixture.clock.advance(Duration.ofMillis(500));
        fixture.poll();
        assertThat(fixture.outcomes)
                .hasSize(3)
                .allMatch(outcome -> ((Failed) outcome).kind() == FailureKind.CIRCUIT_OPEN);
        assertThat(((Failed) fixture.outcomes.get(2)).message()).contains("STORE_ERROR by script");
    }

    @Test
    void shouldWaitForTheCircuitToFindOutAboutAWrite() {
        use(SessionFixture.limits().circuit(1, 1_000_000_000L));
        fixture.session.put("a", List.of(fixture.buffer(8, 1)), WriteCondition.IF_ABSENT, MINUTE, fixture.keep());
        fixture.backend.answer(ScriptedBackend.lostAnswer());
        fixture.pollUntilSent();
        assertThat(fixture.clock.elapsedNs()).isGreaterThan(999_999_999L);
        fixture.backend.answer(MISSING);
        fixture.pollUntilSent();
        fixture.backend.answer(new AttemptResult.ObjectWritten("\"1\""));
        fixture.poll();
        assertThat(fixture.only()).isInstanceOf(PutOutcome.Stored.class);
    }
}
