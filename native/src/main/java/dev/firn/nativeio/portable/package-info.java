/**
 * The ring for hosts without io_uring: positional reads and writes on a small pool of threads.
 *
 * <p>Same contract, same tests, slower. {@link dev.firn.nativeio.portable.PortableRing} belongs to the thread that opened
 * it, and that thread alone decides what starts when: {@link dev.firn.nativeio.portable.Chains} is its bookkeeping of chains,
 * drains, time-outs and cancels. The threads of the {@link dev.firn.nativeio.portable.WorkerPool} take one operation at a
 * time, make the system call ({@link dev.firn.nativeio.portable.Transfers}), and hand the result back.
 */
package dev.firn.nativeio.portable;
