package dev.firn.s3tier.session;

import static dev.firn.s3tier.session.SessionFixture.MINUTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class GovernorTest {
    private static Governor governor(final int requests, final long bytes) {
        return new Governor(SessionFixture.limits()
                .requestsInFlight(requests)
                .bytesInFlight(bytes)
                .build());
    }

    @Test
    void shouldLetOneAloneHaveEverything() {
        final Governor governor = governor(4, 1_000);
        final Governor.Share share = new Governor.Share();
        for (int i = 0; i < 4; i++) {
            assertThat(governor.tryTake(share, 0)).isTrue();
        }
        assertThat(governor.tryTake(share, 0)).isFalse();
        governor.giveBack(share, 0);
        assertThat(governor.tryTake(share, 0)).isTrue();
    }

    @Test
    void shouldBoundBytesButLetOneRequestAlwaysGo() {
        final Governor governor = governor(4, 1_000);
        final Governor.Share share = new Governor.Share();
        assertThat(governor.tryTake(share, 5_000)).isTrue();
        assertThat(governor.tryTake(share, 1)).isFalse();
        governor.giveBack(share, 5_000);
        assertThat(governor.tryTake(share, 600)).isTrue();
        assertThat(governor.tryTake(share, 401)).isFalse();
        assertThat(governor.tryTake(share, 400)).isTrue();
    }

    @Test
    void shouldKeepWhatIsGivenBackForTheSessionThatHasLess() {
        final Governor governor = governor(4, 1_000);
        final Governor.Share rich = new Governor.Share();
        final Governor.Share poor = new Governor.Share();
        for (int i = 0; i < 4; i++) {
            governor.tryTake(rich, 0);
        }
        assertThat(governor.tryTake(poor, 0)).isFalse();
        governor.giveBack(rich, 0);
        assertThat(governor.tryTake(rich, 0)).isFalse();
        assertThat(governor.tryTake(poor, 0)).isTrue();
        // Both wait: the next one is the poor one's too, up to its share.
        assertThat(governor.tryTake(poor, 0)).isFalse();
        governor.giveBack(rich, 0);
        assertThat(governor.tryTake(rich, 0)).isFalse();
        assertThat(governor.tryTake(poor, 0)).isTrue();
    }

    @Test
    void shouldServeInTurnWhenThereAreMoreSessionsThanRoom() {
        final Governor governor = governor(1, 1_000);
        final Governor.Share first = new Governor.Share();
        final Governor.Share second = new Governor.Share();
        assertThat(governor.tryTake(first, 0)).isTrue();
        assertThat(governor.tryTake(second, 0)).isFalse();
        governor.giveBack(first, 0);
        assertThat(governor.tryTake(first, 0)).isFalse();
        assertThat(governor.tryTake(second, 0)).isTrue();
        governor.giveBack(second, 0);
        assertThat(governor.tryTake(first, 0)).isTrue();
    }

    @Test
    void shouldNotKeepRoomForASessionThatLeft() {
        final Governor governor = governor(1, 1_000);
        final Governor.Share first = new Governor.Share();
        final Governor.Share second = new Governor.Share();
        governor.tryTake(first, 0);
        governor.tryTake(second, 0);
        final int before = governor.givenBack();
        governor.leave(second);
        assertThat(governor.givenBack()).isNotEqualTo(before);
        governor.giveBack(first, 0);
        assertThat(governor.tryTake(first, 0)).isTrue();
    }

    @Test
    void shouldKeepItsLimitsWithManySessionsThatTakeAndGiveAtRandom() {
        final RandomGenerator random = SystemRandom.seeded(21);
        final Governor governor = governor(7, 5_000);
        final Governor.Share[] shares = new Governor.Share[5];
        final Map<Governor.Share, Deque<Long>> held = new HashMap<>();
        final long[] wants = new long[shares.length];
        final int[] served = new int[shares.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = new Governor.Share();
            held.put(shares[i], new ArrayDeque<>());
            wants[i] = random.nextLong(3_000);
        }
        for (int step = 0; step < 100_000; step++) {
            final int who = random.nextInt(shares.length);
            final Deque<Long> mine = held.get(shares[who]);
            if (random.nextInt(3) == 0 && !mine.isEmpty()) {
                governor.giveBack(shares[who], mine.remove());
            } else if (governor.tryTake(shares[who], wants[who])) {
                mine.add(wants[who]);
                served[who]++;
                wants[who] = random.nextInt(50) == 0 ? 9_000 : random.nextLong(3_000);
            }
            final int requests = held.values().stream().mapToInt(Deque::size).sum();
            final long bytes = held.values().stream()
                    .flatMap(Deque::stream)
                    .mapToLong(Long::longValue)
                    .sum();
            assertThat(requests).isLessThanOrEqualTo(7);
            assertThat(bytes <= 5_000 || requests == 1)
                    .as("step %d: %d bytes in %d", step, bytes, requests)
                    .isTrue();
        }
        for (final int count : served) {
            assertThat(count).as("seed 21").isGreaterThan(2_000);
        }
    }

    @Test
    void shouldShareTheStoreBetweenSessions() {
        final StoreLimits limits = SessionFixture.limits().requestsInFlight(2).build();
        final ScriptedBackend backend = new ScriptedBackend(limits);
        final ManualClock clock = new ManualClock();
        final ObjectStore store = SessionStore.over(backend, clock, SystemRandom.seeded(1));
        final StoreSession greedy = store.openSession();
        final StoreSession modest = store.openSession();
        final int[] answered = new int[2];
        for (int i = 0; i < 20; i++) {
            greedy.head("greedy", MINUTE, outcome -> answered[0]++);
        }
        for (int i = 0; i < 5; i++) {
            modest.head("modest", MINUTE, outcome -> answered[1]++);
        }
        for (int i = 0; i < 11; i++) {
            final Attempt attempt = backend.pending.remove();
            attempt.complete(new AttemptResult.Missing("no"));
            greedy.poll(10);
            greedy.poll(10);
            modest.poll(10);
            assertThat(backend.pending).hasSizeLessThanOrEqualTo(2).isNotEmpty();
        }
        assertThat(answered[1]).isEqualTo(5);
        backend.onCancel = ScriptedBackend.cancelledWith(AttemptResult.Effect.NONE);
        greedy.close();
        modest.close();
        store.close();
        assertThat(answered[0]).isEqualTo(20);
    }
}
