package dev.firn.s3tier.s3server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server's process: it ends with its {@link ServerDirectory}, and what it writes is kept there. */
final class ServerProcess {
    private static final int SHOWN_LOG_CHARACTERS = 2_000;

    private final String name;
    private final Path log;
    private final Process process;

    private ServerProcess(final String name, final Path log, final Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /** @param name of the log, without {@code .log}. */
    static ServerProcess start(final String name, final ServerDirectory directory, final List<String> command)
            throws IOException {
        final Path log = directory.path().resolve(name + ".log");
        final ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.path().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put(ServerDirectory.MARK, directory.path().toString());
        return new ServerProcess(name, log, builder.start());
    }

    /** Runs a command of a server to its end; fails when it fails. */
    static void run(final String name, final ServerDirectory directory, final Duration most, final List<String> command)
            throws IOException {
        final ServerProcess running = start(name, directory, command);
        final boolean ended = Waiting.until(most, () -> !running.process.isAlive());
        if (!ended || running.process.exitValue() != 0) {
            throw new IOException(String.join(" ", command)
                    + (ended
                            ? " ended with " + running.process.exitValue()
                            : " did not end within " + most.toSeconds() + " s")
                    + "; it said: " + running.logEnd());
        }
    }

    /** Waits until the log has a match, and returns its first group. */
    String awaitLogged(final Pattern pattern, final Duration most) throws IOException {
        final Matcher[] found = new Matcher[1];
        await("write what matches " + pattern, most, () -> {
            found[0] = pattern.matcher(Files.readString(log, StandardCharsets.UTF_8));
            return found[0].find();
        });
        return found[0].group(1);
    }

    /** Waits until the condition holds; fails when the process ends before, or it does not within the time. */
    void await(final String what, final Duration most, final Waiting.Condition<IOException> condition)
            throws IOException {
        final boolean held = Waiting.until(most, () -> condition.holds() || !process.isAlive());
        if (!process.isAlive()) {
            throw new IOException(
                    name + " ended with " + process.exitValue() + " before it did " + what + "; it said: " + logEnd());
        }
        if (!held) {
            throw new IOException(
                    name + " did not " + what + " within " + most.toSeconds() + " s; it said: " + logEnd());
        }
    }

    private String logEnd() throws IOException {
        final String all = Files.readString(log, StandardCharsets.UTF_8);
        return all.substring(Math.max(0, all.length() - SHOWN_LOG_CHARACTERS)).strip();
    }

    long pid() {
        return process.pid();
    }
}
