package dev.firn.tuning.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MountTableTest {
    @TempDir
    Path root;

    private MountTable table(final String text) {
        return MountTable.read(
                new FakeHost(root).file("/proc/self/mountinfo", text).tree());
    }

    @Test
    void shouldFindTheDeepestMountWhenSeveralHoldAPath() {
        final MountTable table = table("""
                27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
                36 27 259:1 / /data rw,noatime shared:7 master:1 - xfs /dev/nvme0n1 rw,attr2
                37 27 0:44 / /database rw - tmpfs tmpfs rw
                """);

        assertThat(table.holding("/data/firn").orElseThrow().source()).isEqualTo("/dev/nvme0n1");
        assertThat(table.holding("/data").orElseThrow().fileSystem()).isEqualTo("xfs");
        assertThat(table.holding("/database").orElseThrow().fileSystem()).isEqualTo("tmpfs");
        assertThat(table.holding("/datab").orElseThrow().device()).isEqualTo("254:0");
        assertThat(table.holding("/data/x").orElseThrow().options()).containsExactly("rw", "noatime");
    }

    @Test
    void shouldTakeTheLaterWhenTwoAreMountedOnOnePoint() {
        final MountTable table = table("""
                24 1 8:1 / /d rw - ext4 /dev/sda1 rw
                29 1 8:2 / /d rw - ext4 /dev/sdb1 rw
                """);

        assertThat(table.holding("/d/x").orElseThrow().source()).isEqualTo("/dev/sdb1");
    }

    @Test
    void shouldReadEscapedNames() {
        assertThat(table("24 1 8:1 / /my\\040data rw - ext4 /dev/sd\\134a rw\n").mounts())
                .containsExactly(new Mount(
                        "8:1", "/my data", java.util.List.of("rw"), "ext4", "/dev/sd\\a", java.util.List.of("rw")));
    }

    @Test
    void shouldSkipLinesThatAreNotMounts() {
        assertThat(table("garbage\n1 2 3 - ext4\n24 1 8:1 / /d ro - ext4 /dev/sda1 rw\n")
                        .mounts())
                .singleElement()
                .matches(Mount::isReadOnly);
    }
}
