package dev.firn.walquorum.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Storage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogKillTest {
    private static final int KILLS = 3;
    private static final int MANY_KILLS = 60;
    private static final int MAX_LINES = 600;

    @TempDir
    Path directory;

    @Test
    void shouldFindAllThatAKilledProcessTold() throws Exception {
        killAgainAndAgain(KILLS);
    }

    @Test
    @Tag("long")
    void shouldFindAllThatManyKilledProcessesTold() throws Exception {
        killAgainAndAgain(MANY_KILLS);
    }

    private void killAgainAndAgain(final int times) throws Exception {
        final long seed = SystemRandom.create().nextLong();
        final RandomGenerator random = SystemRandom.seeded(seed);
        long bytes = 0;
        for (int i = 0; i < times; i++) {
            final Told told = runAndKill(random.nextLong(), 1 + random.nextInt(MAX_LINES));
            try (Storage storage = new HostStorage(directory);
                    TestLog log = TestLog.open(storage, TestLog.SMALL)) {
                assertThat(log.log.found().flushedLsn())
                        .as("seed %d, kill %d: found", seed, i)
                        .isGreaterThanOrEqualTo(told.flushedLsn);
                assertThat(log.log.found().promisedTerm())
                        .as("seed %d, kill %d: promised", seed, i)
                        .isGreaterThanOrEqualTo(told.promisedTerm);
                assertThat(log.log.startLsn())
                        .as("seed %d, kill %d: trimmed", seed, i)
                        .isGreaterThanOrEqualTo(told.trimmedTo);
                log.readAll(log.log.startLsn());
                bytes = log.log.durableLsn() - TestLog.START_LSN;
            }
        }
        System.out.println(times + " processes killed, " + bytes + " bytes written");
        assertThat(bytes).isPositive();
    }

    /** Kills the process once it has said so many lines, and returns the last that it told. */
    private Told runAndKill(final long seed, final int lines) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-javaagent"))
                .toList());
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                LogWriterProcess.class.getName(),
                directory.toString(),
                Long.toString(seed)));
        final Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        final Told told = new Told();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (int i = 0; i < lines; i++) {
                final String line = reader.readLine();
                assertThat(line).as("what the writer says").isNotNull();
                told.take(line);
            }
            process.toHandle().destroyForcibly();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                told.take(line);
            }
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        return told;
    }

    /** The last of each kind; a line that was cut off tells less than it would. */
    private static final class Told {
        private long flushedLsn;
        private long promisedTerm;
        private long trimmedTo;

        void take(final String line) {
            if (line.startsWith(LogWriterProcess.FLUSHED)) {
                flushedLsn = Math.max(flushedLsn, number(line, LogWriterProcess.FLUSHED));
            } else if (line.startsWith(LogWriterProcess.PROMISED)) {
                promisedTerm = Math.max(promisedTerm, number(line, LogWriterProcess.PROMISED));
            } else if (line.startsWith(LogWriterProcess.TRIMMED)) {
                trimmedTo = Math.max(trimmedTo, number(line, LogWriterProcess.TRIMMED));
            }
        }

        private static long number(final String line, final String prefix) {
            final String digits = line.substring(prefix.length());
            return digits.isEmpty() ? 0 : Long.parseLong(digits);
        }
    }
}
