/**
 * The network half of the fault seam: messages between nodes, as little promised as a datagram promises.
 *
 * <p>Production sends them over Aeron ({@code transport-aeron}); the simulation loses, duplicates, reorders, delays and
 * partitions them. Protocols are written against {@link dev.firn.nativeio.network.Endpoint} alone.
 *
 * <p>{@link dev.firn.nativeio.network.MessageClaim} is for messages that are made where they are sent from.
 *
 * <p><b>Owner:</b> an endpoint belongs to the agent that opened it. <b>Invariants:</b> a delivered message is whole and
 * unchanged; nothing else is promised.
 */
package dev.firn.nativeio.network;
