package dev.firn.server.command;

import dev.firn.pagestore.cluster.ClusterCounters;
import dev.firn.pagestore.replay.DirectoryReplay;
import dev.firn.pagestore.replay.ReplayException;
import dev.firn.pagestore.replay.ReplayResult;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.redo.RedoException;
import dev.firn.server.CommandException;
import dev.firn.server.wal.WalDirectory;
import dev.firn.server.wal.WalFeed;
import dev.firn.server.wal.WalProgress;
import dev.firn.tuning.host.Bytes;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code firn wal replay}: replays a log and writes the data directory that comes of it. */
@Command(
        name = "replay",
        description = {
            "Replays a write-ahead log over a data directory, in memory, and writes what comes of it as a data directory that"
                    + " stock Postgres starts on. The base is only read.",
            "The control file is that of the log's last checkpoint, and pg_wal has the log from there on: when the log does not"
                    + " end with a clean shutdown, Postgres recovers from there as after a crash.",
            "Not copied, as a base backup does not either: statistics, replication slots and what serves them, temporary"
                    + " files. Unlogged relations are empty. Tablespaces are links to a folder \"tablespaces\" in the new"
                    + " directory.",
            "With --json: version, startLsn, endLsn, walBytes, records, seconds, replaySeconds (without the writing),"
                    + " cleanlyShutDown, counters."
        })
final class WalReplayCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Mixin
    private WalReplayOptions options;

    @Option(
            names = "--to",
            paramLabel = "DIR",
            required = true,
            description = "The directory to write: empty, or not there yet.")
    private Path to;

    @Override
    public Integer call() {
        final WalDirectory wal = options.directory();
        final WalProgress progress = options.progress(wal);
        final DirectoryReplay.Result result;
        try (WalFeed feed = new WalFeed(wal)) {
            result = DirectoryReplay.run(options.config(), feed, wal, to, progress);
        } catch (final ReplayException | RedoException e) {
            throw new CommandException(e.getMessage(), e);
        } finally {
            progress.clear();
        }
        final PrintWriter out = spec.commandLine().getOut();
        out.println(json.asked ? Json.pretty(document(result)) : text(result));
        out.flush();
        return ExitCode.OK;
    }

    private static Map<String, Object> document(final DirectoryReplay.Result result) {
        final ReplayResult replay = result.replay();
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("version", result.version().major());
        document.put("startLsn", Lsn.format(replay.startLsn()));
        document.put("endLsn", Lsn.format(replay.endLsn()));
        document.put("walBytes", replay.walBytes());
        document.put("records", replay.records());
        document.put("seconds", result.seconds());
        document.put("replaySeconds", result.replaySeconds());
        document.put("cleanlyShutDown", result.cleanlyShutDown());
        document.put("counters", counters(replay.counters()));
        return document;
    }

    private static Map<String, Object> counters(final ClusterCounters counters) {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("nextXid", counters.nextXid());
        document.put("nextOid", counters.nextOid());
        document.put("nextMultiXact", counters.nextMultiXact());
        document.put("nextMemberOffset", counters.nextMemberOffset());
        document.put("oldestXid", counters.oldestXid());
        document.put("oldestXidDatabase", counters.oldestXidDatabase());
        document.put("oldestMultiXact", counters.oldestMultiXact());
        document.put("oldestMultiXactDatabase", counters.oldestMultiXactDatabase());
        document.put("oldestCommitTimestampXid", counters.oldestCommitTimestampXid());
        document.put("newestCommitTimestampXid", counters.newestCommitTimestampXid());
        return document;
    }

    private String text(final DirectoryReplay.Result result) {
        final ReplayResult replay = result.replay();
        return String.format(
                Locale.ROOT,
                "%s: replayed %s of WAL (%s to %s, %,d records) in %.1f s and wrote %s in %.1f s; Postgres starts there %s",
                result.version(),
                Bytes.format(replay.walBytes()),
                Lsn.format(replay.startLsn()),
                Lsn.format(replay.endLsn()),
                replay.records(),
                result.replaySeconds(),
                to,
                result.seconds() - result.replaySeconds(),
                result.cleanlyShutDown() ? "without recovery" : "with recovery from the last checkpoint on");
    }
}
