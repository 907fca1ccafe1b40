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
import java.util.Optional;
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
    private static final int START_LIMIT_MS = 60_000;
    private static final int STEP_MS = 100;
    private static final int STORE_MIB = 1_024;
    private static final int DISK_MIB = 256;
    private static final String NO_SPACE = "is full";

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);

    @Test
    void shouldGoOnWhileADiskIsFullAndLoseNothing() throws Exception {
        assumeThat(UnprivilegedUser.find().dropping())
                .as("skipped: a file system is mounted by root, and this test is not run by root")
                .isTrue();
        final Path objects = Files.createDirectories(folder.resolve("store"));
        final Optional<Disk> store = Disk.mount(objects, STORE_MIB);
        assumeThat(store).as("skipped: this host lets nobody mount a tmpfs").isPresent();
        try (Disk ofStore = store.orElseThrow();
                PageTrial trial = PageTrial.start(folder, 17, "--store", objects.toString())) {
            trial.host().kill();
            // Another disk, empty: what was on the first one comes back from the store.
            final Path own = folder.resolve("data").resolve(PageTrial.hostFolder());
            try (Disk ofHost = Disk.mount(own, DISK_MIB).orElseThrow()) {
                fillBoth(trial, ofStore.folder(), ofHost.folder());
                trial.host().kill();
            }
        }
    }

    /** A small file system. */
    private record Disk(Path folder) implements AutoCloseable {
        static Optional<Disk> mount(final Path folder, final int mebibytes) throws IOException, InterruptedException {
            return FullDiskTest.run(
                            "mount",
                            "-t",
                            "tmpfs",
                            "-o",
                            "mode=0700,size=" + mebibytes + "m",
                            "firn-test",
                            folder.toString())
                    ? Optional.of(new Disk(folder))
                    : Optional.empty();
        }

        /** Whoever has files on it after a failure keeps it a little longer. */
        @Override
        public void close() throws IOException, InterruptedException {
            assertThat(FullDiskTest.run("umount", "-l", folder.toString())).isTrue();
        }
    }

    private void fillBoth(final PageTrial trial, final Path objects, final Path own) throws Exception {
        trial.host().start();
        PageTrial.awaitLive(trial.host(), PageTrial.MAIN);
        try (PageWorkload workload =
                        PageWorkload.start(trial.postgres(), CLIENTS, List.of("heap", "btree", "transactions"));
                PageSamples samples = trial.sample(trial.host(), PageTrial.MAIN, 1)) {
            fillStore(trial, samples, objects.resolve("filler"));
            fillOwn(trial, samples, own.resolve("filler"));
            workload.end();
            trial.host().awaitUploaded(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
            trial.prove(trial.host(), "after full disks", samples);
        }
    }

    private void fillStore(final PageTrial trial, final PageSamples samples, final Path filler) throws Exception {
        pause(FULL_MS / 4);
        fill(filler);
        trial.host()
                .await(
                        PageTrial.MAIN,
                        PageTrial.LIMIT,
                        "says that the store is full",
                        found -> found.path("pages").path("detail").asText().contains(NO_SPACE));
        final int before = samples.answers();
        pause(FULL_MS);
        assertThat(samples.answers()).as("answers meanwhile").isGreaterThan(before);
        Files.delete(filler);
        trial.host().awaitUploaded(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
        assertThat(trial.host()
                        .timeline(PageTrial.MAIN)
                        .path("pages")
                        .path("detail")
                        .asText())
                .isEmpty();
    }

    /** What runs goes on: its cache has its room from the start. What is to be started says why it can't, and can when there is room. */
    private void fillOwn(final PageTrial trial, final PageSamples samples, final Path filler) throws Exception {
        final int before = samples.answers();
        fill(filler);
        pause(FULL_MS / 2);
        assertThat(samples.answers()).as("answers meanwhile").isGreaterThan(before);
        trial.host().kill();
        trial.host().start();
        for (int ms = 0; trial.host().isAlive() && ms < START_LIMIT_MS; ms += STEP_MS) {
            pause(STEP_MS);
        }
        assertThat(trial.host().isAlive()).isFalse();
        assertThat(trial.host().err()).contains("no space left on device");
        Files.delete(filler);
        trial.host().kill();
        trial.host().start();
        PageTrial.awaitLive(trial.host(), PageTrial.MAIN);
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

    private void pause(final int ms) throws InterruptedException {
        assertThat(never.tryAcquire(ms, TimeUnit.MILLISECONDS)).isFalse();
    }
}
