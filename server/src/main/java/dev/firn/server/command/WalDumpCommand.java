package dev.firn.server.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalRecordText;
import dev.firn.postgres.wal.WalSegments;
import dev.firn.server.CommandException;
import dev.firn.server.wal.WalDirectory;
import dev.firn.server.wal.WalDump;
import dev.firn.server.wal.WalRecordJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn wal dump}: the records of a log, as pg_waldump prints them. */
@Command(
        name = "dump",
        description = {
            "Prints the records of Postgres' write-ahead log, one a line, as pg_waldump does,"
                    + " for every supported major version.",
            "Of the description, the operation's name and the block references are printed; the details that pg_waldump"
                    + " puts between them are not.",
            "With --json, one document, written as it is read: version, timeline, systemIdentifier, segmentBytes,"
                    + " records (an array, as long as the log), count, end.",
            "Where and why the log ends is said on standard error. Exit code 1 when no record was found,"
                    + " or when the log ends in a way that no crash explains."
        })
final class WalDumpCommand implements Callable<Integer> {
    /** How many records are printed between two looks at whether anyone still reads. */
    private static final int RECORDS_A_CHECK = 1024;

    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Option(
            names = "--wal",
            paramLabel = "DIR",
            required = true,
            description = "The folder with the segments: pg_wal, an archive, or a data directory.")
    private Path directory;

    @Option(
            names = "--from",
            paramLabel = "LSN",
            description = "Begin at the first record at or after this position (default: the oldest segment).")
    private String from;

    @Option(
            names = "--timeline",
            paramLabel = "N",
            description = "The timeline to follow, with its ancestors where its history file is there"
                    + " (default: the newest that has a file).")
    private Integer timeline;

    @Option(names = "--limit", paramLabel = "N", description = "Stop after so many records.")
    private Long limit;

    private long printed;

    @Override
    public Integer call() throws IOException {
        final Long asked = askedPosition();
        final long most = limit == null ? Long.MAX_VALUE : limit;
        if (most < 1) {
            throw new ParameterException(spec.commandLine(), "--limit " + limit + " is not at least 1");
        }
        final WalDirectory found = WalDirectory.open(directory, Optional.ofNullable(timeline));
        final long start = asked != null ? asked : oldest(found);
        final WalDump.Result result = json.asked ? printJson(found, start, most) : printLines(found, start, most);
        spec.commandLine().getOut().flush();
        return judged(result, asked);
    }

    private Long askedPosition() {
        try {
            final Long lsn = from == null ? null : Long.valueOf(Lsn.parse(from));
            if (lsn != null && (lsn <= 0 || lsn > WalSegments.MAX_READABLE_LSN)) {
                throw new IllegalArgumentException("--from " + from + " is no position to read WAL from");
            }
            return lsn;
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static long oldest(final WalDirectory found) {
        final long segment = found.firstSegment()
                .orElseThrow(() -> new CommandException("timeline " + Integer.toUnsignedString(found.timeline())
                        + " has no segment in " + found.directory() + ", which holds "
                        + found.fileNames().first() + " to " + found.fileNames().last()));
        // No log begins at 0; its first segment begins with a page, whose first record comes after the header.
        return Math.max(1, segment * found.header().segmentBytes());
    }

    private WalDump.Result printLines(final WalDirectory found, final long start, final long most) throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        final StringBuilder line = new StringBuilder();
        return new WalDump(found).run(start, most, record -> {
            line.setLength(0);
            WalRecordText.append(line, record);
            out.append(line.append('\n'));
            return isRead(out);
        });
    }

    private WalDump.Result printJson(final WalDirectory found, final long start, final long most) throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        try (JsonGenerator document =
                new JsonFactory().createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            document.writeStartObject();
            document.writeNumberField("version", found.header().version().major());
            document.writeNumberField("timeline", Integer.toUnsignedLong(found.timeline()));
            document.writeStringField(
                    "systemIdentifier", Long.toUnsignedString(found.header().systemIdentifier()));
            document.writeNumberField("segmentBytes", found.header().segmentBytes());
            document.writeArrayFieldStart("records");
            final WalDump.Result result = new WalDump(found).run(start, most, record -> {
                document.writeRaw('\n');
                WalRecordJson.write(document, record);
                return isRead(out);
            });
            document.writeEndArray();
            document.writeNumberField("count", result.records());
            if (result.end() != null) {
                document.writeFieldName("end");
                WalRecordJson.write(document, result.end());
            }
            document.writeEndObject();
            document.writeRaw('\n');
            return result;
        }
    }

    /** Whether the output still has a reader, asked now and then: {@code | head} ends the command early. */
    private boolean isRead(final PrintWriter out) {
        return ++printed % RECORDS_A_CHECK != 0 || !out.checkError();
    }

    private int judged(final WalDump.Result result, final Long asked) {
        final PrintWriter err = spec.commandLine().getErr();
        if (asked != null && result.firstLsn() != Lsn.INVALID && result.firstLsn() != asked) {
            err.println("firn: the first record at or after " + Lsn.format(asked) + " is at "
                    + Lsn.format(result.firstLsn()));
        }
        if (result.end() == null) {
            return ExitCode.OK;
        }
        err.println("firn: " + result.end().describe());
        err.flush();
        return result.records() > 0 && result.end().reason().isEndOfLog() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
