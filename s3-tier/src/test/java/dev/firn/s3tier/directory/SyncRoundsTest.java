package dev.firn.s3tier.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.DiskGeometry;
import dev.firn.nativeio.simulation.DiskOperation;
import dev.firn.nativeio.simulation.FaultRule;
import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.SimulatedDisk;
import dev.firn.nativeio.simulation.Trace;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That what is answered as written lasts, whichever sync of a directory fails, and whoever has asked for it. */
class SyncRoundsTest {
    private static final List<String> KEYS = List.of("a", "d/x", "d/y", "e/f/z", "b", "e/g", "h/i/j/k", "d/n/o", "c");
    private static final int MAX_TURN_NS = 60_000;

    /** Held, so that the level stays: every recovery says what it has swept. */
    private static final Logger OPENING = Logger.getLogger(StoreOpening.class.getName());

    @TempDir
    Path directory;

    private final Arena arena = Arena.ofShared();

    @BeforeAll
    static void quieten() {
        OPENING.setLevel(Level.WARNING);
    }

    @AfterAll
    static void loudenAgain() {
        OPENING.setLevel(null);
    }

    @AfterEach
    void closeArena() {
        arena.close();
    }

    private AttemptRequest put(final String key, final String text) {
        final MemorySegment body = arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
        return new AttemptRequest.PutObject(
                key, List.of(body), Crc32c.compute(body), Precondition.NONE, WriteStamp.created(Driven.WRITE));
    }

    private static Attempt begin(final DirectoryBackend backend, final AttemptRequest request) {
        final Attempt attempt = new Attempt(request, Long.MAX_VALUE, completed -> {});
        backend.begin(attempt);
        return attempt;
    }

    private static DirectoryBackend open(final SimulatedDisk disk, final Scheduler scheduler, final long seed) {
        return DirectoryBackend.open(
                disk.mount(),
                "/simulated",
                DirectoryConfig.DRIVEN,
                StoreLimits.DEFAULT,
                new SimulatedClock(scheduler, 0, 0, 0),
                SystemRandom.seeded(seed));
    }

    @Test
    void shouldAnswerNothingThatAFailedSyncMayHaveTaken() {
        int failed = 0;
        int durable = 0;
        for (int nth = 0; nth < 20; nth++) {
            for (long seed = 1; seed <= 25; seed++) {
                final int[] counts = failOneSync(nth, seed);
                failed += counts[0];
                durable += counts[1];
            }
        }
        assertThat(failed).isGreaterThan(1_000);
        assertThat(durable).isGreaterThan(1_000);
    }

    /** Writes and deletes one after the other begun, so that their syncs would overlap; then the power fails. */
    private int[] failOneSync(final int nth, final long seed) {
        final Scheduler scheduler = new Scheduler(seed, Trace.silent());
        final SimulatedDisk disk = new SimulatedDisk(scheduler, 0, seed, DiskGeometry.DEFAULT, DiskFaults.NONE);
        final RandomGenerator random = SystemRandom.seeded(seed);
        final DirectoryBackend backend = open(disk, scheduler, seed);
        final Map<Attempt, String> expected = new LinkedHashMap<>();
        disk.inject(FaultRule.on(DiskOperation.SYNC_DIRECTORY).skip(nth));
        for (final String key : KEYS) {
            expected.put(begin(backend, put(key, key + seed)), key);
            for (int i = random.nextInt(6); i >= 0; i--) {
                backend.doWork();
                scheduler.runFor(1 + random.nextInt(MAX_TURN_NS));
            }
        }
        while (expected.keySet().stream().anyMatch(attempt -> attempt.result() == null)) {
            backend.doWork();
            scheduler.runFor(1 + random.nextInt(MAX_TURN_NS));
        }
        disk.clearInjected();
        disk.crash();
        final int[] counts = new int[2];
        try (Driven after = new Driven(
                disk.mount(), "/simulated", new SimulatedClock(scheduler, 0, 0, 0), () -> scheduler.runFor(10_000))) {
            expected.forEach((attempt, key) -> {
                if (attempt.result() instanceof AttemptFailed failure) {
                    assertThat(failure.kind()).isEqualTo(FailureKind.STORE_ERROR);
                    assertThat(failure.retry()).isEqualTo(Retry.NEVER);
                    counts[0]++;
                } else {
                    assertThat(attempt.result()).isInstanceOf(ObjectWritten.class);
                    assertThat(after.text(key))
                            .as("%s, answered as written, when sync %d failed; seed %d", key, nth, seed)
                            .isEqualTo(key + seed);
                    counts[1]++;
                }
            });
        }
        return counts;
    }

    @Test
    void shouldSyncOnceForAllWhoWait() {
        final List<String> lines = new ArrayList<>();
        final Scheduler scheduler = new Scheduler(3, Trace.to(lines::add));
        final SimulatedDisk disk = new SimulatedDisk(scheduler, 0, 3, DiskGeometry.DEFAULT, DiskFaults.NONE);
        try (DirectoryBackend backend = open(disk, scheduler, 3)) {
            final List<Attempt> attempts = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                attempts.add(begin(backend, put("segments/" + i, "x")));
            }
            while (attempts.stream().anyMatch(attempt -> attempt.result() == null)) {
                backend.doWork();
                scheduler.runFor(10_000);
            }
            assertThat(attempts)
                    .allSatisfy(attempt -> assertThat(attempt.result()).isInstanceOf(ObjectWritten.class));
        }
        assertThat(lines.stream().filter(line -> line.contains("SYNC completes") && line.endsWith(" segments")))
                .hasSizeBetween(1, 10);
    }

    @Test
    void shouldEndEveryWriteWhenItIsClosedInTheMiddleOfThem() {
        final List<Attempt> attempts = new ArrayList<>();
        try (DirectoryBackend backend = LocalDirectory.open(directory, DirectoryConfig.DEFAULT, StoreLimits.DEFAULT)) {
            for (int i = 0; i < 400; i++) {
                attempts.add(begin(backend, put("n" + i % 20 + "/" + i, "" + i)));
                if (i % 3 == 0) {
                    attempts.add(begin(backend, new AttemptRequest.DeleteObject("n" + i % 7 + "/" + i / 2)));
                }
            }
        }
        try (DirectoryBackend again = LocalDirectory.open(directory, DirectoryConfig.DEFAULT, StoreLimits.DEFAULT)) {
            for (final Attempt attempt : attempts) {
                final AttemptResult result = attempt.result();
                switch (result) {
                    case ObjectWritten written -> {}
                    case ObjectsDeleted deleted -> {}
                    case AttemptFailed failed -> assertThat(failed.kind()).isEqualTo(FailureKind.CANCELLED);
                    default -> throw new AssertionError(attempt.request() + " was answered " + result);
                }
            }
            final Attempt write = begin(again, put("after", "x"));
            while (write.result() == null) {
                Thread.onSpinWait();
            }
            assertThat(write.result()).isInstanceOf(ObjectWritten.class);
        }
    }
}
