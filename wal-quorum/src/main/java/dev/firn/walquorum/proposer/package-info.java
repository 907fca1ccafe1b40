/**
 * The only writer of a timeline's WAL into the quorum, as a pure state machine:
 * {@link dev.firn.walquorum.proposer.Proposer} first.
 *
 * <p>Messages, new WAL and ticks come in as calls; messages go out through a
 * {@link dev.firn.walquorum.proposer.ProposerPort}. It keeps nothing on disk: each start is a new candidate.
 *
 * <p><b>Owner:</b> the agent of the receiver, or of the compute's WAL service.
 *
 * <p><b>Invariants:</b> at most one proposer commits in a term; what is committed was flushed by a majority that had taken on the
 * proposer's term; a slow acceptor slows nobody else.
 */
package dev.firn.walquorum.proposer;
