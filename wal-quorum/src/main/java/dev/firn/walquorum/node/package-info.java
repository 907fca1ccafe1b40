/**
 * A WAL node: {@link dev.firn.walquorum.node.WalNode} first, then {@code HostedLog}, which ties one acceptor to its log on disk and
 * to the wire.
 *
 * <pre>
 *   WalNode         the agent: one endpoint, many logs
 *   NodeDirectory   what stands on the node's disk: whose it is, which logs, which are being deleted
 *   HostedLog       one acceptor with its log
 *   PeerFetches     what peers have asked for
 *   LogReaders      who reads the committed WAL of one log, each in its own time
 *   NodeWire        sends, and counts what could not be sent
 * </pre>
 *
 * <p><b>Owner:</b> one thread owns all of it, that which runs the agent. From others come only
 * {@link dev.firn.walquorum.node.WalNode#archived} and {@link dev.firn.walquorum.node.WalNode#status}.
 *
 * <p><b>Invariants:</b> nothing is answered before what the answer says is durable; readers see committed bytes only; a log is never
 * trimmed beyond what is committed, archived, and needed by no live reader; what is damaged is not served, and disturbs no other
 * log.
 */
package dev.firn.walquorum.node;
