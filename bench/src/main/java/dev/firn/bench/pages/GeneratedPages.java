package dev.firn.bench.pages;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.ingest.BaseFiles;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A log that makes each block of one relation: an image, then so many records that each change some bytes of it. The records take turns through
 * the blocks, as updates all over a table do.
 *
 * @param blocks how many.
 * @param deltas of each.
 */
record GeneratedPages(int blocks, int deltas) {
    static final PostgresVersion VERSION = PostgresVersion.ofMajor(17);
    static final int TABLESPACE = 1663;
    static final int DATABASE = 5;
    static final int RELATION = 16_384;
    static final long HIGH = PageKeys.high(KeyClass.PAGE, TABLESPACE);
    static final long MIDDLE = PageKeys.middle(DATABASE, RELATION);
    static final long START_LSN = 0x100_0000;

    /** The log's bytes for each record, whatever it has: what a short update of a row takes. */
    static final int LSN_STEP = 128;

    private static final int HEADER_BYTES = 24;
    private static final int REFERENCE_BYTES = 20;
    private static final int HAS_DATA = 0x20;
    private static final int RESOURCE_MANAGER_AT = 17;
    private static final int CHANGE_BYTES = 60;
    private static final int FIRST_CHANGE_AT = 64;
    private static final long SEED = 0x7061676573L;

    /** Of each row, so much is noise. */
    private static final int NOISE_BYTES = 16;

    private static final int ROW_BYTES = 48;

    long records() {
        return (long) blocks * (1 + deltas);
    }

    long endLsn() {
        return START_LSN + records() * LSN_STEP;
    }

    static long low(final int block) {
        return PageKeys.low(0, block);
    }

    /** Of a record: the first ones make the pages. */
    boolean isImage(final long record) {
        return record < blocks;
    }

    int blockOf(final long record) {
        return (int) (record % blocks);
    }

    /** A page without a hole, of rows of which a third is noise, as text and numbers of a table are about. */
    static byte[] page(final int block) {
        final byte[] page = new byte[PageLayout.PAGE_BYTES];
        // First of all: it fills the page with zeroes.
        final PageFlyweight flyweight = new PageFlyweight().wrap(MemorySegment.ofArray(page), 0);
        flyweight.initialize(0);
        flyweight.lower(PageLayout.PAGE_BYTES / 2);
        flyweight.upper(PageLayout.PAGE_BYTES / 2);
        final RandomGenerator random = SystemRandom.seeded(SEED + block);
        for (int i = FIRST_CHANGE_AT; i < page.length; i++) {
            page[i] = (byte) (i % ROW_BYTES < NOISE_BYTES ? random.nextInt() : i % ROW_BYTES);
        }
        LittleEndian.putInt(MemorySegment.ofArray(page), FIRST_CHANGE_AT, block);
        return page;
    }

    /** Where a page says which block it is. */
    static int blockAt() {
        return FIRST_CHANGE_AT;
    }

    /** A generic record (access/generic_xlog.h): some bytes for a place of the page. */
    byte[] change(final long record) {
        final int place = (int) (record / blocks % ((PageLayout.PAGE_BYTES - 2 * FIRST_CHANGE_AT) / CHANGE_BYTES - 1));
        final int dataBytes = 2 * Short.BYTES + CHANGE_BYTES;
        final byte[] bytes = new byte[HEADER_BYTES + REFERENCE_BYTES + dataBytes];
        final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(0, bytes.length);
        buffer.put(RESOURCE_MANAGER_AT, (byte) ResourceManager.GENERIC.id());
        buffer.position(HEADER_BYTES);
        buffer.put((byte) 0).put((byte) HAS_DATA).putShort((short) dataBytes);
        buffer.putInt(TABLESPACE).putInt(DATABASE).putInt(RELATION).putInt(blockOf(record));
        buffer.putShort((short) (2 * FIRST_CHANGE_AT + place * CHANGE_BYTES)).putShort((short) CHANGE_BYTES);
        for (int i = 0; i < CHANGE_BYTES; i++) {
            buffer.put((byte) (record + i));
        }
        return bytes;
    }

    /** A base backup without files: the log makes all there is. */
    static BaseFiles base() {
        return new BaseFiles() {
            @Override
            public PostgresVersion version() {
                return VERSION;
            }

            @Override
            public long startLsn() {
                return START_LSN;
            }

            @Override
            public long consistentLsn() {
                return START_LSN;
            }

            @Override
            public int files() {
                return 0;
            }

            @Override
            public String path(final int file) {
                throw new IndexOutOfBoundsException(file);
            }

            @Override
            public long lengthBytes(final int file) {
                throw new IndexOutOfBoundsException(file);
            }

            @Override
            public List<String> directories() {
                return List.of();
            }

            @Override
            public List<Tablespace> tablespaces() {
                return List.of();
            }

            @Override
            public boolean read(final int file, final long offset, final MemorySegment into, final long token) {
                throw new IndexOutOfBoundsException(file);
            }

            @Override
            public int poll(final ReadHandler handler, final int limit) {
                return 0;
            }
        };
    }
}
