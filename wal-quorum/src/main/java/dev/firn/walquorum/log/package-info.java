/**
 * An acceptor's log on disk: {@link dev.firn.walquorum.log.WalLog} first, then {@code FrameLayout}, which says what makes it
 * safe, and {@code LogRecovery}. How it stands on disk: {@code docs/wal-log-format.md}.
 *
 * <p>WAL bytes and hand-overs to new terms are frames, one after the other, in preallocated segments. A frame is written once, with
 * one durable, aligned, direct write, and nothing that was acknowledged is ever written over: a torn write can only hurt what nobody counts on. Postgres'
 * own segments are made of the frames when they are archived. The control file holds what changes rarely: the promise, and
 * the base that recovery begins from.
 *
 * <p>The logs of one thread share a ring, {@link dev.firn.walquorum.log.LogRing}.
 *
 * <p><b>Owner:</b> the agent of the WAL node. Opening and closing
 * the log block; so, for a moment, does opening, renaming or deleting the file of a segment, once a segment. Nothing else does.
 *
 * <p><b>Invariants:</b> frames become durable in order, as far as anybody is told; what recovery finds is a prefix of what was
 * written, and holds all that was told to be flushed; what is trimmed stays trimmed; a promise that was told is found.
 */
package dev.firn.walquorum.log;
