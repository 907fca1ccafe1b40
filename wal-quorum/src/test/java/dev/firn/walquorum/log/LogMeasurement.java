package dev.firn.walquorum.log;

import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;
import org.agrona.concurrent.IdleStrategy;

/**
 * How long a commit takes to be durable, and how much a stream moves, by the log's sizes: what {@link LogConfig#DEFAULT} was
 * chosen with. Run by hand: {@code LogMeasurement DIRECTORY [SECONDS] [ROUNDS]}.
 */
final class LogMeasurement {
    private static final int COMMIT_BYTES = 512;
    private static final int STREAM_BYTES = 64 << 10;
    private static final int MAX_SAMPLES = 2_000_000;

    private final long[] latencies = new long[MAX_SAMPLES];
    private final long sampleNs;
    private final IdleStrategy idle = IdleProfile.SHARED_MACHINE.newIdleStrategy();

    private LogMeasurement(final long sampleNs) {
        this.sampleNs = sampleNs;
    }

    public static void main(final String[] arguments) throws IOException {
        final Path root = Path.of(arguments[0]);
        final LogMeasurement measurement =
                new LogMeasurement((long) (1e9 * (arguments.length > 1 ? Double.parseDouble(arguments[1]) : 1)));
        final int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        for (int round = 0; round < rounds; round++) {
            for (final boolean isRecycled : new boolean[] {false, true}) {
                for (final int frameKiB : new int[] {64, 256, 1024}) {
                    for (final int writes : new int[] {1, 2, 4}) {
                        final LogConfig config = new LogConfig(
                                32L << 20,
                                frameKiB << 10,
                                (frameKiB << 10) * (writes + 3),
                                writes,
                                2,
                                isRecycled ? 4 : 0);
                        measurement.run(root, config, isRecycled);
                    }
                }
            }
        }
    }

    private void run(final Path root, final LogConfig config, final boolean isRecycled) throws IOException {
        final Path directory = Files.createTempDirectory(root, "log");
        try (Storage storage = new HostStorage(directory);
                TestLog log = TestLog.create(storage, config)) {
            log.led();
            if (isRecycled) {
                for (int i = 0; i < 5; i++) {
                    log.append((int) config.segmentBytes() - (1 << 20));
                }
                log.log.trim(log.log.durableLsn());
            }
            final StringBuilder line = new StringBuilder(String.format(
                    Locale.ROOT,
                    "%s frame %4d KiB, %d writes:",
                    isRecycled ? "recycled" : "fresh   ",
                    config.frameBytes() >> 10,
                    config.writesInFlight()));
            for (final int clients : new int[] {1, 8}) {
                line.append(commits(log, clients));
            }
            line.append(stream(log));
            System.out.println(line);
        } finally {
            delete(directory);
        }
    }

    /** Clients that commit, each waiting for its commit to be durable before the next. */
    private String commits(final TestLog log, final int clients) {
        final long[] ends = new long[clients];
        final long[] begun = new long[clients];
        int count = 0;
        final long start = SystemClock.INSTANCE.nanoTime();
        long now = start;
        while (now - start < sampleNs) {
            int work = 0;
            for (int client = 0; client < clients; client++) {
                if (ends[client] <= log.flushedLsn) {
                    if (ends[client] != 0 && count < MAX_SAMPLES) {
                        latencies[count++] = now - begun[client];
                    }
                    if (log.offer(COMMIT_BYTES) == COMMIT_BYTES) {
                        begun[client] = now;
                        ends[client] = log.log.endLsn();
                        work++;
                    } else {
                        ends[client] = log.log.endLsn();
                    }
                }
            }
            idle.idle(work + log.log.doWork());
            now = SystemClock.INSTANCE.nanoTime();
        }
        Arrays.sort(latencies, 0, count);
        return String.format(
                Locale.ROOT,
                "  %d clients %6.0f/s p50 %5.0f us p99 %6.0f us;",
                clients,
                count / ((now - start) / 1e9),
                latencies[count / 2] / 1e3,
                latencies[count * 99 / 100] / 1e3);
    }

    private String stream(final TestLog log) {
        final long from = log.flushedLsn;
        final long start = SystemClock.INSTANCE.nanoTime();
        long now = start;
        while (now - start < sampleNs) {
            int work = log.offer(STREAM_BYTES) > 0 ? 1 : 0;
            work += log.log.doWork();
            log.log.trim(log.log.durableLsn());
            idle.idle(work);
            now = SystemClock.INSTANCE.nanoTime();
        }
        return String.format(
                Locale.ROOT, "  stream %5.0f MiB/s", (log.flushedLsn - from) / ((now - start) / 1e9) / (1 << 20));
    }

    private static void delete(final Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
