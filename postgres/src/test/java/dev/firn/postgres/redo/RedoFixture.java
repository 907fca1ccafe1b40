package dev.firn.postgres.redo;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.LogMaker;
import dev.firn.postgres.wal.RecordBody;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalRecord;
import dev.firn.postgres.wal.WalStep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Records made by hand, read by the real {@link WalReader}, and applied to pages by the real {@link Redo}.
 *
 * <pre>{@code
 * final MemorySegment page = fixture.newPage();
 * fixture.record(ResourceManager.HEAP, 0x80).xid(700).block(0, 7).willInit().data(tuple).main(insert);
 * fixture.apply(0, page);
 * }</pre>
 *
 * <p>Every record has a WAL segment of its own, each behind the one before: so LSNs grow from record to record, and pages made by
 * {@link #newPage} are older than all of them. One record is there at a time.
 */
public final class RedoFixture implements AutoCloseable {
    /** The relation of a block that names none. */
    public static final int TABLESPACE = 1663;

    /** See {@link #TABLESPACE}. */
    public static final int DATABASE = 5;

    /** See {@link #TABLESPACE}. */
    public static final int RELFILENODE = 16384;

    /** The transaction of a record that names none. */
    public static final int XID = 700;

    private static final int SEGMENT_BYTES = 1 << 20;
    private static final long FIRST_LSN = 0x1_0000_0000L;

    private static final int IMAGE_HAS_HOLE = 0x01;
    private static final int IMAGE_APPLY = 0x02;
    private static final int HAS_IMAGE = 0x10;
    private static final int WILL_INIT = 0x40;
    private static final int CHECK_CONSISTENCY = 0x02;

    /** Id, and a length of four bytes. */
    private static final int MAIN_HEADER_BYTES = 5;

    /** Block header, image header with compression header, relation, block number. */
    private static final int MAX_BLOCK_HEADER_BYTES = 4 + 5 + 2 + 12 + 4;

    private final PostgresVersion version;
    private final Arena arena = Arena.ofShared();
    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("redo-test", 16 << 20).withChecked(false));
    private final MemorySegment room = arena.allocate(SEGMENT_BYTES);
    private final Redo redo;
    private final ConsistencyCheck check;
    private final WalReader reader;

    private Draft draft;
    private WalRecord read;
    private long segmentLsn = FIRST_LSN;

    /** Records and redo of this version. */
    public RedoFixture(final PostgresVersion version) {
        this.version = version;
        this.redo = new Redo(version, memory);
        this.check = new ConsistencyCheck(version, memory);
        this.reader = new WalReader(WalReaderConfig.of(version, SEGMENT_BYTES), memory);
    }

    @Override
    public void close() {
        reader.close();
        check.close();
        redo.close();
        memory.close();
        arena.close();
    }

    /** Whose records these are. */
    public PostgresVersion version() {
        return version;
    }

    /** What applies the records. */
    public Redo redo() {
        return redo;
    }

    /** What compares pages. */
    public ConsistencyCheck check() {
        return check;
    }

    /** Off-heap memory of a page's size, all zeroes. */
    public MemorySegment newPage() {
        return arena.allocate(PageLayout.PAGE_BYTES, Long.BYTES);
    }

    /** An empty page with special space, and an LSN before every record's. */
    public MemorySegment emptyPage(final int specialBytes) {
        final MemorySegment page = newPage();
        final PageFlyweight flyweight = new PageFlyweight().wrap(page, 0);
        flyweight.initialize(specialBytes);
        flyweight.lsn(FIRST_LSN - 1);
        return page;
    }

    /** Begins the next record. */
    public Draft record(final ResourceManager manager, final int info) {
        draft = new Draft(manager, info);
        read = null;
        segmentLsn += SEGMENT_BYTES;
        return draft;
    }

    /** The record that was begun last, as the reader reads it. */
    public WalRecord read() {
        if (read == null) {
            final LogMaker log = new LogMaker(version, SEGMENT_BYTES, segmentLsn);
            log.append(draft.manager, draft.info, draft.xid, draft.body());
            final byte[] bytes = log.bytes();
            MemorySegment.copy(bytes, 0, room, ValueLayout.JAVA_BYTE, 0, bytes.length);
            reader.begin(segmentLsn);
            reader.feed(segmentLsn, room, 0, bytes.length);
            final WalStep step = reader.next();
            if (step != WalStep.RECORD) {
                throw new IllegalStateException(
                        "the record cannot be read: " + step + (step == WalStep.ENDED ? " " + reader.end() : ""));
            }
            read = reader.record();
        }
        return read;
    }

    /** Applies the record to one of the pages that it touches: see {@link Redo#apply}. */
    public RedoOutcome apply(final int touch, final MemorySegment page) {
        return redo.apply(read(), touch, page);
    }

    /** The pages that the record touches. */
    public TouchedPages touched() {
        return redo.touchedPages(read());
    }

    /** Compares a page after redo with the record's image of it: see {@link ConsistencyCheck#compare}. */
    public ConsistencyCheck.Verdict compare(final int block, final MemorySegment page) {
        return check.compare(read(), block, page);
    }

    /** Changes some bytes, at most so many, to what a seed determines. */
    public static void mutate(final byte[] bytes, final int most, final RandomGenerator random) {
        if (bytes.length == 0) {
            return;
        }
        for (int left = random.nextInt(most + 1); left > 0; left--) {
            final int at = random.nextInt(bytes.length);
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt(256) : (byte) (bytes[at] ^ 1 << random.nextInt(8));
        }
    }

    /** Like {@link #mutate(byte[], int, RandomGenerator)}, of a page: every other time in its header or among its line pointers. */
    public static void mutate(final MemorySegment page, final int most, final RandomGenerator random) {
        for (int left = random.nextInt(most + 1); left > 0; left--) {
            final int at = random.nextInt(random.nextBoolean() ? 64 : PageLayout.PAGE_BYTES);
            final byte old = page.get(ValueLayout.JAVA_BYTE, at);
            page.set(
                    ValueLayout.JAVA_BYTE,
                    at,
                    random.nextBoolean() ? (byte) random.nextInt(256) : (byte) (old ^ 1 << random.nextInt(8)));
        }
    }

    /** A record in the making. Blocks come in the order of their ids; what follows {@link #block} is about that block. */
    public static final class Draft {
        private final ResourceManager manager;
        private final List<Block> blocks = new ArrayList<>();
        private int info;
        private int xid = XID;
        private int origin;
        private byte[] main = {};

        private Draft(final ResourceManager manager, final int info) {
            this.manager = manager;
            this.info = info;
        }

        /** The transaction. */
        public Draft xid(final int value) {
            xid = value;
            return this;
        }

        /** The replication origin. */
        public Draft origin(final int value) {
            origin = value;
            return this;
        }

        /** The main data. */
        public Draft main(final byte... data) {
            main = data.clone();
            return this;
        }

        /** See {@link #main(byte...)}. */
        public Draft main(final RecordBytes data) {
            return main(data.array());
        }

        /** A block reference: the main fork of the fixture's relation. */
        public Draft block(final int id, final int number) {
            blocks.add(new Block(id, number));
            return this;
        }

        /** The block's fork. */
        public Draft fork(final int number) {
            current().flags |= number;
            return this;
        }

        /** The block's relation, of the fixture's database and tablespace. */
        public Draft relation(final int relfilenode) {
            current().relfilenode = relfilenode;
            return this;
        }

        /** The block is made anew. */
        public Draft willInit() {
            current().flags |= WILL_INIT;
            return this;
        }

        /** What the record carries for the block. */
        public Draft data(final byte... data) {
            current().data = data.clone();
            return this;
        }

        /** See {@link #data(byte...)}. */
        public Draft data(final RecordBytes data) {
            return data(data.array());
        }

        /** The block's page, whole, to be applied. */
        public Draft image(final MemorySegment page) {
            return image(page, IMAGE_APPLY, 0, 0);
        }

        /** The block's page with a hole, to be applied. */
        public Draft image(final MemorySegment page, final int holeStart, final int holeLength) {
            return image(page, IMAGE_APPLY | IMAGE_HAS_HOLE, holeStart, holeLength);
        }

        /** The block's page as {@code wal_consistency_checking} adds it: to compare with. */
        public Draft expect(final MemorySegment page) {
            info |= CHECK_CONSISTENCY;
            return image(page, 0, 0, 0);
        }

        /** The block's page as it is stored under flags of BKPIMAGE_*: compressed, or what no Postgres writes. */
        public Draft storedImage(final int flags, final int holeStart, final int holeLength, final byte... stored) {
            final Block block = current();
            block.flags |= HAS_IMAGE;
            block.imageFlags = flags;
            block.holeStart = holeStart;
            block.holeLength = holeLength;
            block.image = stored.clone();
            return this;
        }

        private Draft image(final MemorySegment page, final int flags, final int holeStart, final int holeLength) {
            final Block block = current();
            block.flags |= HAS_IMAGE;
            block.imageFlags = flags;
            block.holeStart = holeStart;
            block.holeLength = holeLength;
            block.image = new byte[PageLayout.PAGE_BYTES - holeLength];
            final int behind = holeStart + holeLength;
            MemorySegment.copy(page, ValueLayout.JAVA_BYTE, 0, block.image, 0, holeStart);
            MemorySegment.copy(
                    page, ValueLayout.JAVA_BYTE, behind, block.image, holeStart, PageLayout.PAGE_BYTES - behind);
            return this;
        }

        /** Mutates main data and block data; their lengths stay. */
        public Draft mutate(final int most, final RandomGenerator random) {
            RedoFixture.mutate(main, most, random);
            blocks.forEach(block -> RedoFixture.mutate(block.data, most, random));
            return this;
        }

        private Block current() {
            return blocks.getLast();
        }

        private byte[] body() {
            final RecordBody body = new RecordBody(
                    MAIN_HEADER_BYTES + blocks.size() * MAX_BLOCK_HEADER_BYTES,
                    blocks.stream().mapToInt(Block::partBytes).sum());
            for (final Block block : blocks) {
                body.reference(block.id, block.flags, block.data);
                if (block.image != null) {
                    body.image(block.imageFlags, block.holeStart, block.holeLength, block.image);
                }
                body.relation(TABLESPACE, DATABASE, block.relfilenode).block(block.number);
            }
            if (origin != 0) {
                body.origin(origin);
            }
            return body.main(main);
        }
    }

    private static final class Block {
        private final int id;
        private final int number;
        private int relfilenode = RELFILENODE;
        private int flags;
        private byte[] data = {};
        private byte[] image;
        private int imageFlags;
        private int holeStart;
        private int holeLength;

        private Block(final int id, final int number) {
            this.id = id;
            this.number = number;
        }

        private int partBytes() {
            return data.length + (image == null ? 0 : image.length);
        }
    }
}
