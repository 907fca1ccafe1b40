package dev.firn.nativeio.wakeup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.agent.AgentStuckException;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.agent.RunningAgent;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SharedThreadTest {
    private static final long FOREVER_NS = Duration.ofMinutes(5).toNanos();
    private static final AgentThreadConfig CONFIG = AgentThreadConfig.of(IdleProfile.SHARED_MACHINE);

    private final SharedThread shared = SharedThread.open("shared-test", CONFIG);
    private final List<String> failures = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        shared.close();
    }

    /** Takes one piece of work at a time, and hands each on. */
    private static final class Player implements Agent, AutoCloseable {
        private final String name;
        private final AtomicInteger work = new AtomicInteger();
        private final Wakeup bell = Wakeup.open();
        private final WaitSet waits = new WaitSet(FOREVER_NS, FOREVER_NS);
        private final CountDownLatch started = new CountDownLatch(1);
        private final CountDownLatch done;
        private volatile Player next;
        private volatile Thread thread;
        private volatile boolean isClosed;
        private volatile RuntimeException trouble;
        private volatile RuntimeException troubleAtStart;
        private volatile CountDownLatch holdUp = new CountDownLatch(0);

        Player(final String name, final int turns) {
            this.name = name;
            this.done = new CountDownLatch(turns);
            waits.add(bell);
        }

        void give() {
            work.incrementAndGet();
            bell.wake();
        }

        @Override
        public String roleName() {
            return name;
        }

        @Override
        public void onStart() {
            thread = Thread.currentThread();
            if (troubleAtStart != null) {
                throw troubleAtStart;
            }
            started.countDown();
        }

        @Override
        public int doWork() throws InterruptedException {
            if (work.get() == 0) {
                return 0;
            }
            work.decrementAndGet();
            holdUp.await();
            if (trouble != null) {
                throw trouble;
            }
            done.countDown();
            if (next != null && done.getCount() > 0) {
                next.give();
            }
            return 1;
        }

        @Override
        public void onClose() {
            isClosed = true;
        }

        @Override
        public void close() {
            waits.close();
            bell.close();
        }
    }

    private RunningAgent start(final Player player) {
        return start(player, CONFIG);
    }

    private RunningAgent start(final Player player, final AgentThreadConfig config) {
        return shared.start(
                player,
                config,
                Optional.of(player.waits),
                (name, cause) -> failures.add(name + ": " + cause.getMessage()));
    }

    @Test
    void shouldLetAgentsHandWorkToEachOtherOnOneThread() throws Exception {
        try (Player first = new Player("first", 10_000);
                Player second = new Player("second", 10_000)) {
            first.next = second;
            second.next = first;
            final RunningAgent firstRuns = start(first);
            final RunningAgent secondRuns = start(second);
            first.give();
            first.done.await();
            secondRuns.close();
            assertThat(second.isClosed).isTrue();
            assertThat(first.isClosed).isFalse();
            firstRuns.close();
            firstRuns.close();
            assertThat(firstRuns.isRunning()).isFalse();
            assertThat(first.thread).isEqualTo(second.thread);
            assertThat(failures).isEmpty();
        }
    }

    /** All sets wait without a limit: one wake-up that got lost would be the end. */
    @Test
    void shouldWakeForEachOfItsAgents() throws Exception {
        try (Player first = new Player("first", 5_000);
                Player second = new Player("second", 5_000)) {
            start(first);
            start(second);
            for (int i = 0; i < 5_000; i++) {
                first.give();
                second.give();
            }
            first.done.await();
            second.done.await();
        }
    }

    @Test
    void shouldGoOnWithoutTheOneThatThrows() throws Exception {
        try (Player first = new Player("first", 2);
                Player second = new Player("second", 2);
                Player late = new Player("late", 1)) {
            final RunningAgent firstRuns = start(first);
            start(second);
            first.trouble = new IllegalStateException("disk on fire");
            first.give();
            second.give();
            second.give();
            second.done.await();
            late.troubleAtStart = new IllegalStateException("no directory");
            final RunningAgent lateRuns = start(late);
            while (firstRuns.isRunning() || lateRuns.isRunning()) {
                Thread.onSpinWait();
            }
            assertThat(first.isClosed).isTrue();
            assertThat(second.isClosed).isFalse();
            assertThat(failures).containsExactly("first: disk on fire", "late: no directory");
            firstRuns.close();
        }
    }

    @Test
    void shouldSayWhereTheOneIsThatDoesNotStop() throws Exception {
        try (Player stuck = new Player("stuck", 1);
                Player other = new Player("other", 1)) {
            stuck.holdUp = new CountDownLatch(1);
            final RunningAgent running = start(stuck, CONFIG.withCloseDeadline(Duration.ofMillis(50)));
            start(other);
            stuck.give();
            stuck.started.await();
            while (stuck.work.get() != 0) {
                Thread.onSpinWait();
            }
            assertThatThrownBy(running::close)
                    .isInstanceOf(AgentStuckException.class)
                    .hasMessageContaining("agent stuck did not stop within PT0.05S")
                    .satisfies(thrown -> assertThat(thrown.getSuppressed()[0].getStackTrace())
                            .anySatisfy(
                                    frame -> assertThat(frame.getMethodName()).isEqualTo("doWork")));
            assertThat(running.isRunning()).isTrue();
            stuck.holdUp.countDown();
            other.give();
            assertThat(other.done.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldEndAllThatAreLeftWhenItIsClosed() {
        try (Player first = new Player("first", 1)) {
            final RunningAgent running = start(first);
            shared.close();
            assertThat(running.isRunning()).isFalse();
            running.close();
            try (Player late = new Player("late", 1)) {
                assertThatThrownBy(() -> start(late))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("the thread of shared-test has ended");
            }
        }
    }

    @Test
    void shouldRefuseOneThatNobodyWakes() {
        try (Player player = new Player("player", 1)) {
            assertThatThrownBy(() -> shared.start(player, CONFIG, Optional.empty(), (name, cause) -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("player cannot share a thread: nobody would wake it");
        }
    }

    @Test
    void shouldAllocateNothingByWaiting() throws Exception {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Player player = new Player("player", Integer.MAX_VALUE)) {
            start(player);
            player.started.await();
            long allocated = Long.MAX_VALUE;
            for (int run = 0; run < 200 && allocated > 0; run++) {
                final long before = threads.getThreadAllocatedBytes(player.thread.threadId());
                final long left = player.done.getCount();
                for (int i = 0; i < 500; i++) {
                    player.give();
                    while (player.done.getCount() > left - i - 1) {
                        Thread.onSpinWait();
                    }
                }
                allocated = Math.min(allocated, threads.getThreadAllocatedBytes(player.thread.threadId()) - before);
            }
            assertThat(allocated).isZero();
        }
    }
}
