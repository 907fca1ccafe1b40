package dev.firn.columnar.transcode;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.columnar.source.DirectoryPages;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.instance.TestPostgres;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is said of each kind of damage: the relation, the block, and as far as it can be known the offset number and the attribute. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DamagedPagesTest {
    private static final int MAJOR = 15;

    /** Of the block that is damaged. */
    private static final long BLOCK = 3;

    private static final int PACKED_BYTES = 3_500;
    private static final int CHECKSUM_AT = 8;
    private static final int INFOMASK2_AT = 18;
    private static final int POINTER_BYTES = 18;

    /** The uppermost byte of the value's OID: no other value has it. */
    private static final int VALUE_ID_AT = 13;

    private PostgresServer server;
    private int toast;

    @TempDir
    private Path folder;

    private OffHeapMemory memory;

    @BeforeAll
    void makeTable(@TempDir final Path shared) throws Exception {
        server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(MAJOR), TestPostgres.place(shared, "server"))
                        .with("autovacuum", "off")
                        .with("fsync", "off"),
                SystemClock.INSTANCE);
        server.init();
        server.start();
        server.execute("CREATE TABLE damaged (id int, n numeric, t text, packed text, away text);"
                + " ALTER TABLE damaged ALTER packed SET STORAGE main, ALTER away SET STORAGE external");
        server.execute("INSERT INTO damaged SELECT i, i / 3.0, 'marker-' || i, rpad('', " + PACKED_BYTES
                + ", 'packed '), repeat(md5(i::text), 100) FROM generate_series(1, 600) i");
        toast = Integer.parseUnsignedInt(server.query("SELECT reltoastrelid FROM pg_class WHERE relname = 'damaged'")
                .getFirst()
                .getFirst());
        server.stop(StopMode.FAST);
    }

    @AfterAll
    void removeServer() {
        server.close();
    }

    @BeforeEach
    void openMemory() {
        memory = OffHeapMemory.open(OffHeapConfig.of("damaged", 256L << 20).withChecked(false));
    }

    @AfterEach
    void everyAllocationIsFreed() {
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    @Test
    void shouldNameTheBlockOfAWrongChecksum() {
        expect(true, page -> flip(page, 5_000), "public.damaged: block 3: its checksum is not that of its bytes");
        expect(true, page -> flip(page, CHECKSUM_AT), "public.damaged: block 3: its checksum is not that of its bytes");
    }

    @Test
    void shouldNameTheBlockOfAHeaderThatMakesNoSense() {
        // pd_lower behind pd_upper.
        expect(false, page -> page.set(JAVA_BYTE, 13, (byte) 0x7F), "public.damaged: block 3");
    }

    @Test
    void shouldNameTheOffsetOfAPointerOutOfBounds() {
        expect(
                false,
                page -> page.set(
                        JAVA_BYTE, PageLayout.HEADER_BYTES + 5 * PageLayout.LINE_POINTER_BYTES - 1, (byte) 0x7F),
                "public.damaged: block 3, offset 5: ");
    }

    @Test
    void shouldNameTheOffsetOfATupleThatTheCatalogsDoNotFit() {
        expect(
                false,
                page -> page.set(JAVA_BYTE, tuple(page, 7) + INFOMASK2_AT, (byte) 0x33),
                "public.damaged: block 3, offset 7: ");
    }

    @Test
    void shouldNameTheAttributeOfAnImpossibleLength() {
        // The short header before the text: 126 bytes more than there are.
        expect(
                false,
                page -> page.set(JAVA_BYTE, find(page, "marker-".getBytes(StandardCharsets.US_ASCII)) - 1, (byte) 0xFF),
                "public.damaged: block 3, offset ",
                "attribute ");
    }

    @Test
    void shouldNameTheAttributeOfBrokenCompression() {
        // Behind the length of what was compressed: what is to be copied begins before the value does.
        expect(
                false,
                page -> page.asSlice(find(page, littleEndian(PACKED_BYTES)) + Integer.BYTES, 20)
                        .fill((byte) 0xFF),
                "public.damaged: block 3, offset ",
                "attribute packed");
    }

    @Test
    void shouldNameTheAttributeOfAValueThatIsNotInTheToastTable() {
        expect(
                false,
                page -> page.set(
                        JAVA_BYTE, find(page, littleEndian(toast)) + Integer.BYTES - POINTER_BYTES + VALUE_ID_AT, (byte)
                                0xEE),
                "public.damaged: block 3, offset ",
                "attribute away");
    }

    private void expect(final boolean checksums, final Consumer<MemorySegment> damage, final String... parts) {
        final PostgresVersion version = PostgresVersion.ofMajor(MAJOR);
        try (DirectoryPages sound = new DirectoryPages(server.dataDirectory(), version)) {
            final DamagedPages pages = new DamagedPages(sound, damage);
            try (LakeDatabase database = LakeDatabase.open(
                    pages,
                    version,
                    new CatalogReader(version, pages).database("postgres").orElseThrow(),
                    checksums)) {
                final LakeTable table = database.table("public", "damaged").orElseThrow();
                pages.relation = table.relation().locator();
                assertThatThrownBy(() -> TranscodedRelation.of(
                                database,
                                table,
                                MAJOR,
                                TranscodeConfig.defaults().withBlocks(2, 2),
                                memory,
                                folder))
                        .isInstanceOf(MalformedDataException.class)
                        .message()
                        .startsWith(parts[0])
                        .contains(List.of(parts));
            }
        }
        try (Stream<Path> left = Files.walk(folder)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void flip(final MemorySegment page, final long at) {
        page.set(JAVA_BYTE, at, (byte) (page.get(JAVA_BYTE, at) ^ 1));
    }

    private static long tuple(final MemorySegment page, final int number) {
        return LittleEndian.getInt(page, PageLayout.HEADER_BYTES + (number - 1L) * PageLayout.LINE_POINTER_BYTES)
                & 0x7FFF;
    }

    private static byte[] littleEndian(final int value) {
        return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)};
    }

    private static long find(final MemorySegment page, final byte[] wanted) {
        for (long at = PageLayout.HEADER_BYTES; at < PageLayout.PAGE_BYTES - wanted.length; at++) {
            if (page.asSlice(at, wanted.length).mismatch(MemorySegment.ofArray(wanted)) < 0) {
                return at;
            }
        }
        throw new AssertionError("the page does not have what is to be damaged");
    }

    /** Damages one block of one relation on the way. */
    private static final class DamagedPages implements CatalogPages {
        private final CatalogPages sound;
        private final Consumer<MemorySegment> damage;
        private RelFileLocator relation;

        DamagedPages(final CatalogPages sound, final Consumer<MemorySegment> damage) {
            this.sound = sound;
            this.damage = damage;
        }

        @Override
        public long blocks(final RelFileLocator wanted, final Fork fork) {
            return sound.blocks(wanted, fork);
        }

        @Override
        public void page(final RelFileLocator wanted, final Fork fork, final long block, final MemorySegment into) {
            sound.page(wanted, fork, block, into);
            if (wanted.equals(relation) && block == BLOCK) {
                damage.accept(into.asSlice(0, PageLayout.PAGE_BYTES));
            }
        }

        @Override
        public void slruPage(final Slru slru, final int page, final MemorySegment into) {
            sound.slruPage(slru, page, into);
        }

        @Override
        public byte[] relationMap(final int tablespace, final int database) {
            return sound.relationMap(tablespace, database);
        }
    }
}
