/**
 * A WAL node's part in the quorum, as a pure state machine: {@link dev.firn.walquorum.acceptor.Acceptor} first.
 *
 * <p>Messages, completions of writes and ticks come in as calls; messages and write requests go out through an
 * {@link dev.firn.walquorum.acceptor.AcceptorPort}. No clock, no thread, no file.
 *
 * <p><b>Owner:</b> the agent of the WAL node.
 *
 * <p><b>Invariants:</b> nothing is answered before what the answer says is durable; an acceptor never follows a lower term, or a
 * lower generation, than it once answered; what it counted as committed it never cuts off.
 */
package dev.firn.walquorum.acceptor;
