package dev.firn.tuning.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.tuning.host.FakeHost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StorageReadingTest {
    @TempDir
    Path root;

    private FakeHost host;
    private String dataDirectory = "/data/firn/new";

    @BeforeEach
    void makeHost() {
        host = FakeHost.goodBareMetal(root);
    }

    private Finding finding(final String name) {
        final List<Finding> findings = new ArrayList<>();
        new StorageReading(host.tree(), dataDirectory).addTo(findings);
        return findings.stream()
                .filter(finding -> finding.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding " + name + " in " + findings));
    }

    private void assertFinding(final String name, final Verdict verdict, final String valueContains) {
        assertThat(finding(name).verdict()).as(finding(name).toString()).isEqualTo(verdict);
        assertThat(finding(name).value()).contains(valueContains);
    }

    @Test
    void shouldDescribeTheDriveBeneathADirectoryThatIsNotMadeYet() {
        assertFinding("data directory", Verdict.OK, "/data/firn/new (not made yet)");
        assertFinding("file system", Verdict.OK, "ext4 on /data from /dev/nvme0n1p2");
        assertFinding("nvme0n1 disk", Verdict.OK, "SAMSUNG MZQL23T8HCLS, 3.5 TiB, numa node 1");
        assertFinding("nvme0n1 rotational", Verdict.OK, "no");
        assertFinding("nvme0n1 scheduler", Verdict.OK, "none");
        assertFinding("nvme0n1 queue depth", Verdict.OK, "1023");
        assertFinding("nvme0n1 write cache", Verdict.OK, "flushes are free");
        assertFinding("nvme0n1 block size", Verdict.INFO, "logical 4096, physical 4096");
    }

    @Test
    void shouldSayWhatAFlushCostsWhenTheCacheIsVolatile() {
        host.file(FakeHost.nvmeQueue("write_cache"), "write back\n").file(FakeHost.nvmeQueue("fua"), "1\n");

        assertFinding("nvme0n1 write cache", Verdict.DEGRADED, "volatile");
        assertThat(finding("nvme0n1 write cache").cost()).contains("each WAL flush waits");
        assertThat(finding("nvme0n1 write cache").remedy()).contains("never switch the flushes off");
    }

    @Test
    void shouldWarnOfLossWhenFlushesWereSwitchedOffBeforeAVolatileCache() {
        host.file(FakeHost.nvmeQueue("write_cache"), "write through\n").file(FakeHost.nvmeQueue("fua"), "1\n");

        assertFinding("nvme0n1 write cache", Verdict.DEGRADED, "told not to flush");
        assertThat(finding("nvme0n1 write cache").cost()).contains("loses acknowledged commits");
    }

    @Test
    void shouldSayWhatASchedulerAndAShallowQueueCost() {
        host.file(FakeHost.nvmeQueue("scheduler"), "none [bfq]\n").file(FakeHost.nvmeQueue("nr_requests"), "31\n");

        assertFinding("nvme0n1 scheduler", Verdict.DEGRADED, "bfq");
        assertFinding("nvme0n1 queue depth", Verdict.DEGRADED, "31");
    }

    @Test
    void shouldNotHoldAVirtualDisksClaimsAgainstIt() {
        host.virtualDisk().dataDirectory("ext4", "/dev/vda", "254:0", "rw", "rw");

        assertFinding("vda disk", Verdict.INFO, "virtual");
        assertFinding("vda rotational", Verdict.INFO, "claims so");
        assertFinding("vda write cache", Verdict.INFO, "hypervisor");
        assertFinding("vda scheduler", Verdict.DEGRADED, "mq-deadline");
    }

    @Test
    void shouldSayWhatAPlatterCosts() {
        final String disk = "/sys/devices/pci0000:00/ata1/block/sda";
        host.file(disk + "/queue/rotational", "1\n")
                .link("/sys/dev/block/8:0", disk)
                .dataDirectory("xfs", "/dev/sda", "8:0", "rw", "rw");

        assertFinding("sda disk", Verdict.DEGRADED, "not NVMe");
        assertFinding("sda rotational", Verdict.DEGRADED, "yes");
    }

    @Test
    void shouldJudgeFileSystems() {
        host.dataDirectory("tmpfs", "tmpfs", "0:40", "rw", "rw");
        assertFinding("file system", Verdict.DEGRADED, "tmpfs");
        assertFinding("block device", Verdict.INFO, "none behind tmpfs");

        host.dataDirectory("nfs4", "server:/x", "0:41", "rw", "rw");
        assertThat(finding("file system").cost()).contains("network");

        host.dataDirectory("btrfs", "/dev/nvme0n1p2", "259:2", "rw", "rw");
        assertThat(finding("file system").cost()).contains("copy on write");

        host.dataDirectory("ext4", "/dev/nvme0n1p2", "259:2", "rw", "rw,nobarrier");
        assertThat(finding("file system").cost()).contains("a power cut loses commits");

        host.dataDirectory("ext4", "/dev/nvme0n1p2", "259:2", "ro", "rw");
        assertFinding("file system", Verdict.MISSING, "ext4");
    }

    @Test
    void shouldNotRunWhenTheDataDirectoryIsAFile() {
        host.file("/data/occupied", "x");
        dataDirectory = "/data/occupied";

        assertFinding("data directory", Verdict.MISSING, "/data/occupied");
    }
}
