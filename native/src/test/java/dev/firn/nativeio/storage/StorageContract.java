package dev.firn.nativeio.storage;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage promises of names, attributes and locks; see {@link RingContract} for the bytes. */
public abstract class StorageContract {
    private static final String ATTRIBUTE = "user.firn";

    private Storage storage;
    private Arena arena;

    /** An empty storage. */
    protected abstract Storage open();

    @BeforeEach
    void openStorage() {
        storage = open();
        arena = Arena.ofConfined();
    }

    @AfterEach
    void closeStorage() {
        arena.close();
        storage.close();
    }

    private static void assertErrno(final int errno, final ThrowingCallable call) {
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private void file(final String name, final int fill) {
        try (StorageFile file = storage.create(name, Access.BUFFERED)) {
            file.write(0, arena.allocate(1).fill((byte) fill));
        }
    }

    private byte firstByte(final String name) {
        try (StorageFile file = storage.openForRead(name, Access.BUFFERED)) {
            final MemorySegment buffer = arena.allocate(1);
            assertThat(file.read(0, buffer)).isEqualTo(1);
            return buffer.get(JAVA_BYTE, 0);
        }
    }

    private Map<String, FileKind> visited(final String directory) {
        final Map<String, FileKind> entries = new TreeMap<>();
        storage.visit(directory, (name, kind) -> {
            assertThat(entries.put(name, kind)).as(name).isNull();
            return true;
        });
        return entries;
    }

    @Test
    void shouldRenameOnlyToANameThatIsFree() {
        file("a", 1);
        file("b", 2);
        storage.createDirectories("d");
        assertThat(storage.renameExclusively("a", "b")).isFalse();
        assertThat(storage.renameExclusively("a", "d")).isFalse();
        assertThat(firstByte("b")).isEqualTo((byte) 2);
        assertThat(storage.renameExclusively("a", "d/c")).isTrue();
        assertThat(storage.exists("a")).isFalse();
        assertThat(firstByte("d/c")).isEqualTo((byte) 1);
        assertErrno(Errno.ENOENT, () -> storage.renameExclusively("a", "x"));
        assertErrno(Errno.ENOENT, () -> storage.renameExclusively("b", "missing/x"));
        assertErrno(Errno.ENOTDIR, () -> storage.renameExclusively("b", "d/c/x"));
    }

    @Test
    void shouldCarryAttributesWithTheFile() {
        final byte[] long1 = new byte[3_000];
        long1[2_999] = 7;
        try (StorageFile file = storage.create("a", Access.BUFFERED)) {
            assertThat(file.attribute(ATTRIBUTE)).isNull();
            file.setAttribute(ATTRIBUTE, new byte[] {1, 2, 3});
            assertThat(file.attribute(ATTRIBUTE)).containsExactly(1, 2, 3);
            file.setAttribute(ATTRIBUTE, long1);
            file.sync();
        }
        storage.rename("a", "b");
        assertThat(storage.attribute("b", ATTRIBUTE)).isEqualTo(long1);
        assertThat(storage.attribute("b", "user.other")).isNull();
        try (StorageFile file = storage.openForRead("b", Access.BUFFERED)) {
            assertThat(file.attribute(ATTRIBUTE)).isEqualTo(long1);
        }
        assertErrno(Errno.ENOENT, () -> storage.attribute("a", ATTRIBUTE));
    }

    @Test
    void shouldSayWhatStandsUnderAName() {
        file("a", 1);
        storage.createDirectories("d/e");
        assertThat(storage.status("a").kind()).isEqualTo(FileKind.FILE);
        assertThat(storage.status("a").lengthBytes()).isEqualTo(1);
        assertThat(storage.status("d").kind()).isEqualTo(FileKind.DIRECTORY);
        assertThat(storage.status("x")).isNull();
        assertThat(storage.status("a/x")).isNull();
        try (StorageFile file = storage.openForRead("a", Access.BUFFERED)) {
            assertThat(file.status()).isEqualTo(storage.status("a"));
        }
        file("b", 1);
        assertThat(storage.status("b").inode()).isNotEqualTo(storage.status("a").inode());
    }

    @Test
    void shouldShowEntriesWithTheirKindAndStopWhenAsked() {
        for (int i = 0; i < 1_500; i++) {
            file("file-with-quite-a-long-name-so-that-one-buffer-is-not-enough-" + i, 1);
        }
        storage.createDirectories("d");
        final Map<String, FileKind> entries = visited("");
        assertThat(entries).hasSize(1_501).containsEntry("d", FileKind.DIRECTORY);
        assertThat(entries.values().stream().filter(FileKind.FILE::equals)).hasSize(1_500);
        assertThat(visited("d")).isEmpty();
        final List<String> first = new ArrayList<>();
        storage.visit("", (name, kind) -> {
            first.add(name);
            return first.size() < 3;
        });
        assertThat(first).hasSize(3);
        assertErrno(Errno.ENOENT, () -> visited("missing"));
    }

    @Test
    void shouldKeepNamesInUtf8() {
        file("smörgås-雪", 3);
        assertThat(storage.list("")).containsExactly("smörgås-雪");
        assertThat(visited("")).containsOnlyKeys("smörgås-雪");
        assertThat(firstByte("smörgås-雪")).isEqualTo((byte) 3);
        assertErrno(Errno.ENAMETOOLONG, () -> file("x".repeat(256), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> storage.exists("a//b"));
    }

    @Test
    void shouldSyncADirectoryThroughTheRingAndTakeNothingElse() {
        storage.createDirectories("d");
        file("d/a", 1);
        try (Ring ring = storage.openRing(RingConfig.ofCapacity(8));
                StorageFile directory = storage.openDirectory("d");
                StorageFile root = storage.openDirectory("")) {
            final RingFile file = ring.attach(directory);
            final RingFile rootFile = ring.attach(root);
            ring.sync(file, 1, 0);
            ring.sync(rootFile, 2, 0);
            assertThat(Completed.all(ring).results()).allMatch(result -> result == 0);
            ring.read(file, 0, arena.allocate(1), 3, 0);
            ring.write(file, 0, arena.allocate(1), 4, 0);
            assertThat(Completed.all(ring).results()).allMatch(result -> result < 0);
            ring.detach(file);
            ring.detach(rootFile);
        }
        assertErrno(Errno.ENOENT, () -> storage.openDirectory("missing"));
        assertErrno(Errno.ENOTDIR, () -> storage.openDirectory("d/a"));
    }

    @Test
    void shouldGiveALockToOneHolderAtATime() {
        final FileLock held = storage.tryLock("lock");
        assertThat(held).isNotNull();
        assertThat(storage.tryLock("lock")).isNull();
        final FileLock other = storage.tryLock("other");
        assertThat(other).isNotNull();
        held.close();
        held.close();
        final FileLock again = storage.tryLock("lock");
        assertThat(again).isNotNull();
        again.close();
        other.close();
        assertErrno(Errno.ENOENT, () -> storage.tryLock("missing/lock"));
    }
}
