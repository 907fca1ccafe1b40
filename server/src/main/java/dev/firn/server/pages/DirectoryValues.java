package dev.firn.server.pages;

import dev.firn.pagestore.ingest.StateKeys;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.service.KeyedValues;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All that a data directory is made of beside pages, as a page server tells it at one LSN. */
final class DirectoryValues {
    /** A fork and its length. */
    record ForkSize(RelFileLocator relation, Fork fork, long blocks) {}

    /** A database's directory in a tablespace. */
    record Space(int tablespace, int database) {}

    /** A segment of an SLRU. */
    record Segment(int slru, int number) {}

    final List<ForkSize> forks = new ArrayList<>();

    /** Relations that have an init fork: the others of their forks are not kept. */
    final Set<RelFileLocator> unlogged = new HashSet<>();

    /** By directory, whether it has PG_VERSION. */
    final Map<Space, Boolean> databases = new LinkedHashMap<>();

    final Map<Space, byte[]> relationMaps = new LinkedHashMap<>();
    final List<Segment> segments = new ArrayList<>();

    /** By OID, the path on the primary; empty for one within the data directory. */
    final Map<Integer, String> tablespaces = new LinkedHashMap<>();

    /** By transaction with its epoch, the content of the file without its checksum. */
    final Map<Long, byte[]> prepared = new LinkedHashMap<>();

    /** By origin, how far it is. */
    final Map<Integer, Long> origins = new HashMap<>();

    /** Null when there is none, which cannot be. */
    byte[] cluster;

    long totalBlocks;

    /** Asks for all of it. */
    static DirectoryValues read(final PageConnection connection, final TimelineFacts timeline, final long lsn) {
        final DirectoryValues all = new DirectoryValues();
        long high = 0;
        long middle = 0;
        long low = 0;
        boolean more = true;
        while (more) {
            final KeyedValues values = connection.files(timeline, lsn, high, middle, low);
            while (values.next()) {
                high = values.high();
                middle = values.middle();
                low = values.low();
                all.add(values);
            }
            more = values.more();
            // The next key behind the last.
            low++;
            middle += low == 0 ? 1 : 0;
            high += low == 0 && middle == 0 ? 1 : 0;
        }
        return all;
    }

    private void add(final KeyedValues value) {
        final KeyClass keyClass = PageKeys.keyClass(value.high());
        final int tablespace = PageKeys.tablespace(value.high());
        final int database = PageKeys.database(value.middle());
        final int number = PageKeys.block(value.low());
        switch (keyClass) {
            case SIZE -> {
                final RelFileLocator relation =
                        new RelFileLocator(tablespace, database, PageKeys.relfilenode(value.middle()));
                final Fork fork = Fork.of(PageKeys.fork(value.low()));
                final long blocks = Integer.toUnsignedLong(value.size());
                forks.add(new ForkSize(relation, fork, blocks));
                totalBlocks += blocks;
                if (fork == Fork.INIT) {
                    unlogged.add(relation);
                }
            }
            case DATABASE ->
                databases.put(new Space(tablespace, database), (value.value()[0] & StateKeys.HAS_VERSION) != 0);
            case RELATION_MAP -> relationMaps.put(new Space(tablespace, database), value.value());
            case SLRU_SEGMENT -> segments.add(new Segment(PageKeys.fork(value.low()), number));
            case TABLESPACE -> tablespaces.put(tablespace, new String(value.value(), StandardCharsets.UTF_8));
            case TWO_PHASE -> addPrepared(value.value());
            case ORIGIN -> origins.put(number, LittleEndian.getLong(value.memory(), value.valueOffset()));
            case CLUSTER -> cluster = value.value();
            case null, default -> {
                // Floors and the times of commits: nothing that a directory has.
            }
        }
    }

    private void addPrepared(final byte[] value) {
        final MemorySegment bytes = MemorySegment.ofArray(value);
        final byte[] content = new byte[value.length - StateKeys.TWO_PHASE_CONTENT];
        System.arraycopy(value, StateKeys.TWO_PHASE_CONTENT, content, 0, content.length);
        prepared.put(LittleEndian.getLong(bytes, 0), content);
    }
}
