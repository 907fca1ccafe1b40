/**
 * The loops over values: each a Vector-API kernel over off-heap memory with a scalar twin that gives the same bytes. Read
 * {@link dev.firn.columnar.kernel.BitPacking} first; all others have its shape: a public face that checks bounds and chooses, {@code Vector…} and
 * {@code Scalar…} behind it.
 *
 * <p><b>Owner:</b> nobody; there is no state. Memory that is passed in is borrowed for the call.
 *
 * <p><b>Invariants:</b> nothing is allocated. Both twins write the same bytes for every input; tests hold them together with random and adversarial
 * values. What is written past the result, up to the slack that a method names, is undefined.
 */
package dev.firn.columnar.kernel;
