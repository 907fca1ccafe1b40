package dev.firn.server.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn lake}. */
@Command(
        name = "lake",
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Tables of a timeline as Parquet files that any engine reads. docs/types.md says what each type becomes.",
        subcommands = {LakeExportCommand.class, LakeVerifyCommand.class})
final class LakeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: export or verify");
    }
}
