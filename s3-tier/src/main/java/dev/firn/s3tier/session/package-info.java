/**
 * What stands above the single attempts of a {@link dev.firn.s3tier.backend.StoreBackend}, once for all kinds of store:
 * deadlines, cancelling, retries with their budget and circuit, limits, ranges read together, uploads of parts, and finding
 * out whose write won.
 *
 * <p>{@link dev.firn.s3tier.session.SessionStore} first; then {@code Session}, whose poll moves everything, {@code Call}, what
 * the caller began, and {@code Request}, one request of a call with its attempts. {@code WriteCall} with {@code WriteEvidence}
 * decides whose write won, as {@code docs/decisions/2026-11-21-whose-write-won.md} explains.
 *
 * <p><b>Owner:</b> a session and its calls, requests and uploads belong to the thread that opened it. What the sessions of a
 * store share ({@code Governor}, {@code Circuit}, {@code RetryBudget}, {@code Randomness}) is thread-safe. Attempts are
 * completed by any thread, and come back through a queue that has room for all that may be in flight.
 *
 * <p><b>Invariants:</b> a request has at most one attempt in flight; a call is finished only when none of its requests has
 * one, so that its buffers are free; a finished call waits in the session's queue until poll answers it. There are no threads,
 * no clock and no randomness here but what is injected.
 */
package dev.firn.s3tier.session;
