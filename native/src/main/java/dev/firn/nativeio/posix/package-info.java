/**
 * The libc calls that Firn makes, one class for each family, bound through Panama.
 *
 * <p>Each call returns what the kernel would: a value of at least zero, or the negative errno. Nothing here throws for an
 * expected failure and nothing keeps state.
 *
 * <p>Calls of the control path take the thread's errno from a confined arena of their own; calls that are made often take
 * an {@link dev.firn.nativeio.posix.ErrnoCapture} that the caller keeps.
 */
package dev.firn.nativeio.posix;
