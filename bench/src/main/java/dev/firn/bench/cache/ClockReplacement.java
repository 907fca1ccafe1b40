package dev.firn.bench.cache;

import org.agrona.collections.Long2LongHashMap;

/**
 * CLOCK (Corbató, 1968): frames in a circle with a bit each, set by a hit; the hand takes the first frame whose bit is not set, and
 * clears those that it passes. What most buffer managers use, Postgres among them.
 */
final class ClockReplacement implements Replacement {
    private static final long NONE = -1;

    private final Long2LongHashMap frameOf;
    private final long[] blocks;
    private final boolean[] referenced;
    private int used;
    private int hand;

    ClockReplacement(final int capacity) {
        this.blocks = new long[capacity];
        this.referenced = new boolean[capacity];
        this.frameOf = new Long2LongHashMap(2 * capacity, 0.65f, NONE);
    }

    @Override
    public String name() {
        return "CLOCK";
    }

    @Override
    public boolean touch(final long block) {
        final long frame = frameOf.get(block);
        if (frame != NONE) {
            referenced[(int) frame] = true;
            return true;
        }
        final int taken = used < blocks.length ? used++ : evict();
        blocks[taken] = block;
        frameOf.put(block, taken);
        return false;
    }

    private int evict() {
        while (referenced[hand]) {
            referenced[hand] = false;
            hand = next(hand);
        }
        final int victim = hand;
        hand = next(hand);
        frameOf.remove(blocks[victim]);
        return victim;
    }

    private int next(final int frame) {
        return frame + 1 == blocks.length ? 0 : frame + 1;
    }
}
