package dev.firn.nativeio.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completed;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageContract;
import dev.firn.nativeio.storage.StorageFile;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The contract on the simulated disk, and what a loss of power does to what it adds. */
class SimulatedStorageTest extends StorageContract {
    private static final int SEEDS = 100;
    private static final String ATTRIBUTE = "user.firn";

    @Override
    protected Storage open() {
        return new TestDisk(1, DiskFaults.NONE).disk.mount();
    }

    @Test
    void shouldLoseOrKeepAttributesUntilTheFileIsSynced() {
        final Set<String> unsynced = new TreeSet<>();
        final Set<String> synced = new TreeSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                final StorageFile file = storage.createDurably("a", Access.BUFFERED, 0);
                file.setAttribute(ATTRIBUTE, new byte[] {1});
                file.sync();
                file.setAttribute(ATTRIBUTE, new byte[] {2});
                file.setAttribute(ATTRIBUTE, new byte[] {3});
                test.disk.crash();
                unsynced.add("" + test.disk.mount().attribute("a", ATTRIBUTE)[0]);
                final Storage second = test.disk.mount();
                final StorageFile again = second.open("a", Access.BUFFERED);
                again.setAttribute(ATTRIBUTE, new byte[] {4});
                again.sync();
                test.disk.crash();
                synced.add("" + test.disk.mount().attribute("a", ATTRIBUTE)[0]);
            }
        }
        assertThat(unsynced).containsExactly("1", "2", "3");
        assertThat(synced).containsExactly("4");
    }

    @Test
    void shouldKeepEntriesThatARingHasSyncedAndOweNothingToLaterOnes() {
        final Set<String> outcomes = new TreeSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
                storage.create("before", Access.BUFFERED).close();
                final RingFile root = ring.attach(storage.openDirectory(""));
                ring.sync(root, 1, 0);
                ring.submit();
                storage.create("after", Access.BUFFERED).close();
                assertThat(Completed.all(ring).results()).allMatch(result -> result == 0);
                test.disk.crash();
                outcomes.add(test.disk.mount().list("").toString());
            }
        }
        assertThat(outcomes).containsExactly("[after, before]", "[before]");
    }

    @Test
    void shouldFailASyncOfADirectoryInFlightBesideAFailedOne() {
        try (TestDisk test = new TestDisk(3, DiskFaults.NONE)) {
            final Storage storage = test.disk.mount();
            final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
            storage.create("a", Access.BUFFERED).close();
            final RingFile root = ring.attach(storage.openDirectory(""));
            test.disk.inject(FaultRule.on(DiskOperation.SYNC_DIRECTORY));
            ring.sync(root, 1, 0);
            ring.sync(root, 2, 0);
            assertThat(Completed.all(ring).results()).allMatch(result -> result == -Errno.EIO);
            ring.sync(root, 3, 0);
            assertThat(Completed.all(ring).results()).allMatch(result -> result == 0);
        }
    }
}
