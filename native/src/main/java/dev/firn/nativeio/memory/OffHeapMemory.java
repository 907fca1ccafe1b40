package dev.firn.nativeio.memory;

import java.lang.System.Logger;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The off-heap memory of one module: a region of fixed size, handed out in slots, each allocation tagged and counted.
 *
 * <p>Thread-safe; see the package's page for lengths, ownership and checked mode. Steady state makes no object: not in
 * {@link #allocateAtLeast} and {@link #free}, nor in {@link #allocate} when slots are asked for lengths that they had before
 * (always so for powers of two from 512).
 *
 * <p>Opened at start, closed at the end: closing takes the memory away from whoever still holds some.
 */
public final class OffHeapMemory implements AutoCloseable {
    private static final Logger LOG = System.getLogger(OffHeapMemory.class.getPackageName());

    private final OffHeapConfig config;
    private final Region region;
    private final long baseAddress;
    private final SlabPool pool;
    private final TagCounters counters = new TagCounters();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Null in production. */
    private final CheckedAllocations checks;

    private OffHeapMemory(final OffHeapConfig config, final Region region) {
        this.config = config;
        this.region = region;
        this.baseAddress = region.segment().address();
        this.pool = new SlabPool(region.segment());
        this.checks = config.checked() ? new CheckedAllocations(config.name(), region.segment()) : null;
    }

    /**
     * Maps the region.
     *
     * @throws IllegalStateException when the host does not give so much memory.
     */
    public static OffHeapMemory open(final OffHeapConfig config) {
        final OffHeapMemory memory = new OffHeapMemory(config, Region.map(config));
        if (config.checked()) {
            OpenMemories.add(memory);
        }
        return memory;
    }

    /**
     * Memory of exactly this length, aligned to the power of two that holds it, 2 MiB at most. Its contents are undefined.
     *
     * @return owned by the caller, who gives it to {@link #free}; never closed by the caller.
     * @throws OutOfOffHeapMemoryException when there is no room: says who holds what.
     */
    public MemorySegment allocate(final long bytes, final MemoryTag tag) {
        final MemorySegment segment = tryAllocate(bytes, tag);
        if (segment == null) {
            throw exhausted(bytes, tag);
        }
        return segment;
    }

    /** As {@link #allocate}; null when there is no room, for callers whose answer to that is back-pressure. */
    public MemorySegment tryAllocate(final long bytes, final MemoryTag tag) {
        return bytes <= SizeClass.SLAB_BYTES ? inSlab(bytes, bytes, tag) : inRun(bytes, bytes, tag);
    }

    /**
     * Memory of {@link #slotBytes(long) at least} this length: the whole slot. Never makes an object once the slot has been
     * used, whatever lengths are asked for; runs of slabs excepted, which make one when their length differs from the last.
     *
     * @throws OutOfOffHeapMemoryException when there is no room: says who holds what.
     */
    public MemorySegment allocateAtLeast(final long bytes, final MemoryTag tag) {
        final MemorySegment segment = tryAllocateAtLeast(bytes, tag);
        if (segment == null) {
            throw exhausted(bytes, tag);
        }
        return segment;
    }

    /** As {@link #allocateAtLeast}; null when there is no room, for callers whose answer to that is back-pressure. */
    public MemorySegment tryAllocateAtLeast(final long bytes, final MemoryTag tag) {
        final long whole = slotBytes(bytes);
        return whole <= SizeClass.SLAB_BYTES ? inSlab(bytes, whole, tag) : inRun(bytes, whole, tag);
    }

    /**
     * Takes memory back.
     *
     * @param segment the very segment that this object's allocation returned. It must not be used any more, and no I/O on it
     *     may be in flight.
     * @throws IllegalStateException when it has been freed already.
     * @throws IllegalArgumentException when it was not allocated here, or is only a part of an allocation.
     */
    public void free(final MemorySegment segment) {
        final long offset = segment.address() - baseAddress;
        if (!segment.isNative() || offset < 0 || offset >= config.capacityBytes()) {
            throw new IllegalArgumentException(prefix() + segment + " was not allocated here");
        }
        if (closed.getOpaque()) {
            throw new IllegalStateException(prefix() + "closed");
        }
        final RuntimeException damage = checks == null ? null : checks.beforeFree(segment);
        final Slab slab = pool.slab((int) (offset >> SizeClass.SLAB_SHIFT));
        if (slab == null) {
            freeRun(segment, offset);
        } else {
            final int slot = slab.slotAt(offset & (SizeClass.SLAB_BYTES - 1));
            if (slot < 0) {
                throw notAnAllocation(segment);
            }
            freeSlot(segment, slab, slot);
        }
        if (damage != null) {
            throw damage;
        }
    }

    /** How much an allocation of so many bytes takes from the limit. */
    public static long slotBytes(final long bytes) {
        if (bytes < 1 || bytes > OffHeapConfig.MAX_CAPACITY_BYTES) {
            throw new IllegalArgumentException(
                    "an allocation of " + bytes + " bytes is not within 1.." + OffHeapConfig.MAX_CAPACITY_BYTES);
        }
        return bytes <= SizeClass.SLAB_BYTES
                ? 1L << SizeClass.slotShift(SizeClass.of(bytes))
                : SizeClass.slabs(bytes) << SizeClass.SLAB_SHIFT;
    }

    public String name() {
        return config.name();
    }

    /** The limit. */
    public long capacityBytes() {
        return config.capacityBytes();
    }

    public PageBacking pageBacking() {
        return region.backing();
    }

    /** Whether the pages are kept resident. */
    public boolean isLocked() {
        return region.locked();
    }

    public boolean isChecked() {
        return config.checked();
    }

    /** One line for the log, {@code firn doctor} and benchmarks: size, what pages, why not better ones. */
    public String describe() {
        return prefix() + (config.capacityBytes() >> 20) + " MiB in " + region.describe()
                + (config.checked() ? ", checked (slow)" : "");
    }

    /** What a tag holds now. */
    public MemoryUsage usage(final MemoryTag tag) {
        return counters.usage(tag.index());
    }

    /** What all tags hold now. */
    public MemoryUsage usage() {
        return counters.total();
    }

    /**
     * All of the memory, for {@link dev.firn.nativeio.storage.Ring#registerBuffers}: whatever is allocated lies in it.
     *
     * @return borrowed: neither written nor freed, gone after {@link #close()}.
     */
    public MemorySegment wholeRegion() {
        return region.segment();
    }

    /** What is allocated now, by tag; in checked mode with the stacks that allocated. */
    public LeakReport stillAllocated() {
        final List<LeakReport.Leak> leaks = new ArrayList<>();
        for (final MemoryTag tag : MemoryTag.all()) {
            final MemoryUsage usage = usage(tag);
            if (usage.heldCount() != 0) {
                leaks.add(new LeakReport.Leak(
                        tag,
                        usage.heldBytes(),
                        usage.heldCount(),
                        checks == null ? List.of() : checks.allocatedAt(tag)));
            }
        }
        return new LeakReport(config.name(), leaks);
    }

    /**
     * Gives the region back to the host. Using memory of it throws from now on. Idempotent.
     *
     * <p>What was not freed is reported: production logs a warning, checked mode throws.
     *
     * @throws IllegalStateException when a native call uses some of it at this moment; the region stays mapped for good.
     * @throws MemoryLeakException in checked mode, after the region is unmapped, when something was not freed.
     * @throws MemoryCorruptionException in checked mode, after the region is unmapped, when freed memory was written to.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        OpenMemories.remove(this);
        final LeakReport leaks = stillAllocated();
        RuntimeException found = null;
        if (checks != null) {
            found = checks.closeAll();
        }
        region.close();
        if (found == null && !leaks.isEmpty() && checks != null) {
            found = new MemoryLeakException(leaks);
        } else if (found != null && !leaks.isEmpty()) {
            found.addSuppressed(new MemoryLeakException(leaks));
        } else if (!leaks.isEmpty()) {
            LOG.log(Logger.Level.WARNING, leaks::describe);
        }
        if (found != null) {
            throw found;
        }
    }

    /**
     * Gives the region back whatever is still allocated, and says nothing of it: for simulated processes, which are cut off in the
     * middle of what they do. Idempotent.
     */
    public void abandon() {
        if (closed.compareAndSet(false, true)) {
            OpenMemories.remove(this);
            if (checks != null) {
                checks.closeAll();
            }
            region.close();
        }
    }

    private MemorySegment inSlab(final long bytes, final long lengthBytes, final MemoryTag tag) {
        requireUsable(bytes);
        final int sizeClass = SizeClass.of(bytes);
        final Slab slab = isFull(1L << SizeClass.slotShift(sizeClass)) ? null : pool.reserve(sizeClass);
        if (slab == null) {
            counters.refused(tag.index());
            return null;
        }
        final int slot = slab.claim();
        slab.tag(slot, tag.index());
        counters.allocated(tag.index(), slab.slotBytes());
        if (checks == null) {
            return slab.slot(slot, lengthBytes);
        }
        try {
            return checks.afterAllocate(slab.slot(slot), lengthBytes, tag);
        } catch (final MemoryCorruptionException e) {
            freeSlot(slab.slot(slot), slab, slot);
            throw e;
        }
    }

    private MemorySegment inRun(final long bytes, final long lengthBytes, final MemoryTag tag) {
        requireUsable(bytes);
        final int first = isFull(bytes) ? -1 : pool.takeRun((int) SizeClass.slabs(bytes));
        if (first < 0) {
            counters.refused(tag.index());
            return null;
        }
        pool.runTag(first, tag.index());
        final long wholeBytes = SizeClass.slabs(bytes) << SizeClass.SLAB_SHIFT;
        counters.allocated(tag.index(), wholeBytes);
        if (checks == null) {
            return pool.runSegment(first, lengthBytes);
        }
        final MemorySegment whole = pool.runSegment(first, wholeBytes);
        try {
            return checks.afterAllocate(whole, lengthBytes, tag);
        } catch (final MemoryCorruptionException e) {
            freeRun(whole, whole.address() - baseAddress);
            throw e;
        }
    }

    private void freeSlot(final MemorySegment segment, final Slab slab, final int slot) {
        final int tag = slab.tag(slot);
        if (!slab.release(slot)) {
            throw freedTwice(segment);
        }
        // Counted before others can have the slot's reservation, so that the sum never passes the limit.
        counters.freed(tag, slab.slotBytes());
        pool.giveBack(slab);
    }

    /**
     * Whether there cannot be room, so that asking again and again costs little. What is counted never passes what is held:
     * a free is counted before the slot is given back, an allocation after the slot was taken.
     */
    private boolean isFull(final long bytes) {
        return bytes > config.capacityBytes() - counters.totalBytes();
    }

    private void freeRun(final MemorySegment segment, final long offset) {
        final int first = (int) (offset >> SizeClass.SLAB_SHIFT);
        if ((offset & (SizeClass.SLAB_BYTES - 1)) != 0) {
            throw notAnAllocation(segment);
        }
        final int tag = pool.runTag(first);
        final int length = pool.endRun(first);
        if (length == 0) {
            throw freedTwice(segment);
        }
        counters.freed(tag, (long) length << SizeClass.SLAB_SHIFT);
        pool.giveBackRun(first, length);
    }

    private void requireUsable(final long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(prefix() + "an allocation of " + bytes + " bytes makes no sense");
        }
        if (closed.getOpaque()) {
            throw new IllegalStateException(prefix() + "closed");
        }
    }

    private OutOfOffHeapMemoryException exhausted(final long bytes, final MemoryTag tag) {
        final StringJoiner holders = new StringJoiner(", ");
        holders.setEmptyValue("nobody");
        for (final MemoryTag holder : MemoryTag.all()) {
            final MemoryUsage usage = usage(holder);
            if (usage.heldCount() != 0) {
                holders.add(holder.name() + " " + usage.heldBytes() + " in " + usage.heldCount());
            }
        }
        return new OutOfOffHeapMemoryException(
                prefix() + "no room for " + bytes + " bytes of " + tag.name() + ": " + counters.totalBytes()
                        + " bytes of the limit of " + capacityBytes() + " are held (" + holders + "), "
                        + pool.freeSlabs() + " slabs of " + SizeClass.SLAB_BYTES + " bytes are free, "
                        + pool.longestFreeRun() + " in a row",
                Objects.requireNonNull(tag),
                bytes);
    }

    private IllegalStateException freedTwice(final MemorySegment segment) {
        return new IllegalStateException(prefix() + segment + " is freed, but it is not allocated (freed twice?)");
    }

    private IllegalArgumentException notAnAllocation(final MemorySegment segment) {
        return new IllegalArgumentException(prefix() + segment + " is freed, but no allocation starts there");
    }

    private String prefix() {
        return "off-heap memory \"" + config.name() + "\": ";
    }
}
