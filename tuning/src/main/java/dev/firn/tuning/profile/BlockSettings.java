package dev.firn.tuning.profile;

import dev.firn.tuning.host.BlockDevice;
import java.util.ArrayList;
import java.util.List;

/** The kernel's queues before the drives. */
final class BlockSettings {
    /** Two full batches of a ring 128 deep. */
    static final int QUEUE_DEPTH = 256;

    static final int OWN_READ_AHEAD_KIB = 16;
    static final int SHARED_READ_AHEAD_KIB = 128;

    private BlockSettings() {}

    static List<Setting> ofNvme(final HostFacts host) {
        final List<Setting> settings = new ArrayList<>();
        for (final BlockDevice disk : host.disks()) {
            if (disk.isNvme()) {
                settings.add(scheduler(
                        disk,
                        "The drive orders its own commands over many queues; a scheduler puts one lock before all of"
                                + " them."));
                settings.add(queueDepth(disk));
                settings.add(readAhead(disk, OWN_READ_AHEAD_KIB));
                settings.add(completionCore(disk));
                settings.add(randomness(disk));
            }
        }
        if (settings.isEmpty()) {
            settings.add(Setting.sysfs(
                            "nvme.scheduler",
                            "/sys/block/nvme*/queue/scheduler",
                            Match.CHOICE,
                            "none",
                            "The drive orders" + " its own commands.")
                    .unless("this host has no NVMe drive"));
        }
        return settings;
    }

    static List<Setting> ofSharedDisks(final HostFacts host) {
        final List<Setting> settings = new ArrayList<>();
        for (final BlockDevice disk : host.disks()) {
            if (disk.isNvme() || disk.isVirtual()) {
                settings.add(scheduler(
                        disk,
                        "The hypervisor queues and orders again below; ordering here only adds a lock and a delay."));
                settings.add(readAhead(disk, SHARED_READ_AHEAD_KIB));
            }
        }
        return settings;
    }

    /** Changing it resets the queue depth, and for bfq the write-back throttle (block/elevator.c). */
    private static Setting scheduler(final BlockDevice disk, final String why) {
        return Setting.sysfs(disk.name() + ".scheduler", file(disk, "scheduler"), Match.CHOICE, "none", why)
                .affecting(file(disk, "nr_requests"), file(disk, "wbt_lat_usec"))
                .unless(
                        disk.choices("queue/scheduler").contains("none")
                                ? ""
                                : "the kernel does not offer none for it");
    }

    private static Setting queueDepth(final BlockDevice disk) {
        return Setting.sysfs(
                disk.name() + ".nr_requests",
                file(disk, "nr_requests"),
                Match.AT_LEAST,
                Integer.toString(QUEUE_DEPTH),
                "Two full batches of a ring 128 deep find a free slot each; a submission that finds none sleeps.");
    }

    private static Setting readAhead(final BlockDevice disk, final int kib) {
        return Setting.sysfs(
                disk.name() + ".read_ahead_kb",
                file(disk, "read_ahead_kb"),
                Match.EXACT,
                Integer.toString(kib),
                "Firn reads past the page cache; what is read through it are 8 KiB pages at random, and reading far"
                        + " ahead of those takes the drive's bandwidth for nothing.");
    }

    private static Setting completionCore(final BlockDevice disk) {
        return Setting.sysfs(
                disk.name() + ".rq_affinity",
                file(disk, "rq_affinity"),
                Match.EXACT,
                "2",
                "A completion is finished on the very core that submitted it, where the ring's memory is in"
                        + " the cache.");
    }

    private static Setting randomness(final BlockDevice disk) {
        return Setting.sysfs(
                disk.name() + ".add_random",
                file(disk, "add_random"),
                Match.EXACT,
                "0",
                "Each completion would stir the entropy pool: time on the interrupt path that nobody needs.");
    }

    private static String file(final BlockDevice disk, final String attribute) {
        return "/sys/block/" + disk.name() + "/queue/" + attribute;
    }
}
