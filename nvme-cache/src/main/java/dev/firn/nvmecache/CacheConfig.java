package dev.firn.nvmecache;

import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.storage.RingConfig;
import java.util.Objects;

/**
 * How a cache is made.
 *
 * @param fileName within its storage; beside it, while it is made, stands the same name with {@code .new}.
 * @param cluster whose cache it is: another cluster's file is refused.
 * @param sizeBytes of the whole file; what does not make a whole slot is left unused.
 * @param blockBytes how long a block is: a power of two. The last block of an object may be shorter.
 * @param readsInFlight most reads that are accepted and not answered.
 * @param bounceBuffers how many of them may at once be for ranges or buffers that are not aligned, and go through a copy.
 * @param writeBuffers most blocks on their way to the device; each takes blockBytes of memory.
 * @param syncIntervalNs a block's bytes and its entry are durable after about this long: what power loss may cost.
 * @param maxDeviceErrors so many failed operations in a row turn the cache off.
 * @param writeBytesPerSecond what blocks that nobody asked for twice may write, on average, once the cache is full; blocks
 *     that came back are always written. Spares the device: 0 for no limit.
 * @param tenants who is sure of how much.
 * @param backend which ring.
 */
public record CacheConfig(
        String fileName,
        ObjectId cluster,
        long sizeBytes,
        int blockBytes,
        int readsInFlight,
        int bounceBuffers,
        int writeBuffers,
        long syncIntervalNs,
        int maxDeviceErrors,
        long writeBytesPerSecond,
        TenantShares tenants,
        RingBackend backend) {
    /** A block has at most so many units, each with a checksum of its own: the least that is read and verified. */
    public static final int MAX_UNITS = 16;

    /** The least that direct I/O asks for anywhere. */
    public static final int MIN_UNIT_BYTES = 512;

    /** Units of 4 KiB: a compressed page is one or two of them, and the map costs a 672nd part of the data. */
    public static final int DEFAULT_BLOCK_BYTES = 64 << 10;

    public static final int MIN_BLOCK_BYTES = 4 << 10;
    public static final int MAX_BLOCK_BYTES = 1 << 20;
    public static final int MAX_READS_IN_FLIGHT = 4_096;
    public static final int MAX_BUFFERS = 1_024;

    /** A slot's number with room for marks: 128 TiB of 64 KiB blocks. */
    public static final int MAX_SLOTS = Integer.MAX_VALUE - 1;

    static final int MIN_SLOTS = 64;

    public CacheConfig {
        Objects.requireNonNull(fileName, "fileName");
        Objects.requireNonNull(cluster, "cluster");
        Objects.requireNonNull(tenants, "tenants");
        Objects.requireNonNull(backend, "backend");
        requireWithin("blockBytes", blockBytes, MIN_BLOCK_BYTES, MAX_BLOCK_BYTES);
        if (Integer.bitCount(blockBytes) != 1) {
            throw new IllegalArgumentException("the cache's blockBytes is not a power of two: " + blockBytes);
        }
        requireWithin("readsInFlight", readsInFlight, 1, MAX_READS_IN_FLIGHT);
        requireWithin("bounceBuffers", bounceBuffers, 1, MAX_BUFFERS);
        requireWithin("writeBuffers", writeBuffers, 1, MAX_BUFFERS);
        requireWithin("syncIntervalNs", syncIntervalNs, 1, Long.MAX_VALUE);
        requireWithin("maxDeviceErrors", maxDeviceErrors, 1, Integer.MAX_VALUE);
        requireWithin("writeBytesPerSecond", writeBytesPerSecond, 0, Long.MAX_VALUE);
        final long slots = CacheLayout.slotsWithin(sizeBytes, blockBytes);
        if (slots < MIN_SLOTS || slots > MAX_SLOTS) {
            throw new IllegalArgumentException("a cache of " + sizeBytes + " bytes holds " + slots + " blocks of "
                    + blockBytes + " bytes, not within " + MIN_SLOTS + ".." + MAX_SLOTS);
        }
    }

    /** A cache with this project's defaults. */
    public static CacheConfig of(final String fileName, final ObjectId cluster, final long sizeBytes) {
        return of(fileName, cluster, sizeBytes, DEFAULT_BLOCK_BYTES);
    }

    /** As {@link #of(String, ObjectId, long)}, with blocks of another length. */
    public static CacheConfig of(
            final String fileName, final ObjectId cluster, final long sizeBytes, final int blockBytes) {
        return new CacheConfig(
                fileName,
                cluster,
                sizeBytes,
                blockBytes,
                256,
                64,
                64,
                1_000_000_000L,
                16,
                0,
                TenantShares.NONE,
                RingBackend.BEST);
    }

    public CacheConfig withDepth(final int reads, final int bounces, final int writes) {
        return new CacheConfig(
                fileName,
                cluster,
                sizeBytes,
                blockBytes,
                reads,
                bounces,
                writes,
                syncIntervalNs,
                maxDeviceErrors,
                writeBytesPerSecond,
                tenants,
                backend);
    }

    public CacheConfig withSyncIntervalNs(final long intervalNs) {
        return new CacheConfig(
                fileName,
                cluster,
                sizeBytes,
                blockBytes,
                readsInFlight,
                bounceBuffers,
                writeBuffers,
                intervalNs,
                maxDeviceErrors,
                writeBytesPerSecond,
                tenants,
                backend);
    }

    public CacheConfig withMaxDeviceErrors(final int errors) {
        return new CacheConfig(
                fileName,
                cluster,
                sizeBytes,
                blockBytes,
                readsInFlight,
                bounceBuffers,
                writeBuffers,
                syncIntervalNs,
                errors,
                writeBytesPerSecond,
                tenants,
                backend);
    }

    public CacheConfig withWriteBytesPerSecond(final long bytes) {
        return new CacheConfig(
                fileName,
                cluster,
                sizeBytes,
                blockBytes,
                readsInFlight,
                bounceBuffers,
                writeBuffers,
                syncIntervalNs,
                maxDeviceErrors,
                bytes,
                tenants,
                backend);
    }

    public CacheConfig withTenants(final TenantShares shares) {
        return new CacheConfig(
                fileName,
                cluster,
                sizeBytes,
                blockBytes,
                readsInFlight,
                bounceBuffers,
                writeBuffers,
                syncIntervalNs,
                maxDeviceErrors,
                writeBytesPerSecond,
                shares,
                backend);
    }

    public CacheConfig withBackend(final RingBackend chosen) {
        return new CacheConfig(
                fileName,
                cluster,
                sizeBytes,
                blockBytes,
                readsInFlight,
                bounceBuffers,
                writeBuffers,
                syncIntervalNs,
                maxDeviceErrors,
                writeBytesPerSecond,
                tenants,
                chosen);
    }

    /** How many blocks it holds. */
    public int slots() {
        return (int) CacheLayout.slotsWithin(sizeBytes, blockBytes);
    }

    /** The least that is read and verified. */
    public int unitBytes() {
        return Math.max(MIN_UNIT_BYTES, blockBytes / MAX_UNITS);
    }

    /** How many of them a block has. */
    int units() {
        return blockBytes / unitBytes();
    }

    RingConfig ring() {
        // A sync, and the operation whose completion is being handled while its rest is submitted.
        return RingConfig.ofCapacity(readsInFlight + writeBuffers + MapWriter.PAGES_IN_FLIGHT + 2)
                .withMaxFiles(1)
                .withBackend(backend);
    }

    private static void requireWithin(final String name, final long value, final long least, final long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "the cache's " + name + " is not within " + least + ".." + most + ": " + value);
        }
    }
}
