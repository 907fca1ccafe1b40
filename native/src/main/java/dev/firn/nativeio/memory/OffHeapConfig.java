package dev.firn.nativeio.memory;

import java.util.Objects;

/**
 * How much off-heap memory a module gets, and how it is had.
 *
 * @param name of the module, for metrics and messages.
 * @param capacityBytes the limit; rounded up to whole slabs.
 * @param checked find mistakes at the price of speed: see the package's page.
 * @param prefault have every page at start, so that no page fault happens later and a host that is too small is found out.
 * @param locked keep the pages resident (mlock); goes on without, in sight, when the memlock limit refuses.
 */
public record OffHeapConfig(String name, long capacityBytes, boolean checked, boolean prefault, boolean locked) {
    /** System property that turns checked mode on or off for the memories that do not say. */
    public static final String CHECKED_PROPERTY = "firn.memory.checked";

    /** System property of a test run: checked mode is on unless {@link #CHECKED_PROPERTY} says otherwise. */
    private static final String TEST_PROPERTY = "firn.test";

    /** Largest region: one bit a slab in the indexes of a size class keeps their scan short. */
    public static final long MAX_CAPACITY_BYTES = 1L << 40;

    public OffHeapConfig {
        Objects.requireNonNull(name, "name");
        if (capacityBytes < 1 || capacityBytes > MAX_CAPACITY_BYTES) {
            throw new IllegalArgumentException("off-heap memory \"" + name + "\": capacity of " + capacityBytes
                    + " bytes is not within 1.." + MAX_CAPACITY_BYTES);
        }
        capacityBytes = (capacityBytes + SizeClass.SLAB_BYTES - 1) & -SizeClass.SLAB_BYTES;
    }

    /** Not prefaulted, not locked; checked in tests. */
    public static OffHeapConfig of(final String name, final long capacityBytes) {
        return new OffHeapConfig(name, capacityBytes, checkedByDefault(), false, false);
    }

    public OffHeapConfig withChecked(final boolean wanted) {
        return new OffHeapConfig(name, capacityBytes, wanted, prefault, locked);
    }

    public OffHeapConfig withPrefault(final boolean wanted) {
        return new OffHeapConfig(name, capacityBytes, checked, wanted, locked);
    }

    public OffHeapConfig withLocked(final boolean wanted) {
        return new OffHeapConfig(name, capacityBytes, checked, prefault, wanted);
    }

    private static boolean checkedByDefault() {
        return Boolean.parseBoolean(System.getProperty(CHECKED_PROPERTY, System.getProperty(TEST_PROPERTY, "false")));
    }
}
