/**
 * libpq's connection strings: the manual's section "Connection Strings" and the one on connection parameters. Start with
 * {@link dev.firn.walquorum.pgwire.conninfo.ConnInfo}.
 *
 * <p><b>Owner:</b> none: values. <b>Invariant:</b> a password is in no text that is made here.
 */
package dev.firn.walquorum.pgwire.conninfo;
