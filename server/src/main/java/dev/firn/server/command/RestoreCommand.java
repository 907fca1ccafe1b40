package dev.firn.server.command;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.home.UpRecord;
import dev.firn.server.pages.PageConnection;
import dev.firn.server.pages.Restore;
import dev.firn.server.store.TransferProgress;
import dev.firn.server.up.QuorumLayout;
import dev.firn.server.up.ReaderSeat;
import dev.firn.server.wal.ArchivedChain;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code firn restore}: a data directory of a timeline as it was at an LSN or time. */
@Command(
        name = "restore",
        description = {
            "Writes a complete data directory, as the timeline was at an LSN or a time, from the page server. Stock Postgres of the same"
                    + " major version starts on it.",
            "With --json: branch, postgresMajor, lsn, files, bytes, walBytes, cleanlyShutDown, seconds."
        })
final class RestoreCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Option(
            names = "--branch",
            paramLabel = "NAME",
            defaultValue = AttachCommand.DEFAULT_NAME,
            description = "The timeline (default: ${DEFAULT-VALUE}).")
    private String branch;

    @Option(
            names = "--at",
            paramLabel = "LSN|TIME",
            description = "As of this LSN, or of the last commit at or before this time, such as 2026-11-21T18:30:00Z"
                    + " (default: the newest that is ingested).")
    private String at;

    @Option(
            names = "--to",
            paramLabel = "DIR",
            required = true,
            description =
                    "A directory that is empty or not there. The files get the owner of the folder that it is in.")
    private Path to;

    @Override
    public Integer call() {
        branch = TimelineName.resolve(directory.path, branch);
        final PointInTime point = PointInTime.parse(spec, at);
        UpRecord.require(directory.path);
        final long beganNs = SystemClock.INSTANCE.nanoTime();
        return StoreTask.stoppable(spec, "the restore", signal -> {
            final TransferProgress progress = StoreTask.progress("restore of " + branch);
            try (ReaderSeat seat = ReaderSeat.take(
                            directory.path, HostStorage::new, SystemClock.INSTANCE, SystemRandom.secure());
                    OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("restore", FetchSource.MEMORY_BYTES))) {
                final Consumer<String> onWaiting = StoreTask.sayingOnce(spec);
                final PageConnection connection = new PageConnection(
                        seat.endpoint(),
                        QuorumLayout.PAGE_SERVER,
                        SystemClock.INSTANCE,
                        SystemRandom.secure(),
                        signal::isRequested,
                        onWaiting);
                final TimelineFacts timeline = connection.timeline(branch);
                try (ArchivedChain chain = ArchivedChain.open(
                        FetchSource.storeOf(directory.path),
                        branch,
                        memory,
                        SystemClock.INSTANCE,
                        signal::isRequested)) {
                    final BranchHead head = new BranchHead(connection, chain, seat.quorum(), memory);
                    final BranchHead.Point from =
                            at == null ? head.newest(timeline, signal) : head.at(point.lsn(connection, timeline));
                    final Restore restore = new Restore(
                            new Restore.Tools(
                                    seat.endpoint(),
                                    QuorumLayout.PAGE_SERVER,
                                    QuorumLayout.WAL_NODES,
                                    memory,
                                    SystemClock.INSTANCE,
                                    SystemRandom.secure(),
                                    signal::isRequested,
                                    progress::moved,
                                    onWaiting),
                            chain,
                            timeline,
                            from.lsn(),
                            from.walEndLsn());
                    final Restore.Result result = restore.run(connection, to);
                    progress.clear();
                    announce(result, SystemClock.INSTANCE.nanoTime() - beganNs);
                }
                return ExitCode.OK;
            } finally {
                progress.clear();
            }
        });
    }

    private void announce(final Restore.Result result, final long durationNs) {
        final PrintWriter out = spec.commandLine().getOut();
        final double seconds = durationNs / (double) TimeUnit.SECONDS.toNanos(1);
        if (json.asked) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("branch", result.branch());
            document.put("postgresMajor", result.postgresMajor());
            document.put("lsn", Lsn.format(result.lsn()));
            document.put("files", result.files());
            document.put("bytes", result.bytes());
            document.put("walBytes", result.walBytes());
            document.put("cleanlyShutDown", result.cleanlyShutDown());
            document.put("seconds", seconds);
            out.println(Json.pretty(document));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s as of %s is in %s: %s of pages and %s of WAL in %.1f s. Postgres %d starts on it.%n",
                    result.branch(),
                    Lsn.format(result.lsn()),
                    to,
                    StoreTask.size(result.bytes()),
                    StoreTask.size(result.walBytes()),
                    seconds,
                    result.postgresMajor());
        }
        out.flush();
    }
}
