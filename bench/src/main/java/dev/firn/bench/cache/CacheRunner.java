package dev.firn.bench.cache;

import dev.firn.bench.meter.Measurement;
import dev.firn.nativeio.seam.Clock;

/** Carries out jobs, one at a time, in the calling thread, on the cache that the first of them fills. */
final class CacheRunner implements AutoCloseable {
    /** Most reads in flight of any job, each of at most a block. */
    private static final int MOST_DEPTH = 128;

    private final Clock clock;
    private FilledCache filled;

    CacheRunner(final Clock clock) {
        this.clock = clock;
    }

    Measurement run(final CacheReadJob job) {
        if (job.depth() > MOST_DEPTH) {
            throw new IllegalArgumentException("depth " + job.depth() + " is more than " + MOST_DEPTH);
        }
        if (filled == null) {
            filled = new FilledCache(job, (long) MOST_DEPTH * job.readBytes(), clock);
        }
        return new CacheReadLoop(filled, job, clock).run(job.warmupNs(), job.measureNs());
    }

    @Override
    public void close() {
        if (filled != null) {
            filled.close();
            filled = null;
        }
    }
}
