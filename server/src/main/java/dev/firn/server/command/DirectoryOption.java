package dev.firn.server.command;

import dev.firn.server.home.DataDirectory;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --dir}, for every command that starts a system or speaks to one. */
final class DirectoryOption {
    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = DataDirectory.DEFAULT,
            description = "The data directory (default: ${DEFAULT-VALUE}).")
    Path path;
}
