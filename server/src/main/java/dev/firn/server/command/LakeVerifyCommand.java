package dev.firn.server.command;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.home.UpRecord;
import dev.firn.server.lake.ExportSources;
import dev.firn.server.lake.ExportedFiles;
import dev.firn.server.lake.LakeVerify;
import dev.firn.server.lake.VerifiedTable;
import dev.firn.server.pages.PageConnection;
import dev.firn.server.pages.ServedPages;
import dev.firn.server.up.QuorumLayout;
import dev.firn.server.up.ReaderSeat;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn lake verify}: heap pages from Parquet files, compared with those of the page server. */
@Command(
        name = "verify",
        description = {
            "Rebuilds the heap pages of exported tables from their Parquet files alone, and compares them, byte for byte, with those that the"
                    + " page server has at the files' LSN. The exit code is 1 when one differs.",
            "A page server that is started anew meanwhile is waited for, up to ten minutes.",
            "With --json: tables, pages, mismatches; branch, lsn, and wrong, a list of what is wrong (database, table, error)."
        })
final class LakeVerifyCommand implements Callable<Integer> {
    /** What one page's rows are held in: as long as a row may be, in three files. */
    private static final long MEMORY_BYTES = 1L << 30;

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
            names = "--from",
            paramLabel = "URL",
            required = true,
            description =
                    "Where ./firn lake export has written to: a folder, or s3://bucket/prefix?setting=value&... as of ./firn store.")
    private String from;

    @Parameters(
            arity = "0..1",
            paramLabel = "SCHEMA.TABLE",
            description = "Only this table (default: all that are in the folder).")
    private String table;

    @Override
    public Integer call() {
        branch = TimelineName.resolve(directory.path, branch);
        final String[] names = table == null ? new String[] {null, null} : table.split("\\.", 2);
        if (names.length != 2) {
            throw new ParameterException(spec.commandLine(), table + " is none such as public.accounts");
        }
        final ExportSources sources = sources();
        return StoreTask.stoppable(spec, "the verification", signal -> {
            try (ExportedFiles files = sources.open(
                    StoreTask.progress("verification of " + from), SystemClock.INSTANCE, signal::isRequested)) {
                final long lsn = LakeVerify.lsn(files);
                UpRecord.require(directory.path);
                return verify(lsn, files, names, signal::isRequested);
            }
        });
    }

    private ExportSources sources() {
        try {
            return ExportSources.parse(from);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--from: " + e.getMessage(), e);
        }
    }

    private int verify(final long lsn, final ExportedFiles files, final String[] names, final BooleanSupplier stop) {
        try (ReaderSeat seat =
                        ReaderSeat.take(directory.path, HostStorage::new, SystemClock.INSTANCE, SystemRandom.secure());
                OffHeapMemory memory = OffHeapMemory.open(
                        OffHeapConfig.of("lake-verify", MEMORY_BYTES).withChecked(false))) {
            final PageConnection connection = new PageConnection(
                    seat.endpoint(),
                    QuorumLayout.PAGE_SERVER,
                    SystemClock.INSTANCE,
                    SystemRandom.secure(),
                    stop,
                    StoreTask.sayingOnce(spec));
            final TimelineFacts timeline = connection.timeline(branch);
            connection.waitLonger(PageConnection.RESTART_LIMIT_NS);
            final LakeVerify verification = new LakeVerify(
                    new ServedPages(connection, timeline, lsn),
                    PostgresVersion.ofMajor(timeline.postgresMajor()),
                    lsn,
                    files,
                    memory);
            return report(lsn, verification.run(names[0], names[1]));
        }
    }

    private int report(final long lsn, final List<VerifiedTable> tables) {
        long pages = 0;
        long mismatches = 0;
        final List<Map<String, Object>> wrong = new ArrayList<>();
        for (final VerifiedTable one : tables) {
            if (one.comparison() == null) {
                mismatches++;
                wrong.add(wrong(one, one.failure()));
                continue;
            }
            pages += one.comparison().pages();
            mismatches += one.comparison().mismatches();
            one.comparison().first().forEach(sentence -> wrong.add(wrong(one, sentence)));
        }
        final PrintWriter out = spec.commandLine().getOut();
        if (json.asked) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("tables", tables.size());
            document.put("pages", pages);
            document.put("mismatches", mismatches);
            document.put("branch", branch);
            document.put("lsn", Lsn.format(lsn));
            document.put("wrong", wrong);
            out.println(Json.pretty(document));
        } else {
            final PrintWriter err = spec.commandLine().getErr();
            wrong.forEach(one ->
                    err.println("firn: " + one.get("database") + ": " + one.get("table") + ": " + one.get("error")));
            err.flush();
            out.printf(
                    Locale.ROOT,
                    "%s as of %s: %d %s, %,d pages rebuilt from Parquet, %,d not as the page server has them%n",
                    branch,
                    Lsn.format(lsn),
                    tables.size(),
                    tables.size() == 1 ? "table" : "tables",
                    pages,
                    mismatches);
        }
        out.flush();
        return mismatches == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static Map<String, Object> wrong(final VerifiedTable table, final String error) {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("database", table.database());
        document.put("table", table.table());
        document.put("error", error);
        return document;
    }
}
