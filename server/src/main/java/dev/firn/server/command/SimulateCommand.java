package dev.firn.server.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn simulate}: runs parts of Firn under faults that a seed decides. */
@Command(
        name = "simulate",
        synopsisSubcommandLabel = "COMMAND",
        description = "Runs what runs in production on simulated disks, networks and clocks, under faults that a seed"
                + " decides.",
        subcommands = {SimulateQuorumCommand.class, SimulatePagesCommand.class})
final class SimulateCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
