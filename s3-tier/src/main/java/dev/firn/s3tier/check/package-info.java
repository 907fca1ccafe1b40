/**
 * Does a store keep the promises that Firn stands on? Asked before it holds data.
 *
 * <p>{@link dev.firn.s3tier.check.StoreCheck} first; {@link dev.firn.s3tier.check.CheckKind} lists what is asked, and what each
 * broken promise would cost.
 *
 * <p>The checks speak to the {@link dev.firn.s3tier.backend.StoreBackend}, below the session: the session finds out whose write
 * won, tries again and compares checksums, and so could hide what the store itself does not do.
 *
 * <p><b>Owner:</b> the thread that runs the check; only {@link dev.firn.s3tier.check.StoreCheck#stop} may be called from
 * another.
 *
 * <p><b>Invariants:</b> nothing outside the check's own prefix is touched, and nothing stays below it, whatever happens but the
 * end of the process; every wait has a deadline.
 */
package dev.firn.s3tier.check;
