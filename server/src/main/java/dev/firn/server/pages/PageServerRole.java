package dev.firn.server.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.nativeio.agent.AgentStuckException;
import dev.firn.nativeio.agent.AgentThread;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.upkeep.Housekeeper;
import dev.firn.pagestore.upkeep.UpkeepLink;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.server.quorum.EndpointWaits;
import dev.firn.server.quorum.QuorumRole;
import dev.firn.server.quorum.QuorumSnapshot;
import dev.firn.server.quorum.StartedAgent;
import dev.firn.server.quorum.StatusJson;
import dev.firn.server.role.RoleHealth;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.transport.aeron.AeronNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A page server with its housekeeper: two agents on threads of their own, so that merging layers slows no read. They share the object
 * store, the memory, and the link between them.
 */
public final class PageServerRole implements QuorumRole {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger("page-server");

    private final PageServerSetup setup;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;
    private final Runnable abandon;
    private volatile LateAgent<PageServerDuty> duty;
    private volatile StartedAgent dutyAgent;
    private volatile StartedAgent keeperAgent;
    private AeronNetwork network;
    private EndpointWaits waits;
    private ObjectStore store;
    private AgentThread dutyThread;
    private AgentThread keeperThread;

    /**
     * @param memory borrowed until {@link #stop} has returned, and for good when it calls {@code abandon}.
     * @param abandon called when an agent hangs, and memory and files stay in use.
     */
    public PageServerRole(
            final PageServerSetup setup,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final Runnable abandon) {
        this.setup = setup;
        this.memory = memory;
        this.clock = clock;
        this.random = random;
        this.abandon = abandon;
    }

    @Override
    public void start() throws InterruptedException {
        network = setup.network().open(clock, random);
        store = ObjectStores.open(setup.store(), StoreLimits.DEFAULT, clock, random);
        final UpkeepLink link = new UpkeepLink();
        keeperAgent = new StartedAgent(new LateAgent<>(
                "housekeeper", () -> new Housekeeper(link, setup.sizes().upkeep(), clock, random, memory, store)));
        // Orders wake it, its store does not: who makes a branch waits for three calls of that, one after the other.
        keeperThread = AgentThread.start(keeperAgent, config(IdleProfile.SHARED_MACHINE), keeperAgent::onFailure);
        keeperAgent.awaitStart(START_LIMIT);
        final AeronEndpoint endpoint = network.open(setup.network().node());
        waits = new EndpointWaits(endpoint);
        duty = new LateAgent<>(
                "page-server",
                () -> new PageServerDuty(
                        endpoint, setup, store, link, waits.waitSet().orElse(null), memory, clock, random));
        dutyAgent = new StartedAgent(duty);
        dutyThread =
                AgentThread.start(dutyAgent, waits.apply(config(setup.network().idleProfile())), dutyAgent::onFailure);
        dutyAgent.awaitStart(START_LIMIT);
    }

    private static AgentThreadConfig config(final IdleProfile profile) {
        return AgentThreadConfig.of(profile).withCloseDeadline(STOP_LIMIT);
    }

    @Override
    public RoleHealth health() {
        if (dutyAgent.failure() != null) {
            return RoleHealth.failed(StartedAgent.sentence(dutyAgent.failure()));
        }
        if (keeperAgent.failure() != null) {
            return RoleHealth.failed("the housekeeper failed: " + StartedAgent.sentence(keeperAgent.failure()));
        }
        if (!duty.get().storeTrouble().isEmpty()) {
            return RoleHealth.degraded(duty.get().storeTrouble());
        }
        if (!duty.get().cacheTrouble().isEmpty()) {
            return RoleHealth.degraded(duty.get().cacheTrouble());
        }
        final List<ServedStatus> served = duty.get().statuses();
        for (final ServedStatus its : served) {
            if (!its.trouble().isEmpty()) {
                return RoleHealth.degraded("timeline " + its.name() + ": " + its.trouble());
            }
        }
        return RoleHealth.healthy(served.size() + (served.size() == 1 ? " timeline" : " timelines"));
    }

    @Override
    public QuorumSnapshot quorum() {
        final LateAgent<PageServerDuty> late = duty;
        final PageServerDuty asked = late == null ? null : late.get();
        if (asked == null) {
            return QuorumSnapshot.NONE;
        }
        final List<JsonNode> timelines = new ArrayList<>();
        asked.statuses().forEach(status -> timelines.add(status.document()));
        final ObjectNode server = StatusJson.object();
        server.put("id", setup.network().node());
        asked.addTo(server);
        return new QuorumSnapshot(List.of(), timelines, List.of(server), List.of());
    }

    /** The housekeeper first: it reads what the shard holds. */
    @Override
    public void stop() {
        boolean free = close(keeperThread);
        free &= close(dutyThread);
        if (!free) {
            // Threads that hang still use all of it; the process ends soon, and with it they.
            abandon.run();
            return;
        }
        if (waits != null) {
            waits.close();
        }
        if (network != null) {
            network.close();
        }
        if (store != null) {
            store.close();
        }
    }

    private static boolean close(final AgentThread thread) {
        if (thread == null) {
            return true;
        }
        try {
            thread.close();
            return true;
        } catch (final AgentStuckException e) {
            LOG.warn(e.getMessage());
            return false;
        }
    }
}
