package dev.firn.server.role;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SupervisorTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final RestartPolicy QUICK = new RestartPolicy(
            Duration.ofMillis(1), Duration.ofMillis(4), 3, Duration.ofMinutes(1), LONG, Duration.ofMillis(300));

    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    @Test
    void shouldStartInOrderAndStopInReverse() throws Exception {
        try (Supervisor supervisor = supervisor(steady("wal", true), steady("pages", true), steady("lake", false))) {
            supervisor.start();
            assertThat(supervisor.statuses())
                    .extracting(RoleStatus::name, RoleStatus::serves)
                    .containsExactly(tuple("wal"), tuple("pages"), tuple("lake"));
        }
        assertThat(events)
                .containsExactly("start wal", "start pages", "start lake", "stop lake", "stop pages", "stop wal");
    }

    @Test
    void shouldStopWhatRunsAndTellWhyWhenARoleDoesNotStart() {
        final RoleSpec broken = spec("pages", true, () -> new ScriptedRole("pages") {
            @Override
            public void start() {
                throw new IllegalStateException("no room for a page");
            }
        });
        try (Supervisor supervisor = supervisor(steady("wal", true), broken, steady("lake", true))) {
            assertThatThrownBy(supervisor::start)
                    .isInstanceOf(RoleStartException.class)
                    .hasMessage("the pages role did not start: no room for a page")
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
        assertThat(events).containsExactly("start wal", "stop pages", "stop wal");
    }

    @Test
    void shouldTakeOneMoreWhileOthersRunAndLetGoOfIt() throws Exception {
        try (Supervisor supervisor = supervisor(steady("wal", true))) {
            supervisor.start();
            supervisor.add(steady("main", false));
            assertThat(supervisor.awaitFirstStarts(List.of("main"), LONG)).isTrue();
            assertThat(supervisor.statuses()).extracting(RoleStatus::name).containsExactly("wal", "main");
            assertThatThrownBy(() -> supervisor.add(steady("main", false)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("two roles are called main");
            assertThat(supervisor.remove("main")).isTrue();
            assertThat(supervisor.remove("main")).as("a second time").isTrue();
            assertThat(supervisor.statuses()).extracting(RoleStatus::name).containsExactly("wal");
        }
        assertThat(events).containsExactly("start wal", "start main", "stop main", "stop wal");
    }

    @Test
    void shouldTryAFirstStartAgainWhenARoleIsPatient() throws Exception {
        final AtomicInteger starts = new AtomicInteger();
        final RoleSpec late = new RoleSpec(
                "node",
                () -> new ScriptedRole("node") {
                    @Override
                    public void start() {
                        if (starts.incrementAndGet() < 3) {
                            throw new IllegalStateException("no driver yet");
                        }
                    }
                },
                QUICK,
                false,
                true);
        try (Supervisor supervisor = supervisor(steady("wal", true))) {
            supervisor.start();
            supervisor.add(late);
            awaitTrue(() -> supervisor.statuses().getLast().serves());
            assertThat(supervisor.statuses().getLast().restarts()).isEqualTo(2);
        }
    }

    @Test
    void shouldGiveUpOnAStartThatDoesNotEnd() {
        final RestartPolicy impatient = new RestartPolicy(
                Duration.ofMillis(1), Duration.ofMillis(1), 0, LONG, Duration.ofMillis(100), Duration.ofSeconds(5));
        final RoleSpec hanging = new RoleSpec(
                "wal",
                () -> new ScriptedRole("wal") {
                    @Override
                    public void start() throws InterruptedException {
                        new CountDownLatch(1).await();
                    }
                },
                impatient,
                true);
        try (Supervisor supervisor = supervisor(hanging)) {
            assertThatThrownBy(supervisor::start)
                    .isInstanceOf(RoleStartException.class)
                    .hasMessageContaining("it was not ready after 0 s");
        }
        assertThat(events).containsExactly("stop wal");
    }

    @Test
    void shouldStopInOrderWhatAnInterruptedStartHasBegun() throws Exception {
        final CountDownLatch starting = new CountDownLatch(1);
        final AtomicInteger made = new AtomicInteger();
        final RoleSpec slow = spec("pages", true, () -> {
            made.incrementAndGet();
            return new ScriptedRole("pages") {
                @Override
                public void start() {
                    starting.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (final InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException("cannot listen", e);
                    }
                }

                @Override
                public void stop() {
                    events.add(Thread.currentThread().isInterrupted() ? "stop interrupted" : "stop pages");
                }
            };
        });
        try (Supervisor supervisor = supervisor(steady("wal", true))) {
            supervisor.start();
            supervisor.add(slow);
            starting.await();
        }
        assertThat(events).containsExactly("start wal", "stop pages", "stop wal");
        assertThat(made).hasValue(1);
    }

    @Test
    void shouldReplaceAFailedRoleByANewOne() throws Exception {
        final AtomicInteger made = new AtomicInteger();
        final CountDownLatch fail = new CountDownLatch(1);
        final RoleSpec failsOnce = spec("wal", true, () -> {
            final int number = made.incrementAndGet();
            return new ScriptedRole("wal" + number) {
                @Override
                public RoleHealth health() {
                    return number == 1 && fail.getCount() == 0
                            ? RoleHealth.failed("EIO on segment 7")
                            : RoleHealth.healthy("");
                }
            };
        });
        try (Supervisor supervisor = supervisor(failsOnce)) {
            supervisor.start();
            fail.countDown();
            awaitTrue(() -> made.get() == 2 && supervisor.statuses().getFirst().serves());
            final RoleStatus status = supervisor.statuses().getFirst();
            assertThat(status.restarts()).isEqualTo(1);
            assertThat(events).containsExactly("start wal1", "stop wal1", "start wal2");
        }
    }

    @Test
    void shouldKeepAFailingRoleDownAfterItsLastRestartAndReportTheLoss() throws Exception {
        final CountDownLatch fail = new CountDownLatch(1);
        final AtomicInteger made = new AtomicInteger();
        final RoleSpec failing = spec("wal", true, () -> {
            made.incrementAndGet();
            return new ScriptedRole("wal") {
                @Override
                public RoleHealth health() {
                    return fail.getCount() == 0 ? RoleHealth.failed("EIO on segment 7") : RoleHealth.healthy("");
                }
            };
        });
        try (Supervisor supervisor = supervisor(failing, steady("lake", false))) {
            supervisor.start();
            assertThat(supervisor.awaitLoss(Duration.ofMillis(1))).isEmpty();
            fail.countDown();
            final RoleStatus lost = supervisor.awaitLoss(LONG).orElseThrow();
            assertThat(lost.phase()).isEqualTo(RoleStatus.Phase.GIVEN_UP);
            assertThat(lost.detail()).isEqualTo("EIO on segment 7");
            assertThat(lost.serves()).isFalse();
            assertThat(made).hasValue(1 + QUICK.maxRestarts());
            assertThat(supervisor.statuses().getLast().serves()).isTrue();
        }
    }

    @Test
    void shouldGoOnWithoutALostRoleThatIsNotEssential() throws Exception {
        final CountDownLatch fail = new CountDownLatch(1);
        final RoleSpec page = spec("page", false, () -> new ScriptedRole("page") {
            @Override
            public RoleHealth health() {
                return fail.getCount() == 0 ? RoleHealth.failed("gone") : RoleHealth.healthy("");
            }
        });
        try (Supervisor supervisor = supervisor(steady("wal", true), page)) {
            supervisor.start();
            fail.countDown();
            awaitTrue(() -> supervisor.statuses().getLast().phase() == RoleStatus.Phase.GIVEN_UP);
            assertThat(supervisor.awaitLoss(Duration.ofMillis(1))).isEmpty();
            assertThat(supervisor.statuses().getFirst().serves()).isTrue();
        }
    }

    @Test
    void shouldNotRestartARoleWhoseInvariantBroke() throws Exception {
        final CountDownLatch fail = new CountDownLatch(1);
        final RoleSpec broken = spec("wal", true, () -> new ScriptedRole("wal") {
            @Override
            public RoleHealth health() {
                if (fail.getCount() == 0) {
                    throw new AssertionError("LSN went backwards");
                }
                return RoleHealth.healthy("");
            }
        });
        try (Supervisor supervisor = supervisor(broken)) {
            supervisor.start();
            fail.countDown();
            assertThat(supervisor.awaitLoss(LONG).orElseThrow().detail()).contains("LSN went backwards");
            assertThat(events).containsExactly("start wal", "stop wal");
        }
    }

    @Test
    void shouldShowADegradedRoleAsServingAndAStalledOneAsNot() throws Exception {
        final AtomicInteger step = new AtomicInteger();
        final RoleSpec changing = spec("wal", true, () -> new ScriptedRole("wal") {
            @Override
            public RoleHealth health() {
                return switch (step.get()) {
                    case 0 -> RoleHealth.healthy("");
                    case 1 -> RoleHealth.degraded("slow");
                    default -> RoleHealth.stalled("no answer");
                };
            }
        });
        try (Supervisor supervisor = supervisor(changing)) {
            supervisor.start();
            step.set(1);
            awaitTrue(() -> supervisor.statuses().getFirst().health() == RoleHealth.State.DEGRADED);
            assertThat(supervisor.statuses().getFirst().serves()).isTrue();
            step.set(2);
            awaitTrue(() -> supervisor.statuses().getFirst().health() == RoleHealth.State.STALLED);
            assertThat(supervisor.statuses().getFirst().serves()).isFalse();
            assertThat(supervisor.statuses().getFirst().restarts()).isZero();
        }
    }

    @Test
    void shouldGoOnWithoutARoleThatDoesNotStopInTime() throws Exception {
        final CountDownLatch release = new CountDownLatch(1);
        final RoleSpec hanging = spec("lake", false, () -> new ScriptedRole("lake") {
            @Override
            public void stop() {
                awaitUninterruptibly(release);
                super.stop();
            }
        });
        final Supervisor supervisor = supervisor(steady("wal", true), hanging);
        supervisor.start();
        final long begunNs = SystemClock.INSTANCE.nanoTime();
        supervisor.close();
        assertThat(Duration.ofNanos(SystemClock.INSTANCE.nanoTime() - begunNs)).isLessThan(Duration.ofSeconds(5));
        assertThat(events).containsExactly("start wal", "start lake", "stop wal");
        release.countDown();
        awaitTrue(() -> events.contains("stop lake"));
    }

    private static org.assertj.core.groups.Tuple tuple(final String name) {
        return org.assertj.core.groups.Tuple.tuple(name, true);
    }

    private static void awaitUninterruptibly(final CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (final InterruptedException e) {
                continue;
            }
        }
    }

    private static void awaitTrue(final BooleanSupplier condition) throws InterruptedException {
        final long deadlineNs = SystemClock.INSTANCE.nanoTime() + LONG.toNanos();
        final CountDownLatch never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            assertThat(SystemClock.INSTANCE.nanoTime()).as("deadline").isLessThan(deadlineNs);
            assertThat(never.await(5, java.util.concurrent.TimeUnit.MILLISECONDS))
                    .isFalse();
        }
    }

    private static Supervisor supervisor(final RoleSpec... specs) {
        return new Supervisor(List.of(specs), SystemClock.INSTANCE);
    }

    private RoleSpec steady(final String name, final boolean essential) {
        return spec(name, essential, () -> new ScriptedRole(name));
    }

    private static RoleSpec spec(
            final String name, final boolean essential, final java.util.function.Supplier<Role> factory) {
        return new RoleSpec(name, factory, QUICK, essential);
    }

    private class ScriptedRole implements Role {
        private final String name;

        ScriptedRole(final String name) {
            this.name = name;
        }

        @Override
        public void start() throws InterruptedException {
            events.add("start " + name);
        }

        @Override
        public RoleHealth health() {
            return RoleHealth.healthy("");
        }

        @Override
        public void stop() {
            events.add("stop " + name);
        }
    }
}
