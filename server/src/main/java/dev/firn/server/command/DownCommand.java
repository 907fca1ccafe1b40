package dev.firn.server.command;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.server.CommandException;
import dev.firn.server.home.UpRecord;
import dev.firn.server.up.ProcessStop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code firn down}: stops the system that is up on a directory. */
@Command(
        name = "down",
        description = {"Stops the system that is up on a directory, losing nothing.", "Exit code 1 when none is."})
final class DownCommand implements Callable<Integer> {
    /** Longer than a system's own limit for its stop. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws InterruptedException {
        final UpRecord system = UpRecord.require(directory.path);
        final long pid = system.process().pid();
        if (!new ProcessStop(SystemClock.INSTANCE).stop(system.process(), LIMIT)) {
            throw new CommandException("process " + pid + " has not stopped after " + LIMIT.toSeconds() + " s: kill -9 "
                    + pid + " ends it, and loses nothing that was acknowledged");
        }
        spec.commandLine()
                .getOut()
                .println(
                        json.asked
                                ? Json.pretty(Map.of("stopped", true, "pid", pid))
                                : "firn stopped (process " + pid + ").");
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
