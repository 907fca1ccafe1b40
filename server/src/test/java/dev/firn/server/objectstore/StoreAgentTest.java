package dev.firn.server.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.WriteStamp;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The agent turn by turn in virtual time, on a simulated store. */
@Timeout(60)
class StoreAgentTest implements StoreProbeListener {
    private static final long SEED = 7;
    private static final String KEY = StoreAgent.PROBE_PREFIX + "test";
    private static final WriteStamp STAMP = WriteStamp.created("0123456789abcdef0123456789abcdef");

    private final Simulation simulation = new Simulation(SimulationConfig.of(SEED, 1));
    private final Clock clock = new SimulatedClock(simulation.scheduler(), 0, 0, 0);
    private final SimulatedStore server = SimulatedStore.in(simulation, StoreFaults.NONE);
    private final StoreBackend other = server.backend();
    private final ObjectStore store = SessionStore.over(server.backend(), clock, SystemRandom.seeded(SEED));
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("test", 1 << 20));
    private int proofs;
    private int failures;
    private int swept;
    private int firsts;

    @AfterEach
    void shouldHoldNothingAfterTheEnd() {
        store.close();
        simulation.close();
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    @Test
    void shouldSayWhyTheStoreFailsUntilItWorksAgain() {
        final StoreAgent agent = agent(StoreProbeConfig.STANDARD);
        turnUntil(agent, () -> proofs == 3);
        assertThat(firsts).isEqualTo(1);
        assertThat(agent.report().failure()).isNull();
        final long provenEpochNs = agent.report().provenEpochNs();

        server.outage(Duration.ofSeconds(60).toNanos());
        turnUntil(agent, () -> failures == 2);
        assertThat(agent.report().failure()).contains("s3://simulated-0/" + KEY);
        assertThat(agent.report().provenEpochNs()).isGreaterThanOrEqualTo(provenEpochNs);

        turnUntil(agent, () -> proofs >= 6);
        assertThat(agent.report().failure()).isNull();
        agent.onClose();
        assertThat(server.keys()).isEmpty();
        assertThat(firsts).isEqualTo(1);
    }

    @Test
    void shouldSweepWhatCrashesHaveLeftAndNothingElse() {
        final String stale = StoreAgent.PROBE_PREFIX + "of-a-killed-process";
        done(new AttemptRequest.CreateUpload("stale", STAMP));
        put(stale);
        put("data");
        simulation.runFor(Duration.ofHours(30).toNanos());
        done(new AttemptRequest.CreateUpload("young", STAMP));
        final String young = StoreAgent.PROBE_PREFIX + "of-a-live-process";
        put(young);

        final StoreAgent agent = agent(StoreProbeConfig.STANDARD.withSweepInterval(Duration.ofMinutes(1)));
        turnUntil(agent, () -> swept == 1 && !server.keys().contains(stale));
        agent.onClose();
        assertThat(server.openUploads()).isEqualTo(1);
        assertThat(server.keys()).containsExactly("data", young);
    }

    private void put(final String key) {
        done(new AttemptRequest.PutObject(key, List.of(), 0, AttemptRequest.Precondition.NONE, STAMP));
    }

    private void done(final AttemptRequest request) {
        final Attempt attempt = new Attempt(request, Long.MAX_VALUE, completed -> {});
        other.begin(attempt);
        while (attempt.result() == null) {
            other.doWork();
        }
        assertThat(attempt.result()).isNotInstanceOf(AttemptResult.AttemptFailed.class);
    }

    private StoreAgent agent(final StoreProbeConfig config) {
        final StoreAgent agent = new StoreAgent(store, memory, config, clock, this, KEY, true, () -> firsts++);
        agent.onStart();
        return agent;
    }

    private void turnUntil(final StoreAgent agent, final BooleanSupplier condition) {
        for (int i = 0; i < 1_000_000 && !condition.getAsBoolean(); i++) {
            if (agent.doWork() == 0) {
                simulation.runFor(Duration.ofMillis(10).toNanos());
            }
        }
        assertThat(condition.getAsBoolean()).as("seed %d", SEED).isTrue();
    }

    @Override
    public void onProof(final long durationNs) {
        proofs++;
    }

    @Override
    public void onFailure() {
        failures++;
    }

    @Override
    public void onSweep(final int abortedUploads) {
        swept += abortedUploads;
    }
}
