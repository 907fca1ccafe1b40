package dev.firn.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalReaderTest {
    private static final int SEGMENT = 1 << 20;
    private static final long START = 0x0200_0000L;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(64 << 20);

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    /** What a run over a log has seen. */
    private record Seen(List<Long> lsns, List<byte[]> records, WalEnd end) {}

    private Seen read(
            final WalReaderConfig config, final long from, final boolean seek, final byte[] log, final int piece) {
        try (WalReader reader = new WalReader(config, memory);
                Arena arena = Arena.ofConfined()) {
            final MemorySegment bytes = arena.allocate(log.length);
            MemorySegment.copy(log, 0, bytes, WalLayout.BYTE, 0, log.length);
            if (seek) {
                reader.beginAtOrAfter(from);
            } else {
                reader.begin(from);
            }
            final List<Long> lsns = new ArrayList<>();
            final List<byte[]> records = new ArrayList<>();
            while (true) {
                switch (reader.next()) {
                    case RECORD -> {
                        final WalRecord record = reader.record();
                        lsns.add(record.lsn());
                        records.add(record.segment()
                                .asSlice(record.offset(), record.lengthBytes())
                                .toArray(WalLayout.BYTE));
                    }
                    case NEEDS_BYTES -> {
                        final long at = reader.neededLsn() - START;
                        assertThat(reader.neededBytes()).isPositive();
                        final int length = (int) Math.min(piece, log.length - at);
                        if (length <= 0) {
                            return new Seen(lsns, records, reader.finish());
                        }
                        reader.feed(reader.neededLsn(), bytes, at, length);
                    }
                    case ENDED -> {
                        return new Seen(lsns, records, reader.end());
                    }
                }
            }
        }
    }

    private static WalReaderConfig config() {
        return WalReaderConfig.of(PostgresVersion.V15, SEGMENT).withSystemIdentifier(LogMaker.SYSTEM);
    }

    private Seen read(final LogMaker log) {
        return read(config(), log.startLsn, false, log.bytes(), 1 << 16);
    }

    private static byte[] bytes(final RandomGenerator random, final int length) {
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Records of many lengths: within pages, over one, over several, over segments; switches in between. */
    static LogMaker mixedLog(final PostgresVersion version, final long seed, final int count) {
        final RandomGenerator random = new SplittableRandom(seed);
        final LogMaker log = new LogMaker(version, SEGMENT, START);
        for (int i = 0; i < count; i++) {
            final int length = switch (random.nextInt(20)) {
                case 0 -> random.nextInt(40_000);
                case 1, 2 -> random.nextInt(9_000);
                default -> random.nextInt(300);
            };
            log.append(ResourceManager.HEAP, 0x10, 700 + i, RecordBody.mainData(bytes(random, length)));
            if (random.nextInt(200) == 0) {
                log.switchSegment();
            }
        }
        return log;
    }

    @ParameterizedTest
    @CsvSource({"V15, 1", "V17, 7", "V15, 64", "V17, 1000", "V15, 8192", "V17, 65536", "V15, 100000000"})
    void shouldReadEveryRecordWhateverThePieces(final PostgresVersion version, final int piece) {
        final LogMaker log = mixedLog(version, 42, 600);
        final Seen seen = read(WalReaderConfig.of(version, SEGMENT), START, false, log.bytes(), piece);
        assertThat(seen.lsns()).isEqualTo(log.recordLsns);
        for (int i = 0; i < log.records.size(); i++) {
            assertThat(seen.records().get(i)).as("record %s", i).isEqualTo(log.records.get(i));
        }
        assertThat(seen.end().reason()).isEqualTo(WalEndReason.NO_MORE_BYTES);
        assertThat(seen.end().lsn()).isEqualTo(log.position());
    }

    @Test
    void shouldGetOnWithExactlyTheBytesThatItNeeds() {
        final LogMaker log = mixedLog(PostgresVersion.V15, 3, 400);
        final byte[] bytes = log.bytes();
        int records = 0;
        try (WalReader reader = new WalReader(config(), memory);
                Arena arena = Arena.ofConfined()) {
            final MemorySegment all = arena.allocate(bytes.length);
            MemorySegment.copy(bytes, 0, all, WalLayout.BYTE, 0, bytes.length);
            reader.begin(START);
            long needed = -1;
            while (records < log.records.size()) {
                if (reader.next() == WalStep.RECORD) {
                    assertThat(reader.record().lsn()).isEqualTo(log.recordLsns.get(records++));
                    needed = -1;
                    continue;
                }
                assertThat(reader.end()).isNull();
                // One byte less than it asks for leaves it asking for that byte, at the same goal.
                final long at = reader.neededLsn();
                final long goal = at + reader.neededBytes();
                if (needed >= 0) {
                    assertThat(goal).isEqualTo(needed);
                    needed = -1;
                } else if (goal - at > 1) {
                    needed = goal;
                    reader.feed(at, all, at - START, goal - at - 1);
                    continue;
                }
                reader.feed(at, all, at - START, goal - at);
            }
        }
        assertThat(records).isEqualTo(log.records.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 100_000_000})
    void shouldFindTheFirstRecordAtOrAfterAnyPosition(final int piece) {
        final LogMaker log = mixedLog(PostgresVersion.V15, 11, 150);
        final byte[] bytes = log.bytes();
        final RandomGenerator random = new SplittableRandom(5);
        for (int i = 0; i < 60; i++) {
            final long from = START + 1 + random.nextInt((int) (log.recordLsns.getLast() - START));
            final List<Long> expected =
                    log.recordLsns.stream().filter(lsn -> lsn >= from).toList();
            assertThat(read(config(), from, true, bytes, piece).lsns())
                    .as("from %s", Lsn.format(from))
                    .isEqualTo(expected);
        }
    }

    @Test
    void shouldDecodeBlocksImagesOriginAndTopLevelXid() {
        final LogMaker log = new LogMaker(PostgresVersion.V15, SEGMENT, START);
        final byte[] holed = bytes(new SplittableRandom(1), 8000);
        final byte[] packed = bytes(new SplittableRandom(2), 500);
        log.append(
                ResourceManager.HEAP,
                0xA2,
                734,
                new RecordBody()
                        .reference(0, 0x10 | 0x40, new byte[] {1, 2, 3})
                        .image(1 | 2, 100, 0, holed)
                        .relation(1663, 5, 16384)
                        .block(9)
                        .reference(3, 0x80 | 0x10 | 2, new byte[0])
                        .image(1 | 8, 200, 300, packed)
                        .block(-2)
                        .origin(77)
                        .topLevelXid(700)
                        .main(new byte[] {4, 5}));
        try (WalReader reader = new WalReader(config(), memory)) {
            reader.begin(START);
            reader.next();
            reader.feed(START, log.segment(), 0, log.position() - START);
            assertThat(reader.next()).isEqualTo(WalStep.RECORD);
            final WalRecord record = reader.record();
            assertThat(record.maxBlockId()).isEqualTo(3);
            assertThat(record.hasBlock(0)).isTrue();
            assertThat(record.hasBlock(1)).isFalse();
            assertThat(record.blockWillInit(0)).isTrue();
            assertThat(part(record, record.blockDataOffset(0), record.blockDataLength(0)))
                    .isEqualTo(new byte[] {1, 2, 3});
            assertThat(part(record, record.imageOffset(0), record.imageLength(0)))
                    .isEqualTo(holed);
            assertThat(record.holeOffset(0)).isEqualTo(100);
            assertThat(record.holeLength(0)).isEqualTo(192);
            assertThat(record.appliesImage(0)).isTrue();
            assertThat(record.imageCompression(0)).isEqualTo(ImageCompression.NONE);
            assertThat(record.blockRelfilenode(3)).isEqualTo(16384);
            assertThat(record.blockFork(3)).isEqualTo(2);
            assertThat(record.appliesImage(3)).isFalse();
            assertThat(record.imageCompression(3)).isEqualTo(ImageCompression.LZ4);
            assertThat(part(record, record.imageOffset(3), record.imageLength(3)))
                    .isEqualTo(packed);
            assertThat(record.holeLength(3)).isEqualTo(300);
            assertThat(record.blockDataLength(3)).isZero();
            assertThat(record.origin()).isEqualTo(77);
            assertThat(record.topLevelXid()).isEqualTo(700);
            assertThat(record.checksConsistency()).isTrue();
            assertThat(part(record, record.mainDataOffset(), record.mainDataLength()))
                    .isEqualTo(new byte[] {4, 5});
            assertThatThrownBy(() -> record.blockNumber(1)).isInstanceOf(IndexOutOfBoundsException.class);
            final StringBuilder text = new StringBuilder();
            WalRecordText.append(text, record);
            assertThat(text)
                    .hasToString("rmgr: Heap        len (rec/tot):     79/  8579, tx:        734, lsn: 0/02000028,"
                            + " prev 0/00000000, desc: UPDATE+INIT , blkref #0: rel 1663/5/16384 blk 9 FPW,"
                            + " blkref #3: rel 1663/5/16384 fork vm blk 4294967294 FPW for WAL verification");
        }
    }

    private static byte[] part(final WalRecord record, final long offset, final int length) {
        return record.segment().asSlice(offset, length).toArray(WalLayout.BYTE);
    }

    @Test
    void shouldEndAtZeroesAStalePageAndACut() {
        final LogMaker log = mixedLog(PostgresVersion.V15, 8, 40);
        final byte[] bytes = log.bytes();
        final byte[] zeroes = Arrays.copyOf(bytes, bytes.length + 100_000);
        final Seen seen = read(config(), START, false, zeroes, 4096);
        assertThat(seen.end().reason()).isEqualTo(WalEndReason.ZEROES);
        assertThat(seen.lsns()).isEqualTo(log.recordLsns);
        assertThat(seen.end().lsn()).isEqualTo(log.position());

        final long page = (START + 30_000) & -8192;
        final byte[] stale = bytes.clone();
        ByteBuffer.wrap(stale).order(ByteOrder.LITTLE_ENDIAN).putLong((int) (page - START) + 8, page - SEGMENT);
        final WalEnd staleEnd = read(config(), START, false, stale, 4096).end();
        assertThat(staleEnd.reason()).isEqualTo(WalEndReason.STALE_PAGE);
        assertThat(staleEnd.faultLsn()).isEqualTo(page);
        assertThat(staleEnd.found()).isEqualTo(page - SEGMENT);

        final int last = (int) (log.recordLsns.getLast() - START);
        final Seen cut = read(config(), START, false, Arrays.copyOf(bytes, last + 30), 4096);
        assertThat(cut.end().reason()).isEqualTo(WalEndReason.PARTIAL_RECORD);
        assertThat(cut.end().lsn()).isEqualTo(log.recordLsns.getLast());
        assertThat(cut.lsns()).hasSize(log.records.size() - 1);
    }

    @Test
    void shouldEndAtABadChecksumAndAWrongLink() {
        final LogMaker log = mixedLog(PostgresVersion.V15, 9, 40);
        final int at = (int) (log.recordLsns.get(20) - START);
        final byte[] damaged = log.bytes();
        damaged[at + 4] ^= 1;
        final Seen seen = read(config(), START, false, damaged, 100_000);
        assertThat(seen.end().reason()).isEqualTo(WalEndReason.BAD_CRC);
        assertThat(seen.end().faultLsn()).isEqualTo(log.recordLsns.get(20));
        assertThat(seen.lsns()).hasSize(20);

        final byte[] unlinked = log.bytes();
        unlinked[at + 8] ^= 8;
        final WalEnd end = read(config(), START, false, unlinked, 100_000).end();
        assertThat(end.reason()).isEqualTo(WalEndReason.WRONG_PREV_LINK);
        assertThat(end.expected()).isEqualTo(log.recordLsns.get(19));
        assertThat(end.describe()).contains(Lsn.format(log.recordLsns.get(19)));
    }

    @Test
    void shouldNameTheRecordThatIsNotContinued() {
        final LogMaker log = new LogMaker(PostgresVersion.V15, SEGMENT, START);
        log.append(ResourceManager.HEAP, 0, 1, RecordBody.mainData(new byte[100]));
        final long crossing =
                log.append(ResourceManager.HEAP, 0, 1, RecordBody.mainData(bytes(new SplittableRandom(1), 10_000)));
        final byte[] bytes = log.bytes();
        bytes[8192 + 2] = 0;
        final WalEnd end = read(config(), START, false, bytes, 1 << 20).end();
        assertThat(end.reason()).isEqualTo(WalEndReason.MISSING_CONTRECORD);
        assertThat(end.lsn()).isEqualTo(crossing);
        assertThat(end.abortedRecordLsn()).isEqualTo(crossing);
        assertThat(end.missingContrecordLsn()).isEqualTo(START + 8192);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 333, 1 << 20})
    void shouldGoOnWhereALostRecordWasReplaced(final int piece) {
        final LogMaker log = new LogMaker(PostgresVersion.V15, SEGMENT, START);
        log.append(ResourceManager.HEAP, 0, 1, RecordBody.mainData(new byte[100]));
        final long lost = log.loseRecord(RecordBody.mainData(new byte[20_000]));
        final byte[] named = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(lost)
                .array();
        final long replacement = log.append(ResourceManager.XLOG, 0xD0, 0, RecordBody.mainData(named));
        log.append(ResourceManager.HEAP, 0, 1, RecordBody.mainData(new byte[50]));
        final Seen seen = read(config(), START, false, log.bytes(), piece);
        assertThat(seen.lsns()).isEqualTo(log.recordLsns).contains(replacement);
        assertThat(seen.end().reason()).isEqualTo(WalEndReason.NO_MORE_BYTES);
    }

    @Test
    void shouldRefuseAReplacementOfAnotherRecord() {
        final LogMaker log = new LogMaker(PostgresVersion.V17, SEGMENT, START);
        final long lost = log.loseRecord(RecordBody.mainData(new byte[20_000]));
        final byte[] named = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(lost + 8)
                .array();
        log.append(ResourceManager.XLOG, 0xD0, 0, RecordBody.mainData(named));
        final WalEnd end = read(WalReaderConfig.of(PostgresVersion.V17, SEGMENT), START, false, log.bytes(), 4096)
                .end();
        assertThat(end.reason()).isEqualTo(WalEndReason.WRONG_OVERWRITTEN_RECORD);
        assertThat(end.reason().isEndOfLog()).isFalse();
    }

    @Test
    void shouldFollowARisingTimelineAndNoFallingOne() {
        final LogMaker log = new LogMaker(PostgresVersion.V15, SEGMENT, START);
        log.append(ResourceManager.HEAP, 0, 1, RecordBody.mainData(new byte[9_000]));
        log.timeline(3);
        log.append(ResourceManager.HEAP, 0, 1, RecordBody.mainData(new byte[9_000]));
        assertThat(read(log).lsns()).hasSize(2);
        log.timeline(2);
        log.append(ResourceManager.HEAP, 0, 1, RecordBody.mainData(new byte[9_000]));
        assertThat(read(log).end().reason()).isEqualTo(WalEndReason.TIMELINE_WENT_BACK);
    }

    @ParameterizedTest
    @CsvSource({
        "V17, 1048576, 0, WRONG_PAGE_MAGIC",
        "V15, 2097152, 0, WRONG_SEGMENT_SIZE",
        "V15, 1048576, 4711, WRONG_SYSTEM",
    })
    void shouldRefuseAForeignLog(
            final PostgresVersion version, final int segmentBytes, final long system, final WalEndReason reason) {
        final LogMaker log = mixedLog(PostgresVersion.V15, 8, 3);
        final WalReaderConfig config = WalReaderConfig.of(version, segmentBytes).withSystemIdentifier(system);
        assertThat(read(config, START, false, log.bytes(), 4096).end().reason()).isEqualTo(reason);
    }

    @Test
    void shouldRefuseAStartThatIsNoRecord() {
        final LogMaker log = new LogMaker(PostgresVersion.V15, SEGMENT, START);
        log.append(ResourceManager.HEAP, 0, 1, RecordBody.mainData(new byte[10_000]));
        assertThat(read(config(), START + 16, false, log.bytes(), 4096).end().reason())
                .isEqualTo(WalEndReason.INVALID_START);
        assertThat(read(config(), START + 8192, false, log.bytes(), 4096).end().reason())
                .isEqualTo(WalEndReason.UNEXPECTED_CONTRECORD);
    }

    @Test
    void shouldNotTakeMemoryForALengthThatOnlyTheHeaderClaims() {
        final LogMaker log = new LogMaker(PostgresVersion.V15, SEGMENT, START);
        log.append(ResourceManager.HEAP, 0, 1, RecordBody.mainData(new byte[20_000]));
        final byte[] bytes = log.bytes();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(40, 900 << 20);
        assertThat(read(config(), START, false, bytes, 1000).end().reason())
                .isEqualTo(WalEndReason.WRONG_CONTRECORD_LENGTH);
        assertThat(read(config().withMaxRecordBytes(10_000), START, false, log.bytes(), 1000)
                        .end()
                        .reason())
                .isEqualTo(WalEndReason.RECORD_TOO_LONG);
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldRefuseRecordsThatContradictThemselves(final PostgresVersion version) {
        final byte[] none = {};
        final byte[] page = new byte[8192];
        final List<byte[]> bodies = List.of(
                new byte[] {(byte) 255},
                new byte[] {(byte) 255, 5, 1},
                new byte[] {(byte) 254, 1, 0, 0},
                new byte[] {(byte) 253, 1},
                new byte[] {(byte) 252, 1, 2},
                new byte[] {(byte) 200, 1, 2},
                new byte[] {0, 0},
                new RecordBody().reference(0, 0x80, none).block(1).main(none),
                new RecordBody()
                        .reference(0, 4, none)
                        .relation(1, 2, 3)
                        .block(1)
                        .main(none),
                new RecordBody()
                        .reference(0, 0x20, none)
                        .relation(1, 2, 3)
                        .block(1)
                        .main(none),
                new RecordBody()
                        .reference(1, 0, none)
                        .relation(1, 2, 3)
                        .block(1)
                        .reference(1, 0x80, none)
                        .block(2)
                        .main(none),
                image(1, 0, page),
                image(1, 5, page),
                image(0, 7, page),
                image(0x0C, 0, new byte[10]),
                image(0x40, 0, page),
                image(4, 0, page),
                image(0, 0, new byte[100]),
                image(0, 0, new byte[8193]),
                image(1, 8000, new byte[100]));
        for (final byte[] body : bodies) {
            final LogMaker log = new LogMaker(version, SEGMENT, START);
            log.append(ResourceManager.HEAP, 0, 1, body);
            final WalEnd end = read(WalReaderConfig.of(version, SEGMENT), START, false, log.bytes(), 4096)
                    .end();
            assertThat(end.reason()).as(Arrays.toString(body)).isEqualTo(WalEndReason.MALFORMED_RECORD);
            assertThat(end.describe()).contains("contradict");
        }
    }

    private static byte[] image(final int flags, final int holeStart, final byte[] image) {
        return new RecordBody()
                .reference(0, 0x10, new byte[0])
                .image(flags, holeStart, 0, image)
                .relation(1, 2, 3)
                .block(4)
                .main(new byte[0]);
    }

    @Test
    void shouldRefuseAGapInWhatIsFed() {
        try (WalReader reader = new WalReader(config(), memory)) {
            final MemorySegment bytes = MemorySegment.ofArray(new byte[100]);
            assertThatThrownBy(() -> reader.feed(START, bytes, 0, 100)).isInstanceOf(IllegalStateException.class);
            reader.begin(START + 500);
            assertThat(reader.next()).isEqualTo(WalStep.NEEDS_BYTES);
            assertThat(reader.neededLsn()).isEqualTo(START);
            assertThatThrownBy(() -> reader.feed(START + 1, bytes, 0, 100))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Lsn.format(START));
            assertThatThrownBy(() -> reader.feed(START, bytes, 1, 100)).isInstanceOf(IndexOutOfBoundsException.class);
            reader.feed(START, bytes, 0, 100);
            assertThatThrownBy(() -> reader.feed(START, bytes, 0, 100)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void shouldAllocateNothingPerRecord() {
        final LogMaker log = mixedLog(PostgresVersion.V15, 77, 20_000);
        final byte[] bytes = log.bytes();
        // Not checked: the watching of checked mode allocates when a record makes the buffer grow.
        try (OffHeapMemory plain =
                        OffHeapMemory.open(OffHeapConfig.of("plain", 16 << 20).withChecked(false));
                WalReader reader = new WalReader(config(), plain);
                Arena arena = Arena.ofConfined()) {
            final MemorySegment all = arena.allocate(bytes.length);
            MemorySegment.copy(bytes, 0, all, WalLayout.BYTE, 0, bytes.length);
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            run(reader, all, 50_000);
            final long before = threads.getCurrentThreadAllocatedBytes();
            final int records = run(reader, all, 50_000) + run(reader, all, 4_000) + run(reader, all, 1 << 30);
            final long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(records).isEqualTo(3 * log.records.size());
            assertThat(allocated).as("bytes allocated by %s records", records).isLessThan(4096);
        }
    }

    private static int run(final WalReader reader, final MemorySegment log, final int piece) {
        reader.begin(START);
        int records = 0;
        long sum = 0;
        while (true) {
            switch (reader.next()) {
                case RECORD -> {
                    records++;
                    sum += reader.record().mainDataLength() + reader.record().xid();
                }
                case NEEDS_BYTES -> {
                    final long at = reader.neededLsn() - START;
                    if (at >= log.byteSize()) {
                        assertThat(sum).isNotZero();
                        return records;
                    }
                    reader.feed(START + at, log, at, Math.min(piece, log.byteSize() - at));
                }
                case ENDED -> throw new AssertionError(reader.end().describe());
            }
        }
    }
}
