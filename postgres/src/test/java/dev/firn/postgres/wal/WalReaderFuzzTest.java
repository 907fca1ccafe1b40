package dev.firn.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever the bytes: no access leaves what was fed, every run ends, memory stays within its limit. Each case has a seed,
 * which a failure names.
 */
class WalReaderFuzzTest {
    private static final int SEGMENT = 1 << 20;
    private static final long START = 0x0300_0000L;

    /** Small logs, so that many mutations of them are tried. */
    private static final int LOG_RECORDS = 12;

    private static final int MUTATIONS = 220_000;
    private static final int RANDOM_LOGS = 20_000;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("fuzz", 16 << 20).withChecked(false));
    private final WalReaderConfig config =
            WalReaderConfig.of(PostgresVersion.V15, SEGMENT).withMaxRecordBytes(1 << 20);
    private final WalReader reader = new WalReader(config, memory);
    private final StringBuilder text = new StringBuilder();

    @AfterEach
    void close() {
        reader.close();
        memory.close();
    }

    @Test
    void shouldSurviveMutatedLogs() {
        final byte[][] logs = {log(1), log(2), log(3), log(4)};
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment room = arena.allocate(1 << 18);
            long seen = 0;
            for (long seed = 0; seed < MUTATIONS; seed++) {
                final RandomGenerator random = new SplittableRandom(seed);
                final byte[] bytes = mutate(logs[(int) (seed % logs.length)], random);
                seen += run("mutation seed " + seed, bytes, room, random);
            }
            assertThat(seen).as("records read before the damage").isGreaterThan(MUTATIONS);
        }
    }

    @Test
    void shouldSurviveRandomBytesBehindValidHeaders() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment room = arena.allocate(1 << 18);
            for (long seed = 0; seed < RANDOM_LOGS; seed++) {
                final RandomGenerator random = new SplittableRandom(~seed);
                final LogMaker maker = new LogMaker(PostgresVersion.V15, SEGMENT, START);
                for (int i = 0; i < 3; i++) {
                    // The checksum is right, so the decoder meets the bytes.
                    final byte[] body = new byte[random.nextInt(64)];
                    random.nextBytes(body);
                    if (body.length > 0 && random.nextBoolean()) {
                        body[0] = (byte) (random.nextBoolean() ? random.nextInt(33) : 252 + random.nextInt(4));
                    }
                    maker.append(ResourceManager.ofId(random.nextInt(22)), random.nextInt(256), 9, body);
                }
                run("random seed " + seed, maker.bytes(), room, random);
            }
        }
    }

    private static byte[] log(final long seed) {
        final RandomGenerator random = new SplittableRandom(seed);
        final LogMaker maker = new LogMaker(PostgresVersion.V15, SEGMENT, START);
        for (int i = 0; i < LOG_RECORDS; i++) {
            final byte[] image = new byte[random.nextInt(1, 8192)];
            final byte[] data = new byte[random.nextInt(1, 300)];
            maker.append(
                    ResourceManager.HEAP,
                    0,
                    700,
                    switch (random.nextInt(3)) {
                        case 0 -> RecordBody.mainData(data);
                        case 1 ->
                            new RecordBody()
                                    .reference(0, 0, data)
                                    .relation(1663, 5, 16384)
                                    .block(i)
                                    .reference(1, 0x80, data)
                                    .block(i + 1)
                                    .main(data);
                        default ->
                            new RecordBody()
                                    .reference(2, 0x10, new byte[0])
                                    .image(3, 1, 0, image)
                                    .relation(1663, 5, 16384)
                                    .block(i)
                                    .origin(3)
                                    .topLevelXid(699)
                                    .main(data);
                    });
        }
        return maker.bytes();
    }

    /** Flipped, overwritten, cut, moved; sometimes with the first record's checksum made right again. */
    private static byte[] mutate(final byte[] log, final RandomGenerator random) {
        final byte[] bytes = random.nextInt(8) == 0 ? Arrays.copyOf(log, random.nextInt(log.length)) : log.clone();
        final int changes = random.nextInt(1, 5);
        for (int i = 0; i < changes && bytes.length > 16; i++) {
            final int page = random.nextInt(bytes.length) & -WalLayout.PAGE_BYTES;
            final int near = Math.min(bytes.length - 1, page + random.nextInt(120));
            final int at = random.nextBoolean() ? near : random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(64)), (byte) -1);
                default -> {
                    final int from = random.nextInt(bytes.length);
                    final int length = Math.min(64, bytes.length - Math.max(from, at));
                    System.arraycopy(bytes, from, bytes, at, length);
                }
            }
        }
        if (random.nextInt(4) == 0) {
            sealFirstRecord(bytes);
        }
        return bytes;
    }

    /** Makes the first record's checksum right, when its length can be, so that the damage gets past it. */
    private static void sealFirstRecord(final byte[] bytes) {
        final int start = WalLayout.LONG_HEADER_BYTES;
        final MemorySegment log = MemorySegment.ofArray(bytes);
        final int length = bytes.length < start + 4 ? 0 : log.get(WalLayout.INT, start);
        if (length >= WalLayout.RECORD_HEADER_BYTES && length <= Math.min(bytes.length, WalLayout.PAGE_BYTES) - start) {
            final byte[] record = Arrays.copyOfRange(bytes, start, start + length);
            LogMaker.seal(record);
            System.arraycopy(record, 0, bytes, start, length);
        }
    }

    /** Runs to the end, and asks the record for all that it can tell. */
    private int run(final String name, final byte[] bytes, final MemorySegment room, final RandomGenerator random) {
        // The bytes end where the room ends: the next one is out of bounds.
        final MemorySegment log = room.asSlice(room.byteSize() - bytes.length, bytes.length);
        MemorySegment.copy(bytes, 0, log, WalLayout.BYTE, 0, bytes.length);
        final int piece = random.nextInt(4) == 0 ? random.nextInt(1, 3000) : bytes.length + 1;
        final boolean middle = random.nextInt(8) == 0;
        try {
            if (middle) {
                reader.beginAtOrAfter(START + random.nextInt(bytes.length + 1));
            } else {
                reader.begin(START);
            }
            int records = 0;
            // Each turn passes a record, takes bytes or ends.
            final int mostTurns = 2 * bytes.length + 16;
            for (int turn = 0; turn < mostTurns; turn++) {
                switch (reader.next()) {
                    case RECORD -> {
                        records++;
                        touch(reader.record());
                    }
                    case NEEDS_BYTES -> {
                        final long at = reader.neededLsn() - START;
                        assertThat(reader.neededBytes()).as(name).isPositive();
                        if (at >= bytes.length) {
                            assertThat(reader.finish().describe()).as(name).isNotEmpty();
                            return records;
                        }
                        reader.feed(START + at, log, at, Math.min(piece, bytes.length - at));
                    }
                    case ENDED -> {
                        assertThat(reader.end().describe()).as(name).isNotEmpty();
                        assertThat(reader.end().lsn()).as(name).isGreaterThanOrEqualTo(START);
                        return records;
                    }
                }
            }
            throw new AssertionError(name + ": no end after " + mostTurns + " turns");
        } catch (final RuntimeException e) {
            throw new AssertionError(name + ": " + e, e);
        }
    }

    private void touch(final WalRecord record) {
        text.setLength(0);
        WalRecordText.append(text, record);
        final long end = record.offset() + record.lengthBytes();
        long parts = record.mainDataLength();
        for (int id = 0; id <= record.maxBlockId(); id++) {
            if (record.hasBlock(id)) {
                parts += record.imageLength(id) + record.blockDataLength(id);
                within(record.imageOffset(id) + record.imageLength(id), end);
                within(record.blockDataOffset(id) + record.blockDataLength(id), end);
                within(record.holeOffset(id) + record.holeLength(id), WalLayout.BLOCK_BYTES);
                if (record.imageCompression(id) == ImageCompression.NONE && record.hasImage(id)) {
                    within(record.imageLength(id) + record.holeLength(id), WalLayout.BLOCK_BYTES);
                }
            }
        }
        within(record.mainDataOffset() + record.mainDataLength(), end);
        within(parts, record.lengthBytes());
        within(end, record.segment().byteSize());
    }

    private static void within(final long value, final long limit) {
        if (value < 0 || value > limit) {
            throw new IllegalStateException(value + " is beyond " + limit);
        }
    }
}
