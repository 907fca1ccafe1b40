/**
 * Programs that the runner starts: as whom, and for how long.
 *
 * <p>No state. {@link dev.firn.compute.process.UnprivilegedUser} says who runs Postgres, which refuses root;
 * {@link dev.firn.compute.process.ShortCommand} runs a program that ends by itself, within a limit. Servers, which do not end by
 * themselves, are {@link dev.firn.compute.instance}'s.
 */
package dev.firn.compute.process;
