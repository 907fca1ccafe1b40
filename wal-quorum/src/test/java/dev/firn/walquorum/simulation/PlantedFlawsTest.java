package dev.firn.walquorum.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.walquorum.simulation.machines.MachineFlaw;
import dev.firn.walquorum.simulation.machines.MachineWorld;
import java.util.function.LongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A simulation that finds nothing may be blind: each bug that is planted must be found, and with which seed is printed. */
class PlantedFlawsTest {
    private static final int MACHINE_SEEDS = 50_000;
    private static final int PROCESS_SEEDS = 2_000;

    @ParameterizedTest
    @EnumSource(
            names = {"NONE"},
            mode = EnumSource.Mode.EXCLUDE)
    void shouldFindEachFlawOfTheStateMachines(final MachineFlaw flaw) {
        find(
                flaw,
                MACHINE_SEEDS,
                seed -> MachineWorld.run(seed, flaw),
                seed -> MachineWorld.run(seed, MachineFlaw.NONE));
    }

    @ParameterizedTest
    @EnumSource(
            names = {"NONE"},
            mode = EnumSource.Mode.EXCLUDE)
    void shouldFindEachFlawOfTheProcesses(final Flaw flaw) {
        find(
                flaw,
                PROCESS_SEEDS,
                seed -> QuorumSimulation.run(seed, flaw, null),
                seed -> QuorumSimulation.run(seed, Flaw.NONE, null));
    }

    /** A seed has found the flaw when it fails with it, and does not without. */
    private static void find(
            final Enum<?> flaw,
            final int seeds,
            final LongFunction<SeedResult> run,
            final LongFunction<SeedResult> runWithout) {
        for (long seed = 0; seed < seeds; seed++) {
            final SeedResult result = run.apply(seed);
            if (!result.isClean() && runWithout.apply(seed).isClean()) {
                System.out.println(flaw + " found after " + (seed + 1) + " seeds, by seed " + seed + ": "
                        + firstLine(result.violation()));
                return;
            }
        }
        assertThat(seeds).as("%s was not found", flaw).isZero();
    }

    private static String firstLine(final Throwable violation) {
        return String.valueOf(violation.getMessage()).lines().findFirst().orElse("");
    }
}
