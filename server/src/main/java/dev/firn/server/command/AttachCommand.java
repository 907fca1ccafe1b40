package dev.firn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.server.CommandException;
import dev.firn.server.home.UpRecord;
import dev.firn.server.store.TransferProgress;
import dev.firn.server.up.StopSignal;
import dev.firn.walquorum.catalog.TimelineKeys;
import dev.firn.walquorum.pgwire.conninfo.ConnEnvironment;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import dev.firn.walquorum.pgwire.conninfo.ConnInfoException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code firn attach}: the system that is up takes a base backup of a running Postgres and streams its WAL into the quorum. The
 * command asks for it, and shows how far it is: the work is done by the receiver, which goes on when this ends.
 */
@Command(
        name = "attach",
        description = {
            "Follows a running Postgres (15 or 17): takes a base backup into the object store, and streams its WAL into the quorum.",
            "Returns when it streams. Ctrl-C before that gives the attachment up.",
            "With --branch: goes on with a branch instead, without a base backup. The server is one that was started on what"
                    + " `restore --branch NAME` wrote, and its WAL has to be the branch's up to where that ends; what it has written since"
                    + " becomes the branch's own. Whoever wrote to the branch before is no longer listened to.",
            "The user of the connection needs the right to replicate; passwords come from the connection string, PGPASSWORD or ~/.pgpass."
        })
final class AttachCommand implements Callable<Integer> {
    static final String DEFAULT_NAME = "main";

    private static final Duration STOP_LIMIT = Duration.ofSeconds(90);

    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Parameters(
            index = "0",
            paramLabel = "CONNINFO",
            description = "The server, as psql takes it: \"host=db1 user=replicator\" or postgresql://replicator@db1.")
    private String conninfo;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = DEFAULT_NAME,
            description = "What the timeline is called (default: ${DEFAULT-VALUE}).")
    private String name;

    @Option(
            names = "--branch",
            paramLabel = "NAME",
            description = "The branch that the server goes on with, in place of a timeline of its own.")
    private String branch;

    @Override
    public Integer call() throws InterruptedException {
        if (branch != null) {
            if (spec.commandLine().getParseResult().hasMatchedOption("--name")) {
                throw new ParameterException(
                        spec.commandLine(), "--branch and --name exclude each other: a branch has its name already");
            }
            name = branch;
        }
        if (!TimelineKeys.isName(name)) {
            throw new ParameterException(
                    spec.commandLine(),
                    (branch == null ? "--name " : "--branch ") + name
                            + " is none: lower case letters, digits, hyphens and underscores, 63 at most");
        }
        final String complete = completed();
        final UpRecord system = UpRecord.require(directory.path);
        final RunningQuorum quorum = new RunningQuorum(system, directory.path);
        final StopSignal signal = StopSignal.install(STOP_LIMIT);
        int code = ExitCode.SOFTWARE;
        try {
            requireBranchOrNot(signal);
            quorum.attach(name, complete);
            final Optional<JsonNode> timeline = awaitStreaming(quorum, signal);
            if (timeline.isPresent()) {
                announce(timeline.get());
                code = ExitCode.OK;
            } else {
                quorum.giveUp(name);
                sayStopped();
            }
        } finally {
            signal.finish(code);
        }
        return code;
    }

    /** Whether a name is a branch's, its entry says, and not who attaches. */
    private void requireBranchOrNot(final StopSignal signal) {
        final boolean isBranch;
        try (BranchTask task = new BranchTask(directory.path, signal)) {
            isBranch = task.branch(name).isPresent();
        }
        if (branch != null && !isBranch) {
            throw new CommandException("there is no branch " + name + ": ./firn branch list shows them");
        }
        if (branch == null && isBranch) {
            throw new CommandException("there is a branch " + name
                    + " already: choose another --name, or go on with the branch by --branch " + name);
        }
    }

    /** The connection string with what this user's environment adds to it, for the receiver may have another. */
    private String completed() {
        try {
            final ConnInfo info = ConnInfo.parse(conninfo, ConnEnvironment.ofThisProcess());
            final Optional<String> password = info.password(info.hosts().getFirst(), "replication");
            return info.withoutSecrets()
                    + password.map(secret ->
                                    " password='" + secret.replace("\\", "\\\\").replace("'", "\\'") + "'")
                            .orElse("");
        } catch (final ConnInfoException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** Waits until the receiver streams; empty when the user has asked to stop. */
    private Optional<JsonNode> awaitStreaming(final RunningQuorum quorum, final StopSignal signal)
            throws InterruptedException {
        final TransferProgress progress = new TransferProgress(
                System.err, !json.asked, StoreTask.isTerminal(), "base backup of " + name, SystemClock.INSTANCE);
        try {
            while (!signal.await(RunningQuorum.POLL)) {
                final JsonNode timeline = quorum.timeline(name).orElse(null);
                if (timeline == null) {
                    continue;
                }
                final JsonNode receiver = timeline.path("receiver");
                switch (receiver.path("state").asText()) {
                    case "streaming" -> {
                        return Optional.of(timeline);
                    }
                    case "failed" -> {
                        quorum.giveUp(name);
                        throw new CommandException(receiver.path("lastError").asText());
                    }
                    default -> {
                        final JsonNode backup = receiver.path("backup");
                        if (backup.isObject()) {
                            progress.moved(
                                    backup.path("bytes").asLong(),
                                    backup.path("totalBytes").asLong());
                        }
                    }
                }
            }
            return Optional.empty();
        } finally {
            progress.clear();
        }
    }

    private void announce(final JsonNode timeline) {
        final JsonNode receiver = timeline.path("receiver");
        final PrintWriter out = spec.commandLine().getOut();
        if (json.asked) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("name", name);
            document.put("host", receiver.path("host").asText());
            document.put("systemIdentifier", receiver.path("systemIdentifier").asText());
            document.put("slot", receiver.path("slot").asText());
            document.put("startLsn", receiver.path("startLsn").asText());
            document.put("commitLsn", timeline.path("commitLsn").asText());
            out.println(Json.pretty(document));
        } else {
            out.println((branch == null ? "" : "The branch ") + name + " is attached: WAL of "
                    + receiver.path("host").asText() + " flows into the quorum since "
                    + receiver.path("startLsn").asText() + ".");
            out.println("To make each COMMIT wait for the quorum, run there:");
            out.println("  ALTER SYSTEM SET synchronous_standby_names = 'firn';");
            out.println("  SELECT pg_reload_conf();");
        }
        out.flush();
    }

    private void sayStopped() {
        final PrintWriter err = spec.commandLine().getErr();
        err.println("firn: the attachment was given up; nothing of it is left behind");
        err.flush();
    }
}
