package dev.firn.server.command;

import dev.firn.server.CommandException;
import dev.firn.server.FirnVersion;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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
        exitCodeList = {"0:done", "1:failed, or the thing checked does not hold", "2:wrong usage"})
public final class FirnCommand implements Runnable {
    /** In the order in which help lists them. */
    private static final List<Map.Entry<String, Class<?>>> COMMANDS = List.of(
            Map.entry("up", UpCommand.class),
            Map.entry("down", DownCommand.class),
            Map.entry("status", StatusCommand.class),
            Map.entry("doctor", DoctorCommand.class),
            Map.entry("tune", TuneCommand.class),
            Map.entry("bench", BenchCommand.class),
            Map.entry("wal", WalCommand.class),
            Map.entry("backup", BackupCommand.class),
            Map.entry("store", StoreCommand.class),
            Map.entry("run", RunCommand.class),
            Map.entry("attach", AttachCommand.class),
            Map.entry("detach", DetachCommand.class),
            Map.entry("branch", BranchCommand.class),
            Map.entry("page", PageCommand.class),
            Map.entry("restore", RestoreCommand.class),
            Map.entry("lake", LakeCommand.class),
            Map.entry("postgres", PostgresCommand.class),
            Map.entry("psql", PsqlCommand.class),
            Map.entry("simulate", SimulateCommand.class),
            Map.entry("test", TestCommand.class));

    @Spec
    private CommandSpec spec;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Say more; show the stack trace of an error.")
    private boolean verbose;

    private FirnCommand() {}

    /** Runs one command line and returns the exit code. */
    public static int run(final String... arguments) {
        return commandLine(new FirnCommand(), arguments).execute(arguments);
    }

    /**
     * Only the command that is asked for is made: what each of them takes is found by reflection, for all of them in a third of a
     * second, and six processes begin with it. All of them are there for who asks for none, or for one that there is not.
     */
    private static CommandLine commandLine(final FirnCommand root, final String... arguments) {
        final CommandLine commandLine = new CommandLine(root);
        final Optional<String> first = Stream.of(arguments)
                .filter(argument -> !argument.startsWith("-"))
                .findFirst();
        final List<Map.Entry<String, Class<?>>> asked = COMMANDS.stream()
                .filter(command -> command.getKey().equals(first.orElse(null)))
                .toList();
        (asked.isEmpty() ? COMMANDS : asked)
                .forEach(command -> commandLine.addSubcommand(command.getKey(), command.getValue()));
        return commandLine
                .setUsageHelpAutoWidth(false)
                .setExecutionExceptionHandler((failure, failed, parsed) -> root.failed(failure, failed))
                .setParameterExceptionHandler((failure, wrong) -> root.wrongUsage(failure));
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
