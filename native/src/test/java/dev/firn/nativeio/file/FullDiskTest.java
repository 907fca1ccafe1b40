package dev.firn.nativeio.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completed;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.nativeio.uring.UringSupport;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A real file system that is really full: 4 MiB of ext4 on a loop device. Needs root and mkfs.ext4. */
class FullDiskTest {
    private static final int MEBIBYTE = 1 << 20;
    private static final int IMAGE_MEBIBYTES = 4;

    @TempDir
    Path directory;

    private Path mountPoint;

    @BeforeEach
    void mount() throws Exception {
        final Path image = directory.resolve("image");
        mountPoint = Files.createDirectory(directory.resolve("mount"));
        final boolean mounted = run("truncate", "-s", IMAGE_MEBIBYTES + "M", image.toString())
                && run("mkfs.ext4", "-q", "-O", "^has_journal", image.toString())
                && run("mount", "-o", "loop", image.toString(), mountPoint.toString());
        assumeTrue(mounted, "this user cannot mount a loop device");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mountPoint != null) {
            run("umount", mountPoint.toString());
        }
    }

    private static boolean run(final String... command) throws Exception {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (final java.io.IOException notInstalled) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = RingBackend.class,
            names = {"URING", "PORTABLE"})
    void shouldReportAFullDiskAndGoOnWhenThereIsRoomAgain(final RingBackend backend) {
        assumeTrue(backend != RingBackend.URING || UringSupport.host().available());
        try (Storage storage = new HostStorage(mountPoint);
                Arena arena = Arena.ofConfined();
                Ring ring = storage.openRing(RingConfig.ofCapacity(16).withBackend(backend));
                StorageFile opened = storage.create("big", Access.DIRECT)) {
            final RingFile file = ring.attach(opened);
            final var chunk = arena.allocate(MEBIBYTE, 4096);

            ring.allocate(file, 0, 64L * MEBIBYTE, 1, 0);
            assertThat(Completed.all(ring).result(1)).isEqualTo(-Errno.ENOSPC);

            long offset = 0;
            int result;
            do {
                ring.write(file, offset, chunk, 2, 0);
                final Completed completed = Completed.all(ring);
                result = completed.result(2);
                offset += Math.max(0, result);
                if (result < 0) {
                    assertThat(completed.failure(2)).hasMessageContaining("big").hasMessageContaining("ENOSPC");
                }
            } while (result == MEBIBYTE);
            assertThat(result).as("a short write or ENOSPC").isLessThan(MEBIBYTE);
            if (result < 0) {
                assertThat(result).isEqualTo(-Errno.ENOSPC);
            }
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> storage.createDurably("another", Access.DIRECT, 8L * MEBIBYTE))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));

            opened.truncate(0);
            ring.write(file, 0, chunk, 3, Ring.LINK);
            ring.dataSync(file, 4, 0);
            final Completed completed = Completed.all(ring);
            assertThat(completed.result(3)).isEqualTo(MEBIBYTE);
            assertThat(completed.result(4)).isZero();
            ring.detach(file);
        }
    }
}
