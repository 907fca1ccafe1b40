package dev.firn.nativeio.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completed;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Runtime faults of the disk, aimed and by chance. */
class DiskErrorTest {
    private static final int SEEDS = 200;

    @Test
    void shouldDropUnsyncedDataWhenASyncFailsAndMakeNothingOfThemDurableLater() {
        int lost = 0;
        int readable = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final StorageFile file = test.disk.mount().createDurably("a", Access.BUFFERED, 1024);
                test.disk.inject(FaultRule.on(DiskOperation.SYNC).file("a"));
                test.write(file, 0, 512, 1);
                assertThatThrownBy(file::sync).hasMessageContaining("FSYNC a").hasMessageContaining("EIO");
                final byte cached = test.read(file, 0, 1)[0];
                test.write(file, 512, 512, 2);
                file.sync();
                test.disk.crash();
                final StorageFile after = test.disk.mount().openForRead("a", Access.BUFFERED);
                assertThat(test.read(after, 512, 1)[0]).as("seed %d", seed).isEqualTo((byte) 2);
                final byte durable = test.read(after, 0, 1)[0];
                assertThat(durable).as("seed %d", seed).isBetween((byte) 0, (byte) 1);
                lost += durable == 0 ? 1 : 0;
                readable += durable == 0 && cached == 1 ? 1 : 0;
            }
        }
        assertThat(lost).as("lost after a later sync succeeded").isBetween(SEEDS / 5, SEEDS - 1);
        assertThat(readable).as("read back as written, and lost all the same").isPositive();
    }

    @Test
    void shouldFailASyncInFlightBesideAFailedOne() {
        try (TestDisk test = new TestDisk(3, DiskFaults.NONE)) {
            final Storage storage = test.disk.mount();
            final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
            final RingFile file = ring.attach(storage.createDurably("a", Access.BUFFERED, 512));
            ring.write(file, 0, test.buffer(512, 1), 1, 0);
            Completed.all(ring);
            test.disk.inject(FaultRule.on(DiskOperation.SYNC));
            ring.sync(file, 2, 0);
            ring.dataSync(file, 3, 0);
            final Completed completed = Completed.all(ring);
            assertThat(completed.result(2)).isEqualTo(-Errno.EIO);
            assertThat(completed.result(3)).isEqualTo(-Errno.EIO);
        }
    }

    @Test
    void shouldWriteAnySubsetOfTheSectorsOfAFailedWrite() {
        final Set<String> seen = new HashSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final StorageFile file = test.disk.mount().createDurably("a", Access.BUFFERED, 1536);
                test.disk.inject(FaultRule.on(DiskOperation.WRITE).within(512, 1024));
                assertThatThrownBy(() -> test.write(file, 0, 1536, 1)).hasMessageContaining("PWRITE a at offset 0");
                final byte[] content = test.read(file, 0, 1536);
                seen.add("" + content[0] + content[512] + content[1024]);
            }
        }
        assertThat(seen).hasSize(8);
    }

    @Test
    void shouldLeaveGarbageInTheBufferOfAFailedRead() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final Storage storage = test.disk.mount();
            final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
            final RingFile file = ring.attach(storage.createDurably("a", Access.DIRECT, 4096));
            test.disk.inject(FaultRule.on(DiskOperation.READ).file("a").skip(1));
            final MemorySegment buffer = test.buffer(4096, 3);
            ring.read(file, 0, buffer, 1, 0);
            assertThat(Completed.all(ring).result(1)).isEqualTo(4096);
            ring.read(file, 0, buffer, 2, 0);
            assertThat(Completed.all(ring).result(2)).isEqualTo(-Errno.EIO);
            assertThat(buffer.mismatch(test.buffer(4096, RingOperation.SCRIBBLE)))
                    .isEqualTo(-1);
        }
    }

    @Test
    void shouldMoveWhatFitsWhenTheDiskRunsFullAndGiveSpaceBack() {
        final DiskGeometry small = DiskGeometry.DEFAULT.withCapacityBytes(8 * 512);
        try (TestDisk test = new TestDisk(1, small, DiskFaults.NONE)) {
            final Storage storage = test.disk.mount();
            final StorageFile file = storage.create("a", Access.BUFFERED);
            test.write(file, 0, 6 * 512, 1);
            final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
            final RingFile attached = ring.attach(file);
            ring.write(attached, 6 * 512, test.buffer(4 * 512, 2), 1, 0);
            assertThat(Completed.all(ring).result(1)).isEqualTo(2 * 512);
            ring.write(attached, 8 * 512, test.buffer(512, 2), 2, 0);
            ring.allocate(attached, 8 * 512, 512, 3, 0);
            ring.write(attached, 0, test.buffer(8 * 512, 3), 4, 0);
            final Completed completed = Completed.all(ring);
            assertThat(completed.result(2)).isEqualTo(-Errno.ENOSPC);
            assertThat(completed.result(3)).isEqualTo(-Errno.ENOSPC);
            assertThat(completed.result(4)).as("overwriting takes no space").isEqualTo(8 * 512);
            assertThat(file.lengthBytes()).isEqualTo(8 * 512);
            assertThatThrownBy(() -> test.write(file, 8 * 512, 512, 4)).hasMessageContaining("ENOSPC");
            assertThat(test.trace.count(FaultKind.NO_SPACE)).isEqualTo(4);
            assertThat(test.disk.usedBytes()).isEqualTo(8 * 512);

            storage.delete("a");
            assertThat(test.disk.usedBytes()).as("still open").isEqualTo(8 * 512);
            ring.close();
            file.close();
            assertThat(test.disk.usedBytes()).isZero();
            assertThat(test.disk.openFiles() + test.disk.openRings()).isZero();
        }
    }

    @Test
    void shouldCountSpaceAnewAfterACrash() {
        for (long seed = 1; seed <= 50; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                storage.createDurably("kept", Access.BUFFERED, 4096);
                storage.create("lost", Access.BUFFERED).allocate(0, 8192);
                test.disk.crash();
                assertThat(test.disk.usedBytes())
                        .as("seed %d: unsynced allocations are free again", seed)
                        .isEqualTo(4096);
            }
        }
    }

    @Test
    void shouldRefuseMisalignedDirectTransfersAsTheKernelDoes() {
        final DiskGeometry geometry = new DiskGeometry(512, 4096, true, 1 << 20);
        try (TestDisk test = new TestDisk(1, geometry, DiskFaults.NONE)) {
            final StorageFile file = test.disk.mount().createDurably("a", Access.DIRECT, 8192);
            assertThat(file.direct()).isTrue();
            assertThat(file.alignmentBytes()).isEqualTo(4096);
            final MemorySegment buffer = test.buffer(12_288, 1);
            expect(Errno.EINVAL, () -> file.write(512, buffer.asSlice(0, 4096)));
            expect(Errno.EINVAL, () -> file.write(0, buffer.asSlice(0, 512)));
            expect(Errno.EINVAL, () -> file.write(0, buffer.asSlice(512, 4096)));
            expect(Errno.EINVAL, () -> file.read(1, buffer.asSlice(0, 4096)));
            assertThat(file.read(8192, buffer.asSlice(512, 512)))
                    .as("at the end")
                    .isZero();
            file.write(4096, buffer.asSlice(4096, 4096));
            assertThat(file.read(4096, buffer.asSlice(0, 8192)))
                    .as("short at the end")
                    .isEqualTo(4096);
        }
    }

    @Test
    void shouldFallBackInSightWhereDirectIsNotSupported() {
        try (TestDisk test = new TestDisk(1, new DiskGeometry(512, 512, false, 1 << 20), DiskFaults.NONE)) {
            final StorageFile file = test.disk.mount().create("a", Access.DIRECT);
            assertThat(file.direct()).isFalse();
            assertThat(file.alignmentBytes()).isEqualTo(1);
            test.write(file, 3, 5, 1);
        }
    }

    @Test
    void shouldRefuseToWriteToAFileOpenedForReading() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final Storage storage = test.disk.mount();
            storage.create("a", Access.BUFFERED).close();
            final StorageFile file = storage.openForRead("a", Access.BUFFERED);
            expect(Errno.EBADF, () -> test.write(file, 0, 1, 1));
            expect(Errno.EBADF, () -> file.allocate(0, 1));
            expect(Errno.EFBIG, () -> test.write(storage.open("a", Access.BUFFERED), FileImage.MAX_LENGTH_BYTES, 1, 1));
        }
    }

    @Test
    void shouldKeepAFlippedBitUntilTheSectorIsWrittenAgain() {
        try (TestDisk test = new TestDisk(1, DiskFaults.NONE)) {
            final StorageFile file = test.disk.mount().createDurably("a", Access.BUFFERED, 0);
            test.write(file, 0, 1024, 0);
            assertThat(test.disk.flipBit("a", 600)).as("not clean yet").isFalse();
            file.sync();
            assertThat(test.disk.flipBit("a", 600)).isTrue();
            assertThat(bits(test.read(file, 0, 512))).isZero();
            assertThat(bits(test.read(file, 512, 512))).isEqualTo(1);
            test.disk.crash();
            final StorageFile after = test.disk.mount().open("a", Access.BUFFERED);
            assertThat(bits(test.read(after, 0, 1024))).isEqualTo(1);
            test.write(after, 512, 512, 0);
            assertThat(bits(test.read(after, 0, 1024))).isZero();
        }
    }

    @Test
    void shouldMeetEveryFaultOfAHarshDiskByChance() {
        final Set<FaultKind> met = new HashSet<>();
        for (long seed = 1; seed <= 60; seed++) {
            try (TestDisk test = new TestDisk(
                    seed, DiskFaults.HARSH.withErrors(0.02, 0.02, 0.02, 0.02).withBitFlip(0.02))) {
                wearOut(test);
                for (final FaultKind kind : FaultKind.values()) {
                    if (test.trace.count(kind) > 0) {
                        met.add(kind);
                    }
                }
            }
        }
        assertThat(met)
                .contains(
                        FaultKind.READ_ERROR,
                        FaultKind.WRITE_ERROR,
                        FaultKind.SYNC_ERROR,
                        FaultKind.DIRECTORY_SYNC_ERROR,
                        FaultKind.SHORT_READ,
                        FaultKind.SHORT_WRITE,
                        FaultKind.BIT_FLIPPED,
                        FaultKind.PARTIAL_SUBMIT);
    }

    private static void wearOut(final TestDisk test) {
        final Storage storage = test.disk.mount();
        final Ring ring = storage.openRing(RingConfig.ofCapacity(8));
        final RingFile file = ring.attach(storage.create("a", Access.DIRECT));
        for (int i = 0; i < 20; i++) {
            ring.write(file, 0, test.buffer(8192, i), 1, 0);
            ring.read(file, 0, test.buffer(8192, 0), 2, 0);
            ring.sync(file, 3, 0);
            Completed.all(ring);
            try {
                storage.syncDirectory("");
            } catch (final StorageException e) {
                assertThat(e.errno()).isEqualTo(Errno.EIO);
            }
        }
        ring.close();
    }

    @Test
    void shouldFailPowerInsideABlockingCall() {
        final Set<Boolean> happened = new HashSet<>();
        for (long seed = 1; seed <= 50; seed++) {
            try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
                final Storage storage = test.disk.mount();
                storage.createDurably("a", Access.BUFFERED, 512);
                storage.rename("a", "b");
                test.disk.powerLossAfter(1);
                assertThatThrownBy(() -> storage.syncDirectory("")).isInstanceOf(HostDownError.class);
                assertThatThrownBy(() -> storage.exists("a")).isInstanceOf(HostDownError.class);
                final Storage after = test.disk.mount();
                assertThat(after.exists("a")).as("seed %d", seed).isNotEqualTo(after.exists("b"));
                happened.add(after.exists("b"));
            }
        }
        assertThat(happened).containsExactlyInAnyOrder(true, false);
    }

    private static int bits(final byte[] content) {
        int count = 0;
        for (final byte one : content) {
            count += Integer.bitCount(one & 0xFF);
        }
        return count;
    }

    private static void expect(final int errno, final Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }
}
