package dev.firn.tuning.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A host made of files: what the kernel shows in /proc and /sys, beneath a temporary directory. */
public final class FakeHost {
    private static final String NVME = "/sys/devices/pci0000:00/0000:00:1d.0/0000:3d:00.0/nvme/nvme0/nvme0n1";

    private final Path root;

    public FakeHost(final Path root) {
        this.root = root;
    }

    public Path root() {
        return root;
    }

    public SystemTree tree() {
        return new SystemTree(root);
    }

    public FakeHost file(final String name, final String content) {
        try {
            Files.createDirectories(path(name).getParent());
            Files.writeString(path(name), content);
            return this;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public FakeHost directory(final String name) {
        try {
            Files.createDirectories(path(name));
            return this;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public FakeHost program(final String name) {
        file(name, "");
        try {
            Files.setPosixFilePermissions(path(name), PosixFilePermissions.fromString("rwxr-xr-x"));
            return this;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public FakeHost remove(final String name) {
        try {
            Files.deleteIfExists(path(name));
            return this;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A link within the host; {@code target} is a name of the host. */
    public FakeHost link(final String name, final String target) {
        return linkOut(name, path(target));
    }

    /** A link to something real, outside the fake host. */
    public FakeHost linkOut(final String name, final Path target) {
        try {
            Files.createDirectories(path(name).getParent());
            Files.deleteIfExists(path(name));
            Files.createSymbolicLink(path(name), target);
            return this;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String read(final String name) {
        try {
            return Files.readString(path(name)).strip();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean exists(final String name) {
        return Files.exists(path(name));
    }

    public Path path(final String name) {
        return root.resolve(name.substring(1));
    }

    /** A two-socket server with one NVMe drive that has power-loss protection, everything set as Firn likes it. */
    public static FakeHost goodBareMetal(final Path root) {
        return new FakeHost(root)
                .process()
                .processors(16, "performance")
                .memory()
                .nvme()
                .dataDirectory("ext4", "/dev/nvme0n1p2", "259:2", "rw,relatime", "rw")
                .file("/proc/sys/kernel/osrelease", "6.12.9\n")
                .file("/proc/sys/kernel/io_uring_disabled", "0\n")
                .file("/proc/1/comm", "systemd\n")
                .file("/proc/812/comm", "chronyd\n")
                .file("/sys/class/dmi/id/sys_vendor", "Supermicro\n")
                .file("/dev/fuse", "")
                .file("/usr/lib/x86_64-linux-gnu/liburing.so.2", "")
                .program("/usr/bin/fusermount3")
                .program("/usr/bin/mvn")
                .program("/usr/bin/fio")
                .program("/usr/lib/postgresql/15/bin/postgres")
                .program("/usr/lib/postgresql/17/bin/postgres");
    }

    /** A bare-metal server as the distribution left it: what a profile would change. */
    public static FakeHost untunedBareMetal(final Path root) {
        final FakeHost host = goodBareMetal(root).processors(16, "schedutil").program("/usr/bin/udevadm");
        final String queue = NVME + "/queue/";
        return host.program("/usr/bin/systemd-tmpfiles")
                .directory("/run/systemd/system")
                .directory("/etc/security/limits.d")
                .directory("/etc/sysctl.d")
                .directory("/etc/systemd/system")
                .file("/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/nvme0n1p2 ro quiet\n")
                .file("/proc/sys/kernel/io_uring_disabled", "2\n")
                .file("/proc/sys/kernel/numa_balancing", "1\n")
                .file("/proc/sys/kernel/sched_autogroup_enabled", "1\n")
                .file("/proc/sys/kernel/nmi_watchdog", "1\n")
                .file("/proc/sys/vm/nr_hugepages", "0\n")
                .file("/proc/sys/vm/nr_overcommit_hugepages", "0\n")
                .file("/proc/sys/vm/swappiness", "60\n")
                .file("/proc/sys/vm/dirty_bytes", "0\n")
                .file("/proc/sys/vm/dirty_ratio", "20\n")
                .file("/proc/sys/vm/dirty_background_bytes", "0\n")
                .file("/proc/sys/vm/dirty_background_ratio", "10\n")
                .file("/proc/sys/vm/stat_interval", "1\n")
                .file("/proc/sys/net/core/rmem_max", "212992\n")
                .file("/proc/sys/net/core/wmem_max", "8388608\n")
                .file("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n")
                .file(
                        "/sys/kernel/mm/transparent_hugepage/shmem_enabled",
                        "always within_size advise [never] deny force\n")
                .file(queue + "scheduler", "none [mq-deadline] kyber\n")
                .file(queue + "nr_requests", "63\n")
                .file(queue + "wbt_lat_usec", "2000\n")
                .file(queue + "read_ahead_kb", "128\n")
                .file(queue + "rq_affinity", "1\n")
                .file(queue + "add_random", "0\n");
    }

    /** A root process with every capability. */
    public FakeHost process() {
        return file(
                        "/proc/self/status",
                        "Name:\tjava\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nSeccomp:\t0\nSeccomp_filters:\t0\n")
                .file("/proc/self/limits", """
                        Limit                     Soft Limit           Hard Limit           Units
                        Max open files            262144               262144               files
                        Max locked memory         unlimited            unlimited            bytes
                        """)
                .file("/proc/self/cgroup", "0::/system.slice/firn.service\n");
    }

    /** Half of them on each node, two hardware threads a core: CPU n and n + count/2. */
    public FakeHost processors(final int count, final String governor) {
        file(
                "/proc/cpuinfo",
                "processor\t: 0\nmodel name\t: EPYC 9654\nflags\t\t: fpu sse4_2 pclmulqdq avx2 avx512f"
                        + " avx512dq avx512bw"
                        + " avx512vl avx512_vbmi2 vaes vpclmulqdq\n\n");
        file("/sys/devices/system/cpu/online", "0-" + (count - 1) + "\n");
        file("/sys/devices/system/cpu/isolated", governor.equals("performance") ? "4-7\n" : "\n");
        file("/sys/devices/system/cpu/nohz_full", "(null)\n");
        file("/sys/devices/system/node/online", "0-1\n");
        final int quarter = count / 4;
        file(
                "/sys/devices/system/node/node0/cpulist",
                "0-" + (quarter - 1) + "," + 2 * quarter + "-" + (3 * quarter - 1));
        file(
                "/sys/devices/system/node/node1/cpulist",
                quarter + "-" + (2 * quarter - 1) + "," + 3 * quarter + "-" + (count - 1));
        for (int cpu = 0; cpu < count; cpu++) {
            final int core = cpu % (count / 2);
            file(
                    "/sys/devices/system/cpu/cpu" + cpu + "/topology/thread_siblings_list",
                    core + "," + (core + count / 2));
        }
        for (int policy = 0; policy < 2; policy++) {
            final String directory = "/sys/devices/system/cpu/cpufreq/policy" + policy;
            file(directory + "/scaling_governor", governor + "\n");
            file(directory + "/scaling_available_governors", "performance schedutil powersave\n");
        }
        file("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
        file("/sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet acpi_pm\n");
        return this;
    }

    /** A guest whose idle processors are the haltpoll driver's, which looks for work for so long before it halts. */
    public FakeHost haltPolling(final long ns) {
        return file("/proc/cpuinfo", "model name\t: Xeon\nflags\t\t: hypervisor sse4_2 pclmulqdq avx2\n")
                .file("/sys/devices/system/cpu/cpuidle/current_driver", "haltpoll\n")
                .file("/sys/devices/system/cpu/cpuidle/current_governor", "haltpoll\n")
                .file(Cpus.HALT_POLL_FILE, ns + "\n");
    }

    /** 64 GiB with a pool of huge pages. */
    public FakeHost memory() {
        return file("/proc/meminfo", """
                        MemTotal:       67108864 kB
                        MemFree:        60000000 kB
                        MemAvailable:   62914560 kB
                        SwapTotal:             0 kB
                        SwapFree:              0 kB
                        HugePages_Total:    8192
                        Hugepagesize:       2048 kB
                        """)
                .file("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "8192\n")
                .file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "8192\n")
                .file("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0\n")
                .file("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "0\n")
                .file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n")
                .file("/proc/sys/kernel/numa_balancing", "0\n")
                .file("/proc/sys/vm/swappiness", "1\n");
    }

    /** nvme0n1 with a partition, on node 1, and the links by which the kernel lets it be found. */
    public FakeHost nvme() {
        final String queue = NVME + "/queue/";
        return file(NVME + "/size", "7501476528\n")
                .file(NVME + "/nvme0n1p2/partition", "2\n")
                .file(queue + "rotational", "0\n")
                .file(queue + "scheduler", "[none] mq-deadline kyber\n")
                .file(queue + "nr_requests", "1023\n")
                .file(queue + "write_cache", "write through\n")
                .file(queue + "fua", "0\n")
                .file(queue + "logical_block_size", "4096\n")
                .file(queue + "physical_block_size", "4096\n")
                .file("/sys/devices/nvme0/model", "SAMSUNG MZQL23T8HCLS\n")
                .file("/sys/devices/nvme0/device/numa_node", "1\n")
                .link(NVME + "/device", "/sys/devices/nvme0")
                .link("/sys/block/nvme0n1", NVME)
                .link("/sys/dev/block/259:1", NVME)
                .link("/sys/dev/block/259:2", NVME + "/nvme0n1p2")
                .link("/sys/class/block/nvme0n1", NVME);
    }

    /** A virtio disk with a volatile cache below it, behind a scheduler. */
    public FakeHost virtualDisk() {
        final String disk = "/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda";
        return file(disk + "/size", "536870912\n")
                .file(disk + "/queue/rotational", "1\n")
                .file(disk + "/queue/scheduler", "none [mq-deadline]\n")
                .file(disk + "/queue/nr_requests", "256\n")
                .file(disk + "/queue/read_ahead_kb", "8192\n")
                .file(disk + "/queue/write_cache", "write back\n")
                .link("/sys/block/vda", disk)
                .link("/sys/dev/block/254:0", disk);
    }

    /** /data exists and is mounted so; everything else is on the root file system. */
    public FakeHost dataDirectory(
            final String type,
            final String source,
            final String device,
            final String options,
            final String superOptions) {
        return directory("/data")
                .file("/proc/self/mountinfo", """
                        22 27 0:21 / /proc rw,relatime - proc proc rw
                        27 1 259:1 / / rw,relatime - ext4 /dev/nvme0n1p1 rw
                        31 27 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate
                        36 27 %s / /data %s shared:7 - %s %s %s
                        """.formatted(device, options, type, source, superOptions));
    }

    /** The queue attributes of the one NVMe drive. */
    public static String nvmeQueue(final String attribute) {
        return "/sys/block/nvme0n1/queue/" + attribute;
    }
}
