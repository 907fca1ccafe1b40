package dev.firn.nativeio.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completed;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;

/** What the simulated ring does beyond the contract: what it leaves open is chosen by the seed, and misuse is caught. */
class SimulatedRingFaultTest {
    private static final int SEEDS = 100;

    @Test
    void shouldWriteWhatIsInTheBufferAtAMomentBeforeTheCompletion() {
        final Set<Byte> written = new HashSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                final StorageFile file = storage.create("a", Access.BUFFERED);
                final Ring ring = storage.openRing(RingConfig.ofCapacity(4));
                final MemorySegment buffer = test.buffer(512, 1);
                ring.write(ring.attach(file), 0, buffer, 1, 0);
                ring.submit();
                test.scheduler.runFor(5_000);
                buffer.fill((byte) 2);
                Completed.all(ring);
                written.add(test.read(file, 0, 1)[0]);
            }
        }
        assertThat(written).containsExactlyInAnyOrder((byte) 1, (byte) 2);
    }

    @Test
    void shouldCatchABufferThatIsFreedInFlight() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final Storage storage = test.disk.mount();
            final Ring ring = storage.openRing(RingConfig.ofCapacity(4));
            final RingFile file = ring.attach(storage.create("a", Access.BUFFERED));
            try (Arena shortLived = Arena.ofConfined()) {
                ring.write(file, 1024, shortLived.allocate(512), 1, 0);
                ring.submit();
            }
            assertThatIllegalStateException()
                    .isThrownBy(() -> ring.submitAndWait(1, Long.MAX_VALUE))
                    .withMessageContaining("WRITE a at offset 1024")
                    .withMessageContaining("freed");
        }
    }

    @Test
    void shouldScribbleOverTheBufferOfAReadInFlight() {
        final Set<Byte> seen = new HashSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                final StorageFile file = storage.create("a", Access.BUFFERED);
                test.write(file, 0, 512, 1);
                final Ring ring = storage.openRing(RingConfig.ofCapacity(4));
                final MemorySegment buffer = test.buffer(512, 9);
                ring.read(ring.attach(file), 0, buffer, 1, 0);
                ring.submit();
                test.scheduler.runFor(30_000);
                seen.add(buffer.get(ValueLayout.JAVA_BYTE, 0));
                Completed.all(ring);
                assertThat(buffer.mismatch(test.buffer(512, 1))).isEqualTo(-1);
            }
        }
        assertThat(seen).containsExactlyInAnyOrder((byte) 9, (byte) 1, RingOperation.SCRIBBLE);
    }

    @Test
    void shouldOweNoDurabilityToAWriteThatCompletesAfterTheSyncStarted() {
        final Set<Byte> durable = new HashSet<>();
        for (long seed = 1; seed <= 400; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                final StorageFile file = storage.createDurably("a", Access.BUFFERED, 512);
                final Ring ring = storage.openRing(RingConfig.ofCapacity(4));
                ring.write(ring.attach(file), 0, test.buffer(512, 1), 1, 0);
                ring.submit();
                while (test.read(file, 0, 1)[0] == 0) {
                    test.scheduler.step();
                }
                if (ring.poll(completion -> {}, 1) == 1) {
                    continue;
                }
                // Visible, but its writer has not heard of it: the sync may cover it or not.
                file.sync();
                Completed.all(ring);
                test.disk.crash();
                durable.add(test.read(test.disk.mount().open("a", Access.BUFFERED), 0, 1)[0]);
            }
        }
        assertThat(durable).containsExactlyInAnyOrder((byte) 0, (byte) 1);
    }

    @Test
    void shouldCompleteIndependentOperationsInAnyOrder() {
        final Set<List<Long>> orders = new HashSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                final Ring ring = storage.openRing(RingConfig.ofCapacity(4));
                final RingFile file = ring.attach(storage.create("a", Access.BUFFERED));
                for (int i = 0; i < 3; i++) {
                    ring.write(file, i * 512L, test.buffer(512, i), i, 0);
                }
                orders.add(List.copyOf(Completed.all(ring).order()));
            }
        }
        assertThat(orders).hasSize(6);
    }

    @Test
    void shouldCancelATransferOrFindItTooFarGone() {
        final Set<String> outcomes = new HashSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                final StorageFile file = storage.create("a", Access.BUFFERED);
                final Ring ring = storage.openRing(RingConfig.ofCapacity(4));
                ring.write(ring.attach(file), 0, test.buffer(512, 1), 1, 0);
                ring.submit();
                test.scheduler.runFor(seed * 500);
                ring.cancel(1, 2, 0);
                final Completed completed = Completed.all(ring);
                outcomes.add(completed.result(1) + " " + completed.result(2));
                assertThat(file.lengthBytes()).isEqualTo(completed.result(1) == 512 ? 512 : 0);
            }
        }
        assertThat(outcomes)
                .containsExactlyInAnyOrder(-Errno.ECANCELED + " 0", "512 " + -Errno.EALREADY, "512 " + -Errno.ENOENT);
    }

    @Test
    void shouldBreakAChainAtAShortWriteAndFinishTheRest() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final Storage storage = test.disk.mount();
            final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
            final RingFile file = ring.attach(storage.create("a", Access.BUFFERED));
            test.disk.inject(FaultRule.on(DiskOperation.WRITE).moving(100));
            ring.write(file, 0, test.buffer(512, 1), 1, Ring.LINK);
            ring.linkTimeout(1_000_000_000, 2, Ring.LINK);
            ring.dataSync(file, 3, 0);
            ring.write(file, 512, test.buffer(512, 2), 4, Ring.LINK);
            ring.dataSync(file, 5, 0);
            final Completed completed = Completed.all(ring);
            assertThat(completed.result(1)).isEqualTo(100);
            assertThat(completed.result(2)).isEqualTo(-Errno.ECANCELED);
            assertThat(completed.result(3)).isEqualTo(-Errno.ECANCELED);
            assertThat(completed.result(4)).isEqualTo(512);
            assertThat(completed.result(5)).isZero();
        }
    }

    @Test
    void shouldBeDeadAfterALossOfPowerAndInertWhenClosed() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final Storage storage = test.disk.mount();
            final StorageFile file = storage.create("a", Access.BUFFERED);
            final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
            ring.write(ring.attach(file), 0, test.buffer(512, 1), 1, 0);
            ring.submit();
            test.disk.crash();
            assertThatThrownBy(() -> ring.nop(1, 0)).isInstanceOf(HostDownError.class);
            assertThatThrownBy(file::sync).isInstanceOf(HostDownError.class).hasMessageContaining("power was lost");
            assertThatCode(() -> {
                        ring.close();
                        file.close();
                        storage.close();
                    })
                    .doesNotThrowAnyException();
            assertThat(test.scheduler.runUntilIdle(1_000_000_000)).isTrue();
            assertThat(test.disk.openFiles() + test.disk.openRings()).isZero();
        }
    }

    @Test
    void shouldFinishOrDropWholeOperationsWhenClosedWithThemInFlight() {
        final Set<Long> lengths = new HashSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                final StorageFile file = storage.create("a", Access.BUFFERED);
                final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
                ring.write(ring.attach(file), 0, test.buffer(2048, 1), 1, 0);
                ring.submit();
                ring.close();
                lengths.add(file.lengthBytes());
                file.close();
            }
        }
        assertThat(lengths).containsExactlyInAnyOrder(0L, 2048L);
    }

    @Test
    void shouldRefuseToWaitInsideATask() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final Ring ring = test.disk.mount().openRing(RingConfig.ofCapacity(8));
            test.scheduler.schedule(0, () -> {
                ring.nop(1, 0);
                assertThat(ring.submitAndWait(1, 0)).as("does not wait").isZero();
                ring.submitAndWait(1, 1_000_000);
            });
            assertThatIllegalStateException()
                    .isThrownBy(test.scheduler::step)
                    .withMessageContaining("agents never block");
        }
    }

    @Test
    void shouldRefuseTheRingOfAnotherAgent() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final Ring[] ring = new Ring[1];
            final Storage storage = test.disk.mount();
            attach(
                    test,
                    "first",
                    () -> ring[0] = ring[0] == null ? storage.openRing(RingConfig.ofCapacity(8)) : ring[0]);
            test.scheduler.runFor(1_000_000);
            attach(test, "second", () -> ring[0].nop(1, 0));
            assertThatIllegalStateException()
                    .isThrownBy(() -> test.scheduler.runFor(1_000_000))
                    .withMessageContaining("owned by agent first")
                    .withMessageContaining("used by agent second");
        }
    }

    private static void attach(final TestDisk test, final String name, final Runnable work) {
        final Agent agent = new Agent() {
            @Override
            public int doWork() {
                work.run();
                return 0;
            }

            @Override
            public String roleName() {
                return name;
            }
        };
        test.scheduler.attach(0, agent, AgentTiming.STEADY, failure -> {
            throw (RuntimeException) failure;
        });
    }
}
