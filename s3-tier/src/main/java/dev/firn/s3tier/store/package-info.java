/**
 * The contract of the object store: what every caller sees, and every kind of store keeps.
 *
 * <p>{@link dev.firn.s3tier.store.ObjectStore} first, for the promises; then {@link dev.firn.s3tier.store.StoreSession}, for the
 * calls. Each call has its own sealed set of outcomes ({@link dev.firn.s3tier.store.PutOutcome},
 * {@link dev.firn.s3tier.store.GetOutcome}, …) that a {@code switch} covers; all share {@link dev.firn.s3tier.store.Failed}.
 *
 * <p><b>Owner:</b> a session, its calls and its uploads belong to the thread that opened the session. A store and its
 * counters may be used from any thread.
 *
 * <p><b>Invariants:</b> every call is answered exactly once, on the owner's thread; after the answer no buffer of the caller
 * is touched; nothing waits or grows without a limit that {@link dev.firn.s3tier.store.StoreLimits} names.
 */
package dev.firn.s3tier.store;
