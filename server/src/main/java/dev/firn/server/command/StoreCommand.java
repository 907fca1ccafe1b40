package dev.firn.server.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn store}: proves that an object store is fit, and looks into it. */
@Command(
        name = "store",
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Proves that an object store keeps the promises that Firn needs, and looks into it.",
            "A store's URL is s3://bucket/prefix?setting=value&..., file:///path, or a path. Settings: endpoint, region,"
                    + " style (path or virtual), ca, profile, anonymous, proxy, checksum, insecure. Credentials come from the"
                    + " environment or from ~/.aws, never from the URL. docs/object-store.md has more."
        },
        subcommands = {
            StoreCheckCommand.class,
            StoreListCommand.class,
            StoreGetCommand.class,
            StorePutCommand.class,
            StoreUsageCommand.class
        })
final class StoreCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
