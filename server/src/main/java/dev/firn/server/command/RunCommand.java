package dev.firn.server.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn run}: one role, for a host of its own. */
@Command(
        name = "run",
        description = {
            "Runs one role in this process until Ctrl-C or SIGTERM. Exit code 1 when the role fails: whoever supervises it (systemd)"
                    + " starts it again.",
            "docs/operations.md shows a configuration of each, and how several hosts make one quorum."
        },
        subcommands = {
            RunMediaDriverCommand.class,
            RunWalNodeCommand.class,
            RunReceiverCommand.class,
            RunPageServerCommand.class,
            RunLaterCommand.Lake.class
        })
final class RunCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a role is missing: media-driver, wal-node, receiver or page-server");
    }
}
