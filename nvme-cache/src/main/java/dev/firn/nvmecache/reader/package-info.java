/**
 * Reading objects through the cache: what is missing is fetched from the object store, once for all who wait, and kept.
 *
 * <p>{@link dev.firn.nvmecache.reader.CachedReader} first. It splits a read into blocks, asks the cache for each, lets
 * {@link dev.firn.nvmecache.reader.BlockLoader} fetch those that it misses, and answers when all have come.
 *
 * <p><b>Owner:</b> the thread that owns the cache and the store's session, which are polled here.
 *
 * <p><b>Invariants:</b> every accepted read is answered exactly once; of a block there is at most one fetch in flight;
 * reads, fetches and their memory are bounded by {@link dev.firn.nvmecache.reader.ReaderLimits}.
 */
package dev.firn.nvmecache.reader;
