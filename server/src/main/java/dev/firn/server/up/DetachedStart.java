package dev.firn.server.up;

import dev.firn.nativeio.seam.Clock;
import dev.firn.server.CommandException;
import dev.firn.server.Main;
import dev.firn.server.home.DataDirectory;
import dev.firn.server.home.RunningSystem;
import dev.firn.server.home.UpRecord;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Starts {@code firn up} as a process of its own session and waits until it is ready. */
public final class DetachedStart {
    /** Everything has limits of its own well below this. */
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);

    private static final long POLL_MS = 50;

    /** A start moves a longer log out of the way; one older log is kept. */
    private static final long MAX_LOG_BYTES = 16L << 20;

    /** With this code it has said why, in one sentence; with any other it died. */
    private static final int EXPECTED_FAILURE = 1;

    private static final String ERROR_PREFIX = "firn: ";

    private final Clock clock;

    public DetachedStart(final Clock clock) {
        this.clock = clock;
    }

    /**
     * @param arguments what follows {@code up} beside the directory.
     */
    public UpRecord start(final Path directory, final List<String> arguments) throws InterruptedException {
        final Path path = DataDirectory.prepare(directory);
        UpRecord.read(path).filter(found -> found.process().alive()).ifPresent(found -> {
            throw new CommandException("firn is up on " + path + " already, as process "
                    + found.process().pid() + ": ./firn status --dir " + path + " shows it, ./firn down stops it");
        });
        final Path log = log(path);
        try {
            final long logBegin = Files.exists(log) ? Files.size(log) : 0;
            final Process process = new ProcessBuilder(command(path, arguments))
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            return awaitReady(process, path, log, logBegin);
        } catch (final IOException e) {
            throw new CommandException("the process in the background could not be started: " + e.getMessage(), e);
        }
    }

    private UpRecord awaitReady(final Process process, final Path path, final Path log, final long logBegin)
            throws InterruptedException {
        final long deadlineNs = clock.nanoTime() + READY_LIMIT.toNanos();
        while (!process.waitFor(POLL_MS, TimeUnit.MILLISECONDS)) {
            final Optional<UpRecord> found =
                    UpRecord.read(path).filter(upRecord -> upRecord.process().pid() == process.pid());
            if (found.isPresent() && RunningSystem.get(found.get(), "healthz").code() == HttpURLConnection.HTTP_OK) {
                return found.get();
            }
            if (clock.nanoTime() > deadlineNs) {
                process.destroy();
                throw new CommandException("firn was not ready after " + READY_LIMIT.toSeconds()
                        + " s and was stopped: its log is " + log);
            }
        }
        final int code = process.exitValue();
        final Optional<String> sentence = code == EXPECTED_FAILURE ? lastError(log, logBegin) : Optional.empty();
        throw new CommandException(sentence.orElse(
                "the process in the background ended with code " + code + " before it was ready: its log is " + log));
    }

    /** The sentence with which the process ended, without the program's name before it. */
    private static Optional<String> lastError(final Path log, final long logBegin) {
        try {
            final byte[] bytes = Files.readAllBytes(log);
            final int begin = (int) Math.min(logBegin, bytes.length);
            return new String(bytes, begin, bytes.length - begin, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(ERROR_PREFIX))
                    .map(line -> line.substring(ERROR_PREFIX.length()))
                    .reduce((first, second) -> second);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** This JVM once more: same flags, same class path. */
    private static List<String> command(final Path path, final List<String> arguments) {
        final List<String> command = new ArrayList<>();
        // A session of its own: no Ctrl-C and no hang-up of this terminal reaches it. setsid(1) then becomes the JVM.
        command.add("setsid");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Main.class.getName());
        command.add("up");
        command.add("--dir");
        command.add(path.toString());
        command.addAll(arguments);
        return command;
    }

    private static Path log(final Path path) {
        try {
            final Path folder = Files.createDirectories(path.resolve("log"));
            final Path log = folder.resolve("firn.log");
            if (Files.exists(log) && Files.size(log) > MAX_LOG_BYTES) {
                Files.move(log, folder.resolve("firn.log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
            return log;
        } catch (final IOException e) {
            throw new CommandException("the log below " + path + " cannot be written: " + e.getMessage(), e);
        }
    }
}
