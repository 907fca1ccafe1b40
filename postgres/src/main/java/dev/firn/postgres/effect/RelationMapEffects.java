package dev.firn.postgres.effect;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalRecord;

/**
 * RelMap's record (relmap_redo of relmapper.c, utils/relmapper.h): a whole {@code pg_filenode.map}. Postgres computes its checksum again;
 * here it must be right already, as the one who wrote the record computed it too.
 */
final class RelationMapEffects implements EffectDecoder {
    private final PostgresVersion version;
    private final RelationMap map = new RelationMap();

    RelationMapEffects(final PostgresVersion version) {
        this.version = version;
    }

    @Override
    public void tell(final WalRecord record, final RecordData main, final EffectSink sink) {
        final int database = main.nextInt();
        final int tablespace = EffectDecoder.nextId(main, "tablespace");
        final int mapBytes = main.nextInt();
        if (mapBytes != version.relationMapBytes() || mapBytes != main.remaining()) {
            throw new MalformedDataException("a relation map of " + mapBytes + " bytes, with " + main.remaining()
                    + " bytes left in the record; in " + version + " it takes " + version.relationMapBytes());
        }
        if (database == 0 != (tablespace == RelFileLocator.GLOBAL_TABLESPACE)) {
            throw new MalformedDataException("the relation map of database " + Integer.toUnsignedString(database)
                    + " in tablespace " + Integer.toUnsignedString(tablespace));
        }
        final long at = main.take(mapBytes);
        map.wrap(version, main.segment(), at);
        sink.relationMapReplaced(tablespace, database, main.segment(), at, mapBytes);
    }
}
