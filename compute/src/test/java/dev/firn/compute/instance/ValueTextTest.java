package dev.firn.compute.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.compression.Decompressor;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.tuple.DeformPlan;
import dev.firn.postgres.tuple.DeformedRows;
import dev.firn.postgres.tuple.Detoaster;
import dev.firn.postgres.tuple.StoredAttribute;
import dev.firn.postgres.tuple.ToastFetcher;
import dev.firn.postgres.tuple.TupleBatch;
import dev.firn.postgres.value.DatumFlyweight;
import dev.firn.postgres.value.DatumPrinter;
import dev.firn.postgres.value.TextBuffer;
import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.value.ValueKind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Values as Firn prints them from the heap's pages, against what Postgres itself prints of the same rows: of every type its extremes and drawn
 * ones, alone, in arrays, and in composites.
 */
final class ValueTextTest {
    private static final int PAGE = PageLayout.PAGE_BYTES;
    private static final long SEED = 20_251_122L;

    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldPrintWhatPostgresPrints(final int major) throws Exception {
        compareAll(major, SEED, 12);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldPrintManyDrawnValuesAsPostgresDoes(final int major) throws Exception {
        compareAll(major, SEED + major, 6000);
    }

    private void compareAll(final int major, final long seed, final int drawn) throws Exception {
        try (PostgresServer server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(major), TestPostgres.place(temporary, "server"))
                        .with("autovacuum", "off")
                        .with("fsync", "off"),
                SystemClock.INSTANCE)) {
            server.init();
            server.start();
            SampleTables.prepare(server);
            final Map<String, List<String>> samples = new SampleValues(new SplittableRandom(seed), drawn).all(major);
            final List<String> names = new ArrayList<>(samples.keySet());
            for (int i = 0; i < names.size(); i++) {
                try {
                    SampleTables.fill(server, i, names.get(i), samples.get(names.get(i)));
                } catch (final SQLException e) {
                    throw new IllegalStateException("the values of " + names.get(i) + ", seed " + seed, e);
                }
            }
            server.execute("CHECKPOINT");
            final DescribedTypes types = new DescribedTypes(server);
            try (Decompressor decompressor = new Decompressor();
                    DataDirectory directory = new DataDirectory(server.dataDirectory())) {
                final DatumPrinter printer = new DatumPrinter(major, decompressor);
                final List<String> wrong = new ArrayList<>();
                for (int i = 0; i < names.size(); i++) {
                    final HeapReader reader = new HeapReader(server, directory, types, decompressor, "t" + i);
                    compare(server, reader, printer, "t" + i, names.get(i), wrong);
                }
                assertThat(wrong).as("seed %d", seed).isEmpty();
            }
        }
    }

    private static void compare(
            final PostgresServer server,
            final HeapReader reader,
            final DatumPrinter printer,
            final String table,
            final String type,
            final List<String> wrong)
            throws SQLException {
        final Map<Integer, List<String>> expected = new TreeMap<>();
        for (final List<String> row : server.query(
                "SELECT id, CASE WHEN num_nulls(v) = 0 THEN txt(v) END, CASE WHEN num_nulls(a) = 0 THEN txt(a) END,"
                        + " CASE WHEN num_nulls(c) = 0 THEN txt(c) END, g::text,"
                        + " CASE WHEN num_nulls(v) = 0 THEN casted(v) END FROM "
                        + table)) {
            expected.put(Integer.parseInt(row.getFirst()), row.subList(1, row.size()));
        }
        final Map<Integer, List<String>> found = reader.read(printer);
        if (!found.keySet().equals(expected.keySet())) {
            wrong.add(type + ": rows " + found.keySet() + ", not " + expected.keySet());
            return;
        }
        for (final Map.Entry<Integer, List<String>> row : expected.entrySet()) {
            final List<String> texts = found.get(row.getKey());
            for (int column = 0; column < texts.size(); column++) {
                final String want = row.getValue().get(column);
                if (!Objects.equals(texts.get(column), want) && wrong.size() < 40) {
                    wrong.add(type + " column " + column + ": " + shortened(texts.get(column)) + " is not "
                            + shortened(want));
                }
            }
            // The cast says the same, but for the types that the package names.
            if (!type.matches("bool|flagdomain|bpchar|char\\(10\\)|inet")
                    && !Objects.equals(texts.getFirst(), row.getValue().getLast())) {
                wrong.add(type + " cast: " + shortened(texts.getFirst()) + " is not "
                        + shortened(row.getValue().getLast()));
            }
        }
    }

    private static String shortened(final String text) {
        return text == null || text.length() < 300 ? text : text.substring(0, 300) + "…" + text.length();
    }

    /** Reads a table from its files. */
    private static final class HeapReader implements ToastFetcher {
        private final MemorySegment heap;
        private final List<TypeDescription> columns = new ArrayList<>();
        private final DeformPlan plan;
        private final Detoaster detoaster;
        private final Map<Integer, TreeMap<Integer, byte[]>> chunks = new HashMap<>();
        private int toastOid;
        private MemorySegment fetched;

        HeapReader(
                final PostgresServer server,
                final DataDirectory directory,
                final DescribedTypes types,
                final Decompressor decompressor,
                final String table)
                throws Exception {
            final List<String> row = server.query(
                            "SELECT c.oid::int8, pg_relation_filepath(c.oid), reltoastrelid::int8,"
                                    + " CASE WHEN reltoastrelid <> 0 THEN pg_relation_filepath(reltoastrelid) END FROM pg_class c"
                                    + " WHERE relname = '" + table + "'")
                    .getFirst();
            heap = directory.readFork(row.get(1), Fork.MAIN);
            final List<StoredAttribute> attributes = new ArrayList<>();
            for (final List<String> attribute : types.attributes(DescribedTypes.number(row.getFirst()))) {
                columns.add(types.type(DescribedTypes.number(attribute.get(2))));
                attributes.add(new StoredAttribute(
                        attribute.get(1),
                        DescribedTypes.number(attribute.get(3)),
                        TypeDescription.alignmentOf(attribute.get(4).charAt(0)),
                        null));
            }
            plan = DeformPlan.compile(attributes);
            detoaster = new Detoaster(this, decompressor);
            if (row.get(3) != null) {
                toastOid = DescribedTypes.number(row.get(2));
                readChunks(directory.readFork(row.get(3), Fork.MAIN));
            }
        }

        private void readChunks(final MemorySegment toast) {
            final DeformPlan chunkPlan = DeformPlan.compile(List.of(
                    new StoredAttribute("chunk_id", 4, 4, null),
                    new StoredAttribute("chunk_seq", 4, 4, null),
                    new StoredAttribute("chunk_data", -1, 4, null)));
            final DatumFlyweight datum = new DatumFlyweight();
            for (long at = 0; at < toast.byteSize(); at += PAGE) {
                final TupleBatch batch = batch(toast, at);
                final DeformedRows rows = new DeformedRows(chunkPlan, batch);
                chunkPlan.deform(batch, rows);
                for (int i = 0; i < batch.rows(); i++) {
                    detoaster.value(toast, rows.positions(2)[i], rows.lengths(2)[i], datum);
                    chunks.computeIfAbsent(
                                    toast.get(ValueLayout.JAVA_INT_UNALIGNED, rows.positions(0)[i]),
                                    any -> new TreeMap<>())
                            .put(
                                    toast.get(ValueLayout.JAVA_INT_UNALIGNED, rows.positions(1)[i]),
                                    toast.asSlice(datum.base(), datum.length()).toArray(ValueLayout.JAVA_BYTE));
                }
            }
        }

        private static TupleBatch batch(final MemorySegment pages, final long at) {
            final TupleBatch batch = new TupleBatch(300).begin(pages);
            assertThat(batch.addPage(new PageFlyweight().wrap(pages, at), (int) (at / PAGE)))
                    .isTrue();
            return batch;
        }

        @Override
        public MemorySegment fetch(final int toastRelation, final int valueId, final int storedBytes) {
            assertThat(toastRelation).isEqualTo(toastOid);
            fetched = MemorySegment.ofArray(new byte[storedBytes]);
            long at = 0;
            for (final byte[] chunk : chunks.get(valueId).values()) {
                MemorySegment.copy(chunk, 0, fetched, ValueLayout.JAVA_BYTE, at, chunk.length);
                at += chunk.length;
            }
            assertThat(at).isEqualTo(storedBytes);
            return fetched;
        }

        Map<Integer, List<String>> read(final DatumPrinter printer) {
            final Map<Integer, List<String>> found = new TreeMap<>();
            final DatumFlyweight datum = new DatumFlyweight();
            final TextBuffer text = new TextBuffer();
            for (long at = 0; at < heap.byteSize(); at += PAGE) {
                final TupleBatch batch = batch(heap, at);
                final DeformedRows rows = new DeformedRows(plan, batch);
                plan.deform(batch, rows);
                for (int row = 0; row < batch.rows(); row++) {
                    final List<String> texts = new ArrayList<>();
                    for (int column = 1; column < columns.size(); column++) {
                        texts.add(print(printer, rows, column, row, datum, text));
                    }
                    found.put(heap.get(ValueLayout.JAVA_INT_UNALIGNED, rows.positions(0)[row]), texts);
                }
            }
            return found;
        }

        private String print(
                final DatumPrinter printer,
                final DeformedRows rows,
                final int column,
                final int row,
                final DatumFlyweight datum,
                final TextBuffer text) {
            final int position = rows.positions(column)[row];
            if (position == DeformedRows.NULL) {
                return null;
            }
            final TypeDescription type = columns.get(column);
            if (type.length() >= 0) {
                datum.wrap(heap, position, type.length());
            } else {
                detoaster.value(heap, position, rows.lengths(column)[row], datum);
            }
            assertThat(type.base().kind()).isNotEqualTo(ValueKind.UNKNOWN);
            printer.print(type, datum, text.clear());
            return text.toString();
        }
    }
}
