package dev.firn.s3tier.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.simulation.DiskFaults;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random operations on the simulated disk, with kills and losses of power at any instant, against a model. */
class DirectorySimulationTest {
    private static final int OPERATIONS_A_SEED = 1_000;

    private static final DiskFaults TEARING = DiskFaults.GENTLE.withTornSector(0.3);

    /** Errors of files by the hundred; of directories too, which end all writing. */
    private static final DiskFaults FAILING = DiskFaults.HARSH.withErrors(0.002, 0.002, 0.005, 0.003);

    /** Held, so that the level stays: every recovery says what it has swept. */
    private static final Logger OPENING = Logger.getLogger(StoreOpening.class.getName());

    @BeforeAll
    static void quieten() {
        OPENING.setLevel(Level.WARNING);
    }

    @AfterAll
    static void loudenAgain() {
        OPENING.setLevel(null);
    }

    private static long run(
            final long firstSeed, final int seeds, final DiskFaults faults, final int processes, final int crashGap) {
        long operations = 0;
        long crashes = 0;
        long kills = 0;
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            try (ModelledStore store = new ModelledStore(seed, faults, processes)) {
                store.run(OPERATIONS_A_SEED, crashGap);
                operations += store.operations();
                crashes += store.crashes();
                kills += store.kills();
            }
        }
        System.out.printf(
                "directory store: %d operations of %d process(es) agree with the model, %d losses of power, %d kills%n",
                operations, processes, crashes, kills);
        return crashes;
    }

    @Test
    void shouldAgreeWithTheModelWhenNothingFails() {
        run(1, 10, DiskFaults.NONE, 2, 0);
    }

    @Test
    void shouldAgreeWithTheModelThroughCrashesOfTwoProcesses() {
        assertThat(run(1_000, 60, TEARING, 2, 300)).isPositive();
    }

    @Test
    void shouldAgreeWithTheModelThroughCrashesAndErrorsOfTheDisk() {
        assertThat(run(2_000, 40, FAILING, 1, 300)).isPositive();
    }

    @Test
    @Tag("long")
    void shouldAgreeWithTheModelForAMillionOperations() {
        assertThat(run(100_000, 700, TEARING, 2, 300)).isPositive();
        assertThat(run(200_000, 400, FAILING, 1, 300)).isPositive();
    }
}
