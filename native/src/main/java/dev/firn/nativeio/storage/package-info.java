/**
 * The contract for everything that is read from or written to files: {@link dev.firn.nativeio.storage.Storage} opens
 * files, {@link dev.firn.nativeio.storage.Ring} moves their bytes asynchronously.
 *
 * <p>State machines see only this package. Behind it stand the kernel's io_uring ({@code uring}), positional reads and
 * writes on a small pool ({@code portable}), and the simulated disk ({@code simulation}), all with the same promises;
 * one contract test runs against the three.
 *
 * <p><b>Owner:</b> a {@link dev.firn.nativeio.storage.Ring} belongs to the one thread that opened it. A
 * {@link dev.firn.nativeio.storage.Storage} may be used from any thread, but its calls block: it is for the control
 * path.
 *
 * <p><b>Invariants:</b> an accepted operation is completed exactly once, whatever happens; a refused one (queue full) has
 * had no effect; nothing is durable before a sync that was submitted after the write's completion has completed
 * without error, or the write itself was a durable one.
 *
 * <p>Read {@link dev.firn.nativeio.storage.Ring} first.
 */
package dev.firn.nativeio.storage;
