package dev.firn.walquorum.follow;

/**
 * The times of a follower, and what it is there for.
 *
 * @param slot the replication slot that is its own.
 * @param isSlotProof whether a server without the slot is not the one that was attached: the Postgres' of branches have nothing else
 *     that tells them apart. Else the slot is made again where it is missing.
 * @param isMeantToLead whether it goes for the log again after another writer has taken over; else it stays deposed.
 * @param statusIntervalNs how often the server hears from it when nothing moves: well within {@code wal_sender_timeout}.
 * @param firstBackoffNs how long it waits after a first error; doubled with each that follows,
 * @param longestBackoffNs up to this.
 * @param steadyNs after streaming for so long, an error is a first one again.
 * @param receiveBufferBytes the most that one read of the stream brings.
 */
public record FollowerConfig(
        String slot,
        boolean isSlotProof,
        boolean isMeantToLead,
        long statusIntervalNs,
        long firstBackoffNs,
        long longestBackoffNs,
        long steadyNs,
        int receiveBufferBytes) {
    private static final long MILLISECOND_NS = 1_000_000L;

    public FollowerConfig {
        if (firstBackoffNs < 1 || longestBackoffNs < firstBackoffNs || statusIntervalNs < 1) {
            throw new IllegalArgumentException(
                    "times of a follower are positive, and the longest back-off is the longest");
        }
    }

    public static FollowerConfig of(final String slot, final int receiveBufferBytes) {
        return new FollowerConfig(
                slot,
                false,
                true,
                500 * MILLISECOND_NS,
                100 * MILLISECOND_NS,
                30_000 * MILLISECOND_NS,
                10_000 * MILLISECOND_NS,
                receiveBufferBytes);
    }

    public FollowerConfig withMeantToLead(final boolean isMeant) {
        return new FollowerConfig(
                slot,
                isSlotProof,
                isMeant,
                statusIntervalNs,
                firstBackoffNs,
                longestBackoffNs,
                steadyNs,
                receiveBufferBytes);
    }

    public FollowerConfig withLongestBackoffNs(final long ns) {
        return new FollowerConfig(
                slot,
                isSlotProof,
                isMeantToLead,
                statusIntervalNs,
                Math.min(firstBackoffNs, ns),
                ns,
                steadyNs,
                receiveBufferBytes);
    }

    public FollowerConfig withSlotProof(final boolean isProof) {
        return new FollowerConfig(
                slot,
                isProof,
                isMeantToLead,
                statusIntervalNs,
                firstBackoffNs,
                longestBackoffNs,
                steadyNs,
                receiveBufferBytes);
    }
}
