package dev.firn.s3tier.crt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import dev.firn.s3tier.backend.AttemptRequest.HeadObject;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptRequest.PutObject;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.crt.AttemptRunner.Begun;
import dev.firn.s3tier.crt.WireServer.Reply;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.WriteStamp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.crt.CrtResource;
import software.amazon.awssdk.crt.http.DirectBodies;

/** Cancelling, closing, and what is left of the CRT afterwards. */
class CancelTest {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);

    @Test
    void shouldHandBodiesOnWithoutACopyInThisVersionOfTheCrt() {
        assertThat(DirectBodies.isAvailable()).isTrue();
    }

    @Test
    void shouldEndWhatTheStoreNeverAnswers() throws Exception {
        final CountDownLatch over = new CountDownLatch(1);
        try (WireServer server = WireServer.start(_ -> silence(over));
                AttemptRunner runner = AttemptRunner.on(server);
                Arena arena = Arena.ofShared()) {
            final Begun head = runner.begin(new HeadObject("k"));
            final Begun put =
                    runner.begin(new PutObject("k", List.of(arena.allocate(9)), 0, Precondition.NONE, WriteStamp.NONE));
            await(() -> server.seen().size() == 2);
            assertThat(head.isDone()).isFalse();
            head.cancel();
            put.cancel();
            put.cancel();
            requireCancelled(head.await(), Effect.NONE);
            requireCancelled(put.await(), Effect.UNKNOWN);
            put.cancel();
            over.countDown();
        }
    }

    @Test
    void shouldEndAtOnceWhatWaitsForAConnection() throws Exception {
        final CountDownLatch over = new CountDownLatch(1);
        try (WireServer server = WireServer.start(_ -> silence(over));
                AttemptRunner runner = AttemptRunner.on(server, config -> config.limits(oneConnection()));
                Arena arena = Arena.ofShared()) {
            final Begun first = runner.begin(new HeadObject("k"));
            await(() -> server.seen().size() == 1);
            final Begun waiting =
                    runner.begin(new PutObject("k", List.of(arena.allocate(9)), 0, Precondition.NONE, WriteStamp.NONE));
            waiting.cancel();
            requireCancelled(waiting.await(), Effect.NONE);
            first.cancel();
            requireCancelled(first.await(), Effect.NONE);
            over.countDown();
        }
    }

    @Test
    void shouldNotTouchABufferAfterItsAttemptIsCompleted() throws Exception {
        final long seed = new SplittableRandom().nextLong();
        final SplittableRandom random = new SplittableRandom(seed);
        final byte[] object = RangedReadTest.object((int) (3 * RangedRead.PIECE_BYTES));
        try (WireServer server = WireServer.start(request -> RangedReadTest.ranged(request, object));
                AttemptRunner runner = AttemptRunner.on(server, config -> config.eventLoopThreads(2));
                Arena arena = Arena.ofShared()) {
            final MemorySegment buffer = arena.allocate(object.length);
            int read = 0;
            for (int i = 0; i < 60; i++) {
                final long length = i % 2 == 0 ? object.length : 1 + random.nextInt(1 << 20);
                final MemorySegment into = buffer.asSlice(0, length);
                final Begun begun = runner.begin(new GetRange("k", 0, into, null));
                LockSupport.parkNanos(random.nextLong(8_000_000));
                begun.cancel();
                final AttemptResult result = begun.await();
                into.fill((byte) i);
                if (result instanceof RangeRead) {
                    read++;
                } else {
                    requireCancelled(result, Effect.NONE);
                }
                LockSupport.parkNanos(2_000_000);
                for (long at = 0; at < length; at += 512) {
                    assertThat(into.get(ValueLayout.JAVA_BYTE, at))
                            .as("seed " + seed)
                            .isEqualTo((byte) i);
                }
            }
            assertThat(read).as("seed " + seed).isLessThan(60);
        }
    }

    @Test
    void shouldCancelWhatIsOnItsWayAndLeaveNothingBehind() throws Exception {
        final CountDownLatch over = new CountDownLatch(1);
        final List<Begun> begun = new ArrayList<>();
        try (WireServer server = WireServer.start(
                        request -> request.target().endsWith("slow") ? silence(over) : Reply.of(200, "ETag", "\"e\""));
                Arena arena = Arena.ofShared()) {
            final AttemptRunner runner = AttemptRunner.on(server, config -> config.eventLoopThreads(3));
            for (int i = 0; i < 100; i++) {
                begun.add(runner.begin(
                        i % 3 == 0
                                ? new GetRange("slow", 0, arena.allocate(100 << 10), null)
                                : new PutObject(
                                        "k" + i,
                                        List.of(arena.allocate(100 << 10)),
                                        0,
                                        Precondition.NONE,
                                        WriteStamp.NONE)));
            }
            assertThat(crtThreads()).hasSizeGreaterThanOrEqualTo(3);
            runner.close();
            runner.close();
            assertThat(begun).allMatch(Begun::isDone);
            requireCancelled(runner.run(new HeadObject("k")), Effect.NONE);
            over.countDown();
        }
        CrtResource.waitForNoResources();
        await(() -> crtThreads().isEmpty());
    }

    @Test
    void shouldGiveBackWhatWasOpenedWhenOpeningFails() throws Exception {
        try {
            CrtBackend.open(
                    CrtConfig.ofBucket("box").caFile(Path.of("/no/such/file")).build(), SystemClock.INSTANCE);
        } catch (final IllegalArgumentException expected) {
            assertThat(expected).hasMessageContaining("/no/such/file");
        }
        CrtResource.waitForNoResources();
        await(() -> crtThreads().isEmpty());
    }

    private static void requireCancelled(final AttemptResult result, final Effect effect) {
        final AttemptFailed failed = RangedReadTest.failed(result);
        assertThat(failed.kind()).as(failed.message()).isEqualTo(FailureKind.CANCELLED);
        assertThat(failed.effect()).isEqualTo(effect);
    }

    private static Reply silence(final CountDownLatch over) {
        try {
            over.await();
        } catch (final InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return new Reply(new byte[0], WireServer.End.CLOSE);
    }

    private static StoreLimits oneConnection() {
        return StoreLimits.DEFAULT.withClient(StoreLimits.DEFAULT.connections(), CrtClient.CONNECTION_BYTES);
    }

    /** Threads of the CRT, which Java does not see unless they call it. */
    private static List<String> crtThreads() {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.map(CancelTest::nameOf)
                    .filter(name -> name.startsWith("Aws"))
                    .toList();
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String nameOf(final Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (final IOException _) {
            return "";
        }
    }

    private static void await(final java.util.function.BooleanSupplier condition) {
        final long deadline = SystemClock.INSTANCE.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            assertThat(SystemClock.INSTANCE.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
