/**
 * {@link dev.firn.nativeio.network.Network} over Aeron: one subscription for each node that is open here, one exclusive
 * publication to each node that is sent to.
 *
 * <p>With a secret, nodes open sessions and {@link dev.firn.transport.aeron.FrameGate} lets nothing else in; the owner's
 * polls and sends drive the handshakes. Without one a frame says which node it is from, and is believed, so every address
 * of the table must be a loopback address (or {@code ipc}). The driver's directory is readable by its own user only.
 *
 * <p><b>Owner:</b> an {@link dev.firn.transport.aeron.AeronEndpoint} belongs to the first thread that sends or polls;
 * others are refused. Counters may be read from anywhere. {@link dev.firn.transport.aeron.AeronNetwork} is control path: its
 * calls block. The media driver's and the Aeron client's threads share nothing with an endpoint but log buffers and one
 * flag.
 *
 * <p><b>Invariants:</b> what is delivered is whole, unchanged, from a node of the table and meant for this node; every
 * frame that arrives is either delivered or counted as dropped, with the reason. Sending and polling allocate nothing,
 * except when the first message to a peer opens the way or a session, and when the first fragmented message of a peer's session
 * arrives and the buffer that assembles it is made.
 *
 * <p>Read {@link dev.firn.transport.aeron.AeronNetwork} first.
 */
package dev.firn.transport.aeron;
