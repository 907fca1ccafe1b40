package dev.firn.server.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn branch}. */
@Command(
        name = "branch",
        description =
                "Branches of timelines: another future of the same past. None costs more than its name when it is made.",
        subcommands = {BranchCreateCommand.class, BranchListCommand.class, BranchDeleteCommand.class})
final class BranchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: create, list or delete");
    }
}
