package dev.firn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.CommandException;
import dev.firn.server.home.UpRecord;
import dev.firn.server.postgres.PostgresWish;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.up.DetachedStart;
import dev.firn.server.up.FirnSystem;
import dev.firn.server.up.OneLineLog;
import dev.firn.server.up.StopSignal;
import dev.firn.server.up.UpConfig;
import dev.firn.walquorum.pgwire.SupportedMajor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn up}: the system, in this process or in the background. */
@Command(
        name = "up",
        description = {
            "Starts the system on this machine and keeps it running until Ctrl-C or SIGTERM.",
            "A second start on the same directory goes on where the first stopped, also after kill -9.",
            "Where no Postgres is attached, a stock one is started with it, whose commits wait for the quorum: the timeline own, which"
                    + " commands also mean by main as long as nothing is attached under that name."
        })
final class UpCommand implements Callable<Integer> {
    /** Each role has a limit of its own below this; past it the process ends without them. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(25);

    /** How soon a lost role is seen; a signal is seen at once. */
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(250);

    private static final int MAX_PORT = 65_535;

    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Option(names = "--detach", description = "Start in the background, and return when it is ready.")
    private boolean detach;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Port of the status page on 127.0.0.1 (default: any that is free).")
    private int port;

    @Option(
            names = "--in-process",
            description = {
                "Run the WAL nodes and receivers as threads of this process, for small machines: needs a third of the memory,",
                "and what ends the process ends all three (default: a process each)."
            })
    private boolean inProcess;

    @Option(
            names = "--store",
            paramLabel = "URL",
            description = {
                "Where the objects are: s3://bucket/prefix?endpoint=https://host:port, file:///path, or a path",
                "(default: objects in the directory). Remembered: the next up on the directory takes the same."
            })
    private String storeUrl;

    @Option(
            names = "--postgres",
            paramLabel = "15|17",
            description = {
                "Start a Postgres of this version, also where another is attached",
                "(default: the one that is there; 17 where nothing is attached)."
            })
    private Integer postgres;

    @Option(names = "--no-postgres", description = "Start no Postgres this time.")
    private boolean noPostgres;

    @Override
    public Integer call() throws InterruptedException {
        if (noPostgres && postgres != null) {
            throw new ParameterException(spec.commandLine(), "--postgres and --no-postgres exclude each other");
        }
        if (postgres != null && !SupportedMajor.includes(postgres)) {
            throw new ParameterException(
                    spec.commandLine(), "--postgres " + postgres + " is none of " + SupportedMajor.listed());
        }
        if (port < 0 || port > MAX_PORT) {
            throw new ParameterException(spec.commandLine(), "--port " + port + " is not within 0.." + MAX_PORT);
        }
        final Optional<StoreLocation> store = store();
        return detach ? startDetached(store) : runHere(store);
    }

    private Optional<StoreLocation> store() {
        try {
            return Optional.ofNullable(storeUrl).map(StoreLocation::parse);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private int startDetached(final Optional<StoreLocation> store) throws InterruptedException {
        RingHint.printTo(spec.commandLine().getErr());
        final List<String> arguments = new ArrayList<>(List.of("--port", String.valueOf(port)));
        store.ifPresent(location -> arguments.addAll(List.of("--store", location.toString())));
        if (inProcess) {
            arguments.add("--in-process");
        }
        if (noPostgres) {
            arguments.add("--no-postgres");
        }
        if (postgres != null) {
            arguments.addAll(List.of("--postgres", postgres.toString()));
        }
        if (FirnCommand.verbose(spec)) {
            arguments.add("--verbose");
        }
        final UpRecord started = new DetachedStart(SystemClock.INSTANCE).start(directory.path, arguments);
        final Path path = directory.path.toAbsolutePath().normalize();
        final Optional<JsonNode> own = new RunningQuorum(started, path).ownPostgres();
        announce(
                path,
                started.process().pid(),
                started.url(),
                own.map(its -> its.path("url").asText(null)),
                "./firn down --dir " + path + " stops it");
        own.filter(its -> !its.path("url").isTextual()).ifPresent(its -> {
            final PrintWriter err = spec.commandLine().getErr();
            err.println("firn: there is no Postgres to begin with: "
                    + its.path("detail").asText() + "; ./firn attach follows one that runs");
            err.flush();
        });
        return ExitCode.OK;
    }

    private int runHere(final Optional<StoreLocation> store) throws InterruptedException {
        OneLineLog.install(FirnCommand.verbose(spec));
        OpenJars.openAll();
        RingHint.printTo(spec.commandLine().getErr());
        final StopSignal signal = StopSignal.install(STOP_LIMIT);
        int code = ExitCode.SOFTWARE;
        try (FirnSystem system = FirnSystem.start(
                directory.path,
                UpConfig.of(port, store, inProcess).withPostgres(wish()),
                HostStorage::new,
                SystemClock.INSTANCE,
                SystemRandom.secure())) {
            announce(system.path(), system.pid(), system.url(), system.postgresUrl(), "Ctrl-C stops it");
            while (!signal.await(WATCH_INTERVAL)) {
                final Optional<RoleStatus> lost = system.awaitLoss(Duration.ZERO);
                if (lost.isPresent()) {
                    throw new CommandException("the " + lost.get().name() + " role stays down, so firn stopped: "
                            + lost.get().detail() + "; ./firn up goes on where it was");
                }
            }
            code = ExitCode.OK;
        } finally {
            signal.finish(code);
        }
        return code;
    }

    private PostgresWish wish() {
        if (noPostgres) {
            return PostgresWish.NONE;
        }
        return postgres == null ? PostgresWish.UNLESS_ATTACHED : PostgresWish.of(postgres);
    }

    private void announce(
            final Path path, final long pid, final String url, final Optional<String> postgresUrl, final String stop) {
        final Map<String, String> urls = new LinkedHashMap<>();
        urls.put("page", url);
        urls.put("status", url + "status");
        urls.put("metrics", url + "metrics");
        urls.put("health", url + "healthz");
        postgresUrl.ifPresent(its -> urls.put("postgres", its));
        final PrintWriter out = spec.commandLine().getOut();
        if (json.asked) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("directory", path.toString());
            document.put("pid", pid);
            document.put("urls", urls);
            out.println(Json.pretty(document));
        } else {
            out.println("firn is up on " + path + " as process " + pid + "; " + stop + ".");
            urls.forEach((name, address) -> out.printf("  %-8s %s%n", name, address));
        }
        out.flush();
    }
}
