package dev.firn.server.process;

import dev.firn.server.CommandException;
import dev.firn.server.home.PrivateText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A role's command that does one thing and ends, in a process of its own. */
public final class OneShotChild {
    /** What is deleted may be many objects. */
    private static final long LIMIT_MINUTES = 10;

    private static final int MAX_ANSWER_BYTES = 16 << 10;

    private OneShotChild() {}

    /**
     * Runs it to its end.
     *
     * @return what it printed; empty when that was nothing.
     * @throws CommandException with its sentence when it failed.
     */
    public static Optional<String> run(final ChildSpec spec, final List<String> options) throws InterruptedException {
        final Path config = spec.directory().resolve(spec.role() + ".json");
        PrivateText.replace(config, spec.config().get());
        final LogFile log = LogFile.in(spec.system(), spec.name());
        final List<String> arguments =
                new ArrayList<>(List.of("run", spec.role(), "--config", config.toString(), "--supervised"));
        arguments.addAll(options);
        Process process = null;
        try {
            process = new ProcessBuilder(JavaCommand.withHeap(spec.heap(), arguments))
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.path().toFile()))
                    .start();
            final String printed =
                    new String(process.getInputStream().readNBytes(MAX_ANSWER_BYTES), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
                throw new CommandException("it was not done within " + LIMIT_MINUTES + " minutes: try again");
            }
            if (process.exitValue() != 0) {
                throw new CommandException(log.lastError()
                        .orElse("its process ended with code " + process.exitValue() + ": its log is " + log.path()));
            }
            return printed.isEmpty() ? Optional.empty() : Optional.of(printed);
        } catch (final IOException e) {
            throw new CommandException("its process could not be started: " + e.getMessage(), e);
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }
}
