package dev.firn.tuning.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ControlGroupTest {
    @TempDir
    Path root;

    @Test
    void shouldTakeTheTightestLimitOnTheWayUpWhenVersion2() {
        final FakeHost host = new FakeHost(root)
                .file("/proc/self/cgroup", "0::/a/b\n")
                .file("/proc/self/mountinfo", "31 27 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
                .file("/sys/fs/cgroup/a/memory.max", "1073741824\n")
                .file("/sys/fs/cgroup/a/b/memory.max", "max\n")
                .file("/sys/fs/cgroup/a/b/cpu.max", "150000 100000\n")
                .file("/sys/fs/cgroup/a/cpu.max", "max 100000\n");

        assertThat(ControlGroup.of(host.tree()).memoryLimitBytes()).hasValue(Bytes.GIB);
        assertThat(ControlGroup.of(host.tree()).cpuLimit()).hasValue(1.5);
    }

    @Test
    void shouldReadTheControllersOwnMountWhenVersion1() {
        final FakeHost host = new FakeHost(root)
                .file("/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n0::/\n")
                .file("/proc/self/mountinfo", """
                        32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct
                        35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
                        """)
                .file("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "536870912\n")
                .file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
                .file("/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "-1\n")
                .file("/sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");

        assertThat(ControlGroup.of(host.tree()).memoryLimitBytes()).hasValue(512 * Bytes.MIB);
        assertThat(ControlGroup.of(host.tree()).cpuLimit()).isEmpty();
    }

    @Test
    void shouldBeUnlimitedWhenNothingCanBeRead() {
        assertThat(ControlGroup.of(new SystemTree(root)).memoryLimitBytes()).isEmpty();
        assertThat(ControlGroup.of(new SystemTree(root)).cpuLimit()).isEmpty();
    }
}
