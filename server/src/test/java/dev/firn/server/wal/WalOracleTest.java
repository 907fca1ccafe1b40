package dev.firn.server.wal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.ClusterOptions;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.effect.EffectSink;
import dev.firn.postgres.effect.Effects;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.ImageCompression;
import dev.firn.postgres.wal.WalEndReason;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalRecord;
import dev.firn.postgres.wal.WalRecordText;
import dev.firn.postgres.wal.WalStep;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WAL that stock Postgres wrote, read by Firn and by Postgres' own readers: nothing may differ. */
@Timeout(180)
class WalOracleTest {
    private static final int SEGMENT = 1 << 20;
    private static final String INSPECT = "SELECT start_lsn, end_lsn, prev_lsn, xid, resource_manager, record_type,"
            + " record_length, main_data_length, fpi_length, coalesce(block_ref, ''), coalesce(description, '') FROM"
            + " pg_get_wal_records_info('%s', '%s')";

    private static final int RECORD_TYPE_COLUMN = 5;

    /** What pg_waldump prints between the operation and the block references is not compared. */
    private static final Pattern DUMP_LINE =
            Pattern.compile("(rmgr: .*? desc: (?:UNKNOWN \\(\\p{XDigit}+\\)|\\S+)).*?((?:, blkref #.*)?)");

    private static final int MUTATIONS = 20_000;

    @TempDir
    private Path temporary;

    @BeforeEach
    void letTheUnprivilegedUserIn() throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldReadWhatPostgresReads(final int major) throws Exception {
        try (PostgresServer server = new PostgresServer(config(major), SystemClock.INSTANCE)) {
            server.init();
            server.start();
            server.execute("CREATE EXTENSION pg_walinspect");
            final String start = lsn(server);
            final int imageKinds = workload(server);
            final String end = lsn(server);
            final List<String> theirs = inspect(server, start, end);
            server.stop(StopMode.FAST);

            final Path wal = server.dataDirectory().resolve("pg_wal");
            final Seen seen = read(wal, Lsn.parse(start), Lsn.parse(end));
            assertThat(seen.records().size()).isGreaterThan(30_000);
            assertSame(seen.records(), theirs);
            assertThat(seen.compressions()).hasSizeGreaterThanOrEqualTo(imageKinds);
            assertEndAndDump(server, wal, start);
            surviveMutations(wal);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldFollowANewTimelineAndACrash(final int major) throws Exception {
        // Recovery finds no archive, ends at once, and goes on on a timeline of its own.
        final ServerConfig config = config(major).with("restore_command", "false");
        try (PostgresServer server = new PostgresServer(config, SystemClock.INSTANCE)) {
            server.init();
            server.start();
            server.execute("CREATE EXTENSION pg_walinspect");
            final String start = lsn(server);
            server.execute("CREATE TABLE t AS SELECT i FROM generate_series(1, 20000) i");
            server.stop(StopMode.FAST);
            Files.createFile(server.dataDirectory().resolve("recovery.signal"));
            server.adopt();
            server.start();
            server.execute("DO $$ BEGIN WHILE pg_is_in_recovery() LOOP PERFORM pg_sleep(0.01); END LOOP; END $$");
            server.execute("INSERT INTO t SELECT i FROM generate_series(1, 20000) i");
            server.crash();
            server.start();
            server.execute("INSERT INTO t SELECT i FROM generate_series(1, 1000) i");
            final String end = lsn(server);
            final List<String> theirs = inspect(server, start, end);
            server.stop(StopMode.FAST);

            final Path wal = server.dataDirectory().resolve("pg_wal");
            assertThat(WalDirectory.open(wal, Optional.empty()).timeline()).isEqualTo(2);
            final List<String> ours =
                    read(wal, Lsn.parse(start), Lsn.parse(end)).records();
            assertThat(ours.size()).isGreaterThan(40_000);
            assertSame(ours, theirs);
        }
    }

    private ServerConfig config(final int major) {
        return ServerConfig.of(
                        BinariesFinder.ofThisMachine(System.err::println).find(major), temporary.resolve("server"))
                .withCluster(ClusterOptions.DEFAULT.withWalSegmentMiB(SEGMENT >> 20))
                .with("wal_level", "logical")
                .with("wal_keep_size", "2GB")
                .with("max_wal_size", "2GB")
                .with("max_prepared_transactions", "5")
                .with("track_commit_timestamp", "on")
                .with("autovacuum", "off")
                .with("fsync", "off");
    }

    private static List<String> inspect(final PostgresServer server, final String start, final String end)
            throws Exception {
        final List<String> theirs = new ArrayList<>();
        for (final List<String> row : server.query(INSPECT.formatted(start, end))) {
            final List<String> columns = new ArrayList<>(row);
            final int description = columns.size() - 1;
            columns.set(description, TransactionEndText.theirs(row.get(RECORD_TYPE_COLUMN), row.get(description)));
            theirs.add(String.join("|", columns).strip());
        }
        return theirs;
    }

    private static String lsn(final PostgresServer server) throws Exception {
        // What was inserted without a commit is flushed by a checkpoint; pg_walinspect reads up to what is flushed.
        server.execute("CHECKPOINT");
        return server.query("SELECT pg_current_wal_flush_lsn()").getFirst().getFirst();
    }

    /** Returns how many kinds of image compression this Postgres offers. */
    private static int workload(final PostgresServer server) throws Exception {
        final List<String> compressions =
                server.query("SELECT unnest(enumvals) FROM pg_settings WHERE name = 'wal_compression'").stream()
                        .map(List::getFirst)
                        .toList();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            for (final String sql : WalWorkload.statements(compressions)) {
                statement.execute(sql);
            }
        }
        // "off", and "on" beside "pglz", which are the same.
        return (int) compressions.stream()
                .filter(name -> List.of("off", "pglz", "lz4", "zstd").contains(name))
                .count();
    }

    private record Seen(List<String> records, List<ImageCompression> compressions) {}

    private static Seen read(final Path wal, final long start, final long end) throws IOException {
        final List<String> records = new ArrayList<>();
        final List<ImageCompression> compressions = new ArrayList<>();
        final WalDirectory directory = WalDirectory.open(wal, Optional.empty());
        final Effects effects = new Effects(directory.header().version());
        final EffectSink nobody = new EffectSink() {};
        new WalDump(directory).run(start, Long.MAX_VALUE, record -> {
            if (record.nextLsn() > end) {
                return false;
            }
            records.add(row(record));
            // Throws at what it doesn't understand.
            effects.tell(record, nobody);
            for (int id = 0; id <= record.maxBlockId(); id++) {
                if (record.hasImage(id) && !compressions.contains(record.imageCompression(id))) {
                    compressions.add(record.imageCompression(id));
                }
            }
            return true;
        });
        return new Seen(records, compressions);
    }

    /** As pg_walinspect tells it. */
    private static String row(final WalRecord record) {
        final StringBuilder text = new StringBuilder();
        text.append(Lsn.format(record.lsn())).append('|');
        text.append(Lsn.format(record.nextLsn())).append('|');
        text.append(Lsn.format(record.prevLsn())).append('|');
        text.append(Integer.toUnsignedString(record.xid())).append('|');
        text.append(WalRecordText.resourceManagerName(record.resourceManagerId()))
                .append('|');
        text.append(WalRecordText.operationName(record)).append('|');
        text.append(record.lengthBytes()).append('|');
        text.append(record.mainDataLength()).append('|');
        text.append(record.imageBytes()).append('|');
        for (int id = 0; id <= record.maxBlockId(); id++) {
            if (record.hasBlock(id)) {
                appendBlock(id > 0 ? text.append(' ') : text, record, id);
            }
        }
        text.append('|').append(new TransactionEndText().ours(record));
        return text.toString();
    }

    private static void appendBlock(final StringBuilder text, final WalRecord record, final int id) {
        text.append("blkref #")
                .append(id)
                .append(": rel ")
                .append(Integer.toUnsignedString(record.blockTablespace(id)));
        text.append('/').append(Integer.toUnsignedString(record.blockDatabase(id)));
        text.append('/').append(Integer.toUnsignedString(record.blockRelfilenode(id)));
        text.append(" fork ").append(WalRecordText.forkName(record.blockFork(id)));
        text.append(" blk ").append(Integer.toUnsignedString(record.blockNumber(id)));
        if (record.hasImage(id)) {
            text.append(record.appliesImage(id) ? " (FPW)" : " (FPW for WAL verification)");
            text.append("; hole: offset: ").append(record.holeOffset(id));
            text.append(", length: ").append(record.holeLength(id));
            if (record.imageCompression(id) != ImageCompression.NONE) {
                text.append(", compression saved: ").append(8192 - record.holeLength(id) - record.imageLength(id));
                text.append(", method: ").append(record.imageCompression(id).displayName());
            }
        }
    }

    /** The program's own output, and where it says that the log ends. */
    private static void assertEndAndDump(final PostgresServer server, final Path wal, final String start)
            throws Exception {
        final FirnProcess.Result json =
                FirnProcess.run("wal", "dump", "--json", "--wal", wal.toString(), "--from", start);
        assertThat(json.exitCode()).as(json.err()).isZero();
        final JsonNode document = json.json();
        assertThat(document.get("version").asInt())
                .isEqualTo(server.config().binaries().major());
        assertThat(document.get("count").asInt())
                .isEqualTo(document.get("records").size());
        assertThat(document.get("end").get("reason").asText()).isEqualTo(WalEndReason.ZEROES.name());

        final FirnProcess.Result lines = FirnProcess.run("wal", "dump", "--wal", wal.toString(), "--from", start);
        assertThat(lines.exitCode()).as(lines.err()).isZero();
        final List<String> ours = lines.out().lines().toList();
        assertThat(ours).hasSize(document.get("count").asInt());
        if (!server.config().binaries().has("pg_waldump")) {
            return;
        }
        final List<String> theirs = waldump(server.config().binaries(), wal, start);
        assertSame(ours.stream().map(WalOracleTest::withoutDetails).toList(), theirs);
    }

    /** Shows the first difference, not a hundred thousand lines. */
    private static void assertSame(final List<String> ours, final List<String> theirs) {
        for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
            assertThat(ours.get(i)).as("record %s", i).isEqualTo(theirs.get(i));
        }
        assertThat(ours.size()).as("records").isEqualTo(theirs.size());
    }

    private static List<String> waldump(final PostgresBinaries binaries, final Path wal, final String start)
            throws IOException, InterruptedException {
        final Path out = Files.createTempFile("waldump", ".txt");
        try {
            // It ends with an error where the log ends, as it always does without an end to stop at.
            new ProcessBuilder(binaries.program("pg_waldump").toString(), "--path=" + wal, "--start=" + start)
                    .redirectOutput(out.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            try (Stream<String> lines = Files.lines(out)) {
                return lines.filter(line -> line.startsWith("rmgr: "))
                        .map(WalOracleTest::withoutDetails)
                        .toList();
            }
        } finally {
            Files.delete(out);
        }
    }

    private static String withoutDetails(final String line) {
        final Matcher matcher = DUMP_LINE.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        return matcher.group(1) + matcher.group(2);
    }

    /** Bytes that Postgres wrote, damaged: every run ends, and no access leaves them. */
    private static void surviveMutations(final Path wal) throws IOException {
        final WalDirectory directory = WalDirectory.open(wal, Optional.empty());
        final long first = directory.firstSegment().orElseThrow() + 3;
        final byte[] segment = Files.readAllBytes(directory.file(first).orElseThrow());
        final int length = 64 << 10;
        final WalReaderConfig config =
                WalReaderConfig.of(directory.header().version(), SEGMENT).withMaxRecordBytes(4 << 20);
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("mutations", 16 << 20));
                WalReader reader = new WalReader(config, memory);
                Arena arena = Arena.ofConfined()) {
            final MemorySegment bytes = arena.allocate(length);
            for (int seed = 0; seed < MUTATIONS; seed++) {
                final SplittableRandom random = new SplittableRandom(seed);
                MemorySegment.copy(segment, 0, bytes, ValueLayout.JAVA_BYTE, 0, length);
                for (int i = random.nextInt(1, 4); i > 0; i--) {
                    bytes.set(ValueLayout.JAVA_BYTE, random.nextInt(length >> random.nextInt(6)), (byte)
                            random.nextInt());
                }
                try {
                    final String end = end(reader, first * SEGMENT, bytes);
                    assertThat(end).as("seed %s", seed).startsWith("the log ends at ");
                } catch (final RuntimeException e) {
                    throw new AssertionError("seed " + seed + ": " + e, e);
                }
            }
        }
    }

    private static String end(final WalReader reader, final long lsn, final MemorySegment bytes) {
        reader.beginAtOrAfter(lsn);
        WalStep step = reader.next();
        // A record takes at least 24 bytes, so this many steps pass all of them.
        for (long turns = bytes.byteSize() / 24 + 8; turns > 0; turns--) {
            if (step == WalStep.ENDED) {
                return reader.end().describe();
            }
            if (step == WalStep.NEEDS_BYTES) {
                final long at = reader.neededLsn() - lsn;
                if (at >= bytes.byteSize()) {
                    return reader.finish().describe();
                }
                reader.feed(lsn, bytes, 0, bytes.byteSize());
            }
            step = reader.next();
        }
        throw new IllegalStateException("no end");
    }
}
