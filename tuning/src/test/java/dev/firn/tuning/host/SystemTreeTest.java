package dev.firn.tuning.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SystemTreeTest {
    @TempDir
    Path root;

    @Test
    void shouldReadNothingWhenAFileIsAbsentADirectoryOrEndless() {
        final FakeHost host = new FakeHost(root).directory("/proc/sys").linkOut("/endless", Path.of("/dev/zero"));

        assertThat(host.tree().read("/absent")).isEmpty();
        assertThat(host.tree().read("/proc/sys")).isEmpty();
        assertThat(host.tree().read("/endless")).isEmpty();
        host.remove("/endless");
        assertThat(host.tree().list("/absent", name -> true)).isEmpty();
    }

    @Test
    void shouldReadTheWholeValueOfARealSysctl() {
        final String value =
                new SystemTree(Path.of("/")).read("/proc/sys/kernel/ostype").orElseThrow();

        assertThat(value).isEqualTo("Linux");
    }

    @Test
    void shouldListNumbersInTheirOrder() {
        final FakeHost host =
                new FakeHost(root).directory("/d/10").directory("/d/9").directory("/d/x");

        assertThat(host.tree().list("/d", name -> !name.equals("x"))).containsExactly("9", "10");
    }

    @Test
    void shouldNameFilesAsTheHostDoesAfterFollowingLinks() {
        final FakeHost host = new FakeHost(root).file("/a/real", "1").link("/b/link", "/a/real");

        assertThat(host.tree().realName("/b/link")).contains("/a/real");
        assertThat(new SystemTree(Path.of("/")).realName("/proc/sys/kernel/ostype"))
                .contains("/proc/sys/kernel/ostype");
    }
}
