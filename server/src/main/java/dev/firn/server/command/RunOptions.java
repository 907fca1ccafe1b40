package dev.firn.server.command;

import dev.firn.server.CommandException;
import dev.firn.server.process.ParentWatch;
import dev.firn.server.process.RoleProcess;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.up.OneLineLog;
import dev.firn.server.up.StopSignal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What the commands of {@code firn run} share: options, and the life of the process. */
final class RunOptions {
    /** A role has a limit of its own below this; past it the process ends without it. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

    /** How soon a lost role is seen; a signal is seen at once. */
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);

    @Option(
            names = "--config",
            paramLabel = "FILE",
            required = true,
            description = "The role's configuration, a JSON file.")
    private Path config;

    @Option(names = "--json", description = "Print one JSON document and nothing else.")
    private boolean json;

    @Option(names = "--supervised", hidden = true, description = "Stop when standard input ends.")
    private boolean supervised;

    Path config() {
        return config;
    }

    /** Whether {@code firn up} has started it. */
    boolean supervised() {
        return supervised;
    }

    /** Starts a role. */
    interface Starter {
        RoleProcess start() throws InterruptedException;
    }

    /** Runs the role until it is asked to stop, or fails. */
    int run(final CommandSpec spec, final Starter starter) throws InterruptedException {
        OneLineLog.install(FirnCommand.verbose(spec));
        OpenJars.openAll();
        final StopSignal signal = StopSignal.install(STOP_LIMIT);
        if (supervised) {
            ParentWatch.start(signal::request);
        } else {
            RingHint.printTo(spec.commandLine().getErr());
        }
        int code = ExitCode.SOFTWARE;
        try (RoleProcess role = starter.start()) {
            announce(spec, role);
            while (!signal.await(WATCH_INTERVAL)) {
                final Optional<RoleStatus> lost = role.awaitLoss(Duration.ZERO);
                if (lost.isPresent()) {
                    throw new CommandException(lost.get().detail());
                }
            }
            code = ExitCode.OK;
        } catch (final CommandException e) {
            // Said here, before the process may end: a signal that comes now would cut it off.
            spec.commandLine().getErr().println("firn: " + e.getMessage());
            spec.commandLine().getErr().flush();
            if (FirnCommand.verbose(spec)) {
                e.printStackTrace(spec.commandLine().getErr());
            }
        } finally {
            signal.finish(code);
        }
        return code;
    }

    private void announce(final CommandSpec spec, final RoleProcess role) {
        final PrintWriter out = spec.commandLine().getOut();
        if (json) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("role", spec.name());
            document.put("directory", role.path().toString());
            document.put("pid", role.pid());
            document.put("url", role.url());
            out.println(Json.pretty(document));
        } else if (!supervised) {
            out.println("firn " + spec.name() + " is up on " + role.path() + " as process " + role.pid() + ", "
                    + role.url() + "; Ctrl-C stops it.");
        }
        out.flush();
    }
}
