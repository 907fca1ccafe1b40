/**
 * Follow mode: the WAL of a running Postgres goes into the quorum. {@link dev.firn.walquorum.follow.Follower} first.
 *
 * <p>The follower joins a {@link dev.firn.walquorum.pgwire.WalStream} and a {@link dev.firn.walquorum.stream.QuorumWriter} on one
 * agent's thread. What blocks (connecting, asking the server, storing a history file) is done by a control executor and handed
 * over. {@link dev.firn.walquorum.follow.Attachment} makes and ends what a follower needs: slot, base backup, log, catalogue entry.
 *
 * <p><b>Owner:</b> the follower's state is its agent's; {@code status} may be read by any thread. An attachment belongs to the
 * thread that runs it, and blocks.
 *
 * <p><b>Invariants:</b> Postgres is told that WAL is flushed only when a majority of the quorum has it on disk; WAL of a server is
 * appended only when it is the same cluster, and its timeline has in its past all that the quorum holds; a history file is stored
 * before the first byte of its timeline is appended.
 */
package dev.firn.walquorum.follow;
