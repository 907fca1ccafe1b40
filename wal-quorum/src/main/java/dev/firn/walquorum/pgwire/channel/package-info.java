/**
 * Bytes to and from a Postgres server: TCP or a socket of the file system, plain or TLS, never blocking unless asked to wait. Start
 * with {@link dev.firn.walquorum.pgwire.channel.ServerChannel}.
 *
 * <p><b>Owner:</b> the thread of the connection; only {@code wakeup} may be called by others. <b>Invariant:</b> once TLS has begun,
 * nothing that came before it is read as if it were under it.
 */
package dev.firn.walquorum.pgwire.channel;
