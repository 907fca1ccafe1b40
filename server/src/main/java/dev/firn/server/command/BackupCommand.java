package dev.firn.server.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn backup}: the base backups that the object store holds. */
@Command(
        name = "backup",
        synopsisSubcommandLabel = "COMMAND",
        description = "Lists and fetches the base backups of timelines.",
        subcommands = {BackupListCommand.class, BackupFetchCommand.class})
final class BackupCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
