/**
 * What {@code firn store} does: looks into an object store, and carries objects between it and files.
 *
 * <p>{@link dev.firn.server.store.StoreConnection} first: a store, one session, and the wait for its answers. Then
 * {@link dev.firn.server.store.ObjectDownload} and {@link dev.firn.server.store.ObjectUpload}.
 *
 * <p><b>Owner:</b> the command's thread. {@link dev.firn.server.store.InputReader} has a thread of its own, because standard
 * input may block for as long as it likes.
 *
 * <p><b>Invariants:</b> an object is never in memory as a whole: parts come and go within a named limit. A file appears under
 * its name whole and durable, or not at all. What is begun and not finished is given up: temporary files are deleted, uploads
 * aborted.
 */
package dev.firn.server.store;
