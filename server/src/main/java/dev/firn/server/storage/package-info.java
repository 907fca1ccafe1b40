/**
 * The role that answers for the disk: it proves at start that a block can be written, flushed and read back, and goes on
 * measuring how long a flush takes.
 *
 * <p><b>Owner:</b> the role's own thread opens the ring and alone touches it; results leave it through volatile fields.
 * <b>Invariants:</b> a failed write or flush is never tried again on the same file: the role fails, and begins anew with
 * a new file; at most one probe is in flight.
 *
 * <p>Read {@link dev.firn.server.storage.StorageRole} first.
 */
package dev.firn.server.storage;
