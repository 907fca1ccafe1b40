package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens to the process of a page server while clients write, and others read pages at random LSNs. */
@Tag("long")
@Timeout(1_800)
class PageServerFaultsTest {
    private static final int CLIENTS = 2;
    private static final int MIN_ANSWERS = 200;

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);

    @Test
    void shouldAnswerWhatAReplayComesToWhenThePageServerIsKilledAndFrozen() throws Exception {
        try (PageTrial trial = PageTrial.start(folder, 17);
                PageWorkload workload = PageWorkload.start(trial.postgres(), CLIENTS, List.of("heap", "transactions"));
                PageSamples samples = trial.sample(trial.host(), PageTrial.MAIN, 1)) {
            pause(2_000);
            trial.host().kill();
            trial.host().start();
            pause(2_000);
            trial.host().freeze();
            pause(1_000);
            trial.host().thaw();
            pause(1_000);
            trial.host().kill();
            trial.host().loseDisk();
            trial.host().start();
            workload.end();
            trial.host().awaitUploaded(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
            awaitAnswers(samples);
            trial.prove(trial.host(), "after kills", samples);
        }
    }

    private void awaitAnswers(final PageSamples samples) throws InterruptedException {
        for (int i = 0; i < 600 && samples.answers() < MIN_ANSWERS; i++) {
            pause(100);
        }
        assertThat(samples.answers()).isGreaterThanOrEqualTo(MIN_ANSWERS);
    }

    private void pause(final int ms) throws InterruptedException {
        assertThat(never.tryAcquire(ms, TimeUnit.MILLISECONDS)).isFalse();
    }
}
