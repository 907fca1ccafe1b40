/**
 * An acceptor's log on disk: {@link dev.firn.walquorum.log.WalLog} first, then {@code FrameLayout}, which says what makes it
 * safe, and {@code LogRecovery}.
 *
 * <p>WAL bytes and hand-overs to new terms are frames, one after the other, in preallocated segments. A frame is written once, with
 * one durable, aligned, direct write, and nothing that was acknowledged is ever written over: a torn write can only hurt what nobody counts on. Postgres'
 * own segments are made of the frames when they are archived.
 *
 * <p><b>Owner:</b> the agent of the WAL node. Opening and closing
 * the log block; so, for a moment, does opening the file of a segment, once a segment. Nothing else does.
 *
 * <p><b>Invariants:</b> frames become durable in order, as far as anybody is told; what recovery finds is a prefix of what was
 * written, and holds all that was told to be flushed.
 */
package dev.firn.walquorum.log;
