package dev.firn.bench.lake;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.bench.harness.WorkerLoop;
import dev.firn.columnar.rebuild.RebuiltRelation;
import dev.firn.columnar.rebuild.RelationFiles;
import dev.firn.columnar.source.DirectoryPages;
import dev.firn.columnar.transcode.LakeDatabase;
import dev.firn.columnar.transcode.RelationTranscoder;
import dev.firn.columnar.transcode.TableSource;
import dev.firn.columnar.transcode.TranscodeConfig;
import dev.firn.columnar.transcode.TranscodedTable;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Firn's process: a table's pages to files, and back. Its catalogs are read once; its pages are read from the data directory in each pass. */
public final class LakeWorker {
    private static final long MEMORY_BYTES = 1L << 30;
    private static final String DATABASE = "postgres";
    private static final String SCHEMA = "public";
    private static final String VISIBLE = "part";
    private static final String DEAD = "_firn/dead";
    private static final String RESIDUE = "_firn/residue";

    private final Clock clock = SystemClock.INSTANCE;
    private final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("bench-lake", MEMORY_BYTES).withChecked(false));
    private DirectoryPages pages;
    private LakeDatabase database;
    private PostgresVersion version;

    private LakeWorker() {}

    public static void main(final String[] arguments) throws IOException {
        final LakeWorker worker = new LakeWorker();
        new WorkerLoop<>(LakeJob.class, worker::run).serve(System.in, System.out);
    }

    private LakeMeasurement run(final LakeJob job) throws IOException, BenchmarkException {
        open(job.corpus());
        final TableSource source = source(job.table());
        return switch (job) {
            case LakeJob.Transcode transcode -> transcode(transcode, source);
            case LakeJob.Rebuild rebuild -> rebuild(rebuild, source);
        };
    }

    private void open(final LakeCorpus corpus) throws BenchmarkException {
        if (database != null) {
            return;
        }
        version = PostgresVersion.ofMajor(corpus.major());
        pages = new DirectoryPages(corpus.dataDirectory(), version);
        database = LakeDatabase.open(
                pages,
                version,
                new CatalogReader(version, pages)
                        .database(DATABASE)
                        .orElseThrow(() -> new BenchmarkException("no database " + DATABASE)),
                false);
    }

    private TableSource source(final LakeTable table) throws BenchmarkException {
        return database.source(
                database.table(SCHEMA, table.table())
                        .orElseThrow(() -> new BenchmarkException("no table " + table.table())),
                Map.of());
    }

    private LakeMeasurement transcode(final LakeJob.Transcode job, final TableSource source)
            throws IOException, BenchmarkException {
        final Path folder = Path.of(job.folder());
        int passes = 0;
        long elapsedNs = 0;
        long cpuNs = 0;
        long allocated = 0;
        long bytes;
        TranscodedTable result;
        do {
            RunResources.delete(folder);
            final FolderFiles files = new FolderFiles(folder);
            final long allocatedBefore = threads.getCurrentThreadAllocatedBytes();
            final long cpuBefore = threads.getCurrentThreadCpuTime();
            final long begun = clock.nanoTime();
            try (RelationTranscoder transcoder = new RelationTranscoder(
                    source, version.major(), TranscodeConfig.defaults(), memory, files, VISIBLE, DEAD, RESIDUE)) {
                result = transcoder.transcode((_, _) -> {});
            }
            elapsedNs += clock.nanoTime() - begun;
            cpuNs += threads.getCurrentThreadCpuTime() - cpuBefore;
            allocated += threads.getCurrentThreadAllocatedBytes() - allocatedBefore;
            bytes = files.bytes();
            passes++;
        } while (elapsedNs < job.measureNs());
        final LakeCorpus.Facts facts = job.corpus().facts(job.table());
        if (result.rows() != facts.rows()) {
            throw new BenchmarkException(result.rows() + " rows of " + facts.rows() + " were transcoded");
        }
        return new LakeMeasurement(passes, facts.rows(), facts.heapBytes(), bytes, elapsedNs, cpuNs, allocated);
    }

    private LakeMeasurement rebuild(final LakeJob.Rebuild job, final TableSource source)
            throws IOException, BenchmarkException {
        final Path folder = Path.of(job.folder());
        final RelationFiles files =
                new RelationFiles(files(folder, VISIBLE), files(folder, DEAD), files(folder, RESIDUE));
        final LakeCorpus.Facts facts = job.corpus().facts(job.table());
        final long allocatedBefore = threads.getCurrentThreadAllocatedBytes();
        final long cpuBefore = threads.getCurrentThreadCpuTime();
        final long begun = clock.nanoTime();
        int passes = 0;
        long bytes = 0;
        do {
            try (RebuiltRelation rebuilt = new RebuiltRelation(source.form(), files, memory)) {
                while (rebuilt.next()) {
                    // Each page is compared with its checksum: one that is not what it was is an error.
                    bytes += rebuilt.page().byteSize();
                }
            }
            passes++;
        } while (clock.nanoTime() - begun < job.measureNs());
        final long elapsedNs = clock.nanoTime() - begun;
        if (bytes != passes * facts.heapBytes()) {
            throw new BenchmarkException(
                    bytes / PageLayout.PAGE_BYTES + " pages were rebuilt in " + passes + " passes");
        }
        return new LakeMeasurement(
                passes,
                facts.rows(),
                facts.heapBytes(),
                0,
                elapsedNs,
                threads.getCurrentThreadCpuTime() - cpuBefore,
                threads.getCurrentThreadAllocatedBytes() - allocatedBefore);
    }

    private static List<Path> files(final Path folder, final String kind) throws IOException {
        final Path prefix = folder.resolve(kind);
        if (!Files.isDirectory(prefix.getParent())) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(prefix.getParent())) {
            return found.filter(file -> file.getFileName().toString().startsWith(prefix.getFileName() + "-"))
                    .sorted()
                    .toList();
        }
    }
}
