package dev.firn.server.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.agent.AgentStuckException;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.directory.DirectoryBackend;
import dev.firn.s3tier.directory.DirectoryConfig;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.server.role.RoleHealth;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The role with its thread, on a directory store that misbehaves when the test says so. */
@Timeout(60)
class StoreRoleTest {
    private static final StoreProbeConfig OFTEN = StoreProbeConfig.STANDARD
            .withInterval(Duration.ofMillis(5))
            .withStall(Duration.ofMillis(100))
            .withStartLimit(Duration.ofSeconds(10));

    @TempDir
    private Path folder;

    private final RandomGenerator random = SystemRandom.seeded(4);
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("test", 1 << 20));
    private final Listener listener = new Listener();
    private ScriptedBackend backend;
    private SystemStore system;

    @BeforeEach
    void openStore() {
        backend = new ScriptedBackend(DirectoryBackend.open(
                new HostStorage(folder),
                folder.toString(),
                DirectoryConfig.DEFAULT.withWorkers(1),
                StoreLimits.DEFAULT,
                SystemClock.INSTANCE,
                random));
        system = new SystemStore("file://" + folder, () -> SessionStore.over(backend, SystemClock.INSTANCE, random));
    }

    @AfterEach
    void shouldLeaveNothingBehind() throws Exception {
        system.close();
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(entry -> entry.getFileName().toString())).isEqualTo(List.of(".firn"));
        }
    }

    @Test
    void shouldGoOnProvingTheStore() throws Exception {
        final StoreRole role = role(OFTEN);
        role.start();
        assertThat(listener.proofs.tryAcquire(5, 30, TimeUnit.SECONDS)).isTrue();
        assertThat(role.health().state()).isEqualTo(RoleHealth.State.HEALTHY);
        assertThat(role.health().detail()).matches("puts, gets and deletes 4 KiB in \\d+\\.\\d\\d ms");
        role.stop();
        assertThat(system.isReleased()).isTrue();
        assertThat(system.opened().orElseThrow().counters().failures()).isZero();
    }

    @Test
    void shouldRefuseAStoreThatIgnoresConditions() {
        backend.ignoresConditions = true;
        final StoreRole role = role(OFTEN);
        assertThatThrownBy(role::start)
                .isInstanceOf(StoreProofException.class)
                .hasMessageStartingWith("the store is unfit: it creates file://")
                .hasMessageContaining("on condition that it is absent, although it is there");
        role.stop();
        assertThat(system.isAdmitted()).isFalse();
    }

    @Test
    void shouldSayThatAStoreDoesNotAnswerAtTheStart() {
        backend.hangs = true;
        final StoreRole role = role(OFTEN.withStartLimit(Duration.ofMillis(200)));
        assertThatThrownBy(role::start)
                .isInstanceOf(StoreProofException.class)
                .hasMessageStartingWith("file://" + folder + " did not answer within");
        backend.recover();
        role.stop();
    }

    @Test
    void shouldShowThatTheStoreHangsAndComeBackWithIt() throws Exception {
        final StoreRole role = role(OFTEN);
        role.start();
        backend.hangs = true;
        awaitState(role, RoleHealth.State.DEGRADED);
        assertThat(role.health().detail()).startsWith("a put, get and delete of 4 KiB has not ended after");
        backend.recover();
        awaitState(role, RoleHealth.State.HEALTHY);
        role.stop();
    }

    @Test
    void shouldStopInTimeAndGiveNothingBackWhenTheStoreHangs() throws Exception {
        final StoreRole role = role(OFTEN.withStopLimit(Duration.ofMillis(1_200)));
        role.start();
        backend.hangs = true;
        awaitState(role, RoleHealth.State.DEGRADED);
        assertThatThrownBy(role::stop).isInstanceOf(AgentStuckException.class);
        assertThat(system.isReleased()).isFalse();
        system.close();
        assertThat(memory.usage().heldBytes()).isEqualTo(8192);

        // What hung answers in the end, so that the test leaves no thread.
        backend.recover();
        await(() -> memory.usage().heldBytes() == 0);
        system.opened().orElseThrow().close();
        removeProbeObject();
    }

    /** A role that is started again takes the store as it is. */
    @Test
    void shouldStartAgainOnAnAdmittedStoreThatFails() throws Exception {
        final StoreRole first = role(OFTEN);
        first.start();
        first.stop();
        backend.hangs = true;
        final StoreRole second = role(OFTEN.withStartLimit(Duration.ofMillis(100)));
        second.start();
        awaitState(second, RoleHealth.State.DEGRADED);
        backend.recover();
        awaitState(second, RoleHealth.State.HEALTHY);
        second.stop();
    }

    /** The put that hung at the stop was made in the end, and nobody is left to delete it: a later sweep's work. */
    private void removeProbeObject() throws Exception {
        try (Stream<Path> left = Files.list(folder)) {
            for (final Path object : left.filter(
                            entry -> entry.getFileName().toString().startsWith(StoreAgent.PROBE_PREFIX))
                    .toList()) {
                Files.delete(object);
            }
        }
    }

    private StoreRole role(final StoreProbeConfig config) {
        return new StoreRole(system, memory, config, SystemClock.INSTANCE, listener, random);
    }

    private static void awaitState(final StoreRole role, final RoleHealth.State wanted) throws Exception {
        await(() -> role.health().state() == wanted);
    }

    private static void await(final BooleanSupplier condition) throws Exception {
        final Semaphore never = new Semaphore(0);
        for (int i = 0; i < 4_000 && !condition.getAsBoolean(); i++) {
            assertThat(never.tryAcquire(5, TimeUnit.MILLISECONDS)).isFalse();
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static final class Listener implements StoreProbeListener {
        private final Semaphore proofs = new Semaphore(0);

        @Override
        public void onProof(final long durationNs) {
            assertThat(durationNs).isPositive();
            proofs.release();
        }

        @Override
        public void onFailure() {
            // Seen in the role's health.
        }

        @Override
        public void onSweep(final int abortedUploads) {
            throw new AssertionError("a sweep within the first hour");
        }
    }
}
