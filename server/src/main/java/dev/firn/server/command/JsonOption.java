package dev.firn.server.command;

import picocli.CommandLine.Option;

/** {@code --json}, for every command that has a result. */
final class JsonOption {
    @Option(names = "--json", description = "Print one JSON document and nothing else.")
    boolean asked;
}
