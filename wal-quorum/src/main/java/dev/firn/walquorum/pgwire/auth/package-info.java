/**
 * What a client answers when the server asks who it is: {@link dev.firn.walquorum.pgwire.auth.ScramLogin} and
 * {@link dev.firn.walquorum.pgwire.auth.Md5Password}. Pure: bytes in, bytes out.
 *
 * <p><b>Owner:</b> the thread that connects. <b>Invariant:</b> no text that is made here but what goes to the server depends on the
 * password.
 */
package dev.firn.walquorum.pgwire.auth;
