package dev.firn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.server.CommandException;
import dev.firn.server.attachment.Attachment;
import dev.firn.server.home.UpRecord;
import dev.firn.server.up.StopSignal;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn psql}. */
@Command(
        name = "psql",
        description = {
            "Opens psql on the Postgres that the system runs itself; what follows -- is given to psql:",
            "  ./firn psql -- -c 'SELECT version()'",
            "Exit code 1 when psql's is not 0."
        })
final class PsqlCommand implements Callable<Integer> {
    /** A session lasts as long as it likes: Ctrl-C is psql's, which only ends a query of it. */
    private static final Duration NO_LIMIT = Duration.ofDays(365);

    private static final String PROGRAM = "psql";

    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Parameters(
            arity = "0..*",
            paramLabel = "[BRANCH] [-- ARGS]",
            description = "The timeline (default: the one of the system's own Postgres); psql's arguments.")
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        final List<String> typed = spec.commandLine().getParseResult().originalArgs();
        final int dashes = typed.indexOf("--");
        final int forPsql = dashes < 0 ? 0 : typed.size() - dashes - 1;
        final List<String> arguments = words.subList(words.size() - forPsql, words.size());
        if (words.size() - forPsql > 1) {
            throw new ParameterException(
                    spec.commandLine(), "one branch at most; what psql is to be given comes after --");
        }
        final String branch = words.size() == forPsql ? null : words.getFirst();
        final RunningQuorum quorum = new RunningQuorum(UpRecord.require(directory.path), directory.path);
        if (branch != null && !TimelineName.resolve(directory.path, branch).equals(Attachment.OWN)) {
            throw new CommandException("no Postgres of this system runs on " + branch + ": ./firn restore --branch "
                    + branch + " --to DIR writes a directory to start one on");
        }
        final JsonNode own = quorum.ownPostgres()
                .orElseThrow(() -> new CommandException(
                        "the system runs no Postgres itself: ./firn up --postgres 17 starts one with it"));
        if (!own.path("port").isNumber()) {
            throw new CommandException("the system's Postgres is "
                    + own.path("state").asText() + " now: " + own.path("detail").asText());
        }
        return run(own, arguments);
    }

    private static int run(final JsonNode own, final List<String> arguments) throws InterruptedException {
        final List<String> command = new ArrayList<>();
        command.add(program(own));
        command.addAll(arguments);
        final ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") && !name.startsWith("PGCLIENT"));
        builder.environment()
                .putAll(Map.of(
                        "PGHOST", own.path("host").asText(),
                        "PGPORT", own.path("port").asText(),
                        "PGUSER", own.path("user").asText(),
                        "PGDATABASE", "postgres"));
        final StopSignal signal = StopSignal.install(NO_LIMIT);
        int code = ExitCode.SOFTWARE;
        try {
            code = builder.start().waitFor() == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
        } catch (final IOException e) {
            throw new CommandException(command.getFirst() + " cannot be run: " + e.getMessage(), e);
        } finally {
            signal.finish(code);
        }
        return code;
    }

    /** The server's own where it comes with one, else the search path's. */
    private static String program(final JsonNode own) {
        final List<Path> folders = new ArrayList<>();
        folders.add(Path.of(own.path("binaries").asText()));
        for (final String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            folders.add(Path.of(folder));
        }
        return folders.stream()
                .map(folder -> folder.resolve(PROGRAM))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new CommandException("psql is not installed (Debian, Ubuntu: apt-get install"
                        + " postgresql-client); any client may connect to "
                        + own.path("url").asText()))
                .toString();
    }
}
