package dev.firn.postgres.effect;

import static dev.firn.postgres.wal.ResourceManager.XLOG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClusterEffectsTest {
    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellCheckpointsAsTheyAre(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final byte[] checkpoint = new byte[Checkpoint.BYTES];
            final Checkpoint flyweight = new Checkpoint().wrap(version, MemorySegment.ofArray(checkpoint), 0);
            flyweight.nextXid(0x1_0000_0004L);
            flyweight.nextOid(-2);
            fixture.record(XLOG, 0x00).xid(0).main(checkpoint);
            final long shutdown = fixture.records().read().lsn();
            assertThat(fixture.tell()).containsExactly("checkpoint(checkpoint 4294967300 -2, true, " + shutdown + ")");
            fixture.record(XLOG, 0x10).main(checkpoint);
            final long online = fixture.records().read().lsn();
            fixture.expect("checkpoint(checkpoint 4294967300 -2, false, " + online + ")");
            fixture.expectLengthMatters(XLOG, 0x10, checkpoint);
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellOidsSettingsAndMarks(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(XLOG, 0x30).main(new RecordBytes().u32(24576));
            fixture.expect("nextOid(24576)");
            fixture.expectLengthMatters(XLOG, 0x30, new byte[4]);

            fixture.record(XLOG, 0x50).main(new RecordBytes().u64(0x3000028));
            fixture.expect("backupEnded(" + 0x3000028 + ")");
            fixture.expectLengthMatters(XLOG, 0x50, new byte[8]);

            final RecordBytes parameters = new RecordBytes()
                    .u32(100)
                    .u32(8)
                    .u32(10)
                    .u32(5)
                    .u32(64)
                    .u32(1)
                    .u8(1);
            fixture.record(XLOG, 0x60).main(parameters.u8(0).align(4));
            fixture.expect("parametersChanged(" + new ClusterParameters(100, 8, 10, 5, 64, 1, true, false) + ")");
            fixture.expectLengthMatters(XLOG, 0x60, new byte[28]);

            final byte[] name = "before the flood".getBytes(StandardCharsets.UTF_8);
            final byte[] point = new RecordBytes()
                    .u64(-7)
                    .raw(name)
                    .fill(64 - name.length, 0)
                    .array();
            fixture.record(XLOG, 0x70).main(point);
            fixture.expect("restorePoint(-7, \"before the flood\")");
            fixture.expectLengthMatters(XLOG, 0x70, point);
            fixture.record(XLOG, 0x70).main(new RecordBytes().u64(1).fill(64, 'x'));
            fixture.expectError("asks for");

            fixture.record(XLOG, 0x80).main((byte) 0);
            fixture.expect("fullPageWritesChanged(false)");
            fixture.record(XLOG, 0x80).main((byte) 2);
            fixture.expectError("truth value");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellTheEndOfRecovery(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final RecordBytes end = new RecordBytes().u64(55).u32(3).u32(2);
            if (version.checkpointCarriesWalLevel()) {
                end.u32(2).u32(0);
            }
            fixture.record(XLOG, 0x90).main(end);
            fixture.expect("recoveryEnded(3, 2, 55)");
            fixture.expectLengthMatters(XLOG, 0x90, end.array());
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellNothingOfWhatIsOthers(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(XLOG, 0x20).main((byte) 1, (byte) 2);
            fixture.expect();
            fixture.record(XLOG, 0x40);
            fixture.expect();
            fixture.record(XLOG, 0xB0).block(0, 3).image(fixture.records().newPage());
            fixture.expect();
            fixture.record(XLOG, 0xA0).block(0, 3);
            fixture.expect();
            fixture.record(XLOG, 0xD0).main(new RecordBytes().u64(9).u64(10));
            fixture.expect();
            fixture.record(ResourceManager.BTREE, 0xD0).block(0, 1).main(new byte[12]);
            fixture.expect();
            for (int special = 0; special < 3; special++) {
                fixture.record(ResourceManager.SEQUENCE, 0).xid(special).block(0, 1);
                assertThat(fixture.tell()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldRefuseOperationsThatTheVersionHasNot(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(XLOG, 0xE0).main(new RecordBytes().u32(1));
            if (version.checkpointCarriesWalLevel()) {
                fixture.expect();
            } else {
                fixture.expectError("XLOG unknown operation (info 0xE0): XLOG has no operation 0xE0 in " + version);
            }
            fixture.record(XLOG, 0xC0);
            fixture.expectError("XLOG has no operation 0xC0");
            fixture.record(ResourceManager.BTREE, 0xF0);
            fixture.expectError("Btree has no operation 0xF0");
            fixture.record(ResourceManager.LOGICAL_MESSAGE, 0x10);
            fixture.expectError("LogicalMessage has no operation 0x10");
            assertThat(Lsn.format(fixture.records().read().lsn())).contains("/");
            assertThat(fixture.records().read().xid()).isEqualTo(RedoFixture.XID);
        }
    }
}
