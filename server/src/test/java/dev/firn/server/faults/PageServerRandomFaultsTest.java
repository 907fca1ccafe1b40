package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two page servers under faults in random order, for minutes, while clients write and others read: {@code -Dfirn.test.faultMinutes} (default 2
 * for each version of Postgres), {@code -Dfirn.test.seed} for an order that was seen before.
 */
@Tag("long")
@Timeout(value = 1, unit = TimeUnit.HOURS)
class PageServerRandomFaultsTest {
    private static final int CLIENTS = 2;
    private static final long LENGTH_NS = TimeUnit.MINUTES.toNanos(Long.getLong("firn.test.faultMinutes", 2));
    private static final int MAX_PAUSE_MS = 3_000;
    private static final int MAX_AWAY_MS = 8_000;

    /** What becomes of the server that has the timeline. */
    private enum Fault {
        KILL,
        KILL_TWICE,
        FREEZE,
        LOSE_DISK,
        STORE_AWAY,
        STORE_AWAY_AND_KILL,
        TAKE_OVER,
        TAKE_OVER_FROM_FROZEN
    }

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);
    private final Map<Fault, Integer> done = new TreeMap<>();
    private PageTrial trial;
    private PageServerHost owner;
    private PageServerHost other;
    private RandomGenerator random;

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldAnswerWhatAReplayComesToAfterFaultsInAnyOrder(final int major) throws Exception {
        final long seed = Long.getLong("firn.test.seed", SystemRandom.secure().nextLong());
        System.err.println("faults of seed " + seed + " on Postgres " + major);
        random = SystemRandom.seeded(seed);
        try (PageTrial started = PageTrial.start(folder, major);
                PageServerHost second = started.anotherHost();
                PageWorkload workload = PageWorkload.start(
                        started.postgres(), CLIENTS, List.of("heap", "btree", "transactions", "gin"));
                PageSamples ofFirst = started.sample(started.host(), PageTrial.MAIN, seed);
                PageSamples ofSecond = started.sample(second, PageTrial.MAIN, ~seed)) {
            trial = started;
            owner = started.host();
            other = second;
            final long beganNs = SystemClock.INSTANCE.nanoTime();
            while (SystemClock.INSTANCE.nanoTime() - beganNs < LENGTH_NS) {
                final Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
                System.err.println(fault);
                apply(fault);
                PageTrial.awaitLive(owner, PageTrial.MAIN);
                done.merge(fault, 1, Integer::sum);
                pause(random.nextInt(MAX_PAUSE_MS));
            }
            workload.end();
            owner.awaitUploaded(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
            System.err.println(done + "; " + ofFirst.answers() + " and " + ofSecond.answers() + " answers");
            assertThat(ofFirst.answers() + ofSecond.answers()).isPositive();
            trial.prove(owner, "after faults of seed " + seed, ofFirst, ofSecond);
        }
    }

    private void apply(final Fault fault) throws Exception {
        switch (fault) {
            case KILL -> killAndStart(owner);
            case KILL_TWICE -> {
                killAndStart(owner);
                pause(random.nextInt(MAX_PAUSE_MS));
                killAndStart(owner);
            }
            case FREEZE -> {
                owner.freeze();
                pause(random.nextInt(MAX_PAUSE_MS));
                owner.thaw();
            }
            case LOSE_DISK -> {
                owner.kill();
                owner.loseDisk();
                owner.start();
            }
            case STORE_AWAY -> loseStore(false);
            case STORE_AWAY_AND_KILL -> loseStore(true);
            case TAKE_OVER -> takeOver();
            case TAKE_OVER_FROM_FROZEN -> {
                final PageServerHost before = owner;
                before.freeze();
                takeOver();
                before.thaw();
            }
        }
    }

    private static void killAndStart(final PageServerHost server) throws Exception {
        server.kill();
        server.start();
    }

    private void takeOver() throws Exception {
        final PageServerHost before = owner;
        owner = other;
        other = before;
        if (owner.isStarted()) {
            owner.kill();
        }
        owner.start();
        PageTrial.awaitLive(owner, PageTrial.MAIN);
    }

    private void loseStore(final boolean kill) throws Exception {
        final Path objects = trial.system().dir().resolve("objects");
        final Path away = trial.system().dir().resolve("objects-away");
        Files.move(objects, away);
        try {
            if (kill) {
                killAndStart(owner);
            }
            pause(random.nextInt(MAX_AWAY_MS));
        } finally {
            // Who came meanwhile may have begun a store of its own.
            if (Files.exists(objects)) {
                FaultedSystem.delete(objects);
            }
            Files.move(away, objects);
        }
    }

    private void pause(final int ms) throws InterruptedException {
        assertThat(never.tryAcquire(ms, TimeUnit.MILLISECONDS)).isFalse();
    }
}
