package dev.firn.postgres.effect;

import static dev.firn.postgres.wal.ResourceManager.TRANSACTION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransactionEffectsTest {
    private static final int COMMIT = 0x00;
    private static final int PREPARE = 0x10;
    private static final int ABORT = 0x20;
    private static final int COMMIT_PREPARED = 0x30;
    private static final int ABORT_PREPARED = 0x40;
    private static final int ASSIGNMENT = 0x50;
    private static final int INVALIDATIONS = 0x60;
    private static final int HAS_FLAGS = 0x80;

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellTheSmallestCommitAndAbort(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(TRANSACTION, COMMIT).main(new RecordBytes().u64(1234));
            fixture.expect(
                    "xidUsed(700)",
                    "commitTimestamp(700, 1234, 0)",
                    "transactionStatus(700, 1)",
                    "committed(700, 1234)");
            fixture.expectLengthMatters(TRANSACTION, COMMIT, new byte[8]);
            fixture.record(TRANSACTION, ABORT).main(new RecordBytes().u64(1234));
            fixture.expect("xidUsed(700)", "transactionStatus(700, 2)", "aborted(700, 1234)");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellAllPartsOfACommit(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final byte[] full = fullCommit();
            fixture.record(TRANSACTION, COMMIT | HAS_FLAGS).origin(9).main(full);
            final long end = fixture.records().read().nextLsn();
            fixture.expect(
                    "xidUsed(702)",
                    "commitTimestamp(700, 77, 9)",
                    "commitTimestamp(701, 77, 9)",
                    "commitTimestamp(702, 77, 9)",
                    "transactionStatus(700, 1)",
                    "transactionStatus(701, 1)",
                    "transactionStatus(702, 1)",
                    "relationCacheFileStale(1663, 5)",
                    "originAdvanced(9, 51966, " + end + ", false)",
                    "relationDropped(1663, 5, 16384)",
                    "relationDropped(1664, 0, 16385)",
                    "committed(700, 1234)");
            for (int length = 0; length < full.length; length++) {
                fixture.record(TRANSACTION, COMMIT | HAS_FLAGS).origin(9).main(Arrays.copyOf(full, length));
                fixture.expectError("the record");
            }
        }
    }

    /** Database, two subtransactions, two relations, a statistic, an invalidation, an origin, and all flags without data. */
    private static byte[] fullCommit() {
        return new RecordBytes()
                .u64(1234)
                .u32(0b1_0110_1111 | 7 << 29)
                .u32(5)
                .u32(1663)
                .u32(2)
                .u32(701)
                .u32(702)
                .u32(2)
                .u32(1663)
                .u32(5)
                .u32(16384)
                .u32(1664)
                .u32(0)
                .u32(16385)
                .u32(1)
                .u32(2)
                .u32(5)
                .u32(16384)
                .u32(1)
                .fill(16, 3)
                .u64(0xCAFE)
                .u64(77)
                .array();
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldGiveAllPartsOfACommitToWhoAsks(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(TRANSACTION, COMMIT | HAS_FLAGS).origin(9).main(fullCommit());
            assertThat(TransactionEnd.is(fixture.records().read())).isTrue();
            final TransactionEnd end =
                    new TransactionEnd().wrap(fixture.records().read());
            assertThat(end.committed()).isTrue();
            assertThat(end.prepared()).isFalse();
            assertThat(end.name()).isEmpty();
            assertThat(List.of(end.statisticCount(), end.statisticKind(0), end.statisticDatabase(0)))
                    .containsExactly(1, 2, 5);
            assertThat(end.statisticObject(0)).isEqualTo(16384);
            assertThat(end.invalidationCount()).isEqualTo(1);
            assertThat(List.of(end.time(), end.originTime(), end.commitTime())).containsExactly(1234L, 77L, 77L);
            fixture.record(ResourceManager.HEAP, COMMIT).block(0, 1);
            assertThat(TransactionEnd.is(fixture.records().read())).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldEndPreparedTransactionsByTheirOwnId(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final byte[] name = "größe".getBytes(StandardCharsets.UTF_8);
            final RecordBytes record =
                    new RecordBytes().u64(50).u32(0b1001_0010).u32(1).u32(650);
            fixture.record(TRANSACTION, COMMIT_PREPARED | HAS_FLAGS)
                    .main(record.u32(649).raw(name).u8(0));
            fixture.expect(
                    "xidUsed(650)",
                    "commitTimestamp(649, 50, 0)",
                    "commitTimestamp(650, 50, 0)",
                    "transactionStatus(649, 1)",
                    "transactionStatus(650, 1)",
                    "preparedFinished(649)",
                    "committed(649, 50)");
            assertThat(new TransactionEnd().wrap(fixture.records().read()).name())
                    .isEqualTo("größe");
            fixture.expectLengthMatters(TRANSACTION, COMMIT_PREPARED | HAS_FLAGS, record.array());

            fixture.record(TRANSACTION, ABORT_PREPARED | HAS_FLAGS)
                    .main(new RecordBytes().u64(50).u32(1 << 4).u32(649));
            fixture.expect("xidUsed(649)", "transactionStatus(649, 2)", "preparedFinished(649)", "aborted(649, 50)");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldRefuseEndsThatContradictThemselves(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(TRANSACTION, COMMIT).xid(0).main(new RecordBytes().u64(1));
            fixture.expectError("transaction 0 can neither commit nor abort");
            fixture.record(TRANSACTION, COMMIT | HAS_FLAGS)
                    .main(new RecordBytes().u64(1).u32(2).u32(1).u32(2));
            fixture.expectError("transaction 2 can neither commit nor abort");
            fixture.record(TRANSACTION, COMMIT | HAS_FLAGS)
                    .main(new RecordBytes().u64(1).u32(1 << 9));
            fixture.expectError("flags 0x00000200 don't belong to the commit of a transaction");
            fixture.record(TRANSACTION, ABORT | HAS_FLAGS)
                    .main(new RecordBytes().u64(1).u32(1 << 3).u32(0));
            fixture.expectError("flags 0x00000008 don't belong to the abort of a transaction");
            fixture.record(TRANSACTION, COMMIT_PREPARED).main(new RecordBytes().u64(1));
            fixture.expectError("the commit of a prepared transaction");
            fixture.record(TRANSACTION, COMMIT | HAS_FLAGS)
                    .main(new RecordBytes().u64(1).u32(1 << 4).u32(650));
            fixture.expectError("flags 0x00000010");
            fixture.record(TRANSACTION, COMMIT).origin(4).main(new RecordBytes().u64(1));
            fixture.expectError("a commit with replication origin 4 does not say how far that is");
            fixture.record(TRANSACTION, COMMIT | HAS_FLAGS)
                    .main(new RecordBytes().u64(1).u32(1 << 5).u64(1).u64(1));
            fixture.expectError("a commit with replication origin 0 says how far that is");
            fixture.record(TRANSACTION, COMMIT | HAS_FLAGS)
                    .main(new RecordBytes().u64(1).u32(2).u32(-1).u32(701));
            fixture.expectError("counts 4294967295 subtransactions");
            fixture.record(TRANSACTION, COMMIT_PREPARED | HAS_FLAGS)
                    .main(new RecordBytes()
                            .u64(1)
                            .u32(0b1001_0000)
                            .u32(650)
                            .fill(200, 'n')
                            .u8(0));
            fixture.expectError("name of 200 bytes");
            fixture.record(TRANSACTION, 0x70);
            fixture.expectError("Transaction has no operation 0x70");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellNoProgressOfNoOrigin(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final RecordBytes record =
                    new RecordBytes().u64(1).u32(1 << 5).u64(0xAA).u64(2);
            fixture.record(TRANSACTION, ABORT | HAS_FLAGS).main(record);
            fixture.expect("xidUsed(700)", "transactionStatus(700, 2)", "aborted(700, 1)");
            fixture.record(TRANSACTION, COMMIT | HAS_FLAGS).origin(0xFFFF).main(record);
            fixture.expect(
                    "xidUsed(700)", "commitTimestamp(700, 2, 65535)", "transactionStatus(700, 1)", "committed(700, 1)");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellPreparedStateWhole(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final byte[] state = twoPhaseState(700);
            fixture.record(TRANSACTION, PREPARE).origin(3).main(state);
            final long end = fixture.records().read().nextLsn();
            fixture.expect(
                    "xidUsed(705)",
                    "transactionPrepared(700, \"" + new String(state, StandardCharsets.ISO_8859_1) + "\")",
                    "originAdvanced(3, 170, " + end + ", false)");
            fixture.record(TRANSACTION, PREPARE).main(twoPhaseState(701));
            fixture.expectError("transaction 700 prepares the state of 701");
            fixture.expectLengthMatters(TRANSACTION, PREPARE, state);
        }
    }

    /** TwoPhaseFileHeader, a name, two subtransactions, and the record that ends the state. */
    private static byte[] twoPhaseState(final int xid) {
        final RecordBytes bytes = new RecordBytes()
                .u32(0x57F94534)
                .u32(72 + 8 + 8 + 8 + 4)
                .u32(xid)
                .u32(5);
        bytes.u64(1)
                .u32(10)
                .u32(2)
                .u32(0)
                .u32(0)
                .u32(0)
                .u32(0)
                .u32(0)
                .u16(0)
                .u16(2)
                .u64(0xAA)
                .u64(0);
        return bytes.u8('g').align(8).u32(702).u32(705).u32(0).u16(0).u16(0).array();
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellParentsAndPassOverInvalidations(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final RecordBytes record =
                    new RecordBytes().u32(690).u32(2).u32(691).u32(692);
            fixture.record(TRANSACTION, ASSIGNMENT).main(record);
            fixture.expect("transactionParent(691, 690)", "transactionParent(692, 690)");
            fixture.expectLengthMatters(TRANSACTION, ASSIGNMENT, record.array());
            final RecordBytes messages = new RecordBytes().u32(2).fill(32, 1);
            fixture.record(TRANSACTION, INVALIDATIONS).main(messages);
            fixture.expect();
            fixture.expectLengthMatters(TRANSACTION, INVALIDATIONS, messages.array());
        }
    }
}
