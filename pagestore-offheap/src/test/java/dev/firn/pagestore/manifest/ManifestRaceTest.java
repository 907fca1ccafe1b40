package dev.firn.pagestore.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.Latency;
import dev.firn.s3tier.simulation.StoreFault;
import dev.firn.s3tier.simulation.StoreFaults;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A failure names its seed; {@code -Dfirn.manifest.seed=<seed>} runs it in {@link #shouldReplayTheSeedThatIsAskedFor}. */
class ManifestRaceTest {
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long SECOND_NS = 1_000 * MILLISECOND_NS;

    /** Answers that are lost, and writes that arrive when nobody expects them any more. */
    private static final StoreFaults FAULTS = StoreFaults.HARSH
            .with(StoreFault.ANSWER_LOST, 0.1)
            .withLatency(new Latency(MILLISECOND_NS, 50 * MILLISECOND_NS, 0.02, SECOND_NS))
            .withLateWrites(10 * SECOND_NS)
            .withOutages(10 * SECOND_NS, 4 * SECOND_NS);

    @Test
    void shouldKeepOneLineOfManifestsWhoeverTakesOver() {
        final Map<String, Integer> outcomes = new TreeMap<>();
        for (long seed = 1; seed <= 20; seed++) {
            OwnersRun.of(seed, FAULTS, 100).forEach((name, count) -> outcomes.merge(name, count, Integer::sum));
        }
        System.out.println("owners: " + outcomes);
        assertThat(outcomes)
                .containsKeys(
                        "claim Held", "claim Failed", "replace Held", "replace Deposed", "replace Failed", "read Held");
    }

    @Test
    void shouldReplayTheSeedThatIsAskedFor() {
        final long seed = Long.getLong("firn.manifest.seed", 1);
        assertThat(OwnersRun.of(seed, FAULTS, 50)).isEqualTo(OwnersRun.of(seed, FAULTS, 50));
    }

    @Test
    @Tag("long")
    void shouldKeepOneLineForManySeeds() {
        final long first = SystemRandom.create().nextInt(1_000_000);
        for (long seed = first; seed < first + 500; seed++) {
            OwnersRun.of(seed, FAULTS, 300);
        }
    }
}
