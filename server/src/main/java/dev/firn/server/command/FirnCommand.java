package dev.firn.server.command;

import dev.firn.server.CommandException;
import dev.firn.server.FirnVersion;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code firn}: the root of all commands. */
@Command(
        name = "firn",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = FirnCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Stock Postgres on storage that is also the lake.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed, or the thing checked does not hold", "2:wrong usage"},
        subcommands = {
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            DoctorCommand.class,
            TuneCommand.class,
            BenchCommand.class,
            WalCommand.class,
            BackupCommand.class,
            StoreCommand.class,
            RunCommand.class,
            AttachCommand.class,
            DetachCommand.class,
            BranchCommand.class,
            PageCommand.class,
            RestoreCommand.class,
            LakeCommand.class,
            PostgresCommand.class,
            PsqlCommand.class,
            SimulateCommand.class,
            TestCommand.class
        })
public final class FirnCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Say more; show the stack trace of an error.")
    private boolean verbose;

    private FirnCommand() {}

    /** Runs one command line and returns the exit code. */
    public static int run(final String... arguments) {
        return commandLine(new FirnCommand()).execute(arguments);
    }

    private static CommandLine commandLine(final FirnCommand root) {
        return new CommandLine(root)
                .setUsageHelpAutoWidth(false)
                .setExecutionExceptionHandler((failure, commandLine, parsed) -> root.failed(failure, commandLine))
                .setParameterExceptionHandler((failure, arguments) -> root.wrongUsage(failure));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Whether {@code --verbose} stands anywhere on the command line. */
    static boolean verbose(final CommandSpec command) {
        return ((FirnCommand) command.root().userObject()).verbose;
    }

    private int failed(final Exception failure, final CommandLine commandLine) {
        final PrintWriter err = commandLine.getErr();
        if (failure instanceof CommandException) {
            err.println("firn: " + failure.getMessage());
        } else {
            err.println("firn: " + failure + " (a defect of firn: --verbose shows where)");
        }
        if (verbose) {
            failure.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    private int wrongUsage(final ParameterException failure) {
        final CommandLine commandLine = failure.getCommandLine();
        final PrintWriter err = commandLine.getErr();
        final String name = commandLine.getCommandSpec().qualifiedName();
        err.println("firn: " + failure.getMessage() + "; see ./" + name + " --help");
        if (verbose) {
            failure.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    /** For {@code --version}. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"firn " + FirnVersion.current()};
        }
    }
}
