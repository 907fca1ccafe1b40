package dev.firn.postgres.effect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a record says: it is refused by name, or what the sink is told is of it and within bounds. A failure names its seed. */
class EffectsFuzzTest {
    private static final int MUTATIONS = 2_000;

    /** Where a record's header has its info byte. */
    private static final int INFO = 16;

    private record Seed(ResourceManager manager, int info, byte[] main) {}

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldRefuseOrTellMutatedRecords(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            int refused = 0;
            int told = 0;
            for (final Seed seed : seeds(fixture)) {
                fixture.record(seed.manager, seed.info).main(seed.main);
                final WalRecord record = fixture.records().read();
                final Guard guard = new Guard(record);
                // Undamaged it is fine.
                fixture.effects().tell(record, guard);
                final byte[] whole = bytes(record);
                for (int i = 0; i < MUTATIONS; i++) {
                    damage(record, new SplittableRandom(i));
                    try {
                        fixture.effects().tell(record, guard);
                        told++;
                    } catch (final RedoException e) {
                        assertThat(e.lsn()).isEqualTo(record.lsn());
                        refused++;
                    } catch (final RuntimeException | AssertionError e) {
                        throw new AssertionError(seed.manager + " " + seed.info + ", seed " + i + ": " + e, e);
                    }
                    MemorySegment.copy(
                            whole, 0, record.segment(), ValueLayout.JAVA_BYTE, record.offset(), whole.length);
                }
            }
            assertThat(refused).isGreaterThan(MUTATIONS);
            assertThat(told).isGreaterThan(MUTATIONS);
        }
    }

    private static byte[] bytes(final WalRecord record) {
        return record.segment().asSlice(record.offset(), record.lengthBytes()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static void damage(final WalRecord record, final SplittableRandom random) {
        final byte[] main = record.segment()
                .asSlice(record.mainDataOffset(), record.mainDataLength())
                .toArray(ValueLayout.JAVA_BYTE);
        RedoFixture.mutate(main, 6, random);
        MemorySegment.copy(main, 0, record.segment(), ValueLayout.JAVA_BYTE, record.mainDataOffset(), main.length);
        if (random.nextInt(8) == 0) {
            record.segment().set(ValueLayout.JAVA_BYTE, record.offset() + INFO, (byte) random.nextInt(256));
        }
    }

    private static List<Seed> seeds(final EffectFixture fixture) {
        final PostgresVersion version = fixture.version();
        final List<Seed> seeds = new ArrayList<>();
        final byte[] checkpoint = new byte[Checkpoint.BYTES];
        seeds.add(new Seed(ResourceManager.XLOG, 0x00, checkpoint));
        seeds.add(new Seed(ResourceManager.XLOG, 0x60, new byte[28]));
        seeds.add(new Seed(ResourceManager.XLOG, 0x70, new byte[72]));
        seeds.add(new Seed(ResourceManager.TRANSACTION, 0x80, commit(false)));
        seeds.add(new Seed(ResourceManager.TRANSACTION, 0xB0, commit(true)));
        seeds.add(new Seed(ResourceManager.TRANSACTION, 0x50, bytes(690, 2, 691, 692)));
        seeds.add(new Seed(ResourceManager.STORAGE, 0x10, bytes(1663, 5, 16384, 0)));
        seeds.add(new Seed(ResourceManager.STORAGE, 0x20, bytes(1, 1663, 5, 16384, 7)));
        seeds.add(new Seed(ResourceManager.DATABASE, 0x20, bytes(16400, 2, 1663, 16390)));
        seeds.add(new Seed(
                ResourceManager.TABLESPACE,
                0x00,
                new RecordBytes().u32(16390).fill(9, '/').u8(0).array()));
        seeds.add(new Seed(ResourceManager.CLOG, 0x00, fixture.page(7).array()));
        seeds.add(new Seed(
                ResourceManager.CLOG, 0x10, fixture.page(7).u32(3).u32(5).array()));
        seeds.add(
                new Seed(ResourceManager.COMMIT_TS, 0x10, fixture.page(7).u32(3).array()));
        seeds.add(new Seed(ResourceManager.MULTIXACT, 0x20, bytes(2047, 90, 2, 701, 5, 699, 0)));
        seeds.add(new Seed(ResourceManager.STANDBY, 0x10, bytes(1, 1, 0, 800, 701, 799, 701, 702)));
        seeds.add(new Seed(ResourceManager.REPLICATION_ORIGIN, 0x00, bytes(1, 2, 3, 0)));
        seeds.add(new Seed(ResourceManager.LOGICAL_MESSAGE, 0x00, bytes(5, 1, 4, 0, 4, 0, 0, 0)));
        final RecordBytes mapping =
                new RecordBytes().u32(699).u32(5).u32(1259).align(8).u64(72).u32(1);
        seeds.add(new Seed(
                ResourceManager.HEAP2, 0x00, mapping.align(8).u64(1).fill(36, 1).array()));
        final byte[] map = new byte[version.relationMapBytes()];
        final RelationMap flyweight = new RelationMap().wrapNew(version, MemorySegment.ofArray(map), 0);
        flyweight.put(1259, 16500);
        flyweight.seal();
        seeds.add(new Seed(
                ResourceManager.RELMAP,
                0x00,
                new RecordBytes().u32(5).u32(1663).u32(map.length).raw(map).array()));
        return seeds;
    }

    private static byte[] commit(final boolean prepared) {
        final RecordBytes bytes = new RecordBytes().u64(9).u32(prepared ? 0b1001_1111 : 0b0000_1111);
        bytes.u32(5)
                .u32(1663)
                .u32(2)
                .u32(701)
                .u32(702)
                .u32(1)
                .u32(1663)
                .u32(5)
                .u32(16384)
                .u32(1)
                .fill(16, 1);
        return prepared ? bytes.u32(699).u8('g').u8(0).array() : bytes.array();
    }

    private static byte[] bytes(final int... values) {
        final RecordBytes bytes = new RecordBytes();
        for (final int value : values) {
            bytes.u32(value);
        }
        return bytes.array();
    }

    /** Asks that what it is told can be done. */
    private static final class Guard implements EffectSink {
        private final WalRecord record;

        private Guard(final WalRecord record) {
            this.record = record;
        }

        private void within(final MemorySegment memory, final long offset, final long length) {
            final long from = record.mainDataOffset();
            assertThat(memory).isSameAs(record.segment());
            assertThat(offset).isGreaterThanOrEqualTo(from);
            assertThat(length).isBetween(0L, from + record.mainDataLength() - offset);
        }

        @Override
        public void relationCreated(final int tablespace, final int database, final int relfilenode, final int fork) {
            assertThat(fork).isBetween(0, 3);
        }

        @Override
        public void tablespaceCreated(
                final int tablespace, final MemorySegment path, final long pathOffset, final int pathBytes) {
            within(path, pathOffset, pathBytes);
        }

        @Override
        public void relationMapReplaced(
                final int tablespace,
                final int database,
                final MemorySegment map,
                final long mapOffset,
                final int mapBytes) {
            within(map, mapOffset, mapBytes);
        }

        @Override
        public void slruPageZeroed(final Slru slru, final int page) {
            assertThat(page).isBetween(0, slru.lastPage());
        }

        @Override
        public void slruTruncated(final Slru slru, final int cutoffPage) {
            assertThat(cutoffPage).isBetween(0, slru.lastPage());
        }

        @Override
        public void slruSegmentRemoved(final Slru slru, final int segment) {
            if (segment < 0 || segment > slru.segment(slru.lastPage())) {
                throw new AssertionError("segment " + segment);
            }
        }

        @Override
        public void transactionStatus(final int xid, final int status) {
            assertThat(status).isBetween(1, 2);
            assertThat(Integer.compareUnsigned(xid, 3)).isNotNegative();
        }

        @Override
        public void multiXactMember(final int memberOffset, final int xid, final int status) {
            assertThat(status).isBetween(0, 5);
        }

        @Override
        public void transactionPrepared(
                final int xid, final MemorySegment state, final long stateOffset, final int stateBytes) {
            within(state, stateOffset, stateBytes);
        }

        @Override
        public void restorePoint(
                final long timestamp, final MemorySegment name, final long nameOffset, final int nameBytes) {
            within(name, nameOffset, nameBytes);
        }

        @Override
        public void originAdvanced(
                final int origin, final long remoteLsn, final long localLsn, final boolean backward) {
            assertThat(origin).isBetween(1, 0xFFFE);
        }

        @Override
        public void logicalMapping(final LogicalMapping mapping) {
            within(mapping.bytes(), mapping.bytesOffset(), mapping.lengthBytes());
            assertThat(mapping.fileOffset()).isNotNegative();
        }
    }
}
