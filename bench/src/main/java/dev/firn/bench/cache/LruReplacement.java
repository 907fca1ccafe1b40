package dev.firn.bench.cache;

import java.util.LinkedHashMap;
import java.util.Map;

/** Least recently used goes first. The rule that a scan defeats. */
final class LruReplacement implements Replacement {
    private static final float LOAD_FACTOR = 0.75f;

    private final LinkedHashMap<Long, Boolean> blocks;

    LruReplacement(final int capacity) {
        this.blocks = new Recency(capacity);
    }

    @Override
    public String name() {
        return "LRU";
    }

    @Override
    public boolean touch(final long block) {
        if (blocks.get(block) != null) {
            return true;
        }
        blocks.put(block, Boolean.TRUE);
        return false;
    }

    /** The JDK's map in order of access, which drops its eldest entry beyond a size. */
    private static final class Recency extends LinkedHashMap<Long, Boolean> {
        private static final long serialVersionUID = 1;

        private final int capacity;

        Recency(final int capacity) {
            super(2 * capacity, LOAD_FACTOR, true);
            this.capacity = capacity;
        }

        @Override
        protected boolean removeEldestEntry(final Map.Entry<Long, Boolean> eldest) {
            return size() > capacity;
        }
    }
}
