/**
 * Readings of a Linux host, as plain values: no judgement, no change.
 *
 * <p>Everything is read through {@link dev.firn.tuning.host.SystemTree}, which puts {@code /proc}, {@code /sys} and
 * {@code /etc} beneath a root, so that a test can make a host of its own. A file that is absent or may not be read is
 * an empty reading, never an exception: what that means is said by {@link dev.firn.tuning.doctor} and
 * {@link dev.firn.tuning.profile}.
 *
 * <p><b>Owner:</b> immutable values; any thread.
 */
package dev.firn.tuning.host;
