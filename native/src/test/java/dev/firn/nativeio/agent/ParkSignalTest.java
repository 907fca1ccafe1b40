package dev.firn.nativeio.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ParkSignalTest {
    private static final long FOREVER_NS = Duration.ofHours(1).toNanos();
    private static final int NUMBERS = 20_000;

    /** Answers each number with itself, and unparks who asked. */
    private static final class Echo implements Agent {
        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicInteger answered = new AtomicInteger();
        private final CompletableFuture<Thread> thread = new CompletableFuture<>();
        private volatile Thread asker;

        @Override
        public void onStart() {
            thread.complete(Thread.currentThread());
        }

        @Override
        public int doWork() {
            final int number = asked.get();
            if (number == answered.get()) {
                return 0;
            }
            answered.set(number);
            LockSupport.unpark(asker);
            return 1;
        }

        @Override
        public String roleName() {
            return "echo";
        }
    }

    private static AgentThread start(final Agent agent, final CountDownLatch failed) {
        return AgentThread.start(
                agent,
                AgentThreadConfig.of(IdleProfile.SHARED_MACHINE).wokenBy(new ParkSignal(agent, () -> FOREVER_NS)),
                (name, cause) -> failed.countDown());
    }

    @Test
    void shouldLoseNoWakeUp() {
        final Echo echo = new Echo();
        final CountDownLatch failed = new CountDownLatch(1);
        try (AgentThread agent = start(echo, failed)) {
            assertThat(agent.isRunning()).isTrue();
            final Thread other = echo.thread.join();
            echo.asker = Thread.currentThread();
            for (int number = 1; number <= NUMBERS; number++) {
                echo.asked.set(number);
                LockSupport.unpark(other);
                while (echo.answered.get() != number) {
                    LockSupport.park(this);
                }
            }
        }
        assertThat(failed.getCount()).isEqualTo(1);
    }

    @Test
    void shouldWakeToBeClosed() throws InterruptedException {
        final Echo echo = new Echo();
        final CountDownLatch failed = new CountDownLatch(1);
        final AgentThread agent = start(echo, failed);
        while (echo.thread.join().getState() != Thread.State.TIMED_WAITING) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        agent.close();
        assertThat(agent.isRunning()).isFalse();
        assertThat(failed.getCount()).isEqualTo(1);
    }
}
