package dev.firn.pagestore.replay;

import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.file.RelationPath;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What databases and tablespaces have besides relations: the directories themselves, PG_VERSION, relation maps. A <em>space</em> is a
 * database's directory in a tablespace: see {@link BlockKey}.
 */
final class DatabaseFiles {
    static final String TABLESPACE_LINKS = "pg_tblspc";

    private final BaseDirectory base;
    private final Map<Long, byte[]> relationMaps = new HashMap<>();
    private final Set<Long> created = new HashSet<>();
    private final Set<Long> withVersion = new HashSet<>();
    private final Set<Long> dropped = new HashSet<>();

    /** By OID, the path on the primary: empty for one that lies in pg_tblspc itself. */
    private final Map<Integer, String> newTablespaces = new HashMap<>();

    private final Set<Integer> droppedTablespaces = new HashSet<>();

    DatabaseFiles(final BaseDirectory base) {
        this.base = base;
    }

    /** A directory comes to be, with PG_VERSION. */
    void create(final long space) {
        created.add(space);
        withVersion.add(space);
    }

    /** A directory goes, with all that is in it. */
    void drop(final long space) {
        created.remove(space);
        withVersion.remove(space);
        relationMaps.remove(space);
        dropped.add(space);
    }

    /** A directory becomes a copy of another one: the target has been dropped before. */
    void copy(final long target, final long source) {
        created.add(target);
        if (hasVersion(source)) {
            withVersion.add(target);
        }
        final byte[] map = relationMap(source);
        if (map != null) {
            relationMaps.put(target, map);
        }
    }

    void replaceRelationMap(final long space, final byte[] map) {
        relationMaps.put(space, map);
    }

    void createTablespace(final int tablespace, final String path) {
        newTablespaces.put(tablespace, path);
        droppedTablespaces.remove(tablespace);
    }

    void dropTablespace(final int tablespace) {
        newTablespaces.remove(tablespace);
        droppedTablespaces.add(tablespace);
    }

    /** A space's relation map; null when it has none. */
    byte[] relationMap(final long space) {
        final byte[] replaced = relationMaps.get(space);
        return replaced != null || isDropped(space)
                ? replaced
                : base.bytes(directory(space) + '/' + RelationMap.FILE_NAME);
    }

    /** Whether a space that the base has was dropped; it may have been created again. */
    boolean isDropped(final long space) {
        return dropped.contains(space) || droppedTablespaces.contains(BlockKey.tablespace(space));
    }

    /** Whether a space has a PG_VERSION file. */
    boolean hasVersion(final long space) {
        return withVersion.contains(space)
                || (!isDropped(space)
                        && BlockKey.tablespace(space) != RelFileLocator.GLOBAL_TABLESPACE
                        && base.bytes(directory(space) + "/PG_VERSION") != null);
    }

    /** The relation maps that the log replaced or copied. */
    Map<Long, byte[]> replacedMaps() {
        return relationMaps;
    }

    Map<Integer, String> newTablespaces() {
        return newTablespaces;
    }

    Set<Integer> droppedTablespaces() {
        return droppedTablespaces;
    }

    /** All databases' directories that there are: the base's, unless they were dropped, and those that came. */
    Set<Long> spaces() {
        final Set<Long> spaces = new LinkedHashSet<>();
        spaces.add(BlockKey.space(RelFileLocator.GLOBAL_TABLESPACE, 0));
        addSpaces(spaces, RelFileLocator.DEFAULT_TABLESPACE, "base");
        for (final String name : base.names(TABLESPACE_LINKS)) {
            addSpaces(
                    spaces,
                    Integer.parseUnsignedInt(name),
                    TABLESPACE_LINKS + '/' + name + '/' + RelationPath.versionDirectory(base.version()));
        }
        spaces.removeIf(this::isDropped);
        spaces.addAll(created);
        return spaces;
    }

    private void addSpaces(final Set<Long> spaces, final int tablespace, final String directory) {
        for (final String name : base.names(directory)) {
            if (name.matches("[1-9][0-9]{0,9}")) {
                spaces.add(BlockKey.space(tablespace, Integer.parseUnsignedInt(name)));
            }
        }
    }

    String directory(final long space) {
        return RelationPath.directory(base.version(), BlockKey.tablespace(space), BlockKey.database(space));
    }
}
