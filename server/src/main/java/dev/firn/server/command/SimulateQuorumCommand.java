package dev.firn.server.command;

import dev.firn.walquorum.simulation.Flaw;
import dev.firn.walquorum.simulation.QuorumSimulation;
import dev.firn.walquorum.simulation.SeedResult;
import dev.firn.walquorum.simulation.machines.MachineFlaw;
import dev.firn.walquorum.simulation.machines.MachineWorld;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn simulate quorum}: WAL nodes, writers and readers under every fault. */
@Command(
        name = "quorum",
        description = {
            "Runs WAL nodes, writers that contend for a log, and readers, each seed with a mix of faults of its own:"
                    + " lost, doubled, late and overtaken messages, partitions, crashes with torn and lost writes, I/O"
                    + " errors, full disks, disks replaced empty, stalls and clocks that jump. Nothing that was committed"
                    + " may be lost or changed, and once faults stop, all must go on.",
            "With --machines the state machines alone, without formats and disks' ways: hundreds of times as many"
                    + " seeds a second.",
            "With --json: seeds, violations, failingSeeds, commits, crashes, seconds, and seedsPerSecond.",
            "Exit code 1 when a seed fails. The same seed gives the same run: --seed N --trace shows it, event by"
                    + " event."
        })
final class SimulateQuorumCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Mixin
    private SeedOptions seeds;

    @Option(names = "--machines", description = "The state machines alone.")
    private boolean machines;

    @Override
    public Integer call() throws InterruptedException {
        if (seeds.trace && machines) {
            throw new ParameterException(spec.commandLine(), "--trace shows whole nodes: not with --machines");
        }
        return seeds.run(spec, json, this::oneSeed);
    }

    private SeedResult oneSeed(final long number) {
        if (machines) {
            return MachineWorld.run(number, MachineFlaw.NONE);
        }
        return QuorumSimulation.run(number, Flaw.NONE, seeds.trace(spec));
    }
}
