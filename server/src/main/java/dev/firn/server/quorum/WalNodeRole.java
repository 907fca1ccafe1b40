package dev.firn.server.quorum;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.nativeio.agent.AgentStuckException;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.agent.RunningAgent;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.wakeup.AgentHost;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.home.StorageOpener;
import dev.firn.server.role.RoleHealth;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.MessageLimit;
import dev.firn.walquorum.node.CompletionWaits;
import dev.firn.walquorum.node.FlushLatency;
import dev.firn.walquorum.node.LogState;
import dev.firn.walquorum.node.LogStatus;
import dev.firn.walquorum.node.WalNode;
import dev.firn.walquorum.node.WalNodeConfig;
import dev.firn.walquorum.node.WalNodeStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WAL node with its archiver: two agents on different threads, so that a slow object store slows no commit. They share one
 * network, and nothing else but the node's status.
 */
public final class WalNodeRole implements QuorumRole {
    /** In the role's directory: the logs, with a lock of their own. */
    private static final String LOGS = "wal";

    /** Recovery reads the last segments of each log. */
    private static final Duration START_LIMIT = Duration.ofSeconds(50);

    private static final Duration STOP_LIMIT = Duration.ofSeconds(3);

    private final NodeNetwork setup;
    private final int archiverNode;
    private final AgentHost host;
    private final Path directory;
    private final StoreLocation store;
    private final StorageOpener opener;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;
    private final Runnable abandon;
    private final Logger log;
    private final LatencyTotal flushes = new LatencyTotal();
    private volatile WalNode node;
    private volatile StartedAgent nodeAgent;
    private volatile ArchiveDuty archive;
    private volatile StartedAgent archiveAgent;
    private volatile AeronEndpoint endpoint;
    private volatile String lastTrouble = "";
    private AeronNetwork network;
    private EndpointWaits waits;
    private Storage storage;
    private RunningAgent runningNode;
    private RunningAgent runningArchive;

    /**
     * @param archiverNode the archiver's own node id, by which it reads from the WAL nodes.
     * @param host of the node; its archiver, for which nobody waits, has a thread of its own.
     * @param directory the role's own.
     * @param memory borrowed until {@link #stop} has returned, and for good when it calls {@code abandon}.
     * @param abandon called when an agent hangs, and memory and files stay in use.
     */
    public WalNodeRole(
            final NodeNetwork setup,
            final int archiverNode,
            final AgentHost host,
            final Path directory,
            final StoreLocation store,
            final StorageOpener opener,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final Runnable abandon) {
        this.setup = setup;
        this.archiverNode = archiverNode;
        this.host = host;
        this.directory = directory;
        this.store = store;
        this.opener = opener;
        this.memory = memory;
        this.clock = clock;
        this.random = random;
        this.abandon = abandon;
        this.log = LoggerFactory.getLogger("wal-node-" + setup.node());
    }

    @Override
    public void start() throws InterruptedException {
        network = setup.open(clock, random);
        endpoint = network.open(setup.node(), MessageLimit.QUARTER);
        try (Storage root = opener.open(directory)) {
            root.createDirectories(LOGS);
            root.syncDirectory("");
        }
        storage = opener.open(directory.resolve(LOGS));
        waits = EndpointWaits.resting(endpoint);
        final WalNode made = new WalNode(
                setup.clusterId(),
                endpoint,
                storage,
                memory,
                clock,
                random,
                WalNodeConfig.DEFAULT,
                waits.waitSet().map(CompletionWaits::of).orElse(CompletionWaits.NONE),
                this::onTrouble);
        nodeAgent = new StartedAgent(made);
        runningNode = host.start(nodeAgent, config(setup.idleProfile()), waits.waitSet(), nodeAgent::onFailure);
        nodeAgent.awaitStart(START_LIMIT);
        node = made;
        archive = new ArchiveDuty(
                setup.node(),
                setup.walNodes(),
                made,
                network.open(archiverNode, MessageLimit.QUARTER),
                store,
                memory,
                clock,
                random);
        archiveAgent = new StartedAgent(archive);
        runningArchive = AgentHost.OWN_THREADS.start(
                archiveAgent, config(IdleProfile.BACKGROUND), Optional.empty(), archiveAgent::onFailure);
    }

    private static AgentThreadConfig config(final IdleProfile profile) {
        return AgentThreadConfig.of(profile).withCloseDeadline(STOP_LIMIT);
    }

    private void onTrouble(final String sentence) {
        lastTrouble = withPlace(sentence);
        log.warn(lastTrouble);
    }

    /** A node names its files as its storage knows them; a person wants to find them. */
    private String withPlace(final String sentence) {
        return sentence.contains("logs/") ? sentence + " (below " + directory.resolve(LOGS) + ")" : sentence;
    }

    @Override
    public RoleHealth health() {
        if (nodeAgent.failure() != null) {
            return RoleHealth.failed(StartedAgent.sentence(nodeAgent.failure()));
        }
        if (archiveAgent.failure() != null) {
            return RoleHealth.failed("the archiver failed: " + StartedAgent.sentence(archiveAgent.failure()));
        }
        final List<LogStatus> logs = node.status().logs();
        for (final LogStatus its : logs) {
            if (!its.trouble().isEmpty()) {
                final String name = its.timeline().isEmpty()
                        ? "log " + Long.toHexString(its.logId())
                        : "timeline " + its.timeline();
                return RoleHealth.degraded(name + ": " + withPlace(its.trouble()));
            }
        }
        final String archiving = archive.trouble();
        return archiving == null
                ? RoleHealth.healthy(logs.size() + (logs.size() == 1 ? " log" : " logs"))
                : RoleHealth.degraded(archiving);
    }

    @Override
    public QuorumSnapshot quorum() {
        final WalNode asked = node;
        return asked == null ? QuorumSnapshot.NONE : new QuorumSnapshot(List.of(document(asked.status())), List.of());
    }

    private ObjectNode document(final WalNodeStatus status) {
        final ObjectNode document = StatusJson.object();
        document.put("id", setup.node());
        LogStatus furthest = null;
        long appended = 0;
        long refused = 0;
        long unsent = 0;
        long fetched = 0;
        long read = 0;
        final Set<FlushLatency> recorders = new HashSet<>();
        for (final LogStatus its : status.logs()) {
            furthest = furthest == null || its.flushedLsn() > furthest.flushedLsn() ? its : furthest;
            appended += its.appendedBytes();
            refused += its.appendsRefused();
            unsent += its.sendsRefused();
            fetched += its.fetchedBytes();
            read += its.readBytes();
            if (recorders.add(its.flushLatency())) {
                flushes.add(its.flushLatency()::takeInterval);
            }
        }
        document.put("term", furthest == null ? 0 : furthest.promisedTerm());
        document.put("flushLsn", furthest == null ? null : StatusJson.lsn(furthest.flushedLsn()));
        document.put("state", "up");
        document.put("detail", lastTrouble);
        final ArrayNode logs = document.putArray("logs");
        status.logs().forEach(its -> logs.add(document(its)));
        final ObjectNode counters = document.putObject("counters");
        counters.put("appendedBytes", appended);
        counters.put("appendsRefused", refused);
        counters.put("sendsRefused", unsent);
        counters.put("fetchedBytes", fetched);
        counters.put("readBytes", read);
        counters.put("strayMessages", status.strayMessages());
        final ArchiveDuty archiver = archive;
        if (archiver != null) {
            archiver.count(counters);
        }
        document.set("transport", StatusJson.transport(endpoint.counters()));
        document.set("flushLatency", flushes.document());
        return document;
    }

    private ObjectNode document(final LogStatus its) {
        final ObjectNode document = StatusJson.object();
        document.put("timeline", its.timeline());
        document.put("logId", Long.toHexString(its.logId()));
        document.put("acceptorId", Long.toHexString(its.acceptorId()));
        document.put("state", its.state().toString());
        document.put("detail", its.state() == LogState.FOLLOWING ? "" : withPlace(its.trouble()));
        document.put("generation", its.membership().generation());
        document.put("term", its.promisedTerm());
        document.put("followedTerm", its.followedTerm());
        document.put("startLsn", StatusJson.lsn(its.startLsn()));
        document.put("flushLsn", StatusJson.lsn(its.flushedLsn()));
        document.put("commitLsn", StatusJson.lsn(its.committedLsn()));
        document.put("archivedLsn", StatusJson.lsn(its.archivedLsn()));
        document.put("segments", its.segments());
        document.put("readers", its.readers().size());
        return document;
    }

    @Override
    public void stop() {
        boolean free = close(runningArchive);
        free &= close(runningNode);
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
        if (storage != null) {
            storage.close();
        }
    }

    private boolean close(final RunningAgent running) {
        if (running == null) {
            return true;
        }
        try {
            running.close();
            return true;
        } catch (final AgentStuckException e) {
            log.warn(e.getMessage());
            return false;
        }
    }
}
