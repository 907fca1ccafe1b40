/**
 * Reading committed WAL from WAL nodes: {@link dev.firn.walquorum.reader.CommittedWalReaders} first, which owns an endpoint, then
 * {@link dev.firn.walquorum.reader.CommittedWalReader}, which reads one log.
 *
 * <p><b>Owner:</b> the agent that calls {@link dev.firn.walquorum.reader.CommittedWalReaders#doWork}; everything is called on its
 * thread, and nothing blocks.
 *
 * <p><b>Invariants:</b> bytes are handed on in order, each once, without a gap, and only committed ones; what waits for a slow
 * handler is bounded by the window; the steady path allocates nothing.
 */
package dev.firn.walquorum.reader;
