package dev.firn.server.command;

import dev.firn.pagestore.simulation.Flaw;
import dev.firn.pagestore.simulation.PageSeedResult;
import dev.firn.pagestore.simulation.PagesSimulation;
import dev.firn.walquorum.simulation.SeedResult;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code firn simulate pages}: page servers under every fault of hosts and of the object store. */
@Command(
        name = "pages",
        description = {
            "Runs page servers that contend for a timeline and its branches, each seed with a mix of faults of its"
                    + " own: processes that end at any point of flush, merge, upload, manifest and garbage collection,"
                    + " changes of the owner, and an object store that loses, repeats, delays and refuses requests. Every"
                    + " page that is read, at any LSN, must be what a model remembers, and once faults stop, all must be"
                    + " there.",
            "With --json: seeds, violations, failingSeeds, commits (records of the log), crashes, seconds, and"
                    + " seedsPerSecond.",
            "Exit code 1 when a seed fails. The same seed gives the same run: --seed N --trace shows it, event by"
                    + " event."
        })
final class SimulatePagesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Mixin
    private SeedOptions seeds;

    @Override
    public Integer call() throws InterruptedException {
        return seeds.run(spec, json, this::oneSeed);
    }

    private SeedResult oneSeed(final long number) {
        final PageSeedResult result = PagesSimulation.run(number, Flaw.NONE, seeds.trace(spec));
        return new SeedResult(number, result.violation(), result.commits(), result.crashes(), 0, 0);
    }
}
