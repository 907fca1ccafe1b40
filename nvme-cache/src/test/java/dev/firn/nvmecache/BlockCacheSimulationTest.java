package dev.firn.nvmecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.FaultKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random operations, deaths and faults on the simulated disk against the true contents: never a wrong byte. */
class BlockCacheSimulationTest {
    private static final DiskFaults POWER_ONLY = DiskFaults.GENTLE;
    private static final DiskFaults FAILING = DiskFaults.HARSH.withErrors(0.01, 0.01, 0.02, 0.001);
    private static final DiskFaults ROTTING = DiskFaults.GENTLE.withBitFlip(0.01);
    private static final DiskFaults WORST = FAILING.withBitFlip(0.01);

    @Test
    void shouldNeedNoChecksumToBeRightWhenOnlyPowerFails() {
        final Totals totals = run("power", 1, 8, 5_000, POWER_ONLY);
        // The order of writes alone keeps the map true: without rot the checksums never have to step in.
        assertThat(totals.checksumFailures).isZero();
        assertThat(totals.hits).isGreaterThan(1_000);
        assertThat(totals.powerLosses).isPositive();
        assertThat(totals.torn).isPositive();
        assertThat(totals.recovered).isPositive();
    }

    @Test
    void shouldNeedNoChecksumToBeRightWhenTheDeviceFails() {
        final Totals totals = run("errors", 100, 8, 5_000, FAILING);
        assertThat(totals.durableChecksumFailures).isZero();
        assertThat(totals.syncErrors).isPositive();
        assertThat(totals.hits).isGreaterThan(1_000);
    }

    @Test
    void shouldCatchEveryBitThatRots() {
        final Totals totals = run("rot", 200, 6, 5_000, ROTTING);
        assertThat(totals.checksumFailures).isPositive();
        assertThat(totals.hits).isGreaterThan(1_000);
    }

    @Test
    void shouldNeverBeWrongWhenEverythingFails() {
        final Totals totals = run("worst", 300, 6, 5_000, WORST);
        assertThat(totals.hits).isGreaterThan(500);
    }

    @Test
    @Tag("long")
    void shouldNeverBeWrongForAMillionOperations() {
        assertThat(run("power, long", 10_000, 100, 10_000, POWER_ONLY).checksumFailures)
                .isZero();
        assertThat(run("errors, long", 20_000, 50, 10_000, FAILING).durableChecksumFailures)
                .isZero();
        run("worst, long", 30_000, 50, 10_000, WORST);
    }

    private static Totals run(
            final String name, final long firstSeed, final int worlds, final long operations, final DiskFaults faults) {
        final Totals totals = new Totals();
        for (long seed = firstSeed; seed < firstSeed + worlds; seed++) {
            try (CacheWorld world = new CacheWorld(seed, faults)) {
                world.run(operations);
                totals.add(world);
            } catch (final Throwable e) {
                throw new AssertionError("seed " + seed + " of \"" + name + "\": " + e.getMessage(), e);
            }
        }
        System.out.println("cache simulation, " + name + ": " + totals);
        return totals;
    }

    private static final class Totals {
        private long operations;
        private long hits;
        private long misses;
        private long lives;
        private long recovered;
        private long durableBefore;
        private long recoveredAfter;
        private long checksumFailures;
        private long durableChecksumFailures;
        private long turnedOff;
        private long powerLosses;
        private long torn;
        private long readErrors;
        private long writeErrors;
        private long syncErrors;
        private long flips;

        void add(final CacheWorld world) {
            operations += world.operations;
            hits += world.hits;
            misses += world.misses;
            lives += world.lives;
            recovered += world.recovered;
            durableBefore += world.durableBeforeDeath;
            recoveredAfter += world.recoveredAfterDeath;
            checksumFailures += world.checksumFailures;
            durableChecksumFailures += world.durableChecksumFailures;
            turnedOff += world.turnedOff;
            powerLosses += world.count(FaultKind.POWER_LOSS);
            torn += world.count(FaultKind.SECTOR_TORN);
            readErrors += world.count(FaultKind.READ_ERROR);
            writeErrors += world.count(FaultKind.WRITE_ERROR);
            syncErrors += world.count(FaultKind.SYNC_ERROR);
            flips += world.count(FaultKind.BIT_FLIPPED);
        }

        @Override
        public String toString() {
            return String.format(
                    "%,d operations, %,d right answers, %,d misses, %,d lives, %,d blocks recovered (%.1f %% of what was"
                            + " mapped before), checksum failures %,d (%,d of durable bytes); power losses %,d, torn sectors %,d, read errors %,d, write"
                            + " errors %,d, sync errors %,d, bits flipped %,d, turned off %,d",
                    operations,
                    hits,
                    misses,
                    lives,
                    recovered,
                    durableBefore == 0 ? 0 : 100.0 * recoveredAfter / durableBefore,
                    checksumFailures,
                    durableChecksumFailures,
                    powerLosses,
                    torn,
                    readErrors,
                    writeErrors,
                    syncErrors,
                    flips,
                    turnedOff);
        }
    }
}
