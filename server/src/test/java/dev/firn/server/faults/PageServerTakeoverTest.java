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

/** Two page servers that take a timeline from each other while clients write: the one that lost it does no harm, whatever it has in flight. */
@Tag("long")
@Timeout(1_800)
class PageServerTakeoverTest {
    private static final int CLIENTS = 2;
    private static final int ROUNDS = 3;
    private static final int STEP_MS = 100;

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);
    private int deposed;

    @Test
    void shouldLoseNothingWhenTwoServersTakeATimelineFromEachOther() throws Exception {
        try (PageTrial trial = PageTrial.start(folder, 17);
                PageServerHost other = trial.anotherHost();
                PageWorkload workload = PageWorkload.start(trial.postgres(), CLIENTS, List.of("heap", "transactions"));
                PageSamples ofFirst = trial.sample(trial.host(), PageTrial.MAIN, 1);
                PageSamples ofOther = trial.sample(other, PageTrial.MAIN, 2)) {
            PageServerHost owner = trial.host();
            PageServerHost waiting = other;
            waiting.start();
            PageTrial.awaitLive(waiting, PageTrial.MAIN);
            awaitDeposed(owner);
            for (int round = 0; round < ROUNDS; round++) {
                final PageServerHost before = waiting;
                waiting = owner;
                owner = before;
                // It wakes up with whatever it was about to write, and finds another's manifest.
                owner.freeze();
                waiting.kill();
                waiting.start();
                PageTrial.awaitLive(waiting, PageTrial.MAIN);
                pause(1_000);
                owner.thaw();
                awaitDeposed(owner);
                pause(1_000);
            }
            workload.end();
            waiting.awaitUploaded(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
            assertThat(deposed).as("servers that found out").isPositive();
            assertThat(ofFirst.answers()).isPositive();
            assertThat(ofOther.answers()).isPositive();
            trial.prove(waiting, "after owners have changed", ofFirst, ofOther);
        }
    }

    /** It says so; or its media driver has given it up, as it was frozen, and then it is no more. */
    private void awaitDeposed(final PageServerHost server) throws Exception {
        for (long ms = 0; ms < PageTrial.LIMIT.toMillis() && !server.isGivenUp(); ms += STEP_MS) {
            if (server.timeline(PageTrial.MAIN)
                    .path("pages")
                    .path("state")
                    .asText()
                    .equals("deposed")) {
                deposed++;
                return;
            }
            pause(STEP_MS);
        }
        assertThat(server.isGivenUp())
                .as("neither deposed nor gone: %s", server.timeline(PageTrial.MAIN))
                .isTrue();
    }

    private void pause(final int ms) throws InterruptedException {
        assertThat(never.tryAcquire(ms, TimeUnit.MILLISECONDS)).isFalse();
    }
}
