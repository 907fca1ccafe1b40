package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Proves from base backup and committed WAL alone that each acknowledged row is there: by Firn's own replay, read from the files that
 * it wrote, and by a stock Postgres that recovers.
 *
 * @param acknowledged how many rows were.
 * @param replayed how many rows are committed after Firn's replay.
 * @param recovered how many a stock Postgres finds.
 */
record Evidence(int acknowledged, int replayed, int recovered) {
    /**
     * @param wrapper what runs the commands that fetch on another host; empty for here.
     * @param source the options that say where to fetch from: {@code --dir}, or {@code --config}.
     * @param what named when something is missing: the schedule and its seed.
     */
    static Evidence gather(
            final FollowedPostgres postgres,
            final SortedSet<Long> acknowledged,
            final List<String> wrapper,
            final List<String> source,
            final Path folder,
            final String what)
            throws Exception {
        final Path base = folder.resolve("base");
        final Path wal = folder.resolve("wal");
        run(wrapper, source, "backup", "fetch", "--to", base.toString());
        run(wrapper, source, "wal", "fetch", "--output", wal.toString());

        final Path replayed = folder.resolve("replayed");
        run(
                List.of(),
                List.of(),
                "wal",
                "replay",
                "--base",
                base.toString(),
                "--wal",
                wal.toString(),
                "--to",
                replayed.toString());
        final SortedSet<Long> byReplay = HeapRows.committed(replayed, postgres.relation());
        assertHolds("the committed WAL, as wal replay has it, " + what, byReplay, acknowledged);

        final Path data = Files.createDirectories(folder.resolve("recovered")).resolve("data");
        copy(base, data);
        copy(wal, data.resolve("pg_wal"));
        Files.writeString(data.resolve("postgresql.auto.conf"), "", StandardOpenOption.TRUNCATE_EXISTING);
        final SortedSet<Long> byPostgres = postgres.rowsRecoveredIn(folder.resolve("recovered"));
        assertHolds("a stock Postgres on backup and WAL, " + what, byPostgres, acknowledged);
        return new Evidence(acknowledged.size(), byReplay.size(), byPostgres.size());
    }

    private static void run(final List<String> wrapper, final List<String> source, final String... arguments)
            throws Exception {
        final List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(source);
        try (FirnProcess process = FirnProcess.start(wrapper, all.toArray(String[]::new))) {
            final FirnProcess.Result result = process.awaitEnd();
            assertThat(result.exitCode()).as("%s: %s", all, result.err()).isZero();
        }
    }

    /** Copies a directory as a whole. */
    static void copy(final Path from, final Path to) throws IOException, InterruptedException {
        final Process copying = new ProcessBuilder("cp", "-aT", from.toString(), to.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(copying.waitFor()).isZero();
    }

    private static void assertHolds(final String where, final SortedSet<Long> rows, final SortedSet<Long> expected) {
        final SortedSet<Long> missing = new TreeSet<>(expected);
        missing.removeAll(rows);
        assertThat(missing)
                .as(
                        "acknowledged and missing in %s; %d were acknowledged, %d are there",
                        where, expected.size(), rows.size())
                .isEmpty();
    }
}
