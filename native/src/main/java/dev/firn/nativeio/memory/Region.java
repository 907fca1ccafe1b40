package dev.firn.nativeio.memory;

import dev.firn.nativeio.posix.MemoryCalls;
import dev.firn.nativeio.storage.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One mapped stretch of memory, aligned to a slab: says which pages it got and why not better ones.
 *
 * <p>Owned by the {@link OffHeapMemory} that maps it. Unmapped by {@link #close()}, whereupon the segments cut from it
 * throw when they are used.
 */
final class Region implements AutoCloseable {
    private static final Path TRANSPARENT_HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    private static final int READ_WRITE = MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;
    private final PageBacking backing;
    private final String description;
    private final boolean locked;

    private Region(final OffHeapConfig config, final long address, final PageBacking backing, final String pages) {
        final long lengthBytes = config.capacityBytes();
        this.segment = MemorySegment.ofAddress(address)
                .reinterpret(lengthBytes, arena, mapped -> unmap(mapped.address(), mapped.byteSize()));
        this.backing = backing;
        final int lockResult = config.locked() ? MemoryCalls.lock(address, lengthBytes) : 0;
        this.locked = config.locked() && lockResult == 0;
        this.description = pages
                + (config.prefault() ? ", prefaulted" : "")
                + (locked ? ", locked" : "")
                + (lockResult == 0 ? "" : ", not locked: " + Errno.describe(-lockResult));
    }

    static Region map(final OffHeapConfig config) {
        final long lengthBytes = config.capacityBytes();
        final long huge =
                MemoryCalls.mapAnonymous(lengthBytes, READ_WRITE, MemoryCalls.MAP_HUGETLB | MemoryCalls.MAP_HUGE_2MB);
        final Region region;
        if (huge > 0) {
            region = new Region(config, huge, PageBacking.HUGE, PageBacking.HUGE.description());
        } else {
            region = mapOrdinary(
                    config,
                    "no huge pages: "
                            + (huge == -Errno.ENOMEM
                                    ? "not enough are free, see vm.nr_hugepages"
                                    : Errno.describe((int) -huge)));
        }
        try {
            region.prefault(config);
        } catch (final RuntimeException e) {
            region.close();
            throw e;
        }
        return region;
    }

    private static Region mapOrdinary(final OffHeapConfig config, final String whyNotHuge) {
        final long address = mapAligned(config);
        final String whyNotTransparent = adviseHuge(address, config.capacityBytes());
        return whyNotTransparent.isEmpty()
                ? new Region(
                        config,
                        address,
                        PageBacking.TRANSPARENT_HUGE,
                        PageBacking.TRANSPARENT_HUGE.description() + " (" + whyNotHuge + ")")
                : new Region(
                        config,
                        address,
                        PageBacking.SMALL,
                        PageBacking.SMALL.description() + " (" + whyNotHuge + "; " + whyNotTransparent + ")");
    }

    /** Maps one slab more than needed and gives back what lies before and after the aligned stretch. */
    private static long mapAligned(final OffHeapConfig config) {
        final long lengthBytes = config.capacityBytes();
        final long mapped = MemoryCalls.mapAnonymous(lengthBytes + SizeClass.SLAB_BYTES, READ_WRITE, 0);
        if (mapped < 0) {
            throw new IllegalStateException("off-heap memory \"" + config.name() + "\": the kernel gives no "
                    + lengthBytes + " bytes: " + Errno.describe((int) -mapped));
        }
        final long aligned = (mapped + SizeClass.SLAB_BYTES - 1) & -SizeClass.SLAB_BYTES;
        final long before = aligned - mapped;
        if (before > 0) {
            unmap(mapped, before);
        }
        if (before < SizeClass.SLAB_BYTES) {
            unmap(aligned + lengthBytes, SizeClass.SLAB_BYTES - before);
        }
        return aligned;
    }

    /** Empty when the kernel will look for huge pages, else why it will not. */
    private static String adviseHuge(final long address, final long lengthBytes) {
        final int advised = MemoryCalls.advise(address, lengthBytes, MemoryCalls.MADV_HUGEPAGE);
        if (advised != 0) {
            return "no transparent huge pages: " + Errno.describe(-advised);
        }
        try {
            // madvise(2) says yes even where the administrator has switched them off: "always madvise [never]".
            return Files.readString(TRANSPARENT_HUGE_PAGES).contains("[never]")
                    ? "no transparent huge pages: switched off in " + TRANSPARENT_HUGE_PAGES
                    : "";
        } catch (final IOException unreadable) {
            return "no transparent huge pages: cannot read " + unreadable.getMessage();
        }
    }

    private void prefault(final OffHeapConfig config) {
        if (!config.prefault()) {
            return;
        }
        final int populated =
                MemoryCalls.advise(segment.address(), segment.byteSize(), MemoryCalls.MADV_POPULATE_WRITE);
        if (populated == -Errno.EINVAL) {
            // A kernel before 5.14 does not know the advice: touching each page does the same, without an error code.
            segment.fill((byte) 0);
        } else if (populated != 0) {
            throw new IllegalStateException("off-heap memory \"" + config.name() + "\": the host cannot back all "
                    + segment.byteSize() + " bytes: " + Errno.describe(-populated));
        }
    }

    private static void unmap(final long address, final long lengthBytes) {
        final int result = MemoryCalls.unmap(address, lengthBytes);
        if (result != 0) {
            throw new AssertionError("munmap of " + lengthBytes + " bytes at " + Long.toHexString(address) + ": "
                    + Errno.describe(-result));
        }
    }

    MemorySegment segment() {
        return segment;
    }

    PageBacking backing() {
        return backing;
    }

    boolean locked() {
        return locked;
    }

    String describe() {
        return description;
    }

    @Override
    public void close() {
        arena.close();
    }
}
