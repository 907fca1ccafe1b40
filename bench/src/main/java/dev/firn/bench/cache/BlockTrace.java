package dev.firn.bench.cache;

import dev.firn.nativeio.seam.SystemRandom;

/**
 * Which blocks are asked for, one after the other: point reads by Zipf's law and, when told so, now and then a scan of blocks that nobody
 * asks for again, as a sequential read of a large table or a copy does. The same seed gives the same trace. For one thread.
 */
final class BlockTrace {
    /** Blocks that are read by points, in a place scattered over the store. */
    static final int BLOCKS = 1 << 18;

    /** The skew of YCSB's Zipfian requests. */
    static final double SKEW = 0.99;

    /** A scan and the point reads before it are equally long: a long scan for the smaller caches, a short one for the larger. */
    static final int SCAN_BLOCKS = 1 << 15;

    private static final long SCATTER = 0x9E3779B1L;

    private final ZipfNumbers points;
    private final boolean scans;
    private int untilTurn = SCAN_BLOCKS;
    private boolean scanning;
    private long nextScanned = BLOCKS;

    BlockTrace(final long seed, final boolean scans) {
        this.points = new ZipfNumbers(BLOCKS, SKEW, SystemRandom.seeded(seed));
        this.scans = scans;
    }

    long next() {
        if (scans && untilTurn-- == 0) {
            scanning = !scanning;
            untilTurn = SCAN_BLOCKS - 1;
        }
        // Odd times a power of two's remainder is a permutation: popular blocks are no neighbours.
        return scanning ? nextScanned++ : (points.next() * SCATTER) & (BLOCKS - 1);
    }

    /** Whether the last block was part of a scan. */
    boolean scanning() {
        return scanning;
    }
}
