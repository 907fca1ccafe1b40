package dev.firn.nativeio.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.DirectoryLockedException;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostStorageTest {
    private static final int BLOCK = 4096;

    @TempDir
    Path directory;

    private HostStorage storage;
    private Arena arena;

    @BeforeEach
    void open() {
        storage = new HostStorage(directory);
        arena = Arena.ofConfined();
    }

    @AfterEach
    void close() {
        arena.close();
        storage.close();
    }

    private static void assertErrno(final int errno, final ThrowingCallable call) {
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void shouldReadWhatWasWrittenAfterReopening() {
        try (StorageFile file = storage.createDurably("a", Access.DIRECT, 4 * BLOCK)) {
            file.write(BLOCK, arena.allocate(2 * BLOCK, BLOCK).fill((byte) 5));
            file.sync();
        }
        try (StorageFile file = storage.openForRead("a", Access.DIRECT)) {
            final MemorySegment read = arena.allocate(8 * BLOCK, BLOCK);
            assertThat(file.lengthBytes()).isEqualTo(4 * BLOCK);
            assertThat(file.read(0, read)).isEqualTo(4 * BLOCK);
            assertThat(read.get(JAVA_BYTE, 0)).isZero();
            assertThat(read.get(JAVA_BYTE, BLOCK)).isEqualTo((byte) 5);
            assertThat(read.get(JAVA_BYTE, 3 * BLOCK)).isZero();
        }
    }

    @Test
    void shouldDiscoverTheAlignmentOfDirectFiles() {
        try (StorageFile file = storage.create("a", Access.DIRECT)) {
            assumeTrue(file.direct(), "this file system refuses O_DIRECT");
            final int alignment = file.alignmentBytes();
            assertThat(alignment).isBetween(1, BLOCK);
            assertThat(Integer.bitCount(alignment)).isEqualTo(1);
            final MemorySegment memory = arena.allocate(2 * BLOCK, BLOCK);
            file.write(alignment, memory.asSlice(alignment, alignment));
            if (alignment > 1) {
                assertErrno(Errno.EINVAL, () -> file.write(alignment / 2, memory.asSlice(0, alignment)));
            }
        }
        try (StorageFile buffered = storage.open("a", Access.BUFFERED)) {
            assertThat(buffered.direct()).isFalse();
            assertThat(buffered.alignmentBytes()).isEqualTo(1);
        }
    }

    @Test
    void shouldFallBackVisiblyWhereDirectIsRefused() {
        // /proc takes no O_DIRECT.
        try (HostStorage proc = new HostStorage(Path.of("/proc"));
                StorageFile file = proc.openForRead("version", Access.DIRECT)) {
            assertThat(file.direct()).isFalse();
            assertThat(file.alignmentBytes()).isEqualTo(1);
            assertThat(file.read(0, arena.allocate(64))).isPositive();
        }
    }

    @Test
    void shouldReplaceByRename() {
        storage.createDurably("new", Access.BUFFERED, 0).close();
        try (StorageFile old = storage.create("old", Access.BUFFERED)) {
            old.write(0, arena.allocate(10));
        }
        storage.renameDurably("new", "old");
        assertThat(storage.list("")).containsExactly("old");
        try (StorageFile file = storage.openForRead("old", Access.BUFFERED)) {
            assertThat(file.lengthBytes()).isZero();
        }
    }

    @Test
    void shouldCreateListAndDeleteInDirectories() {
        storage.createDirectories("x/y/z");
        storage.createDirectories("x/y/z");
        storage.createDurably("x/y/b", Access.BUFFERED, 0).close();
        storage.createDurably("x/y/a", Access.BUFFERED, 0).close();
        assertThat(storage.list("x/y")).containsExactly("a", "b", "z");
        storage.deleteDurably("x/y/a");
        storage.deleteDurably("x/y/z");
        assertThat(storage.list("x/y")).containsExactly("b");
        assertThat(storage.exists("x/y/a")).isFalse();
        assertErrno(Errno.ENOTEMPTY, () -> storage.delete("x/y"));
    }

    @Test
    void shouldNameFileAndErrnoWhenAFileIsWrong() {
        storage.create("a", Access.BUFFERED).close();
        storage.createDirectories("d");
        assertErrno(Errno.EEXIST, () -> storage.create("a", Access.DIRECT));
        assertErrno(Errno.ENOENT, () -> storage.open("missing", Access.DIRECT));
        assertErrno(Errno.ENOENT, () -> storage.delete("missing"));
        assertErrno(Errno.ENOENT, () -> storage.rename("missing", "b"));
        assertErrno(Errno.ENOENT, () -> storage.list("missing"));
        assertErrno(Errno.ENOENT, () -> storage.syncDirectory("missing"));
        assertErrno(Errno.EISDIR, () -> storage.open("d", Access.BUFFERED));
        assertErrno(Errno.ENOTDIR, () -> storage.createDirectories("a/b"));
        assertErrno(Errno.ENOENT, () -> new HostStorage(directory.resolve("missing")));
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> storage.open("missing", Access.DIRECT))
                .withMessageContaining("missing")
                .withMessageContaining("no such file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/passwd", "..", "../x", "a/../../x", "."})
    void shouldRefuseNamesOutsideOfTheRoot(final String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> storage.create(name, Access.BUFFERED));
    }

    @Test
    void shouldRefuseAClosedFile() {
        final StorageFile file = storage.create("a", Access.BUFFERED);
        file.close();
        file.close();
        assertThatIllegalStateException().isThrownBy(file::sync);
        assertThatIllegalStateException().isThrownBy(() -> file.write(0, arena.allocate(1)));
        assertThatIllegalStateException().isThrownBy(file::lengthBytes);
    }

    @Test
    void shouldTruncateAndAllocate() {
        try (StorageFile file = storage.create("a", Access.BUFFERED)) {
            file.allocate(0, 3 * BLOCK);
            assertThat(file.lengthBytes()).isEqualTo(3 * BLOCK);
            file.truncate(BLOCK + 1);
            assertThat(file.lengthBytes()).isEqualTo(BLOCK + 1);
            assertErrno(Errno.EINVAL, () -> file.allocate(0, 0));
        }
    }

    @Test
    void shouldLockADirectoryAgainstASecondHolderInThisProcess() {
        final DirectoryLock lock = storage.lock("");
        assertThatExceptionOfType(DirectoryLockedException.class)
                .isThrownBy(() -> storage.lock(""))
                .withMessageContaining("process " + ProcessHandle.current().pid());
        lock.close();
        lock.close();
        storage.lock("").close();
    }

    @Test
    void shouldLockADirectoryAgainstAnotherProcessUntilThatIsKilled() throws Exception {
        final Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(output.readLine()).isEqualTo("locked");
            assertThatExceptionOfType(DirectoryLockedException.class)
                    .isThrownBy(() -> storage.lock(""))
                    .withMessageContaining("process " + other.pid());
            other.destroyForcibly();
            assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();
            storage.lock("").close();
        } finally {
            other.destroyForcibly();
        }
    }

    /** Takes the lock of a directory and keeps it until it is killed. */
    static final class LockHolder {
        private LockHolder() {}

        public static void main(final String[] arguments) throws Exception {
            try (HostStorage held = new HostStorage(Path.of(arguments[0]));
                    DirectoryLock lock = held.lock("")) {
                System.out.println(lock == null ? "not locked" : "locked");
                System.in.read();
            }
        }
    }

    @Test
    void shouldKeepEverythingInsideTheRoot() throws Exception {
        storage.createDurably("a", Access.BUFFERED, 10).close();
        try (var entries = Files.list(directory)) {
            assertThat(entries.map(path -> path.getFileName().toString()).toList())
                    .isEqualTo(List.of("a"));
        }
    }
}
