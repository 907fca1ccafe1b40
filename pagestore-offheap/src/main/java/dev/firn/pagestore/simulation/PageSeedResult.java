package dev.firn.pagestore.simulation;

/**
 * What a seed came to.
 *
 * @param violation what may not be and was, with the seed and the instant; null when all held.
 * @param commits records of the log.
 * @param crashes ends of processes and hosts.
 * @param reads answers that were held against the model.
 * @param ownerChanges how often an owner found that another had taken over.
 */
public record PageSeedResult(
        long seed, Throwable violation, long commits, long crashes, long reads, long ownerChanges) {
    public boolean isClean() {
        return violation == null;
    }
}
