package dev.firn.s3tier.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.Latency;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random operations of six clients that crash, on the simulated store with all of its faults, through sessions: every answer
 * agrees with a model of what may be there; and planted bugs are found.
 *
 * <p>A failure names its seed. {@code -Dfirn.store.seed=<seed>} runs this one in {@link #shouldReplayTheSeedThatIsAskedFor}.
 */
class StoreModelTest {
    private static final String SEED_PROPERTY = "firn.store.seed";

    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long SECOND_NS = 1_000 * MILLISECOND_NS;

    /** All that can go wrong, in a hurry: what is late is late by seconds. */
    private static final StoreFaults EVERYTHING = StoreFaults.HARSH
            .withLatency(new Latency(MILLISECOND_NS, 50 * MILLISECOND_NS, 0.02, SECOND_NS))
            .withSlowKeys(0.05, 500 * MILLISECOND_NS)
            .withLateWrites(3 * SECOND_NS)
            .withOutages(2 * SECOND_NS, 300 * MILLISECOND_NS)
            .withThrottling(2 * SECOND_NS, 300 * MILLISECOND_NS);

    /** The same without writes that take effect out of their time: the model is stricter then. */
    private static final StoreFaults NOTHING_LATE = EVERYTHING.withoutLateWrites();

    /** For bugs in finding out whose write won. */
    private static final StoreFaults MANY_ANSWERS_LOST = NOTHING_LATE.with(StoreFault.ANSWER_LOST, 0.1);

    private static final class Tally {
        private long operations;
        private long crashes;
        private final Map<String, Long> outcomes = new TreeMap<>();
        private final Map<StoreFault, Long> faults = new TreeMap<>();

        private void add(final ModelRun.Result result) {
            operations += result.operations();
            crashes += result.crashes();
            result.outcomes().forEach((name, count) -> outcomes.merge(name, count, Long::sum));
            result.faults().forEach((fault, count) -> faults.merge(fault, count, Long::sum));
        }

        @Override
        public String toString() {
            return operations + " operations, " + crashes + " crashes; answers " + outcomes + "; faults " + faults;
        }
    }

    @Test
    void shouldAgreeWithTheModel() {
        check(1, 10, 5_000);
    }

    @Test
    @Tag("long")
    void shouldAgreeWithTheModelOverAMillionOperations() {
        check(SystemRandom.create().nextInt(1_000_000) * 1_000L, 50, 10_000);
    }

    @Test
    void shouldReplayTheSeedThatIsAskedFor() {
        final long seed = Long.getLong(SEED_PROPERTY, 1);
        final long operations = Long.getLong("firn.store.operations", 2_000);
        for (final StoreFaults faults : List.of(EVERYTHING, NOTHING_LATE)) {
            final ModelRun.Result once = ModelRun.of(seed, faults, operations, PlantedBug.NONE);
            assertThat(ModelRun.of(seed, faults, operations, PlantedBug.NONE))
                    .as("seed %d", seed)
                    .isEqualTo(once);
            assertThat(ModelRun.of(seed + 1, faults, operations, PlantedBug.NONE)
                            .hash())
                    .isNotEqualTo(once.hash());
        }
    }

    @Test
    void shouldFindThePlantedBugs() {
        final Map<PlantedBug, String> found = new TreeMap<>();
        for (final PlantedBug bug : PlantedBug.values()) {
            if (bug == PlantedBug.NONE) {
                continue;
            }
            for (long seed = 1; seed <= 30 && !found.containsKey(bug); seed++) {
                final String failure = failureOf(seed, bug);
                if (failure != null) {
                    assertThat(failureOf(seed, bug))
                            .as("the same seed fails in the same way")
                            .isEqualTo(failure);
                    assertThat(failure).contains("seed " + seed);
                    found.put(bug, failure);
                }
            }
        }
        found.forEach((bug, failure) -> System.out.println("planted " + bug + " is found: " + failure));
        assertThat(found.keySet()).containsExactlyElementsOf(EnumSet.complementOf(EnumSet.of(PlantedBug.NONE)));
    }

    private static String failureOf(final long seed, final PlantedBug bug) {
        try {
            ModelRun.of(seed, MANY_ANSWERS_LOST, 4_000, bug);
            return null;
        } catch (final AssertionError | RuntimeException failure) {
            return failure.getMessage();
        }
    }

    /** Runs so many seeds, each with and without late writes. */
    private static void check(final long firstSeed, final int seeds, final long operations) {
        final Tally tally = new Tally();
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            tally.add(ModelRun.of(seed, EVERYTHING, operations, PlantedBug.NONE));
            tally.add(ModelRun.of(seed, NOTHING_LATE, operations, PlantedBug.NONE));
        }
        System.out.println("seeds from " + firstSeed + ": " + tally);
        assertThat(tally.operations).isGreaterThanOrEqualTo(2 * seeds * operations);
        assertThat(tally.crashes).isPositive();
        final Set<StoreFault> met = EnumSet.noneOf(StoreFault.class);
        tally.faults.forEach((fault, count) -> {
            if (count > 0) {
                met.add(fault);
            }
        });
        assertThat(met).as("every kind of fault has happened").containsExactlyInAnyOrder(StoreFault.values());
        assertThat(tally.outcomes)
                .containsKeys("Stored", "PreconditionFailed", "Unknown", "Fetched", "NotFound", "VersionChanged")
                .containsKeys("Listed", "Deleted", "PartlyDeleted", "Swept", "Failed TIMED_OUT", "Failed CANCELLED");
    }
}
