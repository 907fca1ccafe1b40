package dev.firn.pagestore.replay;

import dev.firn.postgres.file.BlockKey;
import java.util.Arrays;

/**
 * Which forks of relations there are, and how many blocks each has: the base's files as far as they were asked for, and what records did to them.
 * Forks are known by a number, an <em>owner</em> of pages in the {@link PageTable}; when one is dropped, its name gets a new number.
 *
 * <p>Of each fork, {@code baseBlocks} says how many of its first blocks are still read from a file of the base: fewer after a truncation, none
 * after a drop; and the origin says from which, which is another database's when a database was copied.
 *
 * <p>Arrays of primitives and open addressing: a lookup makes no object.
 */
final class RelationSizes {
    /** Numbers below are those of {@link SlruPages}. */
    static final int FIRST_OWNER = 16;

    private static final int FIRST_CAPACITY = 1024;
    private static final int MAX_OWNERS = 1 << 29;

    private final BaseRelations base;

    /** Of each owner. */
    private long[] spaces = new long[FIRST_CAPACITY];

    private long[] relations = new long[FIRST_CAPACITY];
    private long[] originSpaces = new long[FIRST_CAPACITY];
    private int[] blocks = new int[FIRST_CAPACITY];
    private int[] baseBlocks = new int[FIRST_CAPACITY];
    private State[] states = new State[FIRST_CAPACITY];
    private int nextOwner = FIRST_OWNER;

    /** Owners by the hash of their name; 0 in a free slot. */
    private int[] slots = new int[FIRST_CAPACITY * 2];

    private int slotsUsed;

    /** Databases whose directory in the base counts no more. */
    private long[] hiddenSpaces = new long[8];

    private int hiddenCount;

    private enum State {
        ABSENT,
        PRESENT,
        /** Dropped: its name has another number. */
        DEAD
    }

    RelationSizes(final BaseRelations base) {
        this.base = base;
    }

    /** The fork's owner number; the base is asked when it was never seen. */
    int owner(final long space, final long relation) {
        final int mask = slots.length - 1;
        int slot = (int) BlockKey.hash(space, relation, 0) & mask;
        while (slots[slot] != 0) {
            final int owner = slots[slot];
            if (relations[owner] == relation && spaces[owner] == space) {
                return owner;
            }
            slot = slot + 1 & mask;
        }
        return firstSeen(space, relation, slot);
    }

    private int firstSeen(final long space, final long relation, final int slot) {
        final int found = isHidden(space) ? BaseRelations.ABSENT : base.blocks(space, relation);
        final int owner = newOwner(space, relation);
        slots[slot] = owner;
        slotsUsed++;
        if (found != BaseRelations.ABSENT) {
            states[owner] = State.PRESENT;
            blocks[owner] = found;
            baseBlocks[owner] = found;
        }
        if (slotsUsed * 2L > slots.length) {
            growSlots();
        }
        return owner;
    }

    boolean exists(final int owner) {
        return states[owner] == State.PRESENT;
    }

    /** How many blocks it has; unsigned. */
    int blocks(final int owner) {
        return blocks[owner];
    }

    /** How many of them are in the origin's files; unsigned. */
    int baseBlocks(final int owner) {
        return baseBlocks[owner];
    }

    /** Tablespace and database: see {@link BlockKey}. */
    long space(final int owner) {
        return spaces[owner];
    }

    /** Relfilenode and fork: see {@link BlockKey}. */
    long relation(final int owner) {
        return relations[owner];
    }

    /** The database whose files of this name have its first blocks. */
    long originSpace(final int owner) {
        return originSpaces[owner];
    }

    /** A fork comes to be, empty, unless it is there. */
    void create(final int owner) {
        if (states[owner] == State.ABSENT) {
            states[owner] = State.PRESENT;
        }
    }

    /** It has at least so many blocks. */
    void extend(final int owner, final int atLeast) {
        if (Integer.compareUnsigned(blocks[owner], atLeast) < 0) {
            blocks[owner] = atLeast;
        }
    }

    /** It has so many blocks, fewer than before. */
    void truncate(final int owner, final int count) {
        blocks[owner] = count;
        if (Integer.compareUnsigned(count, baseBlocks[owner]) < 0) {
            baseBlocks[owner] = count;
        }
    }

    /** Its name is free again, under a new number. */
    void drop(final int owner) {
        final int fresh = newOwner(spaces[owner], relations[owner]);
        states[owner] = State.DEAD;
        final int mask = slots.length - 1;
        int slot = (int) BlockKey.hash(spaces[owner], relations[owner], 0) & mask;
        while (slots[slot] != owner) {
            slot = slot + 1 & mask;
        }
        slots[slot] = fresh;
    }

    /** A fork's files are what another's files and changed pages are now; only the files' part is done here. */
    void copyFrom(final int owner, final int source) {
        states[owner] = State.PRESENT;
        blocks[owner] = blocks[source];
        baseBlocks[owner] = baseBlocks[source];
        originSpaces[owner] = originSpaces[source];
    }

    /** From now on, nothing that the base has of this database counts, unless it was seen already. */
    void hide(final long space) {
        if (isHidden(space)) {
            return;
        }
        if (hiddenCount == hiddenSpaces.length) {
            hiddenSpaces = Arrays.copyOf(hiddenSpaces, hiddenCount * 2);
        }
        hiddenSpaces[hiddenCount++] = space;
    }

    boolean isHidden(final long space) {
        for (int i = 0; i < hiddenCount; i++) {
            if (hiddenSpaces[i] == space) {
                return true;
            }
        }
        return false;
    }

    /** Numbers from {@link #FIRST_OWNER} up to here have been given; ask {@link #exists} of each. */
    int endOfOwners() {
        return nextOwner;
    }

    private int newOwner(final long space, final long relation) {
        if (nextOwner == MAX_OWNERS) {
            throw new ReplayException(
                    "the log names more than " + MAX_OWNERS + " forks of relations; replay it in parts");
        }
        if (nextOwner == spaces.length) {
            final int length = nextOwner * 2;
            spaces = Arrays.copyOf(spaces, length);
            relations = Arrays.copyOf(relations, length);
            originSpaces = Arrays.copyOf(originSpaces, length);
            blocks = Arrays.copyOf(blocks, length);
            baseBlocks = Arrays.copyOf(baseBlocks, length);
            states = Arrays.copyOf(states, length);
        }
        final int owner = nextOwner++;
        spaces[owner] = space;
        relations[owner] = relation;
        originSpaces[owner] = space;
        states[owner] = State.ABSENT;
        return owner;
    }

    private void growSlots() {
        final int[] old = slots;
        slots = new int[old.length * 2];
        final int mask = slots.length - 1;
        for (final int owner : old) {
            if (owner == 0) {
                continue;
            }
            int slot = (int) BlockKey.hash(spaces[owner], relations[owner], 0) & mask;
            while (slots[slot] != 0) {
                slot = slot + 1 & mask;
            }
            slots[slot] = owner;
        }
    }
}
