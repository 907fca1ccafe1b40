package dev.firn.server.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn postgres}. */
@Command(
        name = "postgres",
        description = "The Postgres servers that the system runs itself.",
        subcommands = PostgresListCommand.class)
final class PostgresCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
