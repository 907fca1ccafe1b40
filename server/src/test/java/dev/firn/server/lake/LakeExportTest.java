package dev.firn.server.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.columnar.source.DirectoryPages;
import dev.firn.columnar.transcode.LakeFile;
import dev.firn.columnar.transcode.TranscodeConfig;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.instance.TestPostgres;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.CommandException;
import dev.firn.server.store.StoppedException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Exports of a data directory with several threads, in parts of few blocks. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LakeExportTest {
    private static final int MAJOR = 15;
    private static final long LSN = 0x3000060;
    private static final long MEMORY_BYTES = 1L << 30;
    private static final int SEATS = 100;

    /** Parts of 32 blocks. */
    private static final TranscodeConfig CONFIG =
            TranscodeConfig.within(MEMORY_BYTES).withBlocks(8, 32);

    private static final List<String> TABLES =
            List.of("public.damaged", "public.empty", "public.large", "public.longs", "public.refused", "public.small");

    private Path dataDirectory;
    private PostgresServer server;

    @TempDir
    private Path folder;

    private OffHeapMemory memory;

    /** The name of a thread that gets no seat; null when all do. */
    private String refusedWorker;

    private final AtomicInteger seatsLeft = new AtomicInteger();
    private volatile boolean stopped;
    private final AtomicInteger filesUntilFailure = new AtomicInteger();

    /** Files whose path begins so cannot be removed. */
    private volatile String stuck;

    @BeforeAll
    void makeTables(@TempDir final Path shared) throws Exception {
        server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(MAJOR), TestPostgres.place(shared, "server"))
                        .with("autovacuum", "off")
                        .with("fsync", "off"),
                SystemClock.INSTANCE);
        server.init();
        server.start();
        server.execute("CREATE TABLE large (id int, t text, v numeric)");
        server.execute("INSERT INTO large SELECT i, md5(i::text), i / 3.0 FROM generate_series(1, 40000) i");
        server.execute("DELETE FROM large WHERE id % 9 = 0");
        server.execute("CREATE TABLE small (id int)");
        server.execute("INSERT INTO small VALUES (1), (2)");
        server.execute("CREATE TABLE empty (id int, t text)");
        server.execute("CREATE TABLE longs (id int, t text)");
        server.execute("INSERT INTO longs SELECT i, (SELECT string_agg(md5((i * j)::text), '') FROM"
                + " generate_series(1, 300) j) FROM generate_series(1, 200) i");
        server.execute("CREATE TABLE refused (id int, _firn_block int)");
        server.execute("CREATE TABLE damaged (id int, t text)");
        server.execute("INSERT INTO damaged SELECT i, md5(i::text) FROM generate_series(1, 20000) i");
        final String damaged = server.query("SELECT pg_relation_filepath('damaged')")
                .getFirst()
                .getFirst();
        server.stop(StopMode.FAST);
        dataDirectory = server.dataDirectory();
        // The length of a tuple in the 100th block says more than the page has.
        try (FileChannel file = FileChannel.open(dataDirectory.resolve(damaged), StandardOpenOption.WRITE)) {
            file.write(
                    ByteBuffer.wrap(new byte[] {-1}),
                    100L * PageLayout.PAGE_BYTES + PageLayout.HEADER_BYTES + PageLayout.LINE_POINTER_BYTES - 1);
        }
    }

    @AfterAll
    void removeServer() throws Exception {
        server.close();
    }

    @BeforeEach
    void openMemory() {
        memory = OffHeapMemory.open(OffHeapConfig.of("exports", MEMORY_BYTES).withChecked(false));
        filesUntilFailure.set(Integer.MAX_VALUE);
        seatsLeft.set(SEATS);
        refusedWorker = null;
        stopped = false;
        stuck = null;
    }

    @AfterEach
    void everyAllocationIsFreed() {
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    @Test
    void shouldWriteTheSameWhateverTheNumberOfWorkers() throws Exception {
        final List<ExportedTable> alone = export("alone", 1, MEMORY_BYTES);
        final List<ExportedTable> together = export("together", 4, MEMORY_BYTES);
        assertThat(alone.stream().map(ExportedTable::table)).containsExactlyElementsOf(TABLES);
        assertThat(named(together)).isEqualTo(named(alone));
        assertThat(files("together")).isEqualTo(files("alone"));
        final ExportedTable large = together.get(TABLES.indexOf("public.large"));
        assertThat(large.failure()).isNull();
        assertThat(large.result().files()).isGreaterThan(5);
        assertThat(large.result().rows()).isEqualTo(40_000 - 40_000 / 9);
        assertThat(large.result().deadRows()).isEqualTo(40_000 / 9);
        assertThat(together.get(TABLES.indexOf("public.longs")).toast().files()).isGreaterThan(1);
        assertThat(files("together").keySet())
                .contains("postgres/public.empty/part-0000000000.parquet")
                .contains("postgres/public.large/part-0000000032.parquet");
    }

    @Test
    void shouldNameWhatCannotBeWrittenAndLeaveNothingOfIt() throws Exception {
        final List<ExportedTable> exported = export("lake", 3, MEMORY_BYTES);
        assertThat(exported.get(TABLES.indexOf("public.damaged")).failure())
                .contains("public.damaged: ")
                .contains("block 100, offset 1");
        assertThat(exported.get(TABLES.indexOf("public.refused")).failure()).contains("_firn_block begins with _firn_");
        assertThat(exported.stream().filter(one -> one.failure() == null)).hasSize(TABLES.size() - 2);
        assertThat(files("lake").keySet())
                .noneMatch(file -> file.contains("damaged") || file.contains("refused"))
                .anyMatch(file -> file.contains("public.small"));
    }

    @Test
    void shouldLetTablesWaitForMemoryAndUseNoMore() throws Exception {
        // One part of the large table takes more than half of this.
        final long little = 48L << 20;
        final List<ExportedTable> exported = export("little", 4, little);
        assertThat(exported.stream().filter(one -> one.failure() == null)).hasSize(TABLES.size() - 2);
        assertThat(memory.usage().highWaterBytes()).isLessThan(little);
        export("much", 1, MEMORY_BYTES);
        assertThat(files("little")).isEqualTo(files("much"));
    }

    @Test
    void shouldTryAloneWhatFindsNoRoomBesideOthers() throws Exception {
        export("much", 1, MEMORY_BYTES);
        boolean someWaited = false;
        // Less than the parts say that they take, so that all are given out together; how much is enough for one
        // depends on the allocator.
        for (long bytes = 16L << 20; bytes <= 64L << 20 && !someWaited; bytes += 4L << 20) {
            final String to = "narrow-" + bytes;
            try (OffHeapMemory narrow =
                    OffHeapMemory.open(OffHeapConfig.of("narrow", bytes).withChecked(false))) {
                final List<ExportedTable> exported = export(to, 8, MEMORY_BYTES, narrow);
                assertThat(narrow.usage().heldBytes()).isZero();
                final boolean whole =
                        exported.stream().filter(one -> one.failure() == null).count() == TABLES.size() - 2;
                someWaited = whole && narrow.usage().refusedCount() > 0;
                if (whole) {
                    assertThat(files(to)).isEqualTo(files("much"));
                } else {
                    assertThat(exported.stream()
                                    .filter(one -> one.table().equals("public.longs")
                                            || one.table().equals("public.large"))
                                    .map(ExportedTable::failure))
                            .anyMatch(why -> why != null && why.contains("more memory than an export has"));
                }
            }
        }
        assertThat(someWaited).isTrue();
    }

    @Test
    void shouldBeginNothingWhereFilesAreAlready() throws Exception {
        Files.createDirectories(folder.resolve("lake/postgres/public.small/_firn"));
        Files.writeString(folder.resolve("lake/postgres/public.small/_firn/x"), "x");
        assertThatThrownBy(() -> export("lake", 2, MEMORY_BYTES))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("public.small holds files already");
        assertThat(files("lake").keySet()).containsExactly("postgres/public.small/_firn/x");
    }

    @Test
    void shouldLeaveNothingWhenItEndsEarly() throws Exception {
        filesUntilFailure.set(12);
        assertThatThrownBy(() -> export("lake", 2, MEMORY_BYTES))
                .isInstanceOf(CommandException.class)
                .hasMessage("the disk is full");
        assertThat(files("lake")).isEmpty();
        filesUntilFailure.set(Integer.MAX_VALUE);
        stopped = true;
        assertThatThrownBy(() -> export("lake", 2, MEMORY_BYTES)).isInstanceOf(StoppedException.class);
        assertThat(files("lake")).isEmpty();
    }

    @Test
    void shouldSayWhatItCouldNotRemoveWhenItEndsEarly() throws Exception {
        filesUntilFailure.set(12);
        stuck = "postgres/public.large";
        assertThatThrownBy(() -> export("lake", 2, MEMORY_BYTES))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("the disk is full; ")
                .hasMessageContaining(" could not be removed from " + folder.resolve("lake"))
                .hasMessageContaining("it is stuck");
        assertThat(files("lake").keySet()).isNotEmpty().allMatch(file -> file.startsWith(stuck));
    }

    @Test
    void shouldTellTheFirstReasonWhereWhatWasBegunCannotBeRemoved() {
        filesUntilFailure.set(2);
        stuck = "postgres/public.large";
        assertThatThrownBy(() -> export("lake", 1, "large"))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("the disk is full; ")
                .hasMessageContaining("it is stuck");
        filesUntilFailure.set(Integer.MAX_VALUE);
        stuck = "postgres/public.damaged";
        assertThatThrownBy(() -> export("other", 1, "damaged"))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("public.damaged cannot be written: public.damaged: ")
                .hasMessageContaining("block 100, offset 1")
                .hasMessageContaining("it is stuck");
    }

    @Test
    void shouldSayThatAnExportWasKilledThere() throws Exception {
        Files.createDirectories(folder.resolve("lake/postgres/public.small/_firn"));
        Files.writeString(
                folder.resolve("lake/postgres/public.small/_firn/residue-0000000000.parquet.unfinished"), "x");
        assertThatThrownBy(() -> export("lake", 2, MEMORY_BYTES))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("public.small holds what an export that was killed has left");
        assertThat(files("lake")).hasSize(1);
    }

    @Test
    void shouldGoOnWithTheSeatsThatAreFree() throws Exception {
        seatsLeft.set(2);
        assertThat(export("lake", 4, MEMORY_BYTES)).hasSameSizeAs(TABLES);
        seatsLeft.set(0);
        assertThatThrownBy(() -> export("none", 1, MEMORY_BYTES))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("wait for one to end");
    }

    /** Which of the workers have one is nobody's to say. */
    @Test
    void shouldGoOnWithoutASeatForTheFirstWorker() throws Exception {
        refusedWorker = "firn-lake-export-0";

        assertThat(export("lake", 2, MEMORY_BYTES)).hasSameSizeAs(TABLES);
    }

    private static Map<String, String> named(final List<ExportedTable> tables) {
        return tables.stream()
                .collect(Collectors.toMap(
                        ExportedTable::table,
                        one -> one.failure() == null ? one.result() + " " + one.toast() : one.failure()));
    }

    private List<ExportedTable> export(final String to, final int workers, final long memoryBytes) {
        return export(to, workers, memoryBytes, memory);
    }

    private List<ExportedTable> export(final String to, final int workers, final String table) {
        return export(to, workers, MEMORY_BYTES, memory, table);
    }

    private List<ExportedTable> export(
            final String to, final int workers, final long memoryBytes, final OffHeapMemory within) {
        return export(to, workers, memoryBytes, within, null);
    }

    private List<ExportedTable> export(
            final String to,
            final int workers,
            final long memoryBytes,
            final OffHeapMemory within,
            final String table) {
        final Path root = folder.resolve(to);
        try (Seat own = new Seat(root, () -> false)) {
            return new LakeExport(
                            own,
                            stop -> !Thread.currentThread().getName().equals(refusedWorker)
                                            && seatsLeft.getAndDecrement() > 0
                                    ? Optional.of(new Seat(root, stop))
                                    : Optional.empty(),
                            PostgresVersion.ofMajor(MAJOR),
                            LSN,
                            within,
                            memoryBytes,
                            CONFIG,
                            (_, _) -> {},
                            () -> stopped)
                    .run(workers, null, table == null ? null : "public", table);
        }
    }

    private Map<String, String> files(final String below) throws IOException {
        final Path root = folder.resolve(below);
        final Map<String, String> files = new TreeMap<>();
        if (Files.exists(root)) {
            try (Stream<Path> all = Files.walk(root)) {
                for (final Path file : all.filter(Files::isRegularFile).toList()) {
                    files.put(root.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
                }
            }
        }
        return files;
    }

    /** Reads the data directory, and is thrown out when the export ends early, as one on a page server is. */
    private final class Seat implements ExportSeat {
        private final DirectoryPages pages = new DirectoryPages(dataDirectory, PostgresVersion.ofMajor(MAJOR));
        private final ExportTarget plain;
        private final BooleanSupplier stop;

        Seat(final Path root, final BooleanSupplier stop) {
            plain = new DirectoryTarget(root);
            this.stop = stop;
        }

        @Override
        public CatalogPages pages() {
            return pages;
        }

        @Override
        public ExportTarget target() {
            return new ExportTarget() {
                @Override
                public boolean isFree(final String path) {
                    return plain.isFree(path);
                }

                @Override
                public LakeFile create(final String path) {
                    if (stop.getAsBoolean()) {
                        throw new StoppedException();
                    }
                    return new FailingFile(path, plain.create(path));
                }

                @Override
                public boolean hasUnfinished(final String path) {
                    return plain.hasUnfinished(path);
                }

                @Override
                public long fileMemoryBytes() {
                    return plain.fileMemoryBytes();
                }

                @Override
                public void remove(final String path) {
                    if (stuck != null && path.startsWith(stuck)) {
                        throw new CommandException("it is stuck");
                    }
                    plain.remove(path);
                }

                @Override
                public String addressOf(final String path) {
                    return plain.addressOf(path);
                }

                @Override
                public void close() {
                    plain.close();
                }
            };
        }

        @Override
        public void close() {
            pages.close();
        }
    }

    private final class FailingFile implements LakeFile {
        private final String path;
        private final LakeFile file;

        FailingFile(final String path, final LakeFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public long offer(final MemorySegment bytes, final long offset, final long length) {
            return file.offer(bytes, offset, length);
        }

        @Override
        public void finish() {
            if (filesUntilFailure.decrementAndGet() < 0) {
                throw new CommandException("the disk is full");
            }
            file.finish();
        }

        @Override
        public void abandon() {
            if (stuck != null && path.startsWith(stuck)) {
                throw new CommandException("it is stuck");
            }
            file.abandon();
        }
    }
}
