package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The object store is away while clients write and others read: {@code -Dfirn.test.awaySeconds} (default 30). Pages are answered from memory and
 * the cache meanwhile, ingest goes on until the memory tables are full, and nothing is lost.
 */
@Tag("long")
@Timeout(1_800)
class PageStoreAwayTest {
    private static final int CLIENTS = 1;
    private static final int AWAY_MS = Integer.getInteger("firn.test.awaySeconds", 30) * 1_000;
    private static final int STEP_MS = 500;

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);

    @Test
    void shouldAnswerAndLoseNothingWhileTheStoreIsAway() throws Exception {
        try (PageTrial trial = PageTrial.start(folder, 17);
                PageWorkload workload = PageWorkload.start(trial.postgres(), CLIENTS, List.of("heap"));
                PageSamples samples = trial.sample(trial.host(), PageTrial.MAIN, 1)) {
            awaitAnswers(samples, 500);
            final Path objects = trial.system().dir().resolve("objects");
            final Path away = trial.system().dir().resolve("objects-away");
            final long appliedBefore = applied(trial);
            Files.move(objects, away);
            final int before = samples.answers();
            long appliedMeanwhile = 0;
            try {
                for (int ms = 0; ms < AWAY_MS; ms += STEP_MS) {
                    pause(STEP_MS);
                    appliedMeanwhile = Math.max(appliedMeanwhile, applied(trial));
                    assertThat(trial.host().isAlive()).as(trial.host().err()).isTrue();
                }
            } finally {
                Files.move(away, objects);
            }
            final int answered = samples.answers() - before;
            System.err.println(answered + " answers while the store was away; ingest went on by "
                    + (appliedMeanwhile - appliedBefore) + " bytes of WAL");
            assertThat(answered).as("answers from memory and cache").isPositive();
            assertThat(appliedMeanwhile).isGreaterThan(appliedBefore);
            workload.end();
            trial.host().awaitUploaded(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
            trial.prove(trial.host(), "after the store was away", samples);
        }
    }

    private static long applied(final PageTrial trial) throws Exception {
        return PageServerHost.lsn(trial.host().timeline(PageTrial.MAIN), "appliedLsn");
    }

    private void awaitAnswers(final PageSamples samples, final int count) throws InterruptedException {
        for (int i = 0; i < 1_200 && samples.answers() < count; i++) {
            pause(100);
        }
        assertThat(samples.answers()).isGreaterThanOrEqualTo(count);
    }

    private void pause(final int ms) throws InterruptedException {
        assertThat(never.tryAcquire(ms, TimeUnit.MILLISECONDS)).isFalse();
    }
}
