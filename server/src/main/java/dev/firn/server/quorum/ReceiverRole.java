package dev.firn.server.quorum;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.nativeio.agent.AgentStuckException;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.RunningAgent;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.wakeup.AgentHost;
import dev.firn.server.CommandException;
import dev.firn.server.role.RoleHealth;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.MessageLimit;
import dev.firn.walquorum.catalog.BranchEntry;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.follow.AttachPlan;
import dev.firn.walquorum.follow.AttachProgress;
import dev.firn.walquorum.follow.Attachment;
import dev.firn.walquorum.follow.Follower;
import dev.firn.walquorum.follow.FollowerConfig;
import dev.firn.walquorum.follow.FollowerState;
import dev.firn.walquorum.follow.FollowerStatus;
import dev.firn.walquorum.follow.PostgresPrimary;
import dev.firn.walquorum.follow.SlotNames;
import dev.firn.walquorum.follow.StoredHistories;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import dev.firn.walquorum.stream.AcceptorLag;
import dev.firn.walquorum.stream.QuorumWriter;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one Postgres: makes its timeline when there is none yet, then streams its WAL into the quorum.
 *
 * <p>One control thread does all that blocks: first it makes the timeline, then it is the follower's hand. It owns the session of the
 * object store. The follower's agent owns the endpoint and the writer. The role is started when both threads are; how far it is, its
 * document tells, and what cannot become right by itself is a state there, not a failure of the role: to start it again would not
 * help.
 */
public final class ReceiverRole implements QuorumRole {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(3);
    private static final long FIRST_PAUSE_MS = 250;
    private static final long LONGEST_PAUSE_MS = 10_000;

    private final ReceiverSetup setup;
    private final AgentHost host;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;
    private final Runnable abandon;
    private final Logger log;
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private final LatencyTotal commits = new LatencyTotal();
    private final ExecutorService control;
    private AeronNetwork network;
    private ReceiverTools tools;
    private ConnInfo primary;

    /** Somebody waits to hear whether this works; false in later lives. */
    private boolean isAwaited;

    private RunningAgent running;
    private EndpointWaits waits;
    private volatile Follower follower;
    private volatile StartedAgent agent;
    private volatile AeronEndpoint endpoint;
    private volatile TimelineEntry entry;

    /** What goes on before there is a follower. */
    private volatile String phase = "starting";

    private volatile String problem = "";
    private volatile boolean failed;

    /** The control thread's. */
    private boolean isBranch;

    private volatile long backupBytes = -1;
    private volatile long backupTotalBytes = -1;

    /**
     * @param host of the follower's agent.
     * @param memory borrowed until {@link #stop} has returned, and for good when it calls {@code abandon}.
     * @param abandon called when a thread hangs, and memory and files stay in use.
     */
    public ReceiverRole(
            final ReceiverSetup setup,
            final AgentHost host,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final Runnable abandon) {
        this.setup = setup;
        this.host = host;
        this.memory = memory;
        this.clock = clock;
        this.random = random;
        this.abandon = abandon;
        this.log = LoggerFactory.getLogger("receiver-" + setup.timeline());
        this.control = Executors.newSingleThreadExecutor(task -> {
            final Thread made = new Thread(task, "firn-receiver-control-" + setup.timeline());
            made.setDaemon(true);
            return made;
        });
    }

    /** Whether a receiver with this directory has begun to make its timeline, so that it tries again whatever keeps it from going on. */
    public static boolean hasBegun(final Path directory) {
        return ReceiverTools.isBegun(directory);
    }

    @Override
    public void start() {
        primary = ReceiverTools.primary(setup.connInfoFile())
                .orElseThrow(() -> new CommandException("there is no connection string in " + setup.connInfoFile()
                        + ": write the primary's into it, with mode 0600"));
        isAwaited = setup.isAwaited() && !ReceiverTools.isBegun(setup);
        network = setup.network().open(clock, random);
        control.execute(this::prepare);
    }

    /** On the control thread: until there is a follower, or nothing more to be done. */
    private void prepare() {
        long pauseMs = FIRST_PAUSE_MS;
        while (!stopping()) {
            try {
                if (tools == null) {
                    tools = new ReceiverTools(setup, memory, clock, random);
                }
                entry = attach();
                problem = "";
                follow();
                return;
            } catch (final RuntimeException e) {
                if (stopping()) {
                    return;
                }
                problem = StartedAgent.sentence(e);
                log.warn("{}: {}", phase, problem);
                backupBytes = -1;
                // Who attaches is told at once what does not work. Later, and where nobody waits, it is tried again.
                if (isAwaited) {
                    failed = true;
                    return;
                }
            }
            pauseMs = pause(pauseMs);
        }
    }

    private TimelineEntry attach() {
        final Optional<BranchEntry> branch = tools.branch();
        isBranch = branch.isPresent();
        final AttachPlan plan = AttachPlan.of(
                setup.timeline(), tools.logId(branch), primary, setup.network().walNodes());
        try (AeronEndpoint its = network.open(setup.network().node(), MessageLimit.QUARTER);
                AttachedBranch wal = AttachedBranch.open(setup, branch, its, memory, clock, random, this::stopping)) {
            if (wal != null) {
                wal.requireRecordEnd();
            }
            return new Attachment(
                            wal == null ? plan : plan.ofBranch(wal), tools.attach(its, this::stopping), new Progress())
                    .run();
        }
    }

    /** What the attachment says, for the status. */
    private final class Progress implements AttachProgress {
        @Override
        public void onStep(final String step) {
            phase = step;
        }

        @Override
        public void onBackup(final long bytes, final long estimatedBytes) {
            backupTotalBytes = estimatedBytes;
            backupBytes = bytes;
        }

        @Override
        public void onWarning(final String sentence) {
            log.warn(sentence);
        }
    }

    private long pause(final long pauseMs) {
        try {
            stopRequested.await(pauseMs, TimeUnit.MILLISECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            stopRequested.countDown();
        }
        return Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }

    private boolean stopping() {
        return stopRequested.getCount() == 0;
    }

    private void follow() {
        phase = "following";
        final LogSpec spec = new LogSpec(
                entry.logId(),
                entry.name(),
                entry.systemIdentifier(),
                entry.postgresMajor(),
                entry.walSegmentBytes(),
                entry.startLsn());
        endpoint = network.open(setup.network().node(), MessageLimit.QUARTER);
        final QuorumWriter writer = QuorumWriter.open(
                endpoint,
                spec,
                setup.network().walNodes(),
                Membership.of(entry.members()),
                ReceiverTools.writer(setup.network()),
                memory,
                clock,
                random);
        final Follower made = new Follower(
                FollowerConfig.of(SlotNames.of(setup.timeline()), tools.pgwire().receiveBufferBytes())
                        .withSlotProof(isBranch),
                spec,
                entry.postgresTimeline(),
                writer,
                new PostgresPrimary(primary, tools.pgwire()),
                new StoredHistories(
                        tools.store(), entry.keys(), entry.postgresTimeline(), memory, ReceiverTools.OPTIONS),
                control,
                clock,
                random);
        waits = EndpointWaits.resting(endpoint);
        waits.waitSet().ifPresent(made::wakeBy);
        final StartedAgent started = new StartedAgent(made);
        running = host.start(
                started,
                AgentThreadConfig.of(setup.network().idleProfile()).withCloseDeadline(STOP_LIMIT),
                waits.waitSet(),
                started::onFailure);
        agent = started;
        follower = made;
    }

    @Override
    public RoleHealth health() {
        final StartedAgent its = agent;
        if (its != null && its.failure() != null) {
            return RoleHealth.failed(StartedAgent.sentence(its.failure()));
        }
        final Follower following = follower;
        if (following == null) {
            return RoleHealth.degraded(problem.isEmpty() ? phase : problem);
        }
        final FollowerStatus status = following.status();
        if (status.state() == FollowerState.STREAMING) {
            return status.quorumSentence().isEmpty()
                    ? RoleHealth.healthy("streams from " + status.host())
                    : RoleHealth.degraded(status.quorumSentence());
        }
        return RoleHealth.degraded(sentence(status));
    }

    private static String sentence(final FollowerStatus status) {
        if (!status.lastError().isEmpty()) {
            return status.lastError();
        }
        return status.quorumSentence().isEmpty() ? status.state().word() : status.quorumSentence();
    }

    @Override
    public QuorumSnapshot quorum() {
        final Follower following = follower;
        final ObjectNode timeline = StatusJson.object();
        timeline.put("name", setup.timeline());
        final ObjectNode receiver = timeline.putObject("receiver");
        receiver.put("node", setup.network().node());
        receiver.put("slot", SlotNames.of(setup.timeline()));
        final TimelineEntry its = entry;
        if (its != null) {
            receiver.put("systemIdentifier", Long.toUnsignedString(its.systemIdentifier()));
            receiver.put("postgresMajor", its.postgresMajor());
            receiver.put("startLsn", StatusJson.lsn(its.startLsn()));
        }
        if (following == null) {
            timeline.putNull("commitLsn");
            receiver.put("state", failed ? "failed" : "attaching");
            receiver.put("phase", phase);
            receiver.put("lastError", problem);
            if (backupBytes >= 0) {
                receiver.putObject("backup").put("bytes", backupBytes).put("totalBytes", backupTotalBytes);
            }
        } else {
            final FollowerStatus status = following.status();
            timeline.put("commitLsn", StatusJson.lsn(status.committedLsn()));
            describe(receiver, status);
            commits.add(() -> following.commitLatency(null));
            receiver.set("commitLatency", commits.document());
            receiver.set("transport", StatusJson.transport(endpoint.counters()));
        }
        return new QuorumSnapshot(List.of(), List.of(timeline));
    }

    private static void describe(final ObjectNode receiver, final FollowerStatus status) {
        receiver.put("state", status.state().word());
        receiver.put("host", status.host());
        receiver.put("postgresTimeline", status.postgresTimeline());
        receiver.put("serverLsn", StatusJson.lsn(status.serverLsn()));
        receiver.put("appendedLsn", StatusJson.lsn(status.appendedLsn()));
        receiver.put("receivedLsn", StatusJson.lsn(status.receivedLsn()));
        receiver.put("flushLsn", StatusJson.lsn(status.committedLsn()));
        receiver.put("lagBytes", status.lagBytes());
        receiver.put("lagSeconds", status.lagSeconds());
        receiver.put("reconnects", status.reconnects());
        receiver.put("lastError", status.lastError());
        receiver.put("quorum", status.quorum().word());
        receiver.put("quorumDetail", status.quorumSentence());
        receiver.put("term", status.term());
        receiver.put("generation", status.generation());
        final ArrayNode acceptors = receiver.putArray("acceptors");
        for (final AcceptorLag lag : status.acceptors()) {
            final ObjectNode acceptor = acceptors.addObject();
            acceptor.put("node", lag.node());
            acceptor.put("acceptorId", Long.toHexString(lag.acceptorId()));
            acceptor.put("following", lag.isFollowing());
            acceptor.put("flushLsn", StatusJson.lsn(lag.flushedLsn()));
            acceptor.put("lagBytes", lag.lagBytes());
        }
        final ObjectNode counters = receiver.putObject("counters");
        counters.put("sentBytes", status.sentBytes());
        counters.put("backPressured", status.backPressured());
    }

    @Override
    public void stop() {
        stopRequested.countDown();
        boolean free = closeControl();
        free &= closeAgent();
        if (!free) {
            // Threads that hang still use all of it; the process ends soon, and with it they.
            abandon.run();
            return;
        }
        if (network != null) {
            network.close();
        }
    }

    /** The store is the control thread's, so it is closed there, last. */
    private boolean closeControl() {
        control.execute(() -> {
            if (tools != null) {
                tools.close();
            }
        });
        control.shutdown();
        try {
            return control.awaitTermination(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean closeAgent() {
        if (running == null) {
            return true;
        }
        try {
            running.close();
            waits.close();
            endpoint.close();
            return true;
        } catch (final AgentStuckException e) {
            log.warn(e.getMessage());
            return false;
        }
    }
}
