package dev.firn.nativeio.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.CompositeAgent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AgentThreadTest {
    private static final AgentThreadConfig SHARED = AgentThreadConfig.of(IdleProfile.SHARED_MACHINE);

    private record Failure(String roleName, Throwable cause, Thread thread) {}

    private final List<Failure> failures = new CopyOnWriteArrayList<>();
    private final List<Throwable> lastResort = new CopyOnWriteArrayList<>();
    private final Thread.UncaughtExceptionHandler uncaughtBefore = Thread.getDefaultUncaughtExceptionHandler();

    @AfterEach
    void nothingIsSwallowed() {
        Thread.setDefaultUncaughtExceptionHandler(uncaughtBefore);
        assertThat(lastResort).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(IdleProfile.class)
    void shouldRunAndCountUntilClosed(final IdleProfile profile) {
        final TestAgent agent = new TestAgent(turn -> turn <= 10 ? 3 : 0);
        final AgentThread thread = AgentThread.start(agent, AgentThreadConfig.of(profile), this::failed);
        waitFor(() -> thread.counters().idleCycles() > 5);
        assertThat(thread.isRunning()).isTrue();
        thread.close();
        thread.close();
        assertThat(thread.isRunning()).isFalse();
        assertThat(thread.counters().workingCycles()).isEqualTo(10);
        assertThat(thread.counters().work()).isEqualTo(30);
        assertThat(thread.counters().workingCycles() + thread.counters().idleCycles())
                .isEqualTo(agent.turns);
        assertThat(agent.events).containsExactly("start", "close");
        assertThat(agent.thread.getName()).isEqualTo("test-agent");
        assertThat(thread.failure()).isEmpty();
        assertThat(failures).isEmpty();
    }

    @Test
    void shouldRunOnTheCpuItIsPinnedTo() {
        final CpuSet cpu = CpuSet.of(CpuAffinity.current().stream().max().orElseThrow());
        final AtomicReference<CpuSet> seen = new AtomicReference<>();
        final TestAgent agent = new TestAgent(turn -> {
            seen.set(CpuAffinity.current());
            return 0;
        });
        try (AgentThread thread = AgentThread.start(agent, SHARED.pinnedTo(cpu), this::failed)) {
            assertThat(thread.cpus()).isEqualTo(cpu);
            waitFor(() -> seen.get() != null);
            assertThat(seen.get()).isEqualTo(cpu);
        }
    }

    @Test
    void shouldStartNothingWhenTheCpuDoesNotExist() {
        final TestAgent agent = new TestAgent(turn -> 0);
        assertThatThrownBy(() -> AgentThread.start(agent, SHARED.pinnedTo(CpuSet.of(8000)), this::failed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no CPU 8000");
        assertThat(agent.events).isEmpty();
        assertThat(failures).isEmpty();
    }

    @Test
    void shouldStopAndTellOnceWhenTheAgentThrows() {
        final RuntimeException cause = new IllegalStateException("the disk is gone");
        final TestAgent agent = new TestAgent(turn -> {
            if (turn == 5) {
                throw cause;
            }
            return 1;
        });
        final AgentThread thread = AgentThread.start(agent, SHARED, this::failed);
        waitFor(() -> !thread.isRunning());
        thread.close();
        assertThat(failures).containsExactly(new Failure("test-agent", cause, agent.thread));
        assertThat(thread.failure()).containsSame(cause);
        assertThat(agent.turns).isEqualTo(5);
        assertThat(agent.events).containsExactly("start", "close");
    }

    @Test
    void shouldTellOfErrorsToo() {
        final Error cause = new AssertionError("an invariant is broken");
        final AgentThread thread = AgentThread.start(
                new TestAgent(turn -> {
                    throw cause;
                }),
                SHARED,
                this::failed);
        waitFor(() -> !thread.isRunning());
        assertThat(failures).extracting(Failure::cause).containsExactly(cause);
    }

    @Test
    void shouldTellOnceWhenTheAgentCannotStart() {
        final TestAgent agent = new TestAgent(turn -> 1);
        agent.onStartThrows = new IllegalStateException("no configuration");
        final AgentThread thread = AgentThread.start(agent, SHARED, this::failed);
        waitFor(() -> !thread.isRunning());
        assertThat(failures).extracting(Failure::cause).containsExactly(agent.onStartThrows);
        assertThat(agent.turns).isZero();
        assertThat(agent.events).containsExactly("start", "close");
    }

    @Test
    void shouldTellOnceWhenTheAgentCannotClose() {
        final TestAgent agent = new TestAgent(turn -> 1);
        agent.onCloseThrows = new IllegalStateException("cannot flush");
        final AgentThread thread = AgentThread.start(agent, SHARED, this::failed);
        thread.close();
        assertThat(failures).extracting(Failure::cause).containsExactly(agent.onCloseThrows);
    }

    @Test
    void shouldGiveWhatFailsAfterTheFirstFailureToTheLastResort() {
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> lastResort.add(cause));
        final IllegalStateException first = new IllegalStateException("first");
        final TestAgent agent = new TestAgent(turn -> {
            throw first;
        });
        agent.onCloseThrows = new IllegalStateException("second");
        final AgentThread thread = AgentThread.start(agent, SHARED, this::failed);
        waitFor(() -> !thread.isRunning());
        assertThat(failures).extracting(Failure::cause).containsExactly(first);
        assertThat(first.getSuppressed()).containsExactly(agent.onCloseThrows);
        assertThat(lastResort).containsExactly(agent.onCloseThrows);
        lastResort.clear();
    }

    @Test
    void shouldGiveWhatTheHandlerThrowsToTheLastResort() {
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> lastResort.add(cause));
        final RuntimeException inHandler = new IllegalStateException("in the handler");
        final RuntimeException first = new IllegalStateException("first");
        final AgentThread thread = AgentThread.start(
                new TestAgent(turn -> {
                    throw first;
                }),
                SHARED,
                (role, cause) -> {
                    throw inHandler;
                });
        waitFor(() -> !thread.isRunning());
        assertThat(lastResort).containsExactly(inHandler);
        assertThat(inHandler.getSuppressed()).containsExactly(first);
        lastResort.clear();
    }

    @Test
    void shouldEndQuietlyWhenTheAgentAsksForIt() {
        final TestAgent agent = new TestAgent(turn -> {
            throw new AgentTerminationException("done", true);
        });
        final AgentThread thread = AgentThread.start(agent, SHARED, this::failed);
        waitFor(() -> !thread.isRunning());
        assertThat(failures).isEmpty();
        assertThat(agent.events).containsExactly("start", "close");
    }

    @Test
    void shouldTellWhenTheAgentTerminatesUnexpectedly() {
        final AgentTerminationException cause = new AgentTerminationException("cannot go on");
        final AgentThread thread = AgentThread.start(
                new TestAgent(turn -> {
                    throw cause;
                }),
                SHARED,
                this::failed);
        waitFor(() -> !thread.isRunning());
        assertThat(failures).extracting(Failure::cause).containsExactly(cause);
    }

    @Test
    void shouldTellWhenTheThreadIsInterruptedButNotClosed() {
        final TestAgent agent = new TestAgent(turn -> 0);
        final AgentThread thread = AgentThread.start(agent, SHARED, this::failed);
        waitFor(() -> agent.turns > 0);
        agent.thread.interrupt();
        waitFor(() -> !thread.isRunning());
        assertThat(failures).hasSize(1);
        assertThat(failures.getFirst().cause())
                .isInstanceOf(InterruptedException.class)
                .hasMessageContaining("test-agent");
    }

    @Test
    void shouldNotWaitForItselfWhenTheHandlerCloses() {
        final AtomicReference<AgentThread> thread = new AtomicReference<>();
        final CountDownLatch known = new CountDownLatch(1);
        final List<Throwable> told = new CopyOnWriteArrayList<>();
        thread.set(AgentThread.start(
                new TestAgent(turn -> {
                    await(known);
                    throw new IllegalStateException("failed");
                }),
                SHARED,
                (role, cause) -> {
                    told.add(cause);
                    thread.get().close();
                }));
        known.countDown();
        waitFor(() -> !thread.get().isRunning());
        assertThat(told).hasSize(1);
    }

    @Test
    void shouldSayWhereAnAgentIsStuckAndEndOnceItLetsGo() {
        final CountDownLatch inWork = new CountDownLatch(1);
        final CountDownLatch release = new CountDownLatch(1);
        final TestAgent agent = new TestAgent(turn -> {
            inWork.countDown();
            awaitIgnoringInterrupts(release);
            return 0;
        });
        final AgentThread thread =
                AgentThread.start(agent, SHARED.withCloseDeadline(Duration.ofMillis(50)), this::failed);
        await(inWork);
        assertThatThrownBy(thread::close)
                .isInstanceOf(AgentStuckException.class)
                .hasMessageContaining("test-agent")
                .satisfies(stuck -> assertThat(stuck.getSuppressed()[0].getStackTrace())
                        .extracting(StackTraceElement::getMethodName)
                        .contains("awaitIgnoringInterrupts"));
        assertThat(thread.isRunning()).isTrue();
        release.countDown();
        waitFor(() -> !thread.isRunning());
        thread.close();
        assertThat(failures).isEmpty();
    }

    @Test
    void shouldEndInGoodOrderWhenTheDeadlinesInterruptFreesTheAgent() {
        final CountDownLatch inWork = new CountDownLatch(1);
        final TestAgent agent = new TestAgent(turn -> {
            inWork.countDown();
            new CountDownLatch(1).await();
            return 0;
        });
        final AgentThread thread =
                AgentThread.start(agent, SHARED.withCloseDeadline(Duration.ofMillis(50)), this::failed);
        await(inWork);
        assertThatThrownBy(thread::close).isInstanceOf(AgentStuckException.class);
        waitFor(() -> !thread.isRunning());
        assertThat(failures).isEmpty();
        assertThat(agent.events).containsExactly("start", "close");
    }

    @Test
    void shouldStopAllAgentsOfAThreadWhenOneThrows() {
        final TestAgent healthy = new TestAgent(turn -> 1);
        final RuntimeException cause = new IllegalStateException("second agent");
        final TestAgent failing = new TestAgent(turn -> {
            throw cause;
        });
        final AgentThread thread = AgentThread.start(new CompositeAgent(healthy, failing), SHARED, this::failed);
        waitFor(() -> !thread.isRunning());
        assertThat(failures).extracting(Failure::cause).containsExactly(cause);
        assertThat(healthy.events).containsExactly("start", "close");
        assertThat(failing.events).containsExactly("start", "close");
    }

    @Test
    void shouldNameTheProfilesThereAre() {
        assertThat(IdleProfile.of("lowest-latency")).isEqualTo(IdleProfile.LOWEST_LATENCY);
        assertThat(IdleProfile.of("shared-machine")).isEqualTo(IdleProfile.SHARED_MACHINE);
        assertThat(IdleProfile.of("power-saving")).isEqualTo(IdleProfile.POWER_SAVING);
        assertThat(IdleProfile.of("background")).isEqualTo(IdleProfile.BACKGROUND);
        assertThatThrownBy(() -> IdleProfile.of("fast"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lowest-latency, shared-machine, power-saving, background");
    }

    private void failed(final String roleName, final Throwable cause) {
        failures.add(new Failure(roleName, cause, Thread.currentThread()));
    }

    private static void waitFor(final BooleanSupplier condition) {
        final long deadline = SystemClock.INSTANCE.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(SystemClock.INSTANCE.nanoTime()).as("waited too long").isLessThan(deadline);
            LockSupport.parkNanos(100_000);
        }
    }

    private static void await(final CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitIgnoringInterrupts(final CountDownLatch latch) {
        while (latch.getCount() != 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private interface Turn {
        int work(int turn) throws Exception;
    }

    private static final class TestAgent implements Agent {
        private final Turn turn;
        private final List<String> events = new CopyOnWriteArrayList<>();
        private volatile int turns;
        private volatile Thread thread;
        private volatile RuntimeException onStartThrows;
        private volatile RuntimeException onCloseThrows;

        TestAgent(final Turn turn) {
            this.turn = turn;
        }

        @Override
        public String roleName() {
            return "test-agent";
        }

        @Override
        public void onStart() {
            thread = Thread.currentThread();
            events.add("start");
            if (onStartThrows != null) {
                throw onStartThrows;
            }
        }

        @Override
        public int doWork() throws Exception {
            final int next = turns + 1;
            turns = next;
            return turn.work(next);
        }

        @Override
        public void onClose() {
            events.add("close");
            if (onCloseThrows != null) {
                throw onCloseThrows;
            }
        }
    }
}
