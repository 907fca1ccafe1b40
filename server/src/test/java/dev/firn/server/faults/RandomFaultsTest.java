package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.server.faults.FaultSchedule.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Faults of one machine in random order, for minutes: {@code -Dfirn.test.faultMinutes} (default 3 for each version of Postgres),
 * {@code -Dfirn.test.seed} for a schedule that was seen before. Threads and clocks are real, so a seed gives the same faults again,
 * not the same run.
 */
@Tag("long")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class RandomFaultsTest {
    /** How long commits may pause: what was frozen or killed last has to be found out, and start. */
    private static final Duration LIMIT = Duration.ofMinutes(4);

    private static final int WRITERS = 4;
    private static final Duration LENGTH = Duration.ofMinutes(Long.getLong("firn.test.faultMinutes", 3));

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);
    private final Map<String, Integer> done = new TreeMap<>();
    private FollowedPostgres postgres;
    private FaultedSystem system;
    private Commits commits;

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldLoseNothingAcknowledgedInAnyOrderOfFaults(final int major) throws Exception {
        final long seed = Long.getLong("firn.test.seed", SystemRandom.secure().nextLong());
        System.err.println("faults of seed " + seed + " on Postgres " + major);
        final FaultSchedule schedule = new FaultSchedule(seed);
        try (FollowedPostgres server = FollowedPostgres.start(folder, major);
                FaultedSystem firn = FaultedSystem.follow(server, folder.resolve("data"));
                Commits client = Commits.start(server.url(), folder.resolve("client"), WRITERS)) {
            postgres = server;
            system = firn;
            commits = client;
            commits.awaitMore(LIMIT, "at the start");
            final long beganMs = commits.nowMs();
            long longestMs = 0;
            while (commits.nowMs() - beganMs < LENGTH.toMillis()) {
                final long faultMs = commits.nowMs();
                final Fault fault = schedule.next();
                apply(fault, "seed " + seed + ", " + fault);
                commits.awaitMore(LIMIT, "after " + fault + " of seed " + seed);
                final long pauseMs = commits.longestPauseMs(faultMs);
                longestMs = Math.max(longestMs, pauseMs);
                System.err.println(fault + ": longest pause " + pauseMs + " ms");
                done.merge(fault.getClass().getSimpleName(), 1, Integer::sum);
                pause(schedule.pauseMs());
            }
            system.awaitWhole(LIMIT, "after the faults of seed " + seed);
            commits.awaitMore(LIMIT, "at the end");
            final Evidence evidence = Evidence.gather(
                    postgres,
                    commits.end(),
                    List.of(),
                    List.of("--dir", system.dir().toString()),
                    folder.resolve("evidence"),
                    "after the faults of seed " + seed);
            System.err.println(evidence + " after " + done + ", longest pause " + longestMs + " ms");
        }
    }

    private void apply(final Fault fault, final String what) throws Exception {
        switch (fault) {
            case Fault.Kill(final List<Part> parts) -> kill(parts);
            case Fault.Freeze(final Part part, final int ms, final List<Part> killed) -> {
                final long pid = system.freeze(part);
                kill(killed);
                pause(ms);
                system.thaw(pid);
            }
            case Fault.CrashPrimary() -> postgres.crashAndRecover();
            case Fault.KillSupervisor(final List<Part> frozen) -> {
                for (final Part part : frozen) {
                    system.freeze(part);
                }
                system.killSupervisor();
                system.start();
            }
            case Fault.FreezeSupervisor(final int ms) -> {
                system.freezeSupervisor();
                pause(ms);
                system.thawSupervisor();
            }
            case Fault.Wipe(final int node) -> {
                system.awaitWhole(LIMIT, "before a disk is lost: " + what);
                system.wipe(node);
                commits.awaitMore(LIMIT, "with a lost disk: " + what);
                system.awaitWhole(LIMIT, "with a lost disk: " + what);
            }
            case Fault.LoseStore(final int ms, final Part killed) -> loseStore(ms, killed);
        }
    }

    private void loseStore(final int ms, final Part killed) throws Exception {
        final Path objects = system.dir().resolve("objects");
        final Path away = system.dir().resolve("objects-away");
        Files.move(objects, away);
        kill(List.of(killed));
        pause(ms);
        // Who came meanwhile may have begun a store of its own.
        if (Files.exists(objects)) {
            FaultedSystem.delete(objects);
        }
        Files.move(away, objects);
    }

    private void kill(final List<Part> parts) throws Exception {
        for (final Part part : parts) {
            // One that is just being started again has no record.
            if (system.isThere(part)) {
                system.kill(part);
            }
        }
    }

    private void pause(final int ms) throws InterruptedException {
        assertThat(never.tryAcquire(ms, TimeUnit.MILLISECONDS)).isFalse();
    }
}
