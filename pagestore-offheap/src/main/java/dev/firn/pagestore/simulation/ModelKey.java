package dev.firn.pagestore.simulation;

import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.file.Slru;
import java.util.ArrayList;
import java.util.List;

/** A page key. The cluster of the simulation is small, so that its pages have long histories. */
record ModelKey(long high, long middle, long low) implements Comparable<ModelKey> {
    static final int TABLESPACE = 1663;
    static final int DATABASE = 5;
    static final int COPY = 6;
    static final int[] RELATIONS = {100, 101, 102};
    static final int BLOCKS = 6;
    static final int SLRU_PAGES = 2;

    static ModelKey page(final int database, final int relation, final int block) {
        return of(KeyClass.PAGE, database, relation, block);
    }

    static ModelKey slruPage(final int page) {
        return new ModelKey(PageKeys.high(KeyClass.SLRU_PAGE, 0), 0, PageKeys.low(Slru.XACT.ordinal(), page));
    }

    static ModelKey size(final int database, final int relation) {
        return of(KeyClass.SIZE, database, relation, 0);
    }

    static ModelKey relationFloor(final int database, final int relation) {
        return of(KeyClass.RELATION_FLOOR, database, relation, 0);
    }

    static ModelKey databaseFloor(final int database) {
        return of(KeyClass.DATABASE_FLOOR, database, 0, 0);
    }

    static ModelKey cluster() {
        return of(KeyClass.CLUSTER, 0, 0, 0);
    }

    private static ModelKey of(final KeyClass keyClass, final int database, final int relation, final int block) {
        return new ModelKey(
                PageKeys.high(keyClass, TABLESPACE), PageKeys.middle(database, relation), PageKeys.low(0, block));
    }

    /** All keys that reads ask for, but scans. */
    static List<ModelKey> all() {
        final List<ModelKey> keys = new ArrayList<>();
        for (final int database : new int[] {DATABASE, COPY}) {
            for (final int relation : RELATIONS) {
                for (int block = 0; block < BLOCKS; block++) {
                    keys.add(page(database, relation, block));
                }
                keys.add(size(database, relation));
            }
        }
        for (int page = 0; page < SLRU_PAGES; page++) {
            keys.add(slruPage(page));
        }
        return keys;
    }

    KeyClass keyClass() {
        return PageKeys.keyClass(high);
    }

    int database() {
        return PageKeys.database(middle);
    }

    int relation() {
        return PageKeys.relfilenode(middle);
    }

    int block() {
        return PageKeys.block(low);
    }

    boolean isPage() {
        return keyClass().number() <= KeyClass.SLRU_PAGE.number();
    }

    @Override
    public int compareTo(final ModelKey other) {
        return PageKeys.compare(high, middle, low, other.high, other.middle, other.low);
    }

    @Override
    public String toString() {
        return PageKeys.describe(high, middle, low);
    }
}
