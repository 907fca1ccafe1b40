package dev.firn.server.command;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.wal.ArchivedBackups;
import dev.firn.server.wal.ArchivedTimeline;
import dev.firn.walquorum.backup.BackupDescription;
import java.io.PrintWriter;
import java.nio.file.Path;
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
import picocli.CommandLine.Spec;

/** {@code firn backup fetch}: a base backup as a data directory. */
@Command(
        name = "fetch",
        description = {
            "Writes a base backup as a data directory, each file checked against its checksum. With the timeline's WAL in its pg_wal"
                    + " (`wal fetch`), stock Postgres of the same version starts on it.",
            "With --json: timeline, startLsn, endLsn, files, to."
        })
final class BackupFetchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FetchSource source;

    @Mixin
    private JsonOption json;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = AttachCommand.DEFAULT_NAME,
            description = "The timeline (default: ${DEFAULT-VALUE}).")
    private String name;

    @Option(
            names = "--start",
            paramLabel = "LSN",
            description = "Which backup, by its start LSN (default: the newest).")
    private String start;

    @Option(names = "--to", paramLabel = "DIR", required = true, description = "The data directory: missing, or empty.")
    private Path to;

    @Option(
            names = "--tablespaces",
            paramLabel = "DIR",
            description =
                    "Where tablespaces go, each in a folder of its oid (default: --to with -tablespaces behind it).")
    private Path tablespaces;

    @Override
    public Integer call() {
        name = source.timeline(name);
        final Optional<Long> wanted = wanted();
        final Path target = to.toAbsolutePath().normalize();
        final Path others = tablespaces == null
                ? target.resolveSibling(target.getFileName() + "-tablespaces")
                : tablespaces.toAbsolutePath().normalize();
        return StoreTask.stoppable(spec, "the fetch", signal -> {
            try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("backup-fetch", FetchSource.MEMORY_BYTES));
                    ArchivedTimeline archived = ArchivedTimeline.open(
                            source.store(), name, memory, SystemClock.INSTANCE, signal::isRequested)) {
                announce(new ArchivedBackups(archived, memory).extract(wanted, target, others), target);
                return ExitCode.OK;
            }
        });
    }

    private Optional<Long> wanted() {
        try {
            return Optional.ofNullable(start).map(Lsn::parse);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--start " + start + " is no LSN such as 0/3000060", e);
        }
    }

    private void announce(final BackupDescription backup, final Path target) {
        final PrintWriter out = spec.commandLine().getOut();
        if (json.asked) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("timeline", name);
            document.put("startLsn", Lsn.format(backup.startLsn()));
            document.put("endLsn", Lsn.format(backup.endLsn()));
            document.put("files", backup.files());
            document.put("to", target.toString());
            out.println(Json.pretty(document));
        } else {
            out.println(target + ": " + backup.files() + " files; consistent from " + Lsn.format(backup.endLsn())
                    + " on. Its WAL: ./firn wal fetch --name " + name + " --from " + Lsn.format(backup.startLsn())
                    + " --output " + target.resolve("pg_wal"));
        }
        out.flush();
    }
}
