package dev.firn.tuning.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BlockDevicesTest {
    @TempDir
    Path root;

    private FakeHost host;

    @BeforeEach
    void makeHost() {
        host = new FakeHost(root).nvme().virtualDisk();
    }

    private List<String> beneath(final String device, final String source) {
        final Mount mount = new Mount(device, "/data", List.of("rw"), "ext4", source, List.of("rw"));
        return new BlockDevices(host.tree())
                .beneath(mount).stream().map(BlockDevice::name).toList();
    }

    @Test
    void shouldFindTheDiskWhenAPartitionIsMounted() {
        assertThat(beneath("259:2", "/dev/nvme0n1p2")).containsExactly("nvme0n1");
    }

    @Test
    void shouldFindTheDiskBySourceWhenTheDeviceNumberIsAnonymous() {
        host.file("/dev/nvme0n1", "");

        assertThat(beneath("0:31", "/dev/nvme0n1")).containsExactly("nvme0n1");
    }

    @Test
    void shouldFindEachDiskOnceWhenVolumesAreStacked() {
        final String virtual = "/sys/devices/virtual/block/";
        host.link("/sys/dev/block/253:0", virtual + "dm-0")
                .link(virtual + "dm-0/slaves/md0", virtual + "md0")
                .link(virtual + "md0/slaves/nvme0n1p2", "/sys/dev/block/259:2")
                .link(virtual + "md0/slaves/nvme0n1", "/sys/dev/block/259:1")
                .link(virtual + "md0/slaves/vda", "/sys/block/vda");

        assertThat(beneath("253:0", "/dev/mapper/vg-data")).containsExactlyInAnyOrder("nvme0n1", "vda");
    }

    @Test
    void shouldFindNothingWhenTheFileSystemHasNoDevice() {
        assertThat(beneath("0:28", "tmpfs")).isEmpty();
        assertThat(beneath("0:40", "server:/export")).isEmpty();
    }

    @Test
    void shouldListDisksAndNothingThatIsStackedOrInMemory() {
        host.directory("/sys/block/loop0/queue")
                .directory("/sys/block/dm-0/queue")
                .directory("/sys/block/zram0/queue");

        assertThat(new BlockDevices(host.tree()).disks().stream().map(BlockDevice::name))
                .containsExactly("vda", "nvme0n1");
    }

    @Test
    void shouldReadTheDrivesIdentity() {
        final BlockDevice disk = new BlockDevices(host.tree()).disks().get(1);

        assertThat(disk.model()).isEqualTo("SAMSUNG MZQL23T8HCLS");
        assertThat(disk.numaNode()).isEqualTo(1);
        assertThat(disk.choice("queue/scheduler")).contains("none");
        assertThat(disk.choices("queue/scheduler")).containsExactly("none", "mq-deadline", "kyber");
        assertThat(disk.isVirtual()).isFalse();
        assertThat(disk.attribute("queue/none_such")).isEmpty();
    }
}
