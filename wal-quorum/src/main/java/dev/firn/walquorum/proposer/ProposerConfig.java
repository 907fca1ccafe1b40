package dev.firn.walquorum.proposer;

/**
 * The times and windows of a proposer.
 *
 * @param voteRetryNs how long to wait for votes before asking again.
 * @param campaignBackoffNs after a lost campaign the next begins after a random time up to this.
 * @param heartbeatNs how often an acceptor hears from an idle proposer.
 * @param resendNs an acceptor that has not moved for so long, with bytes on the way, is sent them again.
 * @param windowBytes most bytes on the way to one acceptor: six frames, of which two are written while the others come, so that none
 *     waits for its sender when a write ends. No more than its log takes while writes are on their way, which is its buffer but for
 *     two frames: what is beyond is refused, and has to be sent again.
 */
public record ProposerConfig(
        long voteRetryNs, long campaignBackoffNs, long heartbeatNs, long resendNs, long windowBytes) {
    private static final long MILLISECOND_NS = 1_000_000L;

    public static final ProposerConfig DEFAULT = new ProposerConfig(
            200 * MILLISECOND_NS, 300 * MILLISECOND_NS, 100 * MILLISECOND_NS, 500 * MILLISECOND_NS, 6L << 20);
}
