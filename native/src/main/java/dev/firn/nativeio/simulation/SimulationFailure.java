package dev.firn.nativeio.simulation;

import java.util.Locale;

/** Something that must not happen has happened; the message names the seed that replays it. */
public final class SimulationFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long seed;

    SimulationFailure(final long seed, final long timeNs, final long hash, final String where, final Throwable cause) {
        super(
                String.format(
                        Locale.ROOT,
                        "seed %d fails at %d.%09d s of virtual time (trace hash %016x), %s: %s",
                        seed,
                        timeNs / 1_000_000_000L,
                        timeNs % 1_000_000_000L,
                        hash,
                        where,
                        cause),
                cause);
        this.seed = seed;
    }

    public long seed() {
        return seed;
    }
}
