/**
 * What WAL nodes, proposers and readers say to each other, as bytes: {@code transport-aeron/src/main/sbe/quorum.xml}.
 *
 * <p>{@link dev.firn.walquorum.wire.QuorumMessageWriter} encodes; {@link dev.firn.walquorum.wire.QuorumMessageReader} decodes and
 * hands on to a {@link dev.firn.walquorum.wire.QuorumMessageHandler}.
 *
 * <p><b>Owner:</b> each agent has its own. <b>Invariants:</b> any bytes may come: what is no message is a verdict, never an
 * exception, and allocates nothing; the messages of the steady path allocate nothing either.
 */
package dev.firn.walquorum.wire;
