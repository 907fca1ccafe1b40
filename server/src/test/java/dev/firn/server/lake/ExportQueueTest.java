package dev.firn.server.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets which job when, by the memory that they share. */
@Timeout(60)
final class ExportQueueTest {
    private static final long MEMORY_BYTES = 100;

    @Test
    void shouldGiveOutTheLargestThatFits() throws Exception {
        final ExportQueue queue =
                new ExportQueue(List.of(job(1, 10), job(9, 60), job(5, 50), job(3, 40)), MEMORY_BYTES);
        final ExportQueue.Taken first = queue.take();
        assertThat(first.job()).isEqualTo(job(9, 60));
        assertThat(queue.take().job()).isEqualTo(job(3, 40));
        queue.end(first);
        assertThat(queue.take().job()).isEqualTo(job(5, 50));
        assertThat(queue.take().job()).isEqualTo(job(1, 10));
    }

    @Test
    void shouldLetWaitWhatDoesNotFitBesideOthers() throws Exception {
        final ExportQueue queue = new ExportQueue(List.of(job(9, 60), job(5, 1_000)), MEMORY_BYTES);
        final ExportQueue.Taken first = queue.take();
        final CompletableFuture<ExportQueue.Taken> second = takenLater(queue);
        requireWaiting(second);
        queue.end(first);
        assertThat(second.get().job()).isEqualTo(job(5, 1_000));
        assertThat(second.get().alone()).isTrue();
        queue.end(second.get());
        assertThat(queue.take()).isNull();
    }

    @Test
    void shouldGiveOutAgainWhatFoundNoRoomOnceItIsAlone() throws Exception {
        final ExportQueue queue = new ExportQueue(List.of(job(9, 20), job(5, 10), job(3, 10)), MEMORY_BYTES);
        final ExportQueue.Taken first = queue.take();
        final ExportQueue.Taken second = queue.take();
        queue.again(first);
        assertThat(queue.take().job()).isEqualTo(job(3, 10));
        final CompletableFuture<ExportQueue.Taken> again = takenLater(queue);
        queue.end(second);
        requireWaiting(again);
        queue.end(new ExportQueue.Taken(job(3, 10), 10, false));
        assertThat(again.get()).isEqualTo(new ExportQueue.Taken(job(9, 20), MEMORY_BYTES, true));
        queue.end(again.get());
        assertThat(queue.take()).isNull();
    }

    @Test
    void shouldGiveOutNothingOnceItIsGivenUp() throws Exception {
        final ExportQueue queue = new ExportQueue(List.of(job(9, 90), job(5, 90)), MEMORY_BYTES);
        assertThat(queue.take()).isNotNull();
        final CompletableFuture<ExportQueue.Taken> waiting = takenLater(queue);
        requireWaiting(waiting);
        final RuntimeException why = new IllegalStateException("why");
        queue.giveUp(why);
        queue.giveUp(null);
        assertThat(waiting.get()).isNull();
        assertThat(queue.take()).isNull();
        assertThat(queue.isGivenUp()).isTrue();
        assertThat(queue.reason()).isSameAs(why);
    }

    private static ExportJob job(final long blocks, final long memoryBytes) {
        return new ExportJob(null, false, 0, blocks, memoryBytes);
    }

    private static CompletableFuture<ExportQueue.Taken> takenLater(final ExportQueue queue) {
        final CompletableFuture<ExportQueue.Taken> taken = new CompletableFuture<>();
        final Thread thread = new Thread(
                () -> {
                    try {
                        taken.complete(queue.take());
                    } catch (final InterruptedException e) {
                        taken.completeExceptionally(e);
                    }
                },
                "test-taker");
        thread.setDaemon(true);
        thread.start();
        return taken;
    }

    private static void requireWaiting(final CompletableFuture<ExportQueue.Taken> taken)
            throws ExecutionException, InterruptedException {
        try {
            assertThat(taken.get(50, TimeUnit.MILLISECONDS))
                    .as("given out too early")
                    .isNull();
            throw new AssertionError("ended without a job");
        } catch (final TimeoutException _) {
            // As it should be.
        }
    }
}
