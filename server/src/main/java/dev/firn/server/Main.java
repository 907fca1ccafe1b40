package dev.firn.server;

import dev.firn.server.command.FirnCommand;

/** Where the process begins. */
public final class Main {
    private Main() {}

    public static void main(final String[] arguments) {
        System.exit(FirnCommand.run(arguments));
    }
}
