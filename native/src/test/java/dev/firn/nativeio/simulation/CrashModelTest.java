package dev.firn.nativeio.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * The disk against its documented model: random writes and syncs through a ring, power lost at a random moment, and then
 * each sector must hold what an independent list of versions, kept here, allows.
 */
class CrashModelTest {
    private static final int SEEDS = 150;
    private static final int ROUNDS = 4;
    private static final int SECTOR = 512;
    private static final int SECTORS = 48;
    private static final int OPERATIONS = 40;

    /** What became of sectors that had more than one version when power failed. */
    private final int[] outcomes = new int[4];

    private static final int OLDEST = 0;
    private static final int NEWEST = 1;
    private static final int BETWEEN = 2;
    private static final int TORN = 3;

    @Test
    void shouldLeaveEachSectorWithAVersionThatTheModelAllows() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            new Run(seed, 0.3).go();
        }
        assertThat(outcomes[OLDEST]).as("sectors with the oldest version").isGreaterThan(100);
        assertThat(outcomes[NEWEST]).as("sectors with the newest version").isGreaterThan(100);
        assertThat(outcomes[BETWEEN]).as("sectors with one between").isGreaterThan(100);
        assertThat(outcomes[TORN]).as("torn sectors").isGreaterThan(100);
    }

    @Test
    void shouldTearNoSectorWhenSectorsAreAtomic() {
        for (long seed = 1; seed <= SEEDS / 3; seed++) {
            new Run(seed, 0).go();
        }
        assertThat(outcomes[TORN]).isZero();
        assertThat(outcomes[OLDEST]).isGreaterThan(10);
    }

    @Test
    void shouldKeepAllThatCompletedWhenOnlyTheProcessDies() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            new Run(seed, 0.3).killOnly().go();
        }
        assertThat(outcomes[OLDEST] + outcomes[BETWEEN] + outcomes[TORN])
                .as("sectors whose write was in flight, and was cut")
                .isPositive();
    }

    /** One disk, several lives. */
    private final class Run {
        private final long seed;
        private final RandomGenerator random;
        private final Scheduler scheduler;
        private final SimulatedDisk disk;
        private final List<List<byte[]>> versions = new ArrayList<>();
        /** Of each sector, how many of its versions belong to writes that have completed. */
        private final int[] completedVersions = new int[SECTORS];

        private final boolean[] busy = new boolean[SECTORS];
        private final Map<Long, int[]> writes = new HashMap<>();
        private final Map<Long, byte[][]> syncs = new HashMap<>();
        private boolean killOnly;

        private Run(final long seed, final double torn) {
            this.seed = seed;
            this.random = SystemRandom.seeded(seed);
            this.scheduler = new Scheduler(seed, Trace.silent());
            this.disk =
                    new SimulatedDisk(scheduler, 0, seed, DiskGeometry.DEFAULT, DiskFaults.NONE.withTornSector(torn));
            for (int i = 0; i < SECTORS; i++) {
                versions.add(new ArrayList<>(List.of(new byte[SECTOR])));
            }
        }

        private Run killOnly() {
            killOnly = true;
            return this;
        }

        private void go() {
            disk.mount().createDurably("data", Access.DIRECT, SECTORS * SECTOR).close();
            for (int round = 0; round < ROUNDS; round++) {
                try (Arena arena = Arena.ofConfined()) {
                    live(disk.mount(), arena);
                }
                verify(round);
            }
        }

        private void live(final Storage storage, final Arena arena) {
            Arrays.fill(completedVersions, 1);
            Arrays.fill(busy, false);
            writes.clear();
            syncs.clear();
            final Ring ring = storage.openRing(RingConfig.ofCapacity(32));
            final RingFile file = ring.attach(storage.open("data", Access.DIRECT));
            for (long token = 0; token < OPERATIONS; token++) {
                if (random.nextInt(8) == 0) {
                    beginSync(ring, file, token);
                } else {
                    beginWrite(ring, file, token, arena);
                }
                ring.submit();
                scheduler.runFor(random.nextInt(4) == 0 ? random.nextInt(400_000) : random.nextInt(20_000));
                ring.poll(this::onCompletion, 64);
            }
            if (killOnly) {
                disk.killProcess();
            } else {
                disk.crash();
            }
        }

        private void beginWrite(final Ring ring, final RingFile file, final long token, final Arena arena) {
            final int first = random.nextInt(SECTORS);
            final int count = Math.min(SECTORS - first, 1 + random.nextInt(8));
            for (int i = first; i < first + count; i++) {
                if (busy[i]) {
                    return;
                }
            }
            final byte[] content = new byte[count * SECTOR];
            random.nextBytes(content);
            final MemorySegment buffer = arena.allocate(content.length, SECTOR);
            MemorySegment.copy(content, 0, buffer, ValueLayout.JAVA_BYTE, 0, content.length);
            if (ring.write(file, (long) first * SECTOR, buffer, token, 0)) {
                for (int i = 0; i < count; i++) {
                    busy[first + i] = true;
                    versions.get(first + i).add(Arrays.copyOfRange(content, i * SECTOR, (i + 1) * SECTOR));
                }
                writes.put(token, new int[] {first, count});
            }
        }

        private void beginSync(final Ring ring, final RingFile file, final long token) {
            if (ring.dataSync(file, token, 0)) {
                final byte[][] owed = new byte[SECTORS][];
                for (int i = 0; i < SECTORS; i++) {
                    owed[i] = versions.get(i).get(completedVersions[i] - 1);
                }
                syncs.put(token, owed);
            }
        }

        private void onCompletion(final Completion completion) {
            if (completion.kind() == OperationKind.DATA_SYNC) {
                assertThat(completion.result()).isZero();
                final byte[][] owed = syncs.remove(completion.token());
                for (int i = 0; i < SECTORS; i++) {
                    final int floor = indexOf(versions.get(i), owed[i]);
                    if (floor > 0) {
                        versions.get(i).subList(0, floor).clear();
                        completedVersions[i] -= floor;
                    }
                }
                return;
            }
            assertThat((long) completion.result()).isEqualTo(completion.requestedBytes());
            final int[] range = writes.remove(completion.token());
            for (int i = range[0]; i < range[0] + range[1]; i++) {
                busy[i] = false;
                completedVersions[i] = versions.get(i).size();
            }
        }

        private void verify(final int round) {
            final byte[] content = new byte[SECTORS * SECTOR];
            try (Arena arena = Arena.ofConfined();
                    StorageFile file = disk.mount().openForRead("data", Access.DIRECT)) {
                assertThat(file.lengthBytes()).isEqualTo(content.length);
                final MemorySegment buffer = arena.allocate(content.length, SECTOR);
                assertThat(file.read(0, buffer)).isEqualTo(content.length);
                MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, content, 0, content.length);
            }
            for (int i = 0; i < SECTORS; i++) {
                final byte[] found = Arrays.copyOfRange(content, i * SECTOR, (i + 1) * SECTOR);
                final List<byte[]> allowed = killOnly
                        ? versions.get(i)
                                .subList(
                                        completedVersions[i] - 1,
                                        versions.get(i).size())
                        : versions.get(i);
                final int outcome = classify(allowed, found);
                assertThat(outcome)
                        .as(
                                "seed %d, round %d, sector %d: its content is none of %d versions and no mix of two",
                                seed, round, i, allowed.size())
                        .isNotNegative();
                if (allowed.size() > 1) {
                    outcomes[outcome]++;
                }
                // After the death of a process alone, what it wrote is still to be synced.
                final List<byte[]> next = new ArrayList<>(killOnly ? versions.get(i) : List.of());
                next.add(found);
                versions.set(i, next);
            }
            if (killOnly) {
                syncAll();
            }
        }

        private void syncAll() {
            try (StorageFile file = disk.mount().open("data", Access.DIRECT)) {
                file.sync();
            }
            versions.replaceAll(all -> new ArrayList<>(List.of(all.getLast())));
        }
    }

    private static int indexOf(final List<byte[]> versions, final byte[] content) {
        for (int i = versions.size() - 1; i >= 0; i--) {
            if (Arrays.equals(versions.get(i), content)) {
                return i;
            }
        }
        return -1;
    }

    /** Which version it is, or whether it is the beginning of a later one with the rest of an earlier one; -1 if neither. */
    private static int classify(final List<byte[]> allowed, final byte[] found) {
        final int index = indexOf(allowed, found);
        if (index >= 0) {
            return index == allowed.size() - 1 ? NEWEST : index == 0 ? OLDEST : BETWEEN;
        }
        for (int newer = 1; newer < allowed.size(); newer++) {
            final int prefix = Arrays.mismatch(allowed.get(newer), found);
            for (int older = 0; older < newer; older++) {
                if (Arrays.equals(allowed.get(older), prefix, SECTOR, found, prefix, SECTOR)) {
                    return TORN;
                }
            }
        }
        return -1;
    }
}
