package dev.firn.postgres.effect;

import static dev.firn.postgres.wal.ResourceManager.CLOG;
import static dev.firn.postgres.wal.ResourceManager.COMMIT_TS;
import static dev.firn.postgres.wal.ResourceManager.MULTIXACT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.file.Slru;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.version.PostgresVersion;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SlruEffectsTest {
    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellPagesZeroedAndCut(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(CLOG, 0x00).main(fixture.page(33));
            fixture.expect("slruPageZeroed(XACT, 33)");
            fixture.expectLengthMatters(CLOG, 0x00, fixture.page(33).array());
            fixture.record(CLOG, 0x10).main(fixture.page(33).u32(1_100_000).u32(5));
            fixture.expect("oldestXid(1100000, 5)", "slruTruncated(XACT, 33)");
            fixture.expectLengthMatters(
                    CLOG, 0x10, fixture.page(33).u32(1_100_000).u32(5).array());

            fixture.record(COMMIT_TS, 0x00).main(fixture.page(44));
            fixture.expect("slruPageZeroed(COMMIT_TS, 44)");
            fixture.record(COMMIT_TS, 0x10).main(fixture.page(44).u32(36_100));
            fixture.expect("oldestCommitTimestampXid(36100)", "slruTruncated(COMMIT_TS, 44)");
            fixture.expectLengthMatters(
                    COMMIT_TS, 0x10, fixture.page(44).u32(36_100).array());

            fixture.record(MULTIXACT, 0x00).main(fixture.page(7));
            fixture.expect("slruPageZeroed(MULTIXACT_OFFSETS, 7)");
            fixture.record(MULTIXACT, 0x10).main(fixture.page(8));
            fixture.expect("slruPageZeroed(MULTIXACT_MEMBERS, 8)");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldRefusePagesThatNoIdIsOn(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(CLOG, 0x00).main(fixture.page(131071));
            fixture.expect("slruPageZeroed(XACT, 131071)");
            fixture.record(CLOG, 0x00).main(fixture.page(131072));
            fixture.expectError("pg_xact has no page 131072: its last one is 131071");
            fixture.record(COMMIT_TS, 0x00).main(fixture.page(-1));
            fixture.expectError("pg_commit_ts has no page -1");
            fixture.record(MULTIXACT, 0x10).main(fixture.page(2_625_286));
            fixture.expectError("pg_multixact/members has no page 2625286: its last one is 2625285");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellAMultiXactWithTheNextOnesOffset(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final RecordBytes record =
                    multiXact(2047, 90).u32(2).u32(701).u32(5).u32(699).u32(0);
            fixture.record(MULTIXACT, 0x20).main(record);
            fixture.expect(
                    "multiXactCreated(2047)",
                    "multiXactOffset(2047, 90)",
                    "multiXactOffset(2048, 92)",
                    "multiXactMember(90, 701, 5)",
                    "multiXactMember(91, 699, 0)",
                    "nextMultiXact(2048, 92)",
                    "xidUsed(701)");
            fixture.expectLengthMatters(MULTIXACT, 0x20, record.array());
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldSkipZeroWhereIdsWrapAround(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(MULTIXACT, 0x20)
                    .xid(0)
                    .main(multiXact(-1, -2).u32(2).u32(-5).u32(1).u32(4).u32(2));
            assertThat(fixture.tell())
                    .containsExactly(
                            "multiXactCreated(4294967295)",
                            "multiXactOffset(4294967295, 4294967294)",
                            "multiXactOffset(1, 1)",
                            "multiXactMember(4294967294, 4294967291, 1)",
                            "multiXactMember(4294967295, 4, 2)",
                            "nextMultiXact(0, 0)",
                            "xidUsed(4)");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldRefuseMultiXactsThatCannotBe(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(MULTIXACT, 0x20).main(multiXact(0, 1).u32(1).u32(701).u32(1));
            fixture.expectError("names no multixact");
            fixture.record(MULTIXACT, 0x20).main(multiXact(1, 0).u32(1).u32(701).u32(1));
            fixture.expectError("names no place for members");
            fixture.record(MULTIXACT, 0x20).main(multiXact(1, 1).u32(0));
            fixture.expectError("without members");
            fixture.record(MULTIXACT, 0x20).main(multiXact(1, 1).u32(1).u32(701).u32(6));
            fixture.expectError("status 6");
            fixture.record(MULTIXACT, 0x20)
                    .main(multiXact(1, 1).u32(0x2000_0000).u32(701).u32(6));
            fixture.expectError("counts 536870912 members");
        }
    }

    private static RecordBytes multiXact(final int multiXact, final int offset) {
        return new RecordBytes().u32(multiXact).u32(offset);
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldRemoveWholeSegmentsOfMembers(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final int perSegment = 1636 * 32;
            final RecordBytes cut = truncation(1, 70_000, perSegment - 1, 3 * perSegment);
            fixture.record(MULTIXACT, 0x30).main(cut);
            fixture.expect(
                    "oldestMultiXact(70000, 5)",
                    "slruSegmentRemoved(MULTIXACT_MEMBERS, 0)",
                    "slruSegmentRemoved(MULTIXACT_MEMBERS, 1)",
                    "slruSegmentRemoved(MULTIXACT_MEMBERS, 2)",
                    "slruTruncated(MULTIXACT_OFFSETS, 34)");
            fixture.expectLengthMatters(MULTIXACT, 0x30, cut.array());
            // A page is cut only when its last multixact is behind.
            fixture.record(MULTIXACT, 0x30).main(truncation(1, 2048, 5, 6));
            fixture.expect("oldestMultiXact(2048, 5)", "slruTruncated(MULTIXACT_OFFSETS, 0)");
            fixture.record(MULTIXACT, 0x30).main(truncation(-9, 1, -perSegment, perSegment + 1));
            final List<String> told = fixture.tell();
            assertThat(told)
                    .endsWith(
                            "slruSegmentRemoved(MULTIXACT_MEMBERS, 82040)",
                            "slruSegmentRemoved(MULTIXACT_MEMBERS, 0)",
                            "slruTruncated(MULTIXACT_OFFSETS, " + Slru.MULTIXACT_OFFSETS.lastPage() + ")");
            fixture.record(MULTIXACT, 0x30).main(truncation(1, 0, 5, 6));
            fixture.expectError("names no oldest multixact");
        }
    }

    private static RecordBytes truncation(
            final int first, final int oldest, final int firstMember, final int oldestMember) {
        return new RecordBytes().u32(5).u32(first).u32(oldest).u32(firstMember).u32(oldestMember);
    }
}
