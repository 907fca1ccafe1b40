package dev.firn.server.pages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How large a cache's file is made: as large as wished, and no larger than half of what its disk could give it. */
final class CacheRoom {
    /** Smaller ones would hold little more than the indexes of layers. */
    static final long LEAST_BYTES = 64L << 20;

    private CacheRoom() {}

    /**
     * The size for a file.
     *
     * <p>Where the disk sets the limit, a file that is there keeps its size, and so its blocks, as long as that is no more than the
     * limit and no less than half of it: what is free on a disk changes all the time.
     *
     * @param wishedBytes what the configuration says; 0 for no cache.
     * @param fileBytes how long the file is now; 0 without.
     * @param freeBytes what the disk has besides.
     * @return 0 when there is no room for a cache that is worth its name.
     */
    static long sizeBytes(final long wishedBytes, final long fileBytes, final long freeBytes) {
        final long limitBytes = (freeBytes + fileBytes) / 2;
        final long size = wishedBytes <= limitBytes || fileBytes < limitBytes / 2 || fileBytes > limitBytes
                ? Math.min(wishedBytes, limitBytes)
                : fileBytes;
        return size < LEAST_BYTES ? 0 : size;
    }

    /** As {@link #sizeBytes(long, long, long)}, of a file in a directory that is there. */
    static long sizeBytes(final long wishedBytes, final Path directory, final String fileName) throws IOException {
        final Path file = directory.resolve(fileName);
        return sizeBytes(
                wishedBytes,
                Files.exists(file) ? Files.size(file) : 0,
                Files.getFileStore(directory).getUsableSpace());
    }
}
