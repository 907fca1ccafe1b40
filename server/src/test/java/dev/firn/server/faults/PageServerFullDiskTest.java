package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.firn.compute.process.UnprivilegedUser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disk that the object store is on runs full, then the page server's own, which has its cache, while clients write and others read; each has room
 * again: file systems of their own, which root may mount.
 */
@Tag("long")
@Timeout(1_800)
class PageServerFullDiskTest {
    private static final int CLIENTS = 2;
    private static final int FULL_MS = 8_000;
    private static final int STORE_MIB = 1_024;
    private static final int DISK_MIB = 256;
    private static final String NO_SPACE = "No space left on device";

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);

    @Test
    void shouldGoOnWhileADiskIsFullAndLoseNothing() throws Exception {
        assumeThat(UnprivilegedUser.find().dropping())
                .as("skipped: a file system is mounted by root, and this test is not run by root")
                .isTrue();
        final Path objects = Files.createDirectories(folder.resolve("data/objects"));
        final Path own = Files.createDirectories(folder.resolve("data").resolve(PageTrial.hostFolder()));
        assumeThat(mount(objects, STORE_MIB))
                .as("skipped: this host lets nobody mount a tmpfs")
                .isTrue();
        try {
            assertThat(mount(own, DISK_MIB)).isTrue();
            try {
                fillBoth(objects, own);
            } finally {
                assertThat(FullDiskTest.run("umount", own.toString())).isTrue();
            }
        } finally {
            assertThat(FullDiskTest.run("umount", objects.toString())).isTrue();
        }
    }

    private void fillBoth(final Path objects, final Path own) throws Exception {
        try (PageTrial trial = PageTrial.start(folder, 17);
                PageWorkload workload =
                        PageWorkload.start(trial.postgres(), CLIENTS, List.of("heap", "btree", "transactions"));
                PageSamples samples = trial.sample(trial.host(), PageTrial.MAIN, 1)) {
            pause(FULL_MS / 4);
            fill(objects.resolve("filler"));
            trial.host()
                    .await(
                            PageTrial.MAIN,
                            PageTrial.LIMIT,
                            "says that the store is full",
                            found -> found.path("pages").path("detail").asText().contains(NO_SPACE));
            final int before = samples.answers();
            pause(FULL_MS);
            assertThat(samples.answers()).as("answers meanwhile").isGreaterThan(before);
            Files.delete(objects.resolve("filler"));
            trial.host().awaitUploaded(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
            assertThat(trial.host()
                            .timeline(PageTrial.MAIN)
                            .path("pages")
                            .path("detail")
                            .asText())
                    .isEmpty();

            fill(own.resolve("filler"));
            pause(FULL_MS / 2);
            trial.host().kill();
            trial.host().start();
            PageTrial.awaitLive(trial.host(), PageTrial.MAIN);
            pause(FULL_MS / 2);
            Files.delete(own.resolve("filler"));
            workload.end();
            trial.host().awaitUploaded(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
            trial.prove(trial.host(), "after full disks", samples);
        }
    }

    /** Takes all that there is, and what becomes free in the next moments. */
    private void fill(final Path file) throws IOException, InterruptedException {
        for (int round = 0; round < 3; round++) {
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
                int chunk = 1 << 20;
                while (chunk >= 4_096) {
                    try {
                        channel.write(ByteBuffer.allocate(chunk));
                    } catch (final IOException e) {
                        chunk /= 2;
                    }
                }
            }
            pause(200);
        }
    }

    private static boolean mount(final Path folder, final int mebibytes) throws IOException, InterruptedException {
        return FullDiskTest.run(
                "mount", "-t", "tmpfs", "-o", "mode=0700,size=" + mebibytes + "m", "firn-test", folder.toString());
    }

    private void pause(final int ms) throws InterruptedException {
        assertThat(never.tryAcquire(ms, TimeUnit.MILLISECONDS)).isFalse();
    }
}
