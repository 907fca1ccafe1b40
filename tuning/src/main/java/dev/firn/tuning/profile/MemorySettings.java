package dev.firn.tuning.profile;

import dev.firn.tuning.host.Bytes;
import java.util.List;

/** Huge pages, swapping, and how much written data may wait in the page cache. */
final class MemorySettings {
    /** One part in four of a host that is Firn's own is kept as huge pages for its caches. */
    static final int OWN_HOST_SHARE = 4;

    /** On a shared host huge pages are taken when needed, up to one part in eight. */
    static final int SHARED_HOST_SHARE = 8;

    /** 64 GiB: beyond it a larger pool no longer pays for itself. */
    static final long MAX_HUGE_PAGES = 32_768;

    private static final long HUGE_PAGE_BYTES = 2 * Bytes.MIB;
    private static final String THP = "/sys/kernel/mm/transparent_hugepage/";

    private MemorySettings() {}

    /** A pool set aside now, while memory is whole. */
    static Setting hugePagePool(final HostFacts host) {
        return Setting.sysctlAtLeast(
                        "vm.nr_hugepages",
                        hugePages(host, OWN_HOST_SHARE),
                        "A quarter of memory as 2 MiB pages for off-heap caches: one TLB entry covers 256 database"
                                + " pages, and what was set aside after boot cannot be fragmented later.")
                .unless(sizeObstacle(host));
    }

    /** Nothing set aside: pages are taken when asked for and given back. */
    static Setting hugePagesOnDemand(final HostFacts host) {
        return Setting.sysctlAtLeast(
                        "vm.nr_overcommit_hugepages",
                        hugePages(host, SHARED_HOST_SHARE),
                        "Lets up to an eighth of memory become 2 MiB pages on demand, so that caches may have them"
                                + " without taking memory from the neighbours beforehand.")
                .unless(sizeObstacle(host));
    }

    static Setting transparentHugePages() {
        return Setting.sysfs(
                "transparent_hugepage.enabled",
                THP + "enabled",
                Match.CHOICE,
                "madvise",
                "Huge pages for memory that asks for them; for all others the page fault would stop to"
                        + " compact memory.");
    }

    /** Only useful together with the JVM flag that asks for it. */
    static Setting sharedMemoryHugePages() {
        return Setting.sysfs(
                "transparent_hugepage.shmem_enabled",
                THP + "shmem_enabled",
                Match.CHOICE,
                "advise",
                "ZGC's heap is shared memory: only with this may it ask for huge pages.");
    }

    static Setting swappiness(final int wanted) {
        return Setting.sysctl(
                "vm.swappiness",
                Integer.toString(wanted),
                "A heap or cache page that was swapped out stops an agent for a disk read; page cache is"
                        + " dropped instead.");
    }

    /** The kernel sets the ratio to 0 when the bytes are set, and refuses 0 bytes: each is recorded with the other. */
    static List<Setting> dirtyPages(final long backgroundBytes, final long bytes) {
        return List.of(
                Setting.sysctl(
                                "vm.dirty_background_bytes",
                                Long.toString(backgroundBytes),
                                "Write-back of buffered files starts early and in small portions, so that no burst of"
                                        + " it stands before a WAL flush in the drive's queue.")
                        .affecting(Setting.sysctlFile("vm.dirty_background_ratio")),
                Setting.sysctl(
                                "vm.dirty_bytes",
                                Long.toString(bytes),
                                "Bounds what buffered writers may leave to the drive at once; the default, a fifth of"
                                        + " memory, is seconds of a fast drive's time.")
                        .affecting(Setting.sysctlFile("vm.dirty_ratio")));
    }

    static Setting numaBalancing(final HostFacts host) {
        return Setting.sysctl(
                        "kernel.numa_balancing",
                        "0",
                        "Agents and their memory are placed once; the balancer would unmap pages to watch"
                                + " them, at a page"
                                + " fault each.")
                .unless(host.cpus().nodes().size() < 2 ? "this host has one NUMA node: nothing is balanced" : "");
    }

    private static long hugePages(final HostFacts host, final int share) {
        return Math.min(host.memory().totalBytes() / share / HUGE_PAGE_BYTES, MAX_HUGE_PAGES);
    }

    /** The sysctl counts pages of the default size, whatever that is. */
    private static String sizeObstacle(final HostFacts host) {
        final long size = host.memory().defaultHugePageBytes();
        return size == HUGE_PAGE_BYTES
                ? ""
                : "the default huge page has " + Bytes.format(size)
                        + ", and this counts those: boot with default_hugepagesz=2M";
    }
}
