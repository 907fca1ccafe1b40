package dev.firn.nativeio.posix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.storage.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ThreadCallsTest {
    private static final int ESRCH = 3;

    @Test
    void shouldNameTheCallingThreadAsTheKernelDoes() throws Exception {
        final Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
        assertThat(self.getFileName()).hasToString(Integer.toString(ThreadCalls.currentThreadId()));
    }

    @Test
    void shouldReturnErrnoWhenTheKernelRefuses() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment noCpu = arena.allocate(1024, 8);
            assertThat(ThreadCalls.setAffinity(ThreadCalls.CALLING_THREAD, noCpu))
                    .isEqualTo(-Errno.EINVAL);
            assertThat(ThreadCalls.getAffinity(-1, noCpu)).isEqualTo(-ESRCH);
        }
    }
}
