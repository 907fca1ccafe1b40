package dev.firn.tuning.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessStatusTest {
    @TempDir
    Path root;

    private ProcessStatus status(final String text) {
        return new ProcessStatus(
                new FakeHost(root).file("/proc/self/status", text).tree());
    }

    @Test
    void shouldTakeTheEffectiveUserAndItsCapabilities() {
        final ProcessStatus status = status("Uid:\t1000\t0\t0\t0\nCapEff:\t0000000000004000\nSeccomp:\t2\n");

        assertThat(status.effectiveUser()).isZero();
        assertThat(status.hasCapability(ProcessStatus.CAP_IPC_LOCK)).isTrue();
        assertThat(status.hasCapability(ProcessStatus.CAP_SYS_ADMIN)).isFalse();
        assertThat(status.isFiltered()).isTrue();
    }

    @Test
    void shouldClaimNothingWhenTheStatusCannotBeRead() {
        final ProcessStatus status = new ProcessStatus(new SystemTree(root));

        assertThat(status.effectiveUser()).isEqualTo(-1);
        assertThat(status.hasCapability(ProcessStatus.CAP_IPC_LOCK)).isFalse();
        assertThat(status.softLimit("Max open files")).isEmpty();
    }

    @Test
    void shouldReadSoftAndHardLimits() {
        final ProcessStatus status = new ProcessStatus(
                new FakeHost(root).file("/proc/self/limits", """
                        Limit                     Soft Limit           Hard Limit           Units
                        Max open files            1024                 524288               files
                        Max locked memory         8388608              unlimited            bytes
                        """).tree());

        assertThat(status.softLimit("Max open files")).hasValue(1024);
        assertThat(status.hardLimit("Max open files")).hasValue(524_288);
        assertThat(status.hardLimit("Max locked memory")).hasValue(ProcessStatus.UNLIMITED);
    }
}
