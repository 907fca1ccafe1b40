package dev.firn.server.command;

import dev.firn.server.CommandException;
import dev.firn.server.home.RunningSystem;
import dev.firn.server.home.UpRecord;
import java.net.HttpURLConnection;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code firn status}: what a running system says of itself. */
@Command(
        name = "status",
        description = {"Prints the state of the system that is up on a directory, as JSON.", "Exit code 1 when none is."
        })
final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    /** Accepted as everywhere; the status is JSON with or without it. */
    @Mixin
    @SuppressWarnings("unused")
    private JsonOption json;

    @Override
    public Integer call() {
        final UpRecord system = UpRecord.require(directory.path);
        final RunningSystem.Answer answer = RunningSystem.get(system.process(), system.url(), "status");
        if (answer.code() != HttpURLConnection.HTTP_OK) {
            throw new CommandException("process " + system.process().pid() + " answered " + answer.code() + " at "
                    + system.url() + "status: look into its log");
        }
        spec.commandLine().getOut().print(answer.body());
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
