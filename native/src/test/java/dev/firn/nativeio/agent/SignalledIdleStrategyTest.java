package dev.firn.nativeio.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SignalledIdleStrategyTest {
    private final List<String> calls = new ArrayList<>();
    private final SignalledIdleStrategy strategy = new SignalledIdleStrategy(new WorkSignal() {
        @Override
        public void arm() {
            calls.add("arm");
        }

        @Override
        public void await() {
            calls.add("await");
        }

        @Override
        public void disarm() {
            calls.add("disarm");
        }
    });

    @Test
    void shouldSleepOnlyAfterADutyCycleThatFoundNothingWhileArmed() {
        strategy.idle(1);
        assertThat(calls).isEmpty();
        strategy.idle(0);
        assertThat(calls).containsExactly("arm");
        strategy.idle(0);
        assertThat(calls).containsExactly("arm", "await", "disarm");
    }

    @Test
    void shouldNotSleepWhenTheLastLookFoundWork() {
        strategy.idle(0);
        strategy.idle(1);
        assertThat(calls).containsExactly("arm", "disarm");
        strategy.idle(1);
        assertThat(calls).hasSize(2);
    }

    @Test
    void shouldArmAtOnceWhenItWokeToNoWork() {
        strategy.idle(0);
        strategy.idle(0);
        calls.clear();
        strategy.idle(0);
        strategy.idle(0);
        assertThat(calls).containsExactly("arm", "await", "disarm");
    }
}
