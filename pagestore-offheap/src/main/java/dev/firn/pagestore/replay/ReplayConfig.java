package dev.firn.pagestore.replay;

import dev.firn.nativeio.seam.Clock;
import dev.firn.postgres.page.PageLayout;
import java.nio.file.Path;
import java.util.Objects;

/**
 * How a replay runs.
 *
 * @param base the data directory to start from: only read, and it must not change meanwhile.
 * @param pageMemoryBytes how much off-heap memory pages may take; those that don't fit go to a spill file.
 * @param spillDirectory where the spill file goes; it takes no room unless pages don't fit.
 * @param untilLsn the first record that ends after this is not applied any more; {@link Long#MAX_VALUE} for all.
 */
public record ReplayConfig(Path base, long pageMemoryBytes, Path spillDirectory, long untilLsn, Clock clock) {
    /** So much of the machine's memory is for pages unless told otherwise; the rest is the page cache of files read and written. */
    public static final int DEFAULT_MEMORY_SHARE = 4;

    /** The least for pages. */
    public static final long MIN_PAGE_MEMORY_BYTES = (long) PageTable.MIN_FRAMES * PageLayout.PAGE_BYTES;

    /** The most: frames are numbered by ints, and their index has twice as many slots. */
    public static final long MAX_PAGE_MEMORY_BYTES = (long) (1 << 28) * PageLayout.PAGE_BYTES;

    public ReplayConfig {
        Objects.requireNonNull(base, "base");
        Objects.requireNonNull(spillDirectory, "spillDirectory");
        Objects.requireNonNull(clock, "clock");
        if (pageMemoryBytes < MIN_PAGE_MEMORY_BYTES || pageMemoryBytes > MAX_PAGE_MEMORY_BYTES) {
            throw new IllegalArgumentException("page memory of " + pageMemoryBytes + " bytes is not within "
                    + MIN_PAGE_MEMORY_BYTES + ".." + MAX_PAGE_MEMORY_BYTES);
        }
    }

    int frames() {
        return (int) (pageMemoryBytes / PageLayout.PAGE_BYTES);
    }
}
