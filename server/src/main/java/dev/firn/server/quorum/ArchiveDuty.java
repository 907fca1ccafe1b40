package dev.firn.server.quorum;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.location.StoreOpeningException;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.walquorum.archive.ArchiveAgent;
import dev.firn.walquorum.archive.ArchiveConfig;
import dev.firn.walquorum.archive.ArchiveStatus;
import dev.firn.walquorum.archive.ArchiveTask;
import dev.firn.walquorum.node.LogState;
import dev.firn.walquorum.node.LogStatus;
import dev.firn.walquorum.node.WalNode;
import dev.firn.walquorum.reader.CommittedWalReaders;
import dev.firn.walquorum.reader.ReaderConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an {@link ArchiveAgent} which logs its WAL node has, on its thread, and owns what it works with: the store and an endpoint.
 * What is archived the node hears at once, and trims by it.
 */
final class ArchiveDuty implements Agent {
    private static final Logger LOG = LoggerFactory.getLogger("archive");

    /** How often it looks which logs there are. */
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final int node;
    private final List<Integer> nodes;
    private final WalNode walNode;
    private final Endpoint endpoint;
    private final StoreLocation location;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;

    /** Null until the store has been opened: a node keeps WAL whether its store is there or not. */
    private ObjectStore store;

    private volatile ArchiveAgent agent;

    /** Why the store cannot be opened; null when it can. */
    private volatile String storeTrouble;

    private Set<Long> archived = Set.of();
    private long lookedNs;
    private String loggedTrouble;

    /** @param endpoint its own; closed here. */
    ArchiveDuty(
            final int node,
            final Set<Integer> walNodes,
            final WalNode walNode,
            final Endpoint endpoint,
            final StoreLocation location,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random) {
        this.node = node;
        this.walNode = walNode;
        this.endpoint = endpoint;
        this.clock = clock;
        this.nodes = new ArrayList<>(walNodes);
        // The node of this process first: its WAL need not leave the host.
        this.nodes.remove((Integer) node);
        this.nodes.addFirst(node);
        this.location = location;
        this.memory = memory;
        this.random = random;
        this.lookedNs = clock.nanoTime() - LOOK_NS;
    }

    @Override
    public String roleName() {
        return "archive-" + node;
    }

    /** What does not work at the moment: one sentence; null for nothing. From any thread. */
    String trouble() {
        if (agent == null) {
            return storeTrouble;
        }
        for (final ArchiveStatus status : agent.status()) {
            final String sentence = status.failure() == null ? status.trouble() : status.failure();
            if (sentence != null) {
                return "the archive of " + status.timeline() + ": " + sentence;
            }
        }
        return null;
    }

    /** Adds what was archived to a node's counters. From any thread. */
    void count(final ObjectNode into) {
        long segments = 0;
        long takenOver = 0;
        long retries = 0;
        final ArchiveAgent archiving = agent;
        for (final ArchiveStatus status : archiving == null ? List.<ArchiveStatus>of() : archiving.status()) {
            segments += status.segmentsPut();
            takenOver += status.segmentsTakenOver();
            retries += status.retries();
        }
        into.put("archivedSegments", segments);
        into.put("archiveTakeovers", takenOver);
        into.put("archiveRetries", retries);
    }

    @Override
    public void onStart() {
        openStore();
    }

    private void openStore() {
        try {
            store = ObjectStores.open(location, StoreLimits.DEFAULT, clock, random);
        } catch (final StoreOpeningException e) {
            storeTrouble = e.getMessage();
            return;
        }
        final ArchiveAgent made = new ArchiveAgent(
                store,
                () -> new CommittedWalReaders(endpoint, memory, clock, random, ReaderConfig.DEFAULT),
                memory,
                clock,
                random,
                ArchiveConfig.DEFAULT,
                walNode::archived);
        made.onStart();
        agent = made;
        storeTrouble = null;
    }

    @Override
    public int doWork() {
        final long nowNs = clock.nanoTime();
        if (nowNs - lookedNs >= LOOK_NS) {
            lookedNs = nowNs;
            if (agent == null) {
                openStore();
            }
            if (agent != null) {
                look();
            }
            logTrouble();
        }
        return agent == null ? 0 : agent.doWork();
    }

    private void look() {
        final Set<Long> there = new HashSet<>();
        for (final LogStatus log : walNode.status().logs()) {
            // Before its first generation a log holds nothing, and nobody knows who takes turns.
            if (log.state() != LogState.DAMAGED && log.membership().generation() > 0 && agent.archive(task(log))) {
                there.add(log.logId());
            }
        }
        for (final long logId : archived) {
            if (!there.contains(logId) && !agent.forget(logId)) {
                there.add(logId);
            }
        }
        archived = there;
    }

    private void logTrouble() {
        final String trouble = trouble();
        if (trouble != null && !trouble.equals(loggedTrouble)) {
            LOG.warn(trouble);
        }
        loggedTrouble = trouble;
    }

    /** Members archive in turns; others only what is late. */
    private ArchiveTask task(final LogStatus log) {
        final List<Long> members = log.membership().members();
        return new ArchiveTask(
                log.timeline(),
                log.logId(),
                log.startLsn(),
                nodes,
                members.indexOf(log.acceptorId()),
                Math.max(1, members.size()));
    }

    @Override
    public void onClose() {
        if (agent != null) {
            agent.onClose();
        }
        if (store != null) {
            store.close();
        }
        endpoint.close();
    }
}
