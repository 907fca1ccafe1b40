package dev.firn.server.command;

import dev.firn.columnar.transcode.TranscodeConfig;
import dev.firn.columnar.transcode.TranscodedTable;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.home.UpRecord;
import dev.firn.server.lake.ExportTargets;
import dev.firn.server.lake.ExportedTable;
import dev.firn.server.lake.LakeExport;
import dev.firn.server.lake.ServedSeat;
import dev.firn.server.pages.PageConnection;
import dev.firn.server.pages.ReaderLease;
import dev.firn.server.store.TransferProgress;
import dev.firn.server.up.QuorumLayout;
import dev.firn.server.up.ReaderSeat;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn lake export}: tables as Parquet files, as they were at an LSN. */
@Command(
        name = "export",
        description = {
            "Writes tables as Parquet files, as they were at an LSN or a time, from the page server: of each database and table a folder"
                    + " DATABASE/SCHEMA.TABLE, whose *.parquet are the rows that a query saw there. Below _firn/ in it is what"
                    + " only Firn needs: versions of rows that nobody sees, the TOAST table, and what else its pages are rebuilt from.",
            "A table that cannot be written, because a page of it is damaged, say, leaves no file and is named; the others are written."
                    + " The exit code is 1 then.",
            "A page server that is started anew meanwhile is waited for, up to ten minutes. When it stays away, or the target takes no more,"
                    + " the export ends, and what it has written is removed.",
            "Several threads write, each a table, or a gibibyte of a large one; what they write is the same whatever their number. Files of other"
                    + " exports are never touched: where a table's folder holds files already, nothing is begun. An export that is stopped"
                    + " leaves nothing behind.",
            "With --json: branch, postgresMajor, lsn, to, tables (each with database, table, url, blocks, rows, bytes, files, deadRows,"
                    + " deadBytes, deadFiles, residueBytes, residueFiles, toastBlocks, toastBytes, error), rows, bytes, failed, seconds."
        })
final class LakeExportCommand implements Callable<Integer> {
    private static final int LEAST_MEMORY_MIB = 64;
    private static final int MOST_MEMORY_MIB = 1 << 20;

    /** What is taken where nothing is said: for each worker, and for all of them at least; in MiB. */
    private static final int WORKER_MEMORY_MIB = 512;

    private static final int DEFAULT_MEMORY_MIB = 1_024;

    /** Seats of the system that one export takes at most: others read too. */
    private static final int MOST_WORKERS = QuorumLayout.READERS - 8;

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
            names = "--database",
            paramLabel = "NAME",
            description = "Only this database (default: all but template0 and template1).")
    private String database;

    @Option(
            names = "--table",
            paramLabel = "SCHEMA.TABLE",
            description =
                    "Only this table, partition or materialised view (default: all but those of Postgres itself).")
    private String table;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Threads that write (default: as many as there are processors, 16 at most).")
    private Integer workers;

    @Option(
            names = "--memory-mib",
            paramLabel = "MIB",
            description =
                    "Memory outside of Java's heap that all of them share, beside one another (default: 512 for each, and 1024 at"
                            + " least). A table that does not fit beside others waits for them; row groups are an eighth of it, 64 MiB at most.")
    private Integer memoryMib;

    @Option(
            names = "--to",
            paramLabel = "URL",
            required = true,
            description =
                    "A folder, or s3://bucket/prefix?setting=value&... as of ./firn store. What is there already is"
                            + " never overwritten.")
    private String to;

    @Override
    public Integer call() {
        branch = TimelineName.resolve(directory.path, branch);
        final String[] names = table == null ? new String[] {null, null} : table.split("\\.", 2);
        if (names.length != 2 || (table != null && (names[0].isEmpty() || names[1].isEmpty()))) {
            throw new ParameterException(spec.commandLine(), "--table " + table + " is none such as public.accounts");
        }
        final int threads =
                workers == null ? Math.min(MOST_WORKERS, Runtime.getRuntime().availableProcessors()) : workers;
        if (threads < 1 || threads > MOST_WORKERS) {
            throw new ParameterException(
                    spec.commandLine(), "--workers " + threads + " is not within 1 and " + MOST_WORKERS);
        }
        final int mib = memoryMib == null ? Math.max(DEFAULT_MEMORY_MIB, WORKER_MEMORY_MIB * threads) : memoryMib;
        if (mib < LEAST_MEMORY_MIB || mib > MOST_MEMORY_MIB) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--memory-mib " + mib + " is not within " + LEAST_MEMORY_MIB + " and " + MOST_MEMORY_MIB);
        }
        final PointInTime point = PointInTime.parse(spec, at);
        final ExportTargets targets = targets();
        UpRecord.require(directory.path);
        return StoreTask.stoppable(
                spec,
                "the export",
                signal -> export(point, targets, names, threads, (long) mib << 20, signal::isRequested));
    }

    private ExportTargets targets() {
        try {
            return ExportTargets.parse(to);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--to: " + e.getMessage(), e);
        }
    }

    private int export(
            final PointInTime point,
            final ExportTargets targets,
            final String[] names,
            final int threads,
            final long memoryBytes,
            final BooleanSupplier stop) {
        final long beganNs = SystemClock.INSTANCE.nanoTime();
        final TransferProgress progress = StoreTask.progress("export of " + branch);
        // All workers wait for the same server: one of them says so.
        final Consumer<String> onWaiting = StoreTask.sayingOnce(spec);
        try (OffHeapMemory memory = OffHeapMemory.open(
                        OffHeapConfig.of("lake-export", memoryBytes).withChecked(false));
                ServedSeat seat = ServedSeat.open(
                        ReaderSeat.take(directory.path, HostStorage::new, SystemClock.INSTANCE, SystemRandom.secure()),
                        targets,
                        memory,
                        stop,
                        onWaiting)) {
            final PageConnection connection = seat.connection();
            final TimelineFacts timeline = connection.timeline(branch);
            final long lsn = point.lsn(connection, timeline);
            final List<ExportedTable> tables;
            try (ReaderLease lease =
                    ReaderLease.take(connection, timeline, lsn, SystemClock.INSTANCE, SystemRandom.secure())) {
                tables = new LakeExport(
                                seat.at(timeline, lsn),
                                ended -> ReaderSeat.takeIfFree(
                                                directory.path,
                                                HostStorage::new,
                                                SystemClock.INSTANCE,
                                                SystemRandom.secure())
                                        .map(reader -> ServedSeat.open(reader, targets, memory, ended, onWaiting)
                                                .at(timeline, lsn)),
                                PostgresVersion.ofMajor(timeline.postgresMajor()),
                                lsn,
                                memory,
                                memoryBytes,
                                TranscodeConfig.within(memoryBytes),
                                (bytes, ofBytes) -> {
                                    lease.keep();
                                    progress.moved(bytes, ofBytes);
                                },
                                stop)
                        .run(threads, database, names[0], names[1]);
            }
            progress.clear();
            return report(timeline, lsn, tables, SystemClock.INSTANCE.nanoTime() - beganNs);
        } finally {
            progress.clear();
        }
    }

    private int report(
            final TimelineFacts timeline, final long lsn, final List<ExportedTable> tables, final long durationNs) {
        final double seconds = durationNs / (double) TimeUnit.SECONDS.toNanos(1);
        final long failed = tables.stream().filter(one -> one.failure() != null).count();
        if (json.asked) {
            printJson(timeline, lsn, tables, failed, seconds);
        } else {
            print(lsn, tables, failed, seconds);
        }
        return failed == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void print(final long lsn, final List<ExportedTable> tables, final long failed, final double seconds) {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        long rows = 0;
        long bytes = 0;
        for (final ExportedTable one : tables) {
            if (one.failure() != null) {
                err.println("firn: " + one.database() + ": " + one.table() + " was not written: " + one.failure());
                continue;
            }
            rows += one.result().rows();
            bytes += one.result().bytes();
            out.printf(
                    Locale.ROOT,
                    "%,12d rows  %10s  %s%n",
                    one.result().rows(),
                    StoreTask.size(one.result().bytes()),
                    one.url());
        }
        out.printf(
                Locale.ROOT,
                "%s as of %s: %d %s, %,d rows, %s of Parquet in %.1f s%n",
                branch,
                Lsn.format(lsn),
                tables.size() - failed,
                tables.size() - failed == 1 ? "table" : "tables",
                rows,
                StoreTask.size(bytes),
                seconds);
        err.flush();
        out.flush();
    }

    private void printJson(
            final TimelineFacts timeline,
            final long lsn,
            final List<ExportedTable> tables,
            final long failed,
            final double seconds) {
        final List<Map<String, Object>> list = new ArrayList<>();
        long rows = 0;
        long bytes = 0;
        for (final ExportedTable one : tables) {
            list.add(document(one));
            rows += one.failure() == null ? one.result().rows() : 0;
            bytes += one.failure() == null ? one.result().bytes() : 0;
        }
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("branch", branch);
        document.put("postgresMajor", timeline.postgresMajor());
        document.put("lsn", Lsn.format(lsn));
        document.put("to", to);
        document.put("tables", list);
        document.put("rows", rows);
        document.put("bytes", bytes);
        document.put("failed", failed);
        document.put("seconds", seconds);
        final PrintWriter out = spec.commandLine().getOut();
        out.println(Json.pretty(document));
        out.flush();
    }

    private static Map<String, Object> document(final ExportedTable one) {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("database", one.database());
        document.put("table", one.table());
        document.put("url", one.url());
        if (one.failure() != null) {
            document.put("error", one.failure());
            return document;
        }
        final TranscodedTable result = one.result();
        document.put("blocks", result.blocks());
        document.put("rows", result.rows());
        document.put("bytes", result.bytes());
        document.put("files", result.files());
        document.put("deadRows", result.deadRows());
        document.put("deadBytes", result.deadBytes());
        document.put("deadFiles", result.deadFiles());
        document.put("residueBytes", result.residueBytes());
        document.put("residueFiles", result.residueFiles());
        final TranscodedTable toast = one.toast();
        document.put("toastBlocks", toast == null ? 0 : toast.blocks());
        document.put("toastBytes", toast == null ? 0 : toast.bytes() + toast.deadBytes() + toast.residueBytes());
        return document;
    }
}
