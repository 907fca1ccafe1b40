package dev.firn.walquorum.simulation;

/**
 * What a seed came to.
 *
 * @param violation what may not be and was, with the seed and the instant; null when all held.
 * @param commits how often a writer was told that more is committed.
 * @param crashes ends of processes and hosts.
 * @param committedBytes how much was committed.
 * @param disksLost how many disks were lost and replaced; of state machines alone, how many logs began anew.
 */
public record SeedResult(
        long seed, Throwable violation, long commits, long crashes, long committedBytes, long disksLost) {
    public boolean isClean() {
        return violation == null;
    }
}
