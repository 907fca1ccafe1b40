package dev.firn.nvmecache;

/** Hears what became of the reads that {@link BlockCache#read} accepted; inside {@link BlockCache#poll}. */
@FunctionalInterface
public interface ReadHandler {
    /**
     * The bytes are in the caller's buffer, or they are not to be had here. May begin further reads and inserts, but not poll.
     *
     * @param token as given with the read.
     * @param result how many bytes were read, at least 1; or {@link BlockCache#MISS}: the device failed or the bytes were not
     *     the right ones, both counted; fetch the block from where it comes from. The buffer's content is undefined then.
     */
    void onRead(long token, int result);
}
