package dev.firn.compute.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.compression.CompressionMethod;
import dev.firn.postgres.compression.Decompressor;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.FreeSpaceMap;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageChecksum;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.page.PageVerdict;
import dev.firn.postgres.page.VarlenaFlyweight;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Firn's reading of pages, against what Postgres itself says of the same pages. */
final class PageFormatsTest {
    private static final int PAGE = PageLayout.PAGE_BYTES;

    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldReadHeapPagesAndMapsAsPostgresDoes(final int major) throws Exception {
        try (PostgresServer server = started(major)) {
            server.execute(
                    "CREATE EXTENSION pageinspect; CREATE EXTENSION pg_visibility; CREATE EXTENSION pg_freespacemap;"
                            + " CREATE TABLE t (i int, a text, b int); CREATE INDEX ON t (i);"
                            + " INSERT INTO t SELECT i, repeat('x', i % 50), nullif(i % 7, 0) FROM generate_series(1, 20000) i;");
            server.execute(
                    "UPDATE t SET b = 1 WHERE i % 5 = 0 AND i < 5000; DELETE FROM t WHERE i % 3 = 0 AND i > 9000;");
            server.execute("VACUUM t");
            server.execute("UPDATE t SET b = 2 WHERE i BETWEEN 100 AND 120");
            server.execute("DELETE FROM t WHERE i BETWEEN 200 AND 210");
            server.execute("SELECT count(*) FROM t");
            server.execute("CHECKPOINT");
            final String main = one(server, "SELECT pg_relation_filepath('t')");
            final int blocks = Integer.parseInt(one(server, "SELECT pg_relation_size('t') / 8192"));
            final List<List<String>> headers =
                    server.query("SELECT b, lsn, flags, lower, upper, special, pagesize, version,"
                            + " prune_xid, page_checksum(get_raw_page('t', b), b) & 65535 FROM generate_series(0, "
                            + (blocks - 1)
                            + ") b, page_header(get_raw_page('t', b)) ORDER BY b");
            final List<List<String>> items =
                    server.query("SELECT b, lp, lp_off, lp_flags, lp_len, t_xmin, t_xmax, t_field3,"
                            + " t_ctid, t_infomask2, t_infomask, t_hoff, t_bits FROM generate_series(0, " + (blocks - 1)
                            + ") b, heap_page_items(get_raw_page('t', b)) ORDER BY b, lp");
            final List<List<String>> visible =
                    server.query("SELECT blkno, all_visible::int + 2 * all_frozen::int FROM pg_visibility_map('t')");
            final List<List<String>> free = server.query("SELECT blkno, avail FROM pg_freespace('t')");
            server.stop(StopMode.FAST);
            try (DataDirectory directory = new DataDirectory(server.dataDirectory())) {
                final MemorySegment heap = directory.readFork(main, Fork.MAIN);
                expectHeaders(heap, headers);
                expectItems(heap, items);
                expectMaps(directory, main, visible, free);
            }
        }
    }

    private static void expectHeaders(final MemorySegment heap, final List<List<String>> headers) {
        assertThat(heap.byteSize()).isEqualTo((long) headers.size() * PAGE);
        final PageFlyweight page = new PageFlyweight();
        for (final List<String> row : headers) {
            final int block = Integer.parseInt(row.get(0));
            page.wrap(heap, (long) block * PAGE);
            assertThat(List.of(
                            Lsn.format(page.lsn()),
                            page.flags() + "",
                            page.lower() + "",
                            page.upper() + "",
                            page.special() + "",
                            page.sizeBytes() + "",
                            page.layoutVersion() + "",
                            page.pruneXid() + "",
                            PageChecksum.compute(heap, page.base(), block) + ""))
                    .as("block %d", block)
                    .isEqualTo(row.subList(1, row.size()));
            assertThat(PageChecksum.verify(page, block, true)).isEqualTo(PageVerdict.VALID);
        }
    }

    private static void expectItems(final MemorySegment heap, final List<List<String>> items) {
        final PageFlyweight page = new PageFlyweight();
        final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
        final Set<Integer> states = new TreeSet<>();
        int nulls = 0;
        for (final List<String> row : items) {
            final int number = Integer.parseInt(row.get(1));
            page.wrap(heap, Long.parseLong(row.get(0)) * PAGE);
            final int pointer = page.linePointer(number);
            states.add(LinePointer.state(pointer));
            assertThat(List.of(
                            LinePointer.offset(pointer) + "",
                            LinePointer.state(pointer) + "",
                            LinePointer.length(pointer) + ""))
                    .as("item %s", row)
                    .isEqualTo(row.subList(2, 5));
            if (row.get(5) == null) {
                assertThat(LinePointer.hasStorage(pointer)).isFalse();
                continue;
            }
            tuple.wrap(page, number);
            final StringBuilder bits = new StringBuilder();
            for (int attribute = 0; tuple.hasNulls() && attribute < tuple.attributeCount(); attribute++) {
                bits.append(tuple.isNull(attribute) ? '0' : '1');
            }
            nulls += tuple.hasNulls() ? 1 : 0;
            assertThat(List.of(
                            tuple.rawXmin() + "",
                            tuple.xmax() + "",
                            tuple.commandId() + "",
                            "(" + tuple.ctidBlock() + "," + tuple.ctidOffsetNumber() + ")",
                            tuple.infomask2() + "",
                            tuple.infomask() + "",
                            tuple.dataOffset() + ""))
                    .as("item %s", row)
                    .isEqualTo(row.subList(5, 12));
            assertThat(row.get(12) == null ? "" : row.get(12).substring(0, bits.length()))
                    .isEqualTo(bits.toString());
        }
        assertThat(nulls).isPositive();
        assertThat(states).contains(LinePointer.NORMAL, LinePointer.UNUSED);
    }

    private static void expectMaps(
            final DataDirectory directory,
            final String main,
            final List<List<String>> visible,
            final List<List<String>> free)
            throws IOException {
        final PageFlyweight page = new PageFlyweight();
        final MemorySegment visibility = directory.readFork(main, Fork.VISIBILITY_MAP);
        for (final List<String> row : visible) {
            final int block = Integer.parseInt(row.get(0));
            page.wrap(visibility, (long) VisibilityMap.mapBlock(block) * PAGE);
            assertThat(VisibilityMap.get(page, block)).as("block %d", block).isEqualTo(Integer.parseInt(row.get(1)));
        }
        assertThat(visible.stream().map(List::getLast)).contains("0", "1");
        final MemorySegment space = directory.readFork(main, Fork.FREE_SPACE_MAP);
        for (final List<String> row : free) {
            final int block = Integer.parseInt(row.get(0));
            page.wrap(space, (long) FreeSpaceMap.mapBlock(block) * PAGE);
            assertThat(FreeSpaceMap.bytesOf(FreeSpaceMap.get(page, FreeSpaceMap.slot(block))))
                    .as("block %d", block)
                    .isEqualTo(Integer.parseInt(row.get(1)));
            assertThat(FreeSpaceMap.rebuild(page))
                    .as("Postgres' own tree is right")
                    .isFalse();
        }
        assertThat(free.stream().map(List::getLast)).anyMatch(avail -> !avail.equals("0"));
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldVerifyEveryPageOfACluster(final int major) throws Exception {
        final PostgresVersion version = PostgresVersion.ofMajor(major);
        try (PostgresServer server = started(major)) {
            server.execute("CREATE TABLE t AS SELECT i, md5(i::text) AS m FROM generate_series(1, 5000) i;"
                    + " CREATE INDEX ON t (m); CREATE INDEX ON t USING hash (i); CREATE INDEX ON t USING brin (i);"
                    + " CREATE INDEX ON t USING gin (string_to_array(m, 'a')); CREATE SEQUENCE s;"
                    + " CREATE INDEX ON t USING spgist (m); CREATE INDEX ON t USING gist (point(i, i));"
                    + " CREATE UNLOGGED TABLE u (i int PRIMARY KEY);");
            server.execute("VACUUM");
            final String path = one(server, "SELECT pg_relation_filepath('t')");
            server.stop(StopMode.FAST);
            try (DataDirectory directory = new DataDirectory(server.dataDirectory())) {
                final Map<String, RelationPath.Location> relations = directory.relations(version);
                assertThat(relations).containsKey(path);
                final Set<Fork> forks = EnumSet.noneOf(Fork.class);
                final PageFlyweight page = new PageFlyweight();
                int pages = 0;
                for (final Map.Entry<String, RelationPath.Location> file : relations.entrySet()) {
                    final RelationPath.Location location = file.getValue();
                    assertThat(RelationPath.of(version, location.locator(), location.fork(), location.segment()))
                            .isEqualTo(file.getKey());
                    forks.add(location.fork());
                    final MemorySegment bytes = directory.read(file.getKey());
                    for (int block = 0; block < bytes.byteSize() / PAGE; block++, pages++) {
                        final PageVerdict verdict =
                                PageChecksum.verify(page.wrap(bytes, (long) block * PAGE), block, true);
                        assertThat(verdict.isAcceptable())
                                .as("%s block %d: %s, %s", file.getKey(), block, verdict, page)
                                .isTrue();
                    }
                }
                assertThat(forks).containsExactlyInAnyOrder(Fork.values());
                assertThat(pages).isGreaterThan(2000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldReadToastedValuesAsSqlDoes(final int major) throws Exception {
        try (PostgresServer server = started(major)) {
            final boolean lz4 = one(
                            server,
                            "SELECT 'lz4' = ANY (enumvals) FROM pg_settings"
                                    + " WHERE name = 'default_toast_compression'")
                    .equals("t");
            server.execute(
                    "CREATE TABLE v (id int, a text" + (lz4 ? " COMPRESSION lz4" : "") + ", p text COMPRESSION pglz)");
            // Short, plain, compressed in line, and out of line with and without compression.
            server.execute(
                    "INSERT INTO v SELECT i, t, t FROM (SELECT i, (SELECT string_agg(md5((j / (1 + i % 4))::text), '')"
                            + " FROM generate_series(1, i * i * 4) j) AS t FROM generate_series(0, 24) i) s WHERE t IS NOT NULL;"
                            + " INSERT INTO v SELECT 100 + i, repeat(chr(96 + i), i * i * 40), repeat('ab', i * i * 20)"
                            + " FROM generate_series(1, 20) i;");
            final Map<Integer, List<String>> expected = new TreeMap<>();
            for (final List<String> row : server.query("SELECT id, a, p FROM v")) {
                expected.put(Integer.parseInt(row.getFirst()), row.subList(1, 3));
            }
            final String main = one(server, "SELECT pg_relation_filepath('v')");
            final String toast =
                    one(server, "SELECT pg_relation_filepath(reltoastrelid) FROM pg_class WHERE relname = 'v'");
            final int toastOid =
                    Integer.parseInt(one(server, "SELECT reltoastrelid FROM pg_class WHERE relname = 'v'"));
            server.stop(StopMode.FAST);
            try (DataDirectory directory = new DataDirectory(server.dataDirectory());
                    Decompressor decompressor = new Decompressor()) {
                final ToastReader reader = new ToastReader(directory, toast, toastOid, decompressor);
                assertThat(reader.readTable(directory.readFork(main, Fork.MAIN)))
                        .isEqualTo(expected);
                assertThat(reader.forms).containsExactlyInAnyOrder(VarlenaFlyweight.Form.values());
                assertThat(reader.methods).contains(CompressionMethod.PGLZ);
                assertThat(reader.methods.contains(CompressionMethod.LZ4)).isEqualTo(lz4);
            }
        }
    }

    /** Reads {@code (int, text, text)} from a heap, through its TOAST table. */
    private static final class ToastReader {
        private final Set<VarlenaFlyweight.Form> forms = EnumSet.noneOf(VarlenaFlyweight.Form.class);
        private final Set<CompressionMethod> methods = EnumSet.noneOf(CompressionMethod.class);
        private final Map<Integer, TreeMap<Integer, byte[]>> chunks = new TreeMap<>();
        private final DataDirectory directory;
        private final int toastOid;
        private final Decompressor decompressor;

        ToastReader(
                final DataDirectory directory, final String toast, final int toastOid, final Decompressor decompressor)
                throws IOException {
            this.directory = directory;
            this.toastOid = toastOid;
            this.decompressor = decompressor;
            final VarlenaFlyweight chunk = new VarlenaFlyweight();
            for (final MemorySegment tuple : tuples(directory.readFork(toast, Fork.MAIN))) {
                chunk.wrap(tuple, 8, tuple.byteSize() - 8);
                chunks.computeIfAbsent(tuple.get(ValueLayout.JAVA_INT_UNALIGNED, 0), id -> new TreeMap<>())
                        .put(tuple.get(ValueLayout.JAVA_INT_UNALIGNED, 4), value(chunk));
            }
        }

        Map<Integer, List<String>> readTable(final MemorySegment heap) {
            final Map<Integer, List<String>> rows = new TreeMap<>();
            final VarlenaFlyweight varlena = new VarlenaFlyweight();
            for (final MemorySegment tuple : tuples(heap)) {
                final List<String> values = new ArrayList<>();
                int at = 4;
                for (int column = 0; column < 2; column++) {
                    // A header of four bytes is aligned to them, and the padding before it is zero.
                    if (tuple.get(ValueLayout.JAVA_BYTE, at) == 0) {
                        at = (at + 3) & -4;
                    }
                    varlena.wrap(tuple, at, tuple.byteSize() - at);
                    at += varlena.totalBytes();
                    forms.add(varlena.form());
                    if (varlena.isCompressed()) {
                        methods.add(varlena.method());
                    }
                    values.add(new String(
                            varlena.form() == VarlenaFlyweight.Form.EXTERNAL ? external(varlena) : value(varlena),
                            StandardCharsets.UTF_8));
                }
                rows.put(tuple.get(ValueLayout.JAVA_INT_UNALIGNED, 0), values);
            }
            return rows;
        }

        private byte[] external(final VarlenaFlyweight pointer) {
            assertThat(pointer.externalToastRelation()).isEqualTo(toastOid);
            final MemorySegment stored = directory.allocate(pointer.externalBytes());
            long at = 0;
            for (final byte[] chunk : chunks.get(pointer.externalValueId()).values()) {
                MemorySegment.copy(chunk, 0, stored, ValueLayout.JAVA_BYTE, at, chunk.length);
                at += chunk.length;
            }
            assertThat(at).isEqualTo(pointer.externalBytes());
            if (!pointer.isCompressed()) {
                return stored.toArray(ValueLayout.JAVA_BYTE);
            }
            // Out of line, the compressed form keeps its own four bytes of raw length and method in front.
            final MemorySegment raw = directory.allocate(pointer.rawBytes());
            decompressor.decompress(pointer.method(), stored, 4, stored.byteSize() - 4, raw, 0, pointer.rawBytes());
            return raw.toArray(ValueLayout.JAVA_BYTE);
        }

        private byte[] value(final VarlenaFlyweight varlena) {
            final MemorySegment target = directory.allocate(Math.max(1, varlena.rawBytes()));
            varlena.copyValueTo(target, 0, decompressor);
            return target.asSlice(0, varlena.rawBytes()).toArray(ValueLayout.JAVA_BYTE);
        }

        private static List<MemorySegment> tuples(final MemorySegment heap) {
            final List<MemorySegment> tuples = new ArrayList<>();
            final PageFlyweight page = new PageFlyweight();
            final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
            for (long at = 0; at < heap.byteSize(); at += PAGE) {
                page.wrap(heap, at);
                for (int number = 1; number <= page.linePointerCount(); number++) {
                    tuple.wrap(page, number);
                    tuples.add(heap.asSlice(tuple.base() + tuple.dataOffset(), tuple.dataBytes()));
                }
            }
            return tuples;
        }
    }

    private PostgresServer started(final int major) {
        final PostgresServer server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(major), TestPostgres.place(temporary, "server"))
                        .with("autovacuum", "off"),
                SystemClock.INSTANCE);
        server.init();
        server.start();
        return server;
    }

    private static String one(final PostgresServer server, final String sql) throws SQLException {
        return server.query(sql).getFirst().getFirst();
    }
}
