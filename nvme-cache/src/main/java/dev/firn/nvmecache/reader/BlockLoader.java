package dev.firn.nvmecache.reader;

/** Fetches blocks from the store, each once for all who wait. */
final class BlockLoader {
    private BlockLoader() {}
}
