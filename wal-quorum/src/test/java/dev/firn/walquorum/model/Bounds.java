package dev.firn.walquorum.model;

/**
 * How far the model goes.
 *
 * @param terms highest term that anyone campaigns for.
 * @param entries how long a log gets.
 * @param lives how often each of the two proposers is started.
 * @param crashes whether acceptors restart.
 */
record Bounds(int terms, int entries, int lives, boolean crashes) {
    static final int PROPOSERS = 2;
    static final int ACCEPTORS = 3;

    /** What fits the codec's bytes. */
    static final int MAX_TERMS = 4;

    static final int MAX_ENTRIES = 6;

    Bounds {
        if (terms > MAX_TERMS || entries > MAX_ENTRIES || lives < 1) {
            throw new IllegalArgumentException("bounds " + terms + ", " + entries + ", " + lives);
        }
    }

    int candidates() {
        return PROPOSERS * lives;
    }
}
