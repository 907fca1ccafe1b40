/**
 * Peers prove that they hold the deployment's secret before anything else of what they send is read.
 *
 * <p>Nothing here sends, receives or reads a clock by itself: {@link dev.firn.transport.aeron} does. The threat model, and
 * what this does not give, stand in {@code docs/decisions/2026-11-21-peer-authentication.md}.
 *
 * <p><b>Owner:</b> an {@link dev.firn.transport.authentication.Authenticator} and all that it holds belong to the owner of
 * its endpoint. A {@link dev.firn.transport.authentication.PeerSecret} is immutable.
 *
 * <p><b>Invariants:</b> a frame is accepted once, in the session in which its sender made it, unchanged. A nonce opens one
 * session. Nothing that arrives makes memory grow, and no answer is longer than what it answers. Sealing and checking
 * frames allocates nothing; opening a session does.
 *
 * <p>Read {@link dev.firn.transport.authentication.Authenticator} first.
 */
package dev.firn.transport.authentication;
