package dev.firn.nativeio.wakeup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class WaitSetTest {
    private static final long FOREVER_NS = Duration.ofMinutes(5).toNanos();
    private static final long SHORT_NS = Duration.ofMillis(2).toNanos();

    @TempDir
    private Path directory;

    @Test
    void shouldWakeWhenTheTimeIsOver() {
        try (WaitSet set = new WaitSet(SHORT_NS, SHORT_NS)) {
            final long startNs = SystemClock.INSTANCE.nanoTime();
            set.await();
            assertThat(SystemClock.INSTANCE.nanoTime() - startNs).isGreaterThanOrEqualTo(SHORT_NS);
        }
    }

    @Test
    void shouldWakeWhenSomethingIsDueBefore() {
        try (WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS)) {
            final long startNs = SystemClock.INSTANCE.nanoTime();
            set.wakeWithin(FOREVER_NS);
            set.wakeWithin(SHORT_NS);
            set.await();
            set.await();
            assertThat(SystemClock.INSTANCE.nanoTime() - startNs).isBetween(2 * SHORT_NS, FOREVER_NS);
        }
    }

    @Test
    void shouldWaitLongerTheLongerNothingComes() {
        try (Doorbell doorbell = Doorbell.create(directory, "a");
                DoorbellRinger ringer = open("a");
                WaitSet set = new WaitSet(SHORT_NS, 256 * SHORT_NS, SHORT_NS)) {
            set.add(doorbell);
            for (long expectedNs = SHORT_NS; expectedNs <= 256 * SHORT_NS; expectedNs *= 4) {
                assertThat(waitedNs(set)).isGreaterThanOrEqualTo(expectedNs);
            }
            set.arm();
            ringer.ring();
            waitedNs(set);
            set.disarm();
            assertThat(waitedNs(set)).isBetween(SHORT_NS, 255 * SHORT_NS);
        }
    }

    private static long waitedNs(final WaitSet set) {
        final long startNs = SystemClock.INSTANCE.nanoTime();
        set.await();
        return SystemClock.INSTANCE.nanoTime() - startNs;
    }

    @Test
    void shouldWakeWhenASocketHasSomethingToRead() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SocketChannel channel = SocketChannel.open(listener.getLocalSocketAddress());
                Socket other = listener.accept();
                WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS)) {
            channel.configureBlocking(false);
            final int descriptor = SocketDescriptors.of(channel);
            assertThat(descriptor).isNotEqualTo(SocketDescriptors.UNKNOWN);
            set.addDescriptor(descriptor);
            set.arm();
            final CompletableFuture<Void> written = CompletableFuture.runAsync(
                    () -> {
                        try {
                            other.getOutputStream().write(1);
                        } catch (final IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS));
            set.await();
            set.disarm();
            written.get();
            assertThat(channel.read(ByteBuffer.allocate(8))).isEqualTo(1);
            set.removeDescriptor(descriptor);
        }
    }

    @Test
    void shouldWakeWhenSomebodyRings() throws Exception {
        try (Doorbell doorbell = Doorbell.create(directory, "node-1");
                WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS)) {
            set.add(doorbell);
            set.arm();
            final CompletableFuture<Void> rung = CompletableFuture.runAsync(
                    () -> {
                        try (DoorbellRinger ringer = open("node-1")) {
                            ringer.ring();
                        }
                    },
                    CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS));
            set.await();
            set.disarm();
            rung.get();
        }
    }

    @Test
    void shouldWakeByAThreadOfThisProcess() throws Exception {
        try (Wakeup wakeup = Wakeup.open();
                WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS)) {
            set.add(wakeup);
            for (int i = 0; i < 3; i++) {
                set.arm();
                final CompletableFuture<Void> woken = CompletableFuture.runAsync(
                        wakeup::wake, CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS));
                set.await();
                set.disarm();
                woken.get();
            }
            set.arm();
            wakeup.wake();
            wakeup.wake();
            set.await();
            set.disarm();
            // Nobody sleeps: nothing is left behind that would end the next wait.
            wakeup.wake();
            set.wakeWithin(SHORT_NS);
            set.arm();
            assertThat(waitedNs(set)).isGreaterThanOrEqualTo(SHORT_NS);
            set.disarm();
            set.remove(wakeup);
        }
    }

    @Test
    void shouldLoseNoWakeUpOfAThreadOfThisProcess() throws Exception {
        final int rounds = 20_000;
        final AtomicInteger work = new AtomicInteger();
        try (Wakeup wakeup = Wakeup.open();
                WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS)) {
            set.add(wakeup);
            final CompletableFuture<Void> waker = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < rounds; i++) {
                    while (work.get() != 0) {
                        Thread.onSpinWait();
                    }
                    work.lazySet(1);
                    wakeup.wake();
                }
            });
            for (int done = 0; done < rounds; ) {
                if (work.compareAndSet(1, 0)) {
                    done++;
                    continue;
                }
                set.arm();
                if (work.get() == 0) {
                    set.await();
                }
                set.disarm();
            }
            waker.get();
        }
    }

    @Test
    void shouldNotSleepWhenRungBetweenArmingAndSleeping() {
        try (Doorbell doorbell = Doorbell.create(directory, "a");
                DoorbellRinger ringer = open("a");
                WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS)) {
            set.add(doorbell);
            set.arm();
            ringer.ring();
            set.await();
        }
    }

    @Test
    void shouldForgetWhatWasRungOnceItIsAwake() {
        try (Doorbell doorbell = Doorbell.create(directory, "a");
                DoorbellRinger ringer = open("a");
                WaitSet set = new WaitSet(SHORT_NS, SHORT_NS)) {
            set.add(doorbell);
            ringer.ring();
            set.arm();
            final long startNs = SystemClock.INSTANCE.nanoTime();
            set.await();
            assertThat(SystemClock.INSTANCE.nanoTime() - startNs)
                    .as("nobody slept when it rang, so nothing was written")
                    .isGreaterThanOrEqualTo(SHORT_NS);
        }
    }

    @Test
    void shouldBeRungByThoseWhoKnewItsPredecessor() {
        final Doorbell killed = Doorbell.create(directory, "a");
        killed.arm();
        try (DoorbellRinger ringer = open("a");
                Doorbell successor = Doorbell.create(directory, "a");
                WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS)) {
            set.add(successor);
            set.arm();
            ringer.ring();
            set.await();
        } finally {
            killed.close();
        }
    }

    @Test
    void shouldFindNoDoorbellThatWasNeverMade() {
        assertThat(DoorbellRinger.open(directory, "a")).isEmpty();
    }

    @Test
    void shouldBeClosedToOthers() throws Exception {
        try (Doorbell doorbell = Doorbell.create(directory, "a")) {
            assertThat(doorbell.descriptor()).isPositive();
            assertThat(Files.getPosixFilePermissions(DoorbellFiles.pipe(directory, "a")))
                    .hasToString("[OWNER_READ, OWNER_WRITE]");
            assertThat(Files.getPosixFilePermissions(DoorbellFiles.word(directory, "a")))
                    .hasToString("[OWNER_READ, OWNER_WRITE]");
        }
    }

    /** Two threads hand a number to and fro, and sleep without a limit meanwhile: one lost wake-up would be the end. */
    @Test
    void shouldLoseNoWakeUp() throws Exception {
        final int turns = 20_000;
        final AtomicInteger ball = new AtomicInteger();
        try (Doorbell first = Doorbell.create(directory, "first");
                Doorbell second = Doorbell.create(directory, "second")) {
            final CompletableFuture<Void> other =
                    CompletableFuture.runAsync(() -> play(ball, 1, turns, second, "first"));
            play(ball, 0, turns, first, "second");
            other.get();
        }
        assertThat(ball.get()).isEqualTo(turns);
    }

    private void play(
            final AtomicInteger ball, final int own, final int turns, final Doorbell doorbell, final String other) {
        try (WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS);
                DoorbellRinger ringer = open(other)) {
            set.add(doorbell);
            while (ball.get() < turns) {
                set.arm();
                final int seen = ball.get();
                if (seen < turns && seen % 2 != own) {
                    set.await();
                }
                set.disarm();
                if (ball.get() < turns && ball.get() % 2 == own) {
                    ball.incrementAndGet();
                    ringer.ring();
                }
            }
        }
    }

    @Test
    void shouldWakeWhenARingHasCompletions() {
        try (Storage storage = new HostStorage(directory);
                Ring ring = storage.openRing(RingConfig.ofCapacity(4));
                WaitSet set = new WaitSet(FOREVER_NS, SHORT_NS)) {
            set.add(ring);
            ring.timeout(Duration.ofMillis(20).toNanos(), 7, 0);
            ring.submit();
            int completed = 0;
            while (completed == 0) {
                set.await();
                completed =
                        ring.poll(completion -> assertThat(completion.token()).isEqualTo(7), 4);
            }
            set.remove(ring);
        }
    }

    @Test
    void shouldNotWaitForWhatWasRemoved() {
        try (Storage storage = new HostStorage(directory);
                Ring ring = storage.openRing(RingConfig.ofCapacity(4));
                Doorbell doorbell = Doorbell.create(directory, "a");
                DoorbellRinger ringer = open("a");
                WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS)) {
            assumeThat(ring.descriptor()).isNotEqualTo(Ring.NO_DESCRIPTOR);
            set.add(ring);
            set.add(doorbell);
            set.remove(ring);
            assertThatThrownBy(() -> set.remove(ring)).isInstanceOf(IllegalArgumentException.class);
            set.arm();
            ringer.ring();
            set.await();
        }
    }

    @Test
    void shouldAllocateNothing() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Doorbell doorbell = Doorbell.create(directory, "a");
                DoorbellRinger ringer = open("a");
                WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS)) {
            set.add(doorbell);
            long allocated = Long.MAX_VALUE;
            // What the compiler takes out depends on how far it is: the best of several runs tells.
            for (int run = 0; run < 200 && allocated > 0; run++) {
                final long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 1_000; i++) {
                    set.arm();
                    ringer.ring();
                    set.await();
                    set.disarm();
                }
                allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(allocated).isZero();
        }
    }

    private DoorbellRinger open(final String name) {
        return DoorbellRinger.open(directory, name).orElseThrow();
    }
}
