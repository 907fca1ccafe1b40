package dev.firn.server.command;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.CommandException;
import dev.firn.server.store.TransferProgress;
import dev.firn.server.up.ReaderSeat;
import dev.firn.server.wal.ArchivedTimeline;
import dev.firn.server.wal.WalFetch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code firn wal fetch}: what the quorum holds, as files for a stock Postgres. */
@Command(
        name = "fetch",
        description = {
            "Writes a timeline's committed WAL as stock segments, the last one filled up with zeroes: from the archive first, the rest"
                    + " from the WAL nodes.",
            "A system that is not up gives what is archived. Together with `backup fetch` this is all that a stock Postgres or"
                    + " `wal replay` needs.",
            "With --json: timeline, fromLsn, endLsn, files, bytes, bytesFromArchive, seconds."
        })
final class WalFetchCommand implements Callable<Integer> {
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
            names = "--from",
            paramLabel = "LSN",
            description = "From the beginning of this position's segment (default: all).")
    private String from;

    @Option(names = "--to", paramLabel = "LSN", description = "Up to here (default: what is committed now).")
    private String to;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            required = true,
            description = "Where the segments go; made when it is missing.")
    private Path output;

    @Override
    public Integer call() {
        name = source.timeline(name);
        final long fromLsn = StoreTask.lsn(spec, "--from", from);
        final long toLsn = StoreTask.lsn(spec, "--to", to);
        return StoreTask.stoppable(spec, "the fetch", signal -> {
            final TransferProgress progress = StoreTask.progress("wal fetch of " + name);
            try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("wal-fetch", FetchSource.MEMORY_BYTES));
                    ArchivedTimeline archived = ArchivedTimeline.open(
                            source.store(), name, memory, SystemClock.INSTANCE, signal::isRequested);
                    ReaderSeat seat = source.seat().orElse(null)) {
                Files.createDirectories(output);
                final WalFetch fetch = new WalFetch(
                        archived,
                        memory,
                        SystemClock.INSTANCE,
                        SystemRandom.secure(),
                        bytes -> progress.moved(bytes, -1));
                announce(
                        fetch.run(Optional.ofNullable(seat).map(ReaderSeat::quorum), fromLsn, toLsn, output), progress);
                return ExitCode.OK;
            } catch (final IOException e) {
                throw new CommandException(output + " cannot be made: " + e.getMessage(), e);
            } finally {
                progress.clear();
            }
        });
    }

    private void announce(final WalFetch.Result result, final TransferProgress progress) {
        progress.clear();
        final PrintWriter out = spec.commandLine().getOut();
        if (json.asked) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("timeline", name);
            document.put("fromLsn", Lsn.format(result.fromLsn()));
            document.put("endLsn", Lsn.format(result.endLsn()));
            document.put("files", result.files());
            document.put("bytes", result.bytes());
            document.put("bytesFromArchive", result.bytesFromArchive());
            document.put("seconds", progress.seconds());
            out.println(Json.pretty(document));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s: %d segments, %s to %s, %s from the archive, in %.1f s%n",
                    output,
                    result.files(),
                    Lsn.format(result.fromLsn()),
                    Lsn.format(result.endLsn()),
                    StoreTask.size(result.bytesFromArchive()),
                    progress.seconds());
        }
        out.flush();
    }
}
