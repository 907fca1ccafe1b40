/**
 * The quorum's roles: media driver, WAL node, receiver. The same objects run inside {@code firn up --in-process} and in a process
 * of {@code firn run}.
 *
 * <p>A role says what it knows in a {@link dev.firn.server.quorum.QuorumSnapshot}: documents with the keys of {@code firn status}.
 *
 * <p><b>Owner:</b> a role belongs to its supervisor's thread, its agents to theirs; between them there are volatile fields and
 * bounded queues. <b>Invariants:</b> what an agent uses is closed after its thread has ended, or, when that hangs, not at all.
 */
package dev.firn.server.quorum;
