package dev.firn.pagestore.ingest;

import dev.firn.postgres.file.BlockKey;
import java.util.Arrays;

/**
 * Forks by name: how many blocks each has now, or that it is gone, and the first of its floors. Databases' directories have their floors here too, as
 * a fork that no relation has. Known by an index that never changes.
 *
 * <p>Arrays of primitives and open addressing: a lookup makes no object. One fork takes 33 bytes besides its place in the index.
 */
final class ForkTable {
    /** Most forks, those that are gone included: two gigabytes of them. */
    static final int MAX_FORKS = 1 << 26;

    static final int NONE = -1;

    /** In the place of relfilenode and fork: the database's directory itself. */
    private static final long DIRECTORY = -1;

    private static final int FIRST_CAPACITY = 1024;
    private static final byte PRESENT = 1;
    private static final byte CHANGED = 2;

    private long[] spaces = new long[FIRST_CAPACITY];
    private long[] relations = new long[FIRST_CAPACITY];
    private int[] blocks = new int[FIRST_CAPACITY];
    private int[] floors = new int[FIRST_CAPACITY];
    private byte[] flags = new byte[FIRST_CAPACITY];
    private int count;

    /** One more than an index, or 0. */
    private int[] slots = new int[FIRST_CAPACITY * 2];

    /** The forks that the current record changed. */
    private int[] changed = new int[16];

    private int changedCount;

    /** Of the last one that was found. */
    private int last = NONE;

    int find(final long space, final long relation) {
        if (last != NONE && relations[last] == relation && spaces[last] == space) {
            return last;
        }
        final int found = slots[slot(space, relation)] - 1;
        if (found != NONE) {
            last = found;
        }
        return found;
    }

    /** The fork of this name, made when there is none: it is not there, then. */
    int findOrAdd(final long space, final long relation) {
        final int found = find(space, relation);
        if (found != NONE) {
            return found;
        }
        if (count == MAX_FORKS) {
            throw new IngestException("a timeline has more than " + MAX_FORKS + " forks of relations");
        }
        if (count == spaces.length) {
            grow();
        }
        final int fork = count++;
        spaces[fork] = space;
        relations[fork] = relation;
        floors[fork] = Floors.NONE;
        slots[slot(space, relation)] = count;
        last = fork;
        return fork;
    }

    /** Where the floors of a database's directory are. */
    int findDirectory(final long space) {
        return find(space, DIRECTORY);
    }

    int findOrAddDirectory(final long space) {
        return findOrAdd(space, DIRECTORY);
    }

    private int slot(final long space, final long relation) {
        final int mask = slots.length - 1;
        int slot = (int) BlockKey.hash(space, relation, 0) & mask;
        while (slots[slot] != 0 && (relations[slots[slot] - 1] != relation || spaces[slots[slot] - 1] != space)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        final int length = count * 2;
        spaces = Arrays.copyOf(spaces, length);
        relations = Arrays.copyOf(relations, length);
        blocks = Arrays.copyOf(blocks, length);
        floors = Arrays.copyOf(floors, length);
        flags = Arrays.copyOf(flags, length);
        slots = new int[length * 2];
        for (int fork = 0; fork < count; fork++) {
            slots[slot(spaces[fork], relations[fork])] = fork + 1;
        }
    }

    /** Indexes are below this. */
    int count() {
        return count;
    }

    long space(final int fork) {
        return spaces[fork];
    }

    long relation(final int fork) {
        return relations[fork];
    }

    boolean exists(final int fork) {
        return (flags[fork] & PRESENT) != 0;
    }

    /** Unsigned; 0 when it is not there. */
    int blocks(final int fork) {
        return blocks[fork];
    }

    /** The newest of its {@link Floors}. */
    int floors(final int fork) {
        return floors[fork];
    }

    void floors(final int fork, final int newest) {
        floors[fork] = newest;
    }

    /** It has so many blocks, by a record that is noted as having changed it. */
    void change(final int fork, final int newBlocks) {
        put(fork, newBlocks);
        noteChanged(fork);
    }

    /** It goes, by a record that is noted as having changed it. */
    void drop(final int fork) {
        putAbsent(fork);
        noteChanged(fork);
    }

    /** It has so many blocks. */
    void put(final int fork, final int newBlocks) {
        blocks[fork] = newBlocks;
        flags[fork] |= PRESENT;
    }

    /** It is not there. */
    void putAbsent(final int fork) {
        blocks[fork] = 0;
        flags[fork] &= ~PRESENT;
    }

    private void noteChanged(final int fork) {
        if ((flags[fork] & CHANGED) == 0) {
            flags[fork] |= CHANGED;
            if (changedCount == changed.length) {
                changed = Arrays.copyOf(changed, changedCount * 2);
            }
            changed[changedCount++] = fork;
        }
    }

    /** Whether there is one to take. */
    boolean hasChanged() {
        return changedCount > 0;
    }

    /** Takes one of the forks that the record has changed, or {@link #NONE} when all were taken. */
    int takeChanged() {
        if (changedCount == 0) {
            return NONE;
        }
        final int fork = changed[--changedCount];
        flags[fork] &= ~CHANGED;
        return fork;
    }

    /** How many forks a database's directory has. Looks at all. */
    int forksOf(final long space) {
        int found = 0;
        for (int fork = 0; fork < count; fork++) {
            if (spaces[fork] == space && exists(fork)) {
                found++;
            }
        }
        return found;
    }
}
