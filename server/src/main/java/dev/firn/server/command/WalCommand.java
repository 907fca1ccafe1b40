package dev.firn.server.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn wal}: looks into Postgres' write-ahead log, and replays it. */
@Command(
        name = "wal",
        synopsisSubcommandLabel = "COMMAND",
        description = "Looks into Postgres' write-ahead log, replays it, and fetches what the quorum holds of it.",
        subcommands = {WalDumpCommand.class, WalVerifyCommand.class, WalReplayCommand.class, WalFetchCommand.class})
final class WalCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
