/**
 * What stands between the session and the kinds of store: single attempts, told plainly.
 *
 * <p>{@link dev.firn.s3tier.backend.StoreBackend} first, then {@link dev.firn.s3tier.backend.AttemptRequest} and
 * {@link dev.firn.s3tier.backend.AttemptResult}. A new kind of store implements the first, and is done when the contract test
 * holds on it.
 *
 * <p><b>Owner:</b> an attempt is made by a session's thread, handed over with {@code begin}, and comes back with
 * {@code complete}; between the two the backend owns it.
 */
package dev.firn.s3tier.backend;
