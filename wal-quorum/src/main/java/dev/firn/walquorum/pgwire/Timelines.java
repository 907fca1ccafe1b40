package dev.firn.walquorum.pgwire;

/** Numbers of timelines: unsigned 32 bits in Postgres, long here. */
final class Timelines {
    private static final long MAX = 0xFFFF_FFFFL;

    private Timelines() {}

    static long require(final long timeline) {
        if (timeline < 1 || timeline > MAX) {
            throw new IllegalArgumentException("there is no timeline " + timeline);
        }
        return timeline;
    }
}
