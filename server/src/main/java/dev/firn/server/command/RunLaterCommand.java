package dev.firn.server.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Roles whose names are promised, and whose parts are not there yet. */
final class RunLaterCommand {
    private RunLaterCommand() {}

    private static int refuse(final CommandSpec spec) {
        spec.commandLine()
                .getErr()
                .println("firn: `firn run " + spec.name()
                        + "` is not in this version yet; ./firn run --help lists what is");
        spec.commandLine().getErr().flush();
        return ExitCode.USAGE;
    }

    /** {@code firn run lake}. */
    @Command(name = "lake", hidden = true)
    static final class Lake implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Unmatched
        @SuppressWarnings("unused")
        private String[] rest;

        @Override
        public Integer call() {
            return refuse(spec);
        }
    }
}
