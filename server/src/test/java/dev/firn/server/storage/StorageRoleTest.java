package dev.firn.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.uring.UringSupport;
import dev.firn.server.role.RestartPolicy;
import dev.firn.server.role.RoleHealth;
import dev.firn.server.role.RoleSpec;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.role.Supervisor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class StorageRoleTest {
    private static final ProbeConfig OFTEN = ProbeConfig.STANDARD.withInterval(Duration.ofMillis(5));

    @TempDir
    private Path folder;

    private final Listener listener = new Listener();
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("test", 1 << 20));
    private FailingStorage storage;

    @BeforeEach
    void openStorage() {
        storage = new FailingStorage(new HostStorage(folder));
    }

    @AfterEach
    void shouldHoldNoMemoryAfterTheStop() {
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"URING", "PORTABLE"})
    void shouldKeepMeasuringFlushesOnEitherBackEnd(final RingBackend backend) throws Exception {
        assumeTrue(backend != RingBackend.URING || UringSupport.host().available(), "io_uring on this host");
        final StorageRole role = role(OFTEN.withBackend(backend));
        role.start();
        // More than one round of the file's slots.
        assertThat(listener.flushes.tryAcquire(40, 30, TimeUnit.SECONDS)).isTrue();
        assertThat(role.health().state()).isEqualTo(RoleHealth.State.HEALTHY);
        assertThat(role.health().detail())
                .matches("flushes 4 KiB in \\d+\\.\\d\\d ms, "
                        + (listener.direct ? "past the page cache" : "through the page cache"));
        assertThat(listener.ring).startsWith(backend == RingBackend.URING ? "io_uring" : "portable");
        role.stop();
        assertThat(listener.failures).hasValue(0);
        assertThat(Files.size(folder.resolve(StorageRole.FILE_NAME))).isEqualTo(64 * 1024);
    }

    @Test
    void shouldFailForGoodWhenAFlushFails() throws Exception {
        final StorageRole role = role(OFTEN);
        role.start();
        storage.flushErrno = Errno.EIO;
        awaitState(role, RoleHealth.State.FAILED);
        assertThat(role.health().detail()).contains("DATA_SYNC storage.probe").contains("EIO (5)");
        storage.flushErrno = 0;
        listener.flushes.drainPermits();
        assertThat(listener.flushes.tryAcquire(50, TimeUnit.MILLISECONDS))
                .as("a probe after a failed flush")
                .isFalse();
        assertThat(role.health().state()).isEqualTo(RoleHealth.State.FAILED);
        assertThat(listener.failures).hasValue(1);
        role.stop();
    }

    @Test
    void shouldNoticeABitThatCameBackFlipped() throws Exception {
        final StorageRole role = role(OFTEN);
        role.start();
        storage.flipABit = true;
        awaitState(role, RoleHealth.State.FAILED);
        assertThat(role.health().detail())
                .contains("READ storage.probe at offset")
                .contains("CRC32C is");
        role.stop();
    }

    @Test
    void shouldRefuseToStartWhenTheFirstFlushFails() {
        storage.flushErrno = Errno.ENOSPC;
        final StorageRole role = role(OFTEN);
        assertThatThrownBy(role::start)
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
        role.stop();
    }

    @Test
    void shouldBeDegradedWhileAFlushIsSlow() throws Exception {
        final StorageRole role = role(OFTEN.withSlowFlush(Duration.ofNanos(1)));
        role.start();
        assertThat(role.health().state()).isEqualTo(RoleHealth.State.DEGRADED);
        assertThat(role.health().detail()).contains("the last flush of 4 KiB took");
        role.stop();
    }

    @Test
    void shouldBeStalledWhileTheDiskDoesNotAnswerAndStopAllTheSame() throws Exception {
        final ProbeConfig impatient = new ProbeConfig(
                RingBackend.BEST,
                Duration.ofMillis(5),
                Duration.ofSeconds(60),
                Duration.ofMillis(300),
                Duration.ofSeconds(15),
                Duration.ofMillis(200));
        final StorageRole role = role(impatient);
        role.start();
        storage.silent = true;
        awaitState(role, RoleHealth.State.STALLED);
        assertThat(role.health().detail()).contains("has not ended");
        storage.silent = false;
        awaitState(role, RoleHealth.State.HEALTHY);
        storage.silent = true;
        awaitState(role, RoleHealth.State.STALLED);
        role.stop();
    }

    @Test
    void shouldGiveUpOnAStartThatTheDiskDoesNotAnswer() {
        final ProbeConfig impatient = new ProbeConfig(
                RingBackend.BEST,
                Duration.ofMillis(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofMillis(200),
                Duration.ofMillis(200));
        storage.silent = true;
        final StorageRole role = role(impatient);
        assertThatThrownBy(role::start).hasMessageContaining("the first write and flush did not end within");
        role.stop();
    }

    @Test
    void shouldComeBackUnderItsSupervisorWhenTheDiskDoes() throws Exception {
        final RestartPolicy policy = new RestartPolicy(
                Duration.ofMillis(10),
                Duration.ofMillis(10),
                1_000,
                Duration.ofMinutes(1),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10));
        try (Supervisor supervisor = new Supervisor(
                List.of(new RoleSpec(StorageRole.NAME, () -> role(OFTEN), policy, true)), SystemClock.INSTANCE)) {
            supervisor.start();
            storage.flushErrno = Errno.EIO;
            await(() -> supervisor.statuses().getFirst().phase() == RoleStatus.Phase.BACKING_OFF);
            assertThat(supervisor.statuses().getFirst().detail()).contains("EIO (5)");
            storage.flushErrno = 0;
            await(() -> supervisor.statuses().getFirst().serves());
            assertThat(supervisor.statuses().getFirst().restarts()).isPositive();
        }
    }

    private StorageRole role(final ProbeConfig config) {
        return new StorageRole(storage, memory, config, SystemClock.INSTANCE, listener);
    }

    private void awaitState(final StorageRole role, final RoleHealth.State state) throws InterruptedException {
        await(() -> role.health().state() == state);
    }

    private static void await(final java.util.function.BooleanSupplier condition) throws InterruptedException {
        final Semaphore never = new Semaphore(0);
        for (int i = 0; i < 4_000 && !condition.getAsBoolean(); i++) {
            assertThat(never.tryAcquire(5, TimeUnit.MILLISECONDS)).isFalse();
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static final class Listener implements ProbeListener {
        private final Semaphore flushes = new Semaphore(0);
        private final AtomicInteger failures = new AtomicInteger();
        private volatile String ring;
        private volatile boolean direct;

        @Override
        public void onOpen(final String description, final boolean pastPageCache) {
            ring = description;
            direct = pastPageCache;
        }

        @Override
        public void onFlush(final long durationNs) {
            assertThat(durationNs).isPositive();
            flushes.release();
        }

        @Override
        public void onFailure() {
            failures.incrementAndGet();
        }
    }
}
