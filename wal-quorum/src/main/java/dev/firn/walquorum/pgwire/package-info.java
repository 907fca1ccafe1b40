/**
 * Postgres' frontend/backend protocol, version 3, as far as a physical replication client needs it: the manual's chapters
 * "Message Flow" and "Streaming Replication Protocol".
 *
 * <p>Read {@link dev.firn.walquorum.pgwire.ReplicationConnection} first: the control path, which blocks, with deadlines. It hands
 * out the {@link dev.firn.walquorum.pgwire.WalStream}, the hot path, which neither blocks nor allocates.
 * {@link dev.firn.walquorum.pgwire.SqlConnection} is an ordinary session. Below them: {@code SessionOpener} finds the server and
 * authenticates, {@code Session} reads whole messages, {@code WalDecoder} takes the stream apart, and
 * {@link dev.firn.walquorum.pgwire.channel} moves the bytes. {@link dev.firn.walquorum.pgwire.conninfo} reads what names the server.
 *
 * <p><b>Owner:</b> a connection and its stream belong to one thread at a time; only {@code wakeup} may be called by others.
 *
 * <p><b>Invariants:</b> memory is bounded by named limits, whatever the server sends; no message of an exception or of a log holds
 * a password; bytes of WAL are handed on in order and without a gap.
 */
package dev.firn.walquorum.pgwire;
