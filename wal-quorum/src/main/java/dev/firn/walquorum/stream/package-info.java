/**
 * WAL on its way into the quorum: {@link dev.firn.walquorum.stream.QuorumWriter} first.
 *
 * <p>It is the agent's part of a proposer, whoever makes the WAL: follow mode's receiver, a compute, a benchmark. It makes the
 * log where there is none, finds the nodes' acceptors, is elected, holds a window of WAL in off-heap memory, streams it to each
 * acceptor at that one's own pace, and replaces lost disks.
 *
 * <p><b>Owner:</b> the agent that made the writer. Nothing here blocks.
 *
 * <p><b>Invariants:</b> what is not committed stays in the window, so that memory is bounded by it; what is committed may leave it,
 * whoever has not got it yet; the steady path allocates nothing.
 */
package dev.firn.walquorum.stream;
