package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A running {@link CommitClient}, and what it has noted. */
final class Commits implements AutoCloseable {
    private static final long LIMIT_SECONDS = 20;

    private final Path folder;
    private final int writers;
    private final Process process;
    private final Clock clock = SystemClock.INSTANCE;

    private Commits(final Path folder, final int writers, final Process process) {
        this.folder = folder;
        this.writers = writers;
        this.process = process;
    }

    /** Starts a client of a Postgres that has the table. */
    static Commits start(final String url, final Path folder, final int writers) throws IOException {
        Files.createDirectories(folder);
        final Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        CommitClient.class.getName(),
                        url,
                        folder.toString(),
                        Integer.toString(writers))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(folder.resolve("client.err").toFile())
                .start();
        return new Commits(folder, writers, process);
    }

    /** How many rows were acknowledged to each writer. */
    private List<Long> counts() {
        return IntStream.rangeClosed(1, writers)
                .mapToObj(writer -> CommitClient.fileOf(folder, writer).toFile().length() / CommitClient.LINE_BYTES)
                .toList();
    }

    long count() {
        return counts().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Waits until each writer has committed two rows more: the first may have been on its way before.
     *
     * @return how long that took, in milliseconds.
     */
    long awaitMore(final Duration limit, final String when) throws InterruptedException {
        final List<Long> before = counts();
        final long begunNs = clock.nanoTime();
        while (!IntStream.range(0, writers).allMatch(writer -> counts().get(writer) >= before.get(writer) + 2)) {
            assertThat(process.waitFor(10, TimeUnit.MILLISECONDS))
                    .as("the client ended")
                    .isFalse();
            assertThat(Duration.ofNanos(clock.nanoTime() - begunNs))
                    .as("commits go on %s; acknowledged %s, now %s", when, before, counts())
                    .isLessThan(limit);
        }
        return TimeUnit.NANOSECONDS.toMillis(clock.nanoTime() - begunNs);
    }

    /** Waits until nothing has been acknowledged for a while. */
    void awaitSilence(final Duration silence, final Duration limit) throws InterruptedException {
        final long begunNs = clock.nanoTime();
        long last = count();
        long lastNs = begunNs;
        while (clock.nanoTime() - lastNs < silence.toNanos()) {
            assertThat(process.waitFor(10, TimeUnit.MILLISECONDS)).isFalse();
            if (count() != last) {
                last = count();
                lastNs = clock.nanoTime();
            }
            assertThat(Duration.ofNanos(clock.nanoTime() - begunNs))
                    .as("nothing is acknowledged without a majority")
                    .isLessThan(limit);
        }
    }

    /** The moment, as the client notes it. */
    long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(clock.epochNs());
    }

    /** The longest time since a moment in which a writer has committed nothing, in milliseconds. */
    long longestPauseMs(final long sinceMs) throws IOException {
        long longest = 0;
        for (int writer = 1; writer <= writers; writer++) {
            long last = sinceMs;
            for (final String line : lines(writer)) {
                final long ms = Long.parseLong(line.substring(line.indexOf(' ') + 1));
                if (ms > sinceMs) {
                    longest = Math.max(longest, ms - last);
                    last = ms;
                }
            }
        }
        return longest;
    }

    /** What was being noted when the client was killed is in the file whole, or was not noted. */
    private List<String> lines(final int writer) throws IOException {
        return Files.readAllLines(CommitClient.fileOf(folder, writer)).stream()
                .filter(line -> line.length() == CommitClient.LINE_BYTES - 1)
                .toList();
    }

    /** Ends the client, and says what was acknowledged. */
    SortedSet<Long> end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        final SortedSet<Long> numbers = new TreeSet<>();
        for (int writer = 1; writer <= writers; writer++) {
            lines(writer).forEach(line -> numbers.add(Long.valueOf(line.substring(0, line.indexOf(' ')))));
        }
        return numbers;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
}
