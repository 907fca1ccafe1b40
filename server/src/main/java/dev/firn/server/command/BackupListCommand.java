package dev.firn.server.command;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.wal.ArchivedBackups;
import dev.firn.server.wal.ArchivedTimeline;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code firn backup list}. */
@Command(
        name = "list",
        description = {
            "Lists the complete base backups of a timeline by their start LSN.",
            "With --json: timeline, backups."
        })
final class BackupListCommand implements Callable<Integer> {
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

    @Override
    public Integer call() {
        name = source.timeline(name);
        return StoreTask.stoppable(spec, "the list", signal -> {
            try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("backup-list", FetchSource.MEMORY_BYTES));
                    ArchivedTimeline archived = ArchivedTimeline.open(
                            source.store(), name, memory, SystemClock.INSTANCE, signal::isRequested)) {
                final List<String> found = new ArchivedBackups(archived, memory)
                        .list().stream().map(Lsn::format).toList();
                final PrintWriter out = spec.commandLine().getOut();
                if (json.asked) {
                    out.println(Json.pretty(Map.of("timeline", name, "backups", found)));
                } else {
                    found.forEach(out::println);
                }
                out.flush();
                return ExitCode.OK;
            }
        });
    }
}
