package dev.firn.postgres.effect;

import static dev.firn.postgres.wal.ResourceManager.HEAP2;
import static dev.firn.postgres.wal.ResourceManager.LOGICAL_MESSAGE;
import static dev.firn.postgres.wal.ResourceManager.REPLICATION_ORIGIN;
import static dev.firn.postgres.wal.ResourceManager.STANDBY;

import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.version.PostgresVersion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReplicationEffectsTest {
    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellOfStandbysOnlyWhatOneWouldKeep(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final RecordBytes locks = new RecordBytes()
                    .u32(2)
                    .u32(701)
                    .u32(5)
                    .u32(1259)
                    .u32(702)
                    .u32(5)
                    .u32(1260);
            fixture.record(STANDBY, 0x00).main(locks);
            fixture.expect();
            fixture.expectLengthMatters(STANDBY, 0x00, locks.array());

            final RecordBytes running = new RecordBytes()
                    .u32(1)
                    .u32(2)
                    .u8(1)
                    .align(4)
                    .u32(800)
                    .u32(701)
                    .u32(799);
            fixture.record(STANDBY, 0x10).main(running.u32(701).u32(702).u32(703));
            fixture.expect("transactionsRunning(800, 701)");
            fixture.expectLengthMatters(STANDBY, 0x10, running.array());

            final RecordBytes stale = invalidations(1, 1);
            fixture.record(STANDBY, 0x20).main(stale);
            fixture.expect("relationCacheFileStale(1663, 5)");
            fixture.expectLengthMatters(STANDBY, 0x20, stale.array());
            fixture.record(STANDBY, 0x20).main(invalidations(0, 3));
            fixture.expect();
            fixture.record(STANDBY, 0x20).main(invalidations(1, 0));
            fixture.expect();
        }
    }

    private static RecordBytes invalidations(final int stale, final int count) {
        return new RecordBytes().u32(5).u32(1663).u8(stale).align(4).u32(count).fill(16 * count, 9);
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellHowFarOriginsAre(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final RecordBytes set = new RecordBytes().u64(0x1234).u16(7).u8(1).align(8);
            fixture.record(REPLICATION_ORIGIN, 0x00).main(set);
            final long end = fixture.records().read().nextLsn();
            fixture.expect("originAdvanced(7, 4660, " + end + ", true)");
            fixture.expectLengthMatters(REPLICATION_ORIGIN, 0x00, set.array());
            fixture.record(REPLICATION_ORIGIN, 0x00)
                    .main(new RecordBytes().u64(0x1234).u16(0xFFFF).u8(1).align(8));
            fixture.expect();
            fixture.record(REPLICATION_ORIGIN, 0x10).main(new RecordBytes().u16(7));
            fixture.expect("originDropped(7)");
            fixture.expectLengthMatters(REPLICATION_ORIGIN, 0x10, new byte[] {1, 0});
            fixture.record(REPLICATION_ORIGIN, 0x10).main(new RecordBytes().u16(0));
            fixture.expectError("names no replication origin");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldCheckMessagesAndTellNothingOfThem(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final RecordBytes message =
                    new RecordBytes().u32(5).u8(1).align(8).u64(2).u64(3).raw(new byte[5]);
            fixture.record(LOGICAL_MESSAGE, 0x00).main(message);
            fixture.expect();
            fixture.expectLengthMatters(LOGICAL_MESSAGE, 0x00, message.array());
            fixture.record(LOGICAL_MESSAGE, 0x00)
                    .main(new RecordBytes()
                            .u64(0)
                            .u64(Long.MAX_VALUE)
                            .u64(Long.MIN_VALUE + 6)
                            .raw(new byte[5]));
            fixture.expectError("bytes left");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellMappingsOfRewrites(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final RecordBytes mapping = new RecordBytes()
                    .u32(699)
                    .u32(5)
                    .u32(1259)
                    .align(8)
                    .u64(72)
                    .u32(1)
                    .align(8);
            fixture.record(HEAP2, 0x00).main(mapping.u64(0x1_0000_00AAL).fill(36, 'm'));
            fixture.expect("logicalMapping(pg_logical/mappings/map-5-4eb-1_AA-2bb-2bc at 72: 1 of \"" + "m".repeat(36)
                    + "\")");
            fixture.expectLengthMatters(HEAP2, 0x00, mapping.array());
            // Other records of Heap2 are redo's.
            fixture.record(HEAP2, 0x40).block(0, 1).main(new byte[8]);
            fixture.expect();
        }
    }
}
