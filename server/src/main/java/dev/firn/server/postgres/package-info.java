/**
 * The stock Postgres that a system runs itself, so that it is of use where there is none to follow.
 *
 * <p>{@link dev.firn.server.postgres.OwnPostgres} first. Its cluster is in {@code postgres/data} of the data directory. To the rest of the
 * system it is a primary like any other: it is followed by a receiver, over TCP, under the name
 * {@link dev.firn.server.attachment.Attachment#OWN}.
 *
 * <p><b>Owner:</b> the thread of the supervisor that runs its role; what it has published may be read from any. <b>Invariants:</b> a
 * cluster stands at its place whole or not at all; each {@code COMMIT} waits for the quorum, from the first on; the server ends with the
 * process that is up.
 */
package dev.firn.server.postgres;
