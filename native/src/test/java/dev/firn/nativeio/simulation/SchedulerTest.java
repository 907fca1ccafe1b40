package dev.firn.nativeio.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private final Trace trace = Trace.silent();
    private final Scheduler scheduler = new Scheduler(1, trace);

    @Test
    void shouldRunTasksInTheOrderOfTheirTimes() {
        final List<Long> times = new ArrayList<>();
        for (final long delay : new long[] {30, 10, 20}) {
            scheduler.schedule(delay, () -> times.add(scheduler.nowNs()));
        }
        assertThat(scheduler.runUntilIdle(100)).isTrue();
        assertThat(times).containsExactly(10L, 20L, 30L);
        assertThat(scheduler.nowNs()).isEqualTo(30);
    }

    @Test
    void shouldOrderTasksOfOneInstantBySeed() {
        final Set<List<Integer>> orders = new HashSet<>();
        for (long seed = 1; seed <= 100; seed++) {
            orders.add(orderOfThree(seed));
            assertThat(orderOfThree(seed)).isEqualTo(orderOfThree(seed));
        }
        assertThat(orders).hasSize(6);
    }

    private static List<Integer> orderOfThree(final long seed) {
        final Scheduler scheduler = new Scheduler(seed, Trace.silent());
        final List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            final int number = i;
            scheduler.schedule(5, () -> order.add(number));
        }
        scheduler.runFor(5);
        return order;
    }

    @Test
    void shouldLeaveTimeWhereItWasToldToRunTo() {
        final int[] runs = new int[1];
        scheduler.schedule(50, () -> runs[0]++);
        scheduler.runFor(49);
        assertThat(scheduler.nowNs()).isEqualTo(49);
        assertThat(runs[0]).isZero();
        scheduler.runUntil(50);
        assertThat(runs[0]).isEqualTo(1);
        assertThat(scheduler.step()).isFalse();
    }

    @Test
    void shouldNotRunWhatWasCancelled() {
        final int[] runs = new int[1];
        final List<ScheduledTask> tasks = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            tasks.add(scheduler.schedule(i, () -> runs[0]++));
        }
        tasks.subList(1, 5_000).forEach(ScheduledTask::cancel);
        tasks.get(4_000).cancel();
        assertThat(scheduler.runUntilIdle(10_000)).isTrue();
        assertThat(runs[0]).isEqualTo(1);
        assertThat(scheduler.idle()).isTrue();
    }

    @Test
    void shouldRefuseToRunFromInsideATask() {
        scheduler.schedule(0, () -> scheduler.runFor(1));
        assertThatIllegalStateException().isThrownBy(scheduler::step).withMessageContaining("inside a task");
        assertThat(scheduler.insideTask()).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> scheduler.schedule(-1, () -> {}));
    }

    @Test
    void shouldCallAgentsAgainAndAgainUntilTheyAreClosed() {
        final Counting agent = new Counting(10);
        final AgentTask task = scheduler.attach(0, agent, AgentTiming.STEADY, failure -> {});
        assertThat(scheduler.runUntilIdle(1_000_000_000)).isTrue();
        assertThat(agent.cycles).isGreaterThan(10);
        task.close();
        final int cycles = agent.cycles;
        scheduler.runFor(1_000_000_000);
        assertThat(agent.cycles).isEqualTo(cycles);
        assertThat(agent.events).containsExactly("start", "close");
    }

    @Test
    void shouldNotCallAStalledAgent() {
        final Counting agent = new Counting(Integer.MAX_VALUE);
        final AgentTask task = scheduler.attach(0, agent, AgentTiming.STEADY, failure -> {});
        scheduler.runFor(1_000_000);
        final int cycles = agent.cycles;
        task.stall(5_000_000);
        scheduler.runFor(4_900_000);
        assertThat(agent.cycles).isEqualTo(cycles);
        scheduler.runFor(1_000_000);
        assertThat(agent.cycles).isGreaterThan(cycles);
    }

    @Test
    void shouldStallAgentsByChance() {
        final Counting agent = new Counting(Integer.MAX_VALUE);
        scheduler.attach(0, agent, AgentTiming.STEADY.withStalls(0.01, 10_000_000), failure -> {});
        scheduler.runFor(1_000_000_000);
        assertThat(trace.count(FaultKind.AGENT_STALL)).isGreaterThan(10);
    }

    @Test
    void shouldHandOverWhatAnAgentThrowsAndDetachIt() {
        final List<Throwable> failures = new ArrayList<>();
        final Counting agent = new Counting(3);
        agent.failsAt = 5;
        final AgentTask task = scheduler.attach(0, agent, AgentTiming.STEADY, failures::add);
        scheduler.runFor(1_000_000_000);
        assertThat(failures).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(task.attached()).isFalse();
        assertThat(agent.cycles).isEqualTo(5);
        assertThat(agent.events).containsExactly("start");
    }

    @Test
    void shouldKeepClocksMonotonicAtTheirOwnRate() {
        final SimulatedClock fast = new SimulatedClock(scheduler, 1_000, 200_000, 5);
        final SimulatedClock slow = new SimulatedClock(scheduler, 0, -200_000, 0);
        long last = Long.MIN_VALUE;
        for (int i = 0; i < 2_000; i++) {
            scheduler.runFor(i % 7);
            assertThat(slow.nanoTime()).isGreaterThanOrEqualTo(last);
            last = slow.nanoTime();
        }
        final long before = fast.nanoTime();
        scheduler.runFor(10_000_000_000L);
        assertThat(fast.nanoTime() - before).isBetween(10_001_999_999L, 10_002_000_001L);
        assertThat(fast.epochNs()).isEqualTo(SimulatedClock.EPOCH_START_NS + scheduler.nowNs() + 5);
        final long monotonic = fast.nanoTime();
        fast.jump(-3_600_000_000_000L);
        fast.setDrift(0);
        assertThat(fast.nanoTime()).isEqualTo(monotonic);
        assertThat(fast.epochNs()).isLessThan(SimulatedClock.EPOCH_START_NS);
    }

    private static final class Counting implements Agent {
        private final int busyCycles;
        private final List<String> events = new ArrayList<>();
        private int cycles;
        private int failsAt = -1;

        private Counting(final int busyCycles) {
            this.busyCycles = busyCycles;
        }

        @Override
        public void onStart() {
            events.add("start");
        }

        @Override
        public int doWork() {
            cycles++;
            if (cycles == failsAt) {
                throw new IllegalStateException("failed as asked");
            }
            return cycles <= busyCycles ? 1 : 0;
        }

        @Override
        public void onClose() {
            events.add("close");
        }

        @Override
        public String roleName() {
            return "counting";
        }
    }
}
