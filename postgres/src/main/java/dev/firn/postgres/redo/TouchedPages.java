package dev.firn.postgres.redo;

import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.wal.WalRecord;
import java.util.Objects;

/**
 * The relation pages that a record touches, from the record alone: its registered blocks, and the pages of the visibility map that it changes
 * without naming them. No page is in it twice.
 *
 * <p>Each has a <em>touch</em>, which {@link Redo#apply} takes: the id of the registered block; {@link #MAP_OF_BLOCK} plus that id
 * for the map's page with that heap block's bits; {@link #TRUNCATED_MAP} for the map's last page when its relation is cut.
 *
 * <p>It belongs to a {@link Redo}, which fills it; nothing is allocated.
 */
public final class TouchedPages {
    /** Plus a block's id: the visibility map's page of that block. Postgres extends the map to have it, even when there is nothing to clear. */
    public static final int MAP_OF_BLOCK = 64;

    /** The visibility map's page that a truncation cuts: to be left out where the map ends before it. */
    public static final int TRUNCATED_MAP = 128;

    /** Registered blocks, and a map page for each. */
    private static final int MAX_PAGES = 2 * (WalRecord.MAX_BLOCK_ID + 1);

    private final int[] touches = new int[MAX_PAGES];
    private final int[] tablespaces = new int[MAX_PAGES];
    private final int[] databases = new int[MAX_PAGES];
    private final int[] relfilenodes = new int[MAX_PAGES];
    private final int[] forks = new int[MAX_PAGES];
    private final int[] blocks = new int[MAX_PAGES];
    private int count;

    TouchedPages() {}

    void clear() {
        count = 0;
    }

    void addRegistered(final WalRecord record, final int block) {
        add(
                block,
                record.blockTablespace(block),
                record.blockDatabase(block),
                record.blockRelfilenode(block),
                record.blockFork(block),
                record.blockNumber(block));
    }

    /** The map's page of a registered heap block, unless it is there already. */
    void addMapOf(final WalRecord record, final int block) {
        final int tablespace = record.blockTablespace(block);
        final int database = record.blockDatabase(block);
        final int relfilenode = record.blockRelfilenode(block);
        final int mapBlock = VisibilityMap.mapBlock(record.blockNumber(block));
        for (int i = 0; i < count; i++) {
            if (forks[i] == Fork.VISIBILITY_MAP.number()
                    && blocks[i] == mapBlock
                    && relfilenodes[i] == relfilenode
                    && databases[i] == database
                    && tablespaces[i] == tablespace) {
                return;
            }
        }
        add(MAP_OF_BLOCK + block, tablespace, database, relfilenode, Fork.VISIBILITY_MAP.number(), mapBlock);
    }

    /** Whether two registered heap blocks have their bits on one page of one map. */
    static boolean shareMap(final WalRecord record, final int one, final int other) {
        return VisibilityMap.mapBlock(record.blockNumber(one)) == VisibilityMap.mapBlock(record.blockNumber(other))
                && record.blockRelfilenode(one) == record.blockRelfilenode(other)
                && record.blockDatabase(one) == record.blockDatabase(other)
                && record.blockTablespace(one) == record.blockTablespace(other);
    }

    void add(
            final int touch,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork,
            final int block) {
        touches[count] = touch;
        tablespaces[count] = tablespace;
        databases[count] = database;
        relfilenodes[count] = relfilenode;
        forks[count] = fork;
        blocks[count] = block;
        count++;
    }

    /** How many pages. */
    public int count() {
        return count;
    }

    /** What {@link Redo#apply} takes for this page. */
    public int touch(final int index) {
        return touches[checked(index)];
    }

    public int tablespace(final int index) {
        return tablespaces[checked(index)];
    }

    public int database(final int index) {
        return databases[checked(index)];
    }

    public int relfilenode(final int index) {
        return relfilenodes[checked(index)];
    }

    /** The number of the fork: {@link Fork#number}. */
    public int fork(final int index) {
        return forks[checked(index)];
    }

    /** Unsigned. */
    public int block(final int index) {
        return blocks[checked(index)];
    }

    private int checked(final int index) {
        return Objects.checkIndex(index, count);
    }

    /** One of a record's pages, for messages. */
    static String describe(final WalRecord record, final int touch) {
        if (touch == TRUNCATED_MAP) {
            return "the end of the visibility map";
        }
        final boolean map = touch >= MAP_OF_BLOCK;
        final int block = map ? touch - MAP_OF_BLOCK : touch;
        if (!record.hasBlock(block)) {
            return "block reference #" + block + ", which it does not have";
        }
        final String page = BlockKey.describe(
                BlockKey.space(record.blockTablespace(block), record.blockDatabase(block)),
                BlockKey.relation(record.blockRelfilenode(block), record.blockFork(block)),
                record.blockNumber(block));
        return map ? "the visibility map of " + page : page;
    }
}
