package dev.firn.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class StoredRecordTest {
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final int BEFORE = 5;

    private final StoredRecord stored = new StoredRecord(PostgresVersion.V17);

    private static byte[] record() {
        final LogMaker log = new LogMaker(PostgresVersion.V17, SEGMENT_BYTES, SEGMENT_BYTES);
        log.append(
                ResourceManager.HEAP,
                0x00,
                11,
                new RecordBody()
                        .reference(0, 0, new byte[] {1, 2, 3})
                        .relation(1663, 5, 16384)
                        .block(9)
                        .main(new byte[] {4, 5}));
        return log.records.getFirst();
    }

    private static MemorySegment at(final byte[] record, final int offset) {
        final byte[] all = new byte[record.length + offset + 3];
        System.arraycopy(record, 0, all, offset, record.length);
        return MemorySegment.ofArray(all);
    }

    @Test
    void shouldBeTheRecordThatWasKept() {
        final byte[] bytes = record();
        final WalRecord record = stored.wrap(at(bytes, BEFORE), BEFORE, bytes.length, 0x100, 0x140);
        assertThat(record.lsn()).isEqualTo(0x100);
        assertThat(record.nextLsn()).isEqualTo(0x140);
        assertThat(record.xid()).isEqualTo(11);
        assertThat(record.resourceManagerId()).isEqualTo(ResourceManager.HEAP.id());
        assertThat(record.blockRelfilenode(0)).isEqualTo(16384);
        assertThat(record.blockNumber(0)).isEqualTo(9);
        assertThat(record.blockDataLength(0)).isEqualTo(3);
        assertThat(record.mainDataLength()).isEqualTo(2);
    }

    @Test
    void shouldRefuseBytesThatAreNoRecordOfTheirLength() {
        final byte[] bytes = record();
        assertThatThrownBy(() -> stored.wrap(at(bytes, BEFORE), BEFORE, bytes.length - 1, 0x100, 0x140))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("0/100")
                .hasMessageContaining("says otherwise");
        assertThatThrownBy(() -> stored.wrap(at(bytes, BEFORE), BEFORE, 4, 0x100, 0x140))
                .isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> stored.wrap(at(bytes, 0), BEFORE, bytes.length, 0x100, 0x140))
                .isInstanceOf(IndexOutOfBoundsException.class);
        bytes[WalLayout.RECORD_HEADER_BYTES] = (byte) 99;
        assertThatThrownBy(() -> stored.wrap(at(bytes, BEFORE), BEFORE, bytes.length, 0x100, 0x140))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("a block id is invalid");
    }

    @Test
    void shouldRefuseOrReadWhateverBytesItIsGiven() {
        final long seed = 20261121;
        final RandomGenerator random = SystemRandom.seeded(seed);
        final byte[] whole = record();
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            final byte[] bytes = whole.clone();
            for (int change = 0; change <= random.nextInt(4); change++) {
                bytes[WalLayout.RECORD_HEADER_BYTES + random.nextInt(bytes.length - WalLayout.RECORD_HEADER_BYTES)] =
                        (byte) random.nextInt();
            }
            try {
                final WalRecord record = stored.wrap(MemorySegment.ofArray(bytes), 0, bytes.length, 8, 16);
                for (int block = 0; block <= record.maxBlockId(); block++) {
                    if (record.hasBlock(block)) {
                        assertThat(record.blockDataOffset(block) + record.blockDataLength(block))
                                .as("seed %d", seed)
                                .isLessThanOrEqualTo(bytes.length);
                    }
                }
            } catch (final MalformedDataException e) {
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isPositive();
    }
}
