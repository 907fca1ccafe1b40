package dev.firn.postgres.effect;

import static dev.firn.postgres.wal.ResourceManager.DATABASE;
import static dev.firn.postgres.wal.ResourceManager.RELMAP;
import static dev.firn.postgres.wal.ResourceManager.STORAGE;
import static dev.firn.postgres.wal.ResourceManager.TABLESPACE;

import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.page.FreeSpaceMap;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FileEffectsTest {
    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellRelationsThatAreMade(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final RecordBytes record = relation().u32(3);
            fixture.record(STORAGE, 0x10).main(record);
            fixture.expect("relationCreated(1663, 5, 16384, 3)");
            fixture.expectLengthMatters(STORAGE, 0x10, record.array());
            fixture.record(STORAGE, 0x10).main(relation().u32(4));
            fixture.expectError("no fork 4");
            fixture.record(STORAGE, 0x10)
                    .main(new RecordBytes().u32(1663).u32(5).u32(0).u32(0));
            fixture.expectError("names no relation");
            fixture.record(STORAGE, 0x00).main(record);
            fixture.expectError("Storage has no operation 0x00");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldCutEachForkToWhatTheHeapsRestAsksFor(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(STORAGE, 0x20).main(truncation(0, 7));
            fixture.expect(
                    "relationCreated(1663, 5, 16384, 0)",
                    "relationTruncated(1663, 5, 16384, 0, 0)",
                    "freeSpaceForgotten(1663, 5, 16384, 0)",
                    // The map's root and the page below it stay: the leaf pages go.
                    "relationTruncated(1663, 5, 16384, 1, 2)",
                    "relationTruncated(1663, 5, 16384, 2, 0)");
            fixture.record(STORAGE, 0x20).main(truncation(1, 7));
            fixture.expect(
                    "relationCreated(1663, 5, 16384, 0)",
                    "relationTruncated(1663, 5, 16384, 0, 1)",
                    "freeSpaceForgotten(1663, 5, 16384, 1)",
                    "relationTruncated(1663, 5, 16384, 1, 3)",
                    "relationTruncated(1663, 5, 16384, 2, 1)");
            final int leaf = FreeSpaceMap.SLOTS_PER_PAGE;
            fixture.record(STORAGE, 0x20).main(truncation(leaf, 4));
            fixture.expect(
                    "relationCreated(1663, 5, 16384, 0)",
                    "freeSpaceForgotten(1663, 5, 16384, " + leaf + ")",
                    "relationTruncated(1663, 5, 16384, 1, 3)");
            final int map = VisibilityMap.BLOCKS_PER_PAGE;
            fixture.record(STORAGE, 0x20).main(truncation(2 * map, 2));
            fixture.expect("relationCreated(1663, 5, 16384, 0)", "relationTruncated(1663, 5, 16384, 2, 2)");
            fixture.record(STORAGE, 0x20).main(truncation(2 * map + 1, 2));
            fixture.expect("relationCreated(1663, 5, 16384, 0)", "relationTruncated(1663, 5, 16384, 2, 3)");
            fixture.record(STORAGE, 0x20).main(truncation(-2, 1));
            fixture.expect("relationCreated(1663, 5, 16384, 0)", "relationTruncated(1663, 5, 16384, 0, 4294967294)");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldRefuseTruncationsThatSayNothing(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            fixture.record(STORAGE, 0x20).main(truncation(-1, 7));
            fixture.expectError("4294967295 blocks");
            fixture.record(STORAGE, 0x20).main(truncation(1, 8));
            fixture.expectError("flags 0x8");
            fixture.expectLengthMatters(STORAGE, 0x20, truncation(1, 7).array());
        }
    }

    private static RecordBytes relation() {
        return new RecordBytes().u32(1663).u32(5).u32(16384);
    }

    private static RecordBytes truncation(final int blocks, final int flags) {
        return new RecordBytes().u32(blocks).raw(relation().array()).u32(flags);
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellDatabases(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final RecordBytes copy =
                    new RecordBytes().u32(16400).u32(1663).u32(4).u32(16390);
            fixture.record(DATABASE, 0x00).main(copy);
            fixture.expect("databaseCopied(1663, 16400, 16390, 4)");
            fixture.expectLengthMatters(DATABASE, 0x00, copy.array());

            final RecordBytes logged = new RecordBytes().u32(16400).u32(1663);
            fixture.record(DATABASE, 0x10).main(logged);
            fixture.expect("databaseCreated(1663, 16400)");
            fixture.expectLengthMatters(DATABASE, 0x10, logged.array());

            final RecordBytes drop =
                    new RecordBytes().u32(16400).u32(2).u32(1663).u32(16390);
            fixture.record(DATABASE, 0x20).main(drop);
            fixture.expect("databaseDropped(1663, 16400)", "databaseDropped(16390, 16400)");
            fixture.expectLengthMatters(DATABASE, 0x20, drop.array());
            fixture.record(DATABASE, 0x20)
                    .main(new RecordBytes().u32(16400).u32(-1).u32(1663));
            fixture.expectError("counts 4294967295 tablespaces");
            fixture.record(DATABASE, 0x10).main(new RecordBytes().u32(0).u32(1663));
            fixture.expectError("names no database");
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellTablespaces(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final byte[] path = "/mnt/fast disk".getBytes(StandardCharsets.UTF_8);
            fixture.record(TABLESPACE, 0x00)
                    .main(new RecordBytes().u32(16390).raw(path).u8(0));
            fixture.expect("tablespaceCreated(16390, \"/mnt/fast disk\")");
            fixture.record(TABLESPACE, 0x00).main(new RecordBytes().u32(16390).u8(0));
            fixture.expect("tablespaceCreated(16390, \"\")");
            fixture.record(TABLESPACE, 0x00).main(new RecordBytes().u32(16390).raw(path));
            fixture.expectError("path has no end");
            fixture.record(TABLESPACE, 0x00).main(new RecordBytes().u32(16390));
            fixture.expectError("path has no end");
            fixture.record(TABLESPACE, 0x00)
                    .main(new RecordBytes().u32(16390).u8('a').u8(0).u8(0));
            fixture.expectError("ends before the record");
            fixture.record(TABLESPACE, 0x10).main(new RecordBytes().u32(16390));
            fixture.expect("tablespaceDropped(16390)");
            fixture.expectLengthMatters(TABLESPACE, 0x10, new byte[] {1, 0, 0, 0});
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldTellRelationMapsWhole(final PostgresVersion version) {
        try (EffectFixture fixture = new EffectFixture(version)) {
            final byte[] map = new byte[version.relationMapBytes()];
            final RelationMap flyweight = new RelationMap().wrapNew(version, MemorySegment.ofArray(map), 0);
            flyweight.put(1259, 16500);
            flyweight.seal();
            final String text = new String(map, StandardCharsets.ISO_8859_1);
            fixture.record(RELMAP, 0x00).main(map(5, 1663, map.length, map));
            fixture.expect("relationMapReplaced(1663, 5, \"" + text + "\")");
            fixture.record(RELMAP, 0x00).main(map(0, 1664, map.length, map));
            fixture.expect("relationMapReplaced(1664, 0, \"" + text + "\")");
            fixture.record(RELMAP, 0x00).main(map(0, 1663, map.length, map));
            fixture.expectError("the relation map of database 0 in tablespace 1663");
            fixture.record(RELMAP, 0x00).main(map(5, 1663, map.length - 4, map));
            fixture.expectError("it takes " + map.length);
            fixture.record(RELMAP, 0x00).main(map(5, 1663, map.length, new byte[map.length - 1]));
            fixture.expectError("bytes left in the record");
            map[9] ^= 1;
            fixture.record(RELMAP, 0x00).main(map(5, 1663, map.length, map));
            fixture.expectError("a relation map with checksum");
        }
    }

    private static RecordBytes map(final int database, final int tablespace, final int length, final byte[] map) {
        return new RecordBytes().u32(database).u32(tablespace).u32(length).raw(map);
    }
}
