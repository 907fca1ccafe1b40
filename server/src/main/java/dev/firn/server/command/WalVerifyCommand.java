package dev.firn.server.command;

import dev.firn.pagestore.replay.Coverage;
import dev.firn.pagestore.replay.ReplayException;
import dev.firn.pagestore.replay.ReplayResult;
import dev.firn.pagestore.replay.Verification;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.CommandException;
import dev.firn.server.wal.WalDirectory;
import dev.firn.server.wal.WalFeed;
import dev.firn.server.wal.WalProgress;
import dev.firn.tuning.host.Bytes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
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

/** {@code firn wal verify}: replays a log and compares each page with what Postgres says it must be. */
@Command(
        name = "verify",
        description = {
            "Replays a write-ahead log over a data directory, in memory, and compares each changed page with the image"
                    + " that its record carries of it: Postgres writes them under wal_consistency_checking.",
            "A page that differs, or whose record could not be applied, goes on as the image says, so that each record is"
                    + " judged by itself.",
            "With --json: version, walBytes, records, imagesCompared, mismatches (pages that differ), unsupported"
                    + " (records that could not be applied), seconds, firstMismatch (null without any), knownDifferences"
                    + " (pages that differ only as Postgres' own redo differs from its primary; no mismatches).",
            "Exit code 1 when mismatches or unsupported is not 0."
        })
final class WalVerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Mixin
    private WalReplayOptions options;

    @Option(
            names = "--coverage",
            paramLabel = "FILE",
            description = "Write a table to this file, as CSV: each kind of record, how often it was seen, verified,"
                    + " different, and failed.")
    private Path coverage;

    @Override
    public Integer call() {
        final WalDirectory wal = options.directory();
        final WalProgress progress = options.progress(wal);
        final Verification.Result result;
        try (WalFeed feed = new WalFeed(wal)) {
            result = Verification.run(options.config(), feed, progress);
        } catch (final ReplayException e) {
            throw new CommandException(e.getMessage(), e);
        } finally {
            progress.clear();
        }
        if (coverage != null) {
            write(result.coverage());
        }
        final PrintWriter out = spec.commandLine().getOut();
        out.println(json.asked ? Json.pretty(document(result)) : text(result));
        out.flush();
        return judged(result);
    }

    private int judged(final Verification.Result result) {
        final PrintWriter err = spec.commandLine().getErr();
        final ReplayResult replay = result.replay();
        replay.unfinished().forEach(sentence -> err.println("firn: " + sentence));
        boolean good = result.mismatches() == 0 && result.unsupported() == 0;
        if (replay.end() != null && !replay.end().reason().isEndOfLog()) {
            err.println("firn: " + replay.end().describe());
            good = false;
        }
        if (result.knownDifferences() > 0) {
            err.printf(
                    Locale.ROOT,
                    "firn: %,d pages differ only where Postgres' own redo differs from its primary (docs/redo-differences.md)%n",
                    result.knownDifferences());
        }
        if (result.imagesCompared() == 0) {
            err.println("firn: no record had an image to compare with: Postgres writes them under"
                    + " wal_consistency_checking = all");
        }
        err.flush();
        return good ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static Map<String, Object> document(final Verification.Result result) {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("version", result.version().major());
        document.put("walBytes", result.replay().walBytes());
        document.put("records", result.replay().records());
        document.put("imagesCompared", result.imagesCompared());
        document.put("mismatches", result.mismatches());
        document.put("unsupported", result.unsupported());
        document.put("seconds", result.seconds());
        document.put("firstMismatch", mismatch(result.firstMismatch()));
        document.put("knownDifferences", result.knownDifferences());
        return document;
    }

    private static Map<String, Object> mismatch(final Verification.Mismatch mismatch) {
        if (mismatch == null) {
            return null;
        }
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("lsn", Lsn.format(mismatch.lsn()));
        document.put("rmgr", mismatch.resourceManager());
        document.put("operation", mismatch.operation());
        document.put("relation", mismatch.relation().toString());
        document.put("fork", mismatch.fork().toString());
        document.put("block", mismatch.block());
        document.put("offset", mismatch.offset());
        document.put("expected", mismatch.expected());
        document.put("actual", mismatch.actual());
        return document;
    }

    private static String text(final Verification.Result result) {
        final ReplayResult replay = result.replay();
        return String.format(
                Locale.ROOT,
                "%s: replayed %s of WAL (%s to %s) in %.1f s, %,d records; %,d pages compared, %,d differ, %,d records could"
                        + " not be applied",
                result.version(),
                Bytes.format(replay.walBytes()),
                Lsn.format(replay.startLsn()),
                Lsn.format(replay.endLsn()),
                result.seconds(),
                replay.records(),
                result.imagesCompared(),
                result.mismatches(),
                result.unsupported());
    }

    private void write(final Coverage table) {
        final StringBuilder text = new StringBuilder("rmgr,operation,seen,verified,different,failed\n");
        for (final Coverage.Row row : table.rows()) {
            text.append(row.resourceManager())
                    .append(',')
                    .append(row.operation())
                    .append(',')
                    .append(row.seen())
                    .append(',')
                    .append(row.verified())
                    .append(',')
                    .append(row.different())
                    .append(',')
                    .append(row.failed())
                    .append('\n');
        }
        try {
            Files.writeString(coverage, text);
        } catch (final IOException e) {
            throw new CommandException("cannot write " + coverage + ": " + e.getMessage(), e);
        }
    }
}
