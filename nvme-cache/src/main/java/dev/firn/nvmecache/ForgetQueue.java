package dev.firn.nvmecache;

/** Objects that are gone, whose blocks are dropped a few at a time. */
final class ForgetQueue {
    /** Most objects that wait; those beyond age away. */
    static final int MAX_OBJECTS = 1_024;

    /** Most blocks looked up in one go: some microseconds. */
    static final int BLOCKS_PER_TURN = 64;

    private final BlockDirectory directory;
    private final CacheCounters counters;
    private final long[] high = new long[MAX_OBJECTS];
    private final long[] low = new long[MAX_OBJECTS];
    private final int[] blocks = new int[MAX_OBJECTS];
    private int head;
    private int size;
    private int nextBlock;

    ForgetQueue(final BlockDirectory directory, final CacheCounters counters) {
        this.directory = directory;
        this.counters = counters;
    }

    boolean add(final ObjectId object, final int blockCount) {
        if (size == MAX_OBJECTS) {
            return false;
        }
        final int at = (head + size++) % MAX_OBJECTS;
        high[at] = object.high();
        low[at] = object.low();
        blocks[at] = blockCount;
        return true;
    }

    int work() {
        int looked = 0;
        while (size > 0 && looked < BLOCKS_PER_TURN) {
            if (nextBlock == blocks[head]) {
                head = (head + 1) % MAX_OBJECTS;
                size--;
                nextBlock = 0;
                continue;
            }
            final int block = nextBlock++;
            final long hash = BlockKey.hash(high[head], low[head], block);
            final int slot = directory.find(hash, high[head], low[head], block);
            if (slot != BlockIndex.ABSENT) {
                directory.drop(slot);
                CacheCounters.add(counters.forgotten, 1);
            }
            looked++;
        }
        return looked;
    }
}
