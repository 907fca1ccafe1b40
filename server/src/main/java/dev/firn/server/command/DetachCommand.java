package dev.firn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.server.CommandException;
import dev.firn.server.home.UpRecord;
import dev.firn.server.up.StopSignal;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn detach}: lets go of a primary. */
@Command(
        name = "detach",
        description = {
            "Stops following a Postgres, and drops the replication slot on it. Its base backup and WAL stay in the object store.",
            "Take 'firn' out of its synchronous_standby_names first, or its commits will wait."
        })
final class DetachCommand implements Callable<Integer> {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Parameters(index = "0", paramLabel = "NAME", description = "The timeline, as attach named it.")
    private String name;

    @Option(
            names = "--purge",
            description = "Delete its base backup and its WAL as well: nothing of it is left, of a branch neither.")
    private boolean purge;

    @Override
    public Integer call() throws InterruptedException {
        final RunningQuorum quorum = new RunningQuorum(UpRecord.require(directory.path), directory.path);
        final StopSignal signal = StopSignal.install(STOP_LIMIT);
        int code = ExitCode.SOFTWARE;
        try {
            if (purge) {
                requireNoBranches(signal);
            }
            quorum.detach(name, purge);
            while (!signal.await(RunningQuorum.POLL)) {
                final Optional<JsonNode> receiver = quorum.timeline(name)
                        .map(timeline -> timeline.path("receiver"))
                        .filter(JsonNode::isObject);
                if (receiver.isEmpty()) {
                    announce();
                    code = ExitCode.OK;
                    return code;
                }
                final String problem = receiver.get().path("lastError").asText("");
                if (receiver.get().path("state").asText().equals("detaching") && !problem.isEmpty()) {
                    throw new CommandException(name + " is not detached yet: " + problem);
                }
            }
            return code;
        } finally {
            signal.finish(code);
        }
    }

    /** What a branch shares with its parent is the parent's. */
    private void requireNoBranches(final StopSignal signal) {
        try (BranchTask task = new BranchTask(directory.path, signal)) {
            task.requireNoBranchesOf(name);
        }
    }

    private void announce() {
        final PrintWriter out = spec.commandLine().getOut();
        out.println(
                json.asked
                        ? Json.pretty(Map.of("detached", name, "purged", purge))
                        : name + " is detached" + (purge ? ", and nothing of it is left." : "."));
        out.flush();
    }
}
