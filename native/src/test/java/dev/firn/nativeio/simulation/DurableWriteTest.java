package dev.firn.nativeio.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completed;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import org.junit.jupiter.api.Test;

/** What a crash leaves of writes with {@link Ring#DURABLE}, and of the ones beside them. */
class DurableWriteTest {
    private static final int SEEDS = 300;
    private static final int SECTOR = 512;

    @Test
    void shouldKeepADurableWriteAndOweNothingToTheOthers() {
        int lost = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
                final RingFile file = ring.attach(storage.createDurably("a", Access.BUFFERED, 0));
                ring.write(file, 0, test.buffer(2 * SECTOR, 1), 1, 0);
                Completed.all(ring);
                ring.write(file, SECTOR, test.buffer(2 * SECTOR, 2), 2, Ring.DURABLE);
                ring.write(file, 4 * SECTOR, test.buffer(SECTOR, 3), 3, 0);
                final Completed completed = Completed.all(ring);
                assertThat(completed.result(2)).isEqualTo(2 * SECTOR);

                test.disk.crash();

                final StorageFile survived = test.disk.mount().open("a", Access.BUFFERED);
                assertThat(survived.lengthBytes())
                        .as("length with seed " + seed)
                        .isGreaterThanOrEqualTo(3 * SECTOR);
                final byte[] durable = test.read(survived, SECTOR, 2 * SECTOR);
                for (final byte value : durable) {
                    assertThat(value).as("seed " + seed).isEqualTo((byte) 2);
                }
                lost += test.read(survived, 0, 1)[0] == 0 ? 1 : 0;
            }
        }
        assertThat(lost).as("seeds that lost the write that was not durable").isBetween(SEEDS / 10, SEEDS - SEEDS / 10);
    }

    @Test
    void shouldFailAsASyncDoesWhenTheFlushFails() {
        int lost = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
                final StorageFile opened = storage.createDurably("a", Access.BUFFERED, SECTOR);
                final RingFile file = ring.attach(opened);
                test.disk.inject(FaultRule.on(DiskOperation.SYNC).file("a").failing(Errno.EIO));
                ring.write(file, 0, test.buffer(SECTOR, 1), 1, Ring.DURABLE);
                assertThat(Completed.all(ring).result(1)).isEqualTo(-Errno.EIO);

                opened.sync();
                test.disk.crash();

                final StorageFile survived = test.disk.mount().open("a", Access.BUFFERED);
                lost += test.read(survived, 0, 1)[0] == 0 ? 1 : 0;
            }
        }
        assertThat(lost)
                .as("seeds that lost it although a later sync succeeded")
                .isPositive();
    }
}
