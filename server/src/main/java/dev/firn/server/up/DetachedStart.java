package dev.firn.server.up;

import dev.firn.nativeio.seam.Clock;
import dev.firn.server.CommandException;
import dev.firn.server.home.DataDirectory;
import dev.firn.server.home.RunningSystem;
import dev.firn.server.home.UpRecord;
import dev.firn.server.process.JavaCommand;
import dev.firn.server.process.LogFile;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Starts {@code firn up} as a process of its own session and waits until it is ready. */
public final class DetachedStart {
    /** Everything has limits of its own well below this. */
    private static final Duration READY_LIMIT = Duration.ofSeconds(180);

    private static final long POLL_MS = 50;

    /** With this code it has said why, in one sentence; with any other it died. */
    private static final int EXPECTED_FAILURE = 1;

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
        final LogFile log = LogFile.in(path, "firn");
        final List<String> command = new ArrayList<>(List.of("up", "--dir", path.toString()));
        command.addAll(arguments);
        try {
            final Process process = new ProcessBuilder(JavaCommand.same(command))
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.path().toFile()))
                    .start();
            return awaitReady(process, path, log);
        } catch (final IOException e) {
            throw new CommandException("the process in the background could not be started: " + e.getMessage(), e);
        }
    }

    private UpRecord awaitReady(final Process process, final Path path, final LogFile log) throws InterruptedException {
        final long deadlineNs = clock.nanoTime() + READY_LIMIT.toNanos();
        while (!process.waitFor(POLL_MS, TimeUnit.MILLISECONDS)) {
            final Optional<UpRecord> found =
                    UpRecord.read(path).filter(upRecord -> upRecord.process().pid() == process.pid());
            if (found.isPresent()
                    && RunningSystem.get(found.get().process(), found.get().url(), "status")
                                    .code()
                            == HttpURLConnection.HTTP_OK) {
                return found.get();
            }
            if (clock.nanoTime() > deadlineNs) {
                process.destroy();
                throw new CommandException("firn was not ready after " + READY_LIMIT.toSeconds()
                        + " s and was stopped: its log is " + log.path());
            }
        }
        final int code = process.exitValue();
        final Optional<String> sentence = code == EXPECTED_FAILURE ? log.lastError() : Optional.empty();
        throw new CommandException(sentence.orElse("the process in the background ended with code " + code
                + " before it was ready: its log is " + log.path()));
    }
}
