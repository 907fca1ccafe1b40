package dev.firn.tuning.doctor;

import dev.firn.tuning.host.BlockDevice;
import dev.firn.tuning.host.Bytes;
import java.util.List;
import java.util.OptionalLong;

/** One disk: how it queues, and what a flush costs on it. */
record DiskReading(BlockDevice disk) implements Reading {
    private static final String AREA = "storage";
    private static final int SECTOR_BYTES = 512;

    /** What the ring keeps in flight at once at the least. */
    private static final int GOOD_QUEUE_DEPTH = 64;

    @Override
    public void addTo(final List<Finding> findings) {
        findings.add(identity());
        findings.add(rotation());
        disk.choice("queue/scheduler").ifPresent(scheduler -> findings.add(scheduler(scheduler)));
        disk.number("queue/nr_requests").ifPresent(depth -> findings.add(queueDepth(depth)));
        disk.attribute("queue/write_cache").ifPresent(cache -> findings.add(writeCache(cache)));
        findings.add(blockSize());
    }

    private Finding identity() {
        final OptionalLong sectors = disk.number("size");
        final String size = sectors.isPresent() ? ", " + Bytes.format(sectors.getAsLong() * SECTOR_BYTES) : "";
        final String model = disk.model().isEmpty() ? "no model named" : disk.model();
        final String node = disk.numaNode() >= 0 ? ", numa node " + disk.numaNode() : "";
        final String value = disk.name() + ", " + model + size + node;
        if (disk.isNvme()) {
            return Finding.ok(AREA, name("disk"), value);
        }
        return disk.isVirtual()
                ? Finding.info(AREA, name("disk"), value + ", virtual: the hypervisor decides what its figures mean")
                : Finding.degraded(
                        AREA,
                        name("disk"),
                        value + ", not NVMe",
                        "one queue of at most 32 commands in the device, and tens of microseconds more a command",
                        "put the data directory on an NVMe drive");
    }

    private Finding rotation() {
        if (disk.number("queue/rotational").orElse(0) == 0) {
            return Finding.ok(AREA, name("rotational"), "no");
        }
        return disk.isVirtual()
                ? Finding.info(
                        AREA, name("rotational"), "claims so, as virtual disks do unless the hypervisor says otherwise")
                : Finding.degraded(
                        AREA,
                        name("rotational"),
                        "yes",
                        "each random read and each flush waits for the platter: about 8 ms",
                        "put the data directory on a solid-state drive");
    }

    private Finding scheduler(final String scheduler) {
        return scheduler.equals("none")
                ? Finding.ok(AREA, name("scheduler"), scheduler)
                : Finding.degraded(
                        AREA,
                        name("scheduler"),
                        scheduler,
                        "requests pass a lock and are reordered before the drive sees them, which orders them itself",
                        "firn tune apply sets none");
    }

    private Finding queueDepth(final long depth) {
        return depth >= GOOD_QUEUE_DEPTH
                ? Finding.ok(AREA, name("queue depth"), Long.toString(depth))
                : Finding.degraded(
                        AREA,
                        name("queue depth"),
                        Long.toString(depth),
                        "a ring with more than " + depth + " operations in flight waits for a free slot in the kernel",
                        "use a drive with a deeper queue, or raise it in the hypervisor");
    }

    /**
     * {@code write back} means that the kernel sends flushes because the drive has a volatile cache.
     * {@code write through} together with FUA support means that the drive has one all the same, and that someone told
     * the kernel not to flush it (block/blk-sysfs.c; NVMe sets both features from one bit, VWC).
     */
    private Finding writeCache(final String cache) {
        if (cache.equals("write through")) {
            if (disk.number("queue/fua").orElse(0) == 1) {
                return Finding.degraded(
                        AREA,
                        name("write cache"),
                        "volatile, but the kernel was told not to flush it",
                        "a flush does nothing: a power cut loses acknowledged commits, unless the drive has a battery",
                        "echo 'write back' > /sys/block/" + disk.name() + "/queue/write_cache");
            }
            return Finding.ok(
                    AREA,
                    name("write cache"),
                    disk.isVirtual()
                            ? "write through: flushes are free, the hypervisor answers for durability"
                            : "none volatile: power-loss protection or none at all, flushes are free");
        }
        return disk.isVirtual()
                ? Finding.info(
                        AREA,
                        name("write cache"),
                        cache + ": each WAL flush waits for the hypervisor to flush its side")
                : Finding.degraded(
                        AREA,
                        name("write cache"),
                        cache + " (volatile)",
                        "each WAL flush waits for the drive to empty its cache: about 0.5 to 2 ms on a consumer drive,"
                                + " some 20 us on one with power-loss protection",
                        "use a drive with power-loss protection for the WAL; never switch the flushes off instead");
    }

    private Finding blockSize() {
        final long logical = disk.number("queue/logical_block_size").orElse(SECTOR_BYTES);
        final long physical = disk.number("queue/physical_block_size").orElse(logical);
        return Finding.info(AREA, name("block size"), "logical " + logical + ", physical " + physical);
    }

    private String name(final String what) {
        return disk.name() + " " + what;
    }
}
