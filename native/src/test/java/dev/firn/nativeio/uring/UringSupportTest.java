package dev.firn.nativeio.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.storage.Errno;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UringSupportTest {
    @BeforeEach
    void needsX86() {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the filter is written for x86-64");
    }

    /** A thread of its own, because a filter cannot be taken off again. */
    private static <T> T inThread(final Callable<T> task) throws Exception {
        final FutureTask<T> future = new FutureTask<>(task);
        final Thread thread = new Thread(future, "filtered");
        thread.start();
        thread.join();
        return future.get();
    }

    private static UringSupport probeWhenRefusedWith(final int errno) throws Exception {
        return inThread(() -> {
            SeccompFilter.refuseInThisThread(SeccompFilter.IO_URING_SETUP, errno);
            return UringSupport.probe();
        });
    }

    @Test
    void shouldSayThatASeccompFilterRefusesIt() throws Exception {
        assumeTrue(UringSupport.probe().available(), "io_uring is not available here anyway");
        final UringSupport support = probeWhenRefusedWith(Errno.EPERM);

        assertThat(support.available()).isFalse();
        assertThat(support.reason()).contains("seccomp");
        assertThat(support.remedy()).contains("io_uring_setup");
    }

    @Test
    void shouldSayThatTheKernelHasNone() throws Exception {
        assumeTrue(UringSupport.probe().available(), "io_uring is not available here anyway");
        final UringSupport support = probeWhenRefusedWith(Errno.ENOSYS);

        assertThat(support.available()).isFalse();
        assertThat(support.reason()).contains("no io_uring");
        assertThat(support.remedy()).contains("Linux");
    }

    @Test
    void shouldSayThatTheKernelIsTooOld() throws Exception {
        assumeTrue(UringSupport.probe().available(), "io_uring is not available here anyway");
        final UringSupport support = probeWhenRefusedWith(Errno.EINVAL);

        assertThat(support.available()).isFalse();
        assertThat(support.reason()).contains("too old");
        assertThat(support.remedy()).contains("5.19");
    }

    @Test
    void shouldSayHowToInstallTheLibrary() {
        final UringSupport support = UringSupport.probe("libabsent.so.9");

        assertThat(support.available()).isFalse();
        assertThat(support.reason()).contains("libabsent.so.9 is not installed");
        assertThat(support.remedy()).contains("apt-get install liburing2");
    }
}
