package dev.firn.nativeio.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.DirectoryLockedException;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a loss of power does to directory entries, lengths and truncations. */
class NameDurabilityTest {
    private static final int SEEDS = 200;

    /** Runs the life on many disks and collects what {@link #seen} says about each after a crash. */
    private static Set<String> outcomes(final Consumer<TestDisk> life) {
        final Set<String> outcomes = new TreeSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                life.accept(test);
                test.disk.crash();
                outcomes.add(seen(test, "", test.disk.mount()));
            }
        }
        return outcomes;
    }

    /** The tree as text: each file with its first byte and its length in sectors. */
    private static String seen(final TestDisk test, final String directory, final Storage storage) {
        final StringBuilder text = new StringBuilder();
        for (final String name : storage.list(directory)) {
            final String path = directory.isEmpty() ? name : directory + "/" + name;
            text.append(text.isEmpty() ? "" : " ").append(name);
            try (StorageFile file = storage.openForRead(path, Access.BUFFERED)) {
                final byte[] first = test.read(file, 0, 1);
                text.append('=').append(first.length == 0 ? "" : first[0]);
            } catch (final StorageException e) {
                assertThat(e.errno()).isEqualTo(Errno.EISDIR);
                text.append('(').append(seen(test, path, storage)).append(')');
            }
        }
        return text.toString();
    }

    private static StorageFile synced(final TestDisk test, final Storage storage, final String name, final int fill) {
        final StorageFile file = storage.create(name, Access.BUFFERED);
        test.write(file, 0, 512, fill);
        file.sync();
        return file;
    }

    @Test
    void shouldLoseOrKeepACreatedFileUntilItsDirectoryIsSynced() {
        assertThat(outcomes(test -> synced(test, test.disk.mount(), "a", 1))).containsExactly("", "a=1");
        assertThat(outcomes(test -> {
                    synced(test, test.disk.mount(), "a", 1);
                    test.disk.mount().syncDirectory("");
                }))
                .containsExactly("a=1");
    }

    @Test
    void shouldRenameAsAWholeOrNotAtAll() {
        final Consumer<TestDisk> life = test -> {
            final Storage storage = test.disk.mount();
            synced(test, storage, "a", 1);
            synced(test, storage, "b", 2);
            storage.syncDirectory("");
            storage.rename("b", "a");
        };
        assertThat(outcomes(life)).containsExactly("a=1 b=2", "a=2");
        assertThat(outcomes(life.andThen(test -> test.disk.mount().syncDirectory(""))))
                .containsExactly("a=2");
    }

    @Test
    void shouldKeepARenameAcrossDirectoriesOnlyWhenBothAreSynced() {
        final Consumer<TestDisk> life = test -> {
            final Storage storage = test.disk.mount();
            storage.createDirectories("x");
            storage.createDirectories("y");
            synced(test, storage, "x/a", 1);
            storage.syncDirectory("x");
            storage.syncDirectory("");
            storage.rename("x/a", "y/a");
        };
        assertThat(outcomes(life)).containsExactly("x() y(a=1)", "x(a=1) y()");
        assertThat(outcomes(life.andThen(test -> test.disk.mount().syncDirectory("y"))))
                .containsExactly("x() y(a=1)", "x(a=1) y()");
        assertThat(outcomes(test -> {
                    final Storage storage = test.disk.mount();
                    storage.createDirectories("x");
                    storage.createDirectories("y");
                    synced(test, storage, "x/a", 1);
                    storage.syncDirectory("x");
                    storage.syncDirectory("");
                    storage.renameDurably("x/a", "y/a");
                }))
                .containsExactly("x() y(a=1)");
    }

    @Test
    void shouldBringADeletedFileBackUntilItsDirectoryIsSynced() {
        final Consumer<TestDisk> life = test -> {
            final Storage storage = test.disk.mount();
            synced(test, storage, "a", 1).close();
            storage.syncDirectory("");
            storage.delete("a");
        };
        assertThat(outcomes(life)).containsExactly("", "a=1");
        assertThat(outcomes(life.andThen(test -> test.disk.mount().syncDirectory(""))))
                .containsExactly("");
    }

    @Test
    void shouldLoseAllBelowADirectoryWhoseEntryIsLost() {
        final Consumer<TestDisk> life = test -> {
            final Storage storage = test.disk.mount();
            storage.createDirectories("x/y");
            synced(test, storage, "x/y/a", 1);
            storage.syncDirectory("x/y");
            storage.syncDirectory("x");
        };
        assertThat(outcomes(life)).containsExactly("", "x(y(a=1))");
    }

    @Test
    void shouldKeepNoChangeWithoutAnEarlierOneOfTheSameEntry() {
        assertThat(outcomes(test -> {
                    final Storage storage = test.disk.mount();
                    synced(test, storage, "a", 1);
                    storage.syncDirectory("");
                    storage.rename("a", "b");
                    synced(test, storage, "a", 2);
                }))
                .containsExactly("a=1", "a=2 b=1", "b=1");
    }

    @Test
    void shouldLoseUnrelatedChangesEachByItself() {
        final Set<String> seen = outcomes(test -> {
            final Storage storage = test.disk.mount();
            synced(test, storage, "a", 1);
            synced(test, storage, "b", 2);
            synced(test, storage, "c", 3);
        });
        assertThat(seen).hasSize(8).contains("", "a=1 c=3", "b=2", "a=1 b=2 c=3");
    }

    @Test
    void shouldCoverAChangeByNoLaterSyncAfterADirectorySyncFailed() {
        assertThat(outcomes(test -> {
                    final Storage storage = test.disk.mount();
                    synced(test, storage, "a", 1);
                    test.disk.inject(FaultRule.on(DiskOperation.SYNC_DIRECTORY));
                    assertThatThrownBy(() -> storage.syncDirectory("")).hasMessageContaining("EIO");
                    storage.syncDirectory("");
                }))
                .containsExactly("", "a=1");
    }

    @Test
    void shouldChooseTheLengthAmongThoseSinceTheLastSync() {
        final Set<Long> lengths = new HashSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final StorageFile file = test.disk.mount().createDurably("a", Access.BUFFERED, 512);
                test.write(file, 512, 100, 1);
                test.write(file, 612, 500, 2);
                file.allocate(0, 8192);
                test.disk.crash();
                lengths.add(test.disk.mount().openForRead("a", Access.BUFFERED).lengthBytes());
            }
        }
        assertThat(lengths).containsExactlyInAnyOrder(512L, 612L, 1112L, 8192L);
    }

    @Test
    void shouldNeverBringBackWhatATruncationCutOffWhenTheFileIsLongAgain() {
        int undone = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final StorageFile file = test.disk.mount().createDurably("a", Access.BUFFERED, 0);
                test.write(file, 0, 2048, 7);
                file.sync();
                file.truncate(700);
                file.allocate(0, 1024);
                test.disk.crash();
                final StorageFile after = test.disk.mount().openForRead("a", Access.BUFFERED);
                final byte[] content = test.read(after, 0, 2048);
                for (int i = 0; i < content.length; i++) {
                    final boolean cut = content.length < 2048 && i >= 700;
                    assertThat(content[i]).as("seed %d, byte %d", seed, i).isEqualTo((byte) (cut ? 0 : 7));
                }
                undone += content.length == 2048 ? 1 : 0;
            }
        }
        assertThat(undone).isBetween(1, SEEDS - 1);
    }

    @Test
    void shouldKeepNamesAndDataWhenOnlyTheProcessDies() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final Storage storage = test.disk.mount();
            storage.createDirectories("x");
            test.write(storage.create("x/a", Access.BUFFERED), 0, 512, 5);
            storage.rename("x/a", "x/b");
            test.disk.killProcess();
            assertThat(seen(test, "", test.disk.mount())).isEqualTo("x(b=5)");
            assertThatThrownBy(() -> storage.list("")).isInstanceOf(HostDownError.class);
        }
    }

    @Test
    void shouldFailWithTheErrnoOfTheSystemCall() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final Storage storage = test.disk.mount();
            storage.createDirectories("d/e");
            storage.create("f", Access.BUFFERED).close();
            expect(Errno.EEXIST, () -> storage.create("f", Access.BUFFERED));
            expect(Errno.ENOENT, () -> storage.open("g", Access.BUFFERED));
            expect(Errno.ENOENT, () -> storage.create("no/f", Access.BUFFERED));
            expect(Errno.EISDIR, () -> storage.open("d", Access.BUFFERED));
            expect(Errno.ENOTDIR, () -> storage.create("f/g", Access.BUFFERED));
            expect(Errno.EEXIST, () -> storage.createDirectories("f"));
            expect(Errno.ENOTEMPTY, () -> storage.delete("d"));
            expect(Errno.ENOENT, () -> storage.delete("g"));
            expect(Errno.ENOENT, () -> storage.rename("g", "h"));
            expect(Errno.EISDIR, () -> storage.rename("f", "d"));
            expect(Errno.ENOTDIR, () -> storage.rename("d", "f"));
            expect(Errno.EINVAL, () -> storage.rename("d", "d/e/x"));
            expect(Errno.ENOENT, () -> storage.list("no"));
            expect(Errno.ENAMETOOLONG, () -> storage.create("n".repeat(256), Access.BUFFERED));
            for (final String name : new String[] {"/f", "../f", "a//b", "", "."}) {
                assertThatIllegalArgumentException().isThrownBy(() -> storage.open(name, Access.BUFFERED));
            }
            assertThat(storage.list("")).containsExactly("d", "f");
        }
    }

    @Test
    void shouldLockADirectoryUntilItsHolderIsGone() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final DirectoryLock lock = test.disk.mount().lock("");
            assertThatThrownBy(() -> test.disk.mount().lock("")).isInstanceOf(DirectoryLockedException.class);
            lock.close();
            lock.close();
            test.disk.mount().lock("");
            test.disk.killProcess();
            test.disk.mount().lock("").close();
        }
    }

    private static void expect(final int errno, final Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }
}
