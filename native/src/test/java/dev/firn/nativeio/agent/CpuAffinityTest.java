package dev.firn.nativeio.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.posix.ThreadCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class CpuAffinityTest {
    @Test
    void shouldPinTheThreadAndPutItBack() throws Exception {
        onThread(() -> {
            final CpuSet before = CpuAffinity.current();
            assertThat(before.isEmpty()).isFalse();
            assertThat(before.minus(CpuAffinity.online()).isEmpty()).isTrue();
            for (final int cpu : before.stream().toArray()) {
                assertThat(CpuAffinity.pin(CpuSet.of(cpu))).isEqualTo(before);
                assertThat(CpuAffinity.current()).isEqualTo(CpuSet.of(cpu));
                assertThat(allowedByProc()).isEqualTo(CpuSet.of(cpu));
                CpuAffinity.restore(before);
                assertThat(allowedByProc()).isEqualTo(before);
            }
        });
    }

    @Test
    void shouldNameTheCpuThatDoesNotExist() throws Exception {
        onThread(() -> {
            final CpuSet before = CpuAffinity.current();
            final int first = before.stream().findFirst().orElseThrow();
            assertThatThrownBy(() -> CpuAffinity.pin(CpuSet.of(first, 8000)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("there is no CPU 8000")
                    .hasMessageContaining(CpuAffinity.online().toString());
            assertThatThrownBy(() -> CpuAffinity.pin(CpuSet.of())).isInstanceOf(IllegalArgumentException.class);
            assertThat(CpuAffinity.current()).isEqualTo(before);
        });
    }

    @Test
    void shouldRefuseVirtualThreads() throws Exception {
        final FutureTask<CpuSet> task = new FutureTask<>(CpuAffinity::current);
        Thread.ofVirtual().start(task).join();
        assertThatThrownBy(task::get).hasRootCauseInstanceOf(IllegalStateException.class);
    }

    private static CpuSet allowedByProc() throws Exception {
        final Path status = Path.of("/proc/self/task/" + ThreadCalls.currentThreadId() + "/status");
        final String line = Files.readAllLines(status).stream()
                .filter(candidate -> candidate.startsWith("Cpus_allowed_list:"))
                .findFirst()
                .orElseThrow();
        return CpuSet.parse(line.substring(line.indexOf(':') + 1));
    }

    private interface Work {
        void run() throws Exception;
    }

    /** On a thread that nobody uses afterwards. */
    private static void onThread(final Work work) throws Exception {
        final FutureTask<Void> task = new FutureTask<>(() -> {
            work.run();
            return null;
        });
        Thread.ofPlatform().start(task).join();
        task.get();
    }
}
