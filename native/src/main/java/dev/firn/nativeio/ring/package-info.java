/**
 * What the rings of a real host share: the table of operations in flight, attached files, the check that one thread owns a
 * ring.
 *
 * <p><b>Owner:</b> everything here belongs to the thread that owns the ring. <b>Invariant:</b> a slot of the
 * {@link dev.firn.nativeio.ring.OperationTable} is taken from acceptance until the completion is delivered, so the number of
 * free slots is the back-pressure.
 */
package dev.firn.nativeio.ring;
