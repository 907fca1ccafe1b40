/**
 * The quorum WAL: what a majority of acceptors has flushed is committed.
 *
 * <p>What will live here: terms and votes, the acceptor and proposer state machines (pure: message or timer in, messages
 * and write requests out), WAL segments on the ring, follow mode's receiver, and the WAL archive. The machines are written
 * against {@code dev.firn.nativeio.storage} and {@code dev.firn.nativeio.network}, so that the simulation drives the very
 * classes that production runs. No code yet.
 */
package dev.firn.walquorum;
