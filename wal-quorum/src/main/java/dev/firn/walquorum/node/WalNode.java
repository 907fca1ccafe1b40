package dev.firn.walquorum.node;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.memory.OutOfOffHeapMemoryException;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.walquorum.log.LogException;
import dev.firn.walquorum.log.LogIdentity;
import dev.firn.walquorum.log.LogRing;
import dev.firn.walquorum.log.WalLog;
import dev.firn.walquorum.wire.AcceptorIds;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.LogSpec;
import dev.firn.walquorum.wire.MessageVerdict;
import dev.firn.walquorum.wire.QuorumMessageReader;
import dev.firn.walquorum.wire.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.Agent;

/**
 * A WAL node: the acceptors of many logs, on one thread, with one endpoint and one directory.
 *
 * <p>One duty cycle takes messages, as many as a limit allows, then lets each log go on once: what came together is written
 * together, and what became durable together is answered with one message.
 *
 * <p><b>Logs are made and deleted while the others wait</b> for a few syncs; both are rare, and durable before they are answered. A
 * log that turns out to be damaged is closed, told of once, and not served; the others go on. A failed write ends the process: it is
 * thrown out of {@link #doWork}.
 *
 * <p>Everything on the agent's thread, but for {@link #archived} and {@link #status}.
 */
public final class WalNode implements Agent {
    private static final long NEVER = Long.MIN_VALUE;

    /** Somebody looks at the status as long as he asked within this time. */
    private static final long LOOKED_AT_NS = 60_000_000_000L;

    /** How often it looks whether somebody has removed a damaged log. */
    private static final long REMOVED_LOOK_NS = 1_000_000_000L;

    /** How many senders of stray messages are remembered. */
    private static final int MAX_STRAYS = 1_024;

    private final Endpoint endpoint;
    private final Storage storage;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;
    private final WalNodeConfig config;
    private final long clusterId;
    private final CompletionWaits waits;
    private final Consumer<String> troubles;

    private final NodeWire wire;
    private final QuorumMessageReader reader = new QuorumMessageReader();
    private final NodeMessages messages = new NodeMessages(this);
    private final MessageHandler onMessage = this::onMessage;
    private final long[] verdicts = new long[MessageVerdict.values().length];

    /** Replaced as a whole when logs come or go; {@link #archived} reads it from other threads. */
    private volatile HostedLog[] logs = {};

    /** Logs that cannot be served, with the reason. */
    private final Map<Long, DamagedLog> damaged = new TreeMap<>();

    private final Long2LongHashMap straysAnswered = new Long2LongHashMap(NEVER);

    private NodeDirectory directory;
    private LogRing ring;
    private long nowNs;
    private long strayMessages;
    private long removedLookedAtNs;

    private volatile WalNodeStatus status;
    private volatile boolean isStatusWanted;
    private long statusWantedAtNs;
    private long statusMadeAtNs;

    /**
     * @param clusterId which deployment the node belongs to: a directory of another one is refused.
     * @param endpoint owned by the node from its start on.
     * @param memory with room for as many logs as there are to be; borrowed.
     * @param waits hears which rings the agent's thread has to be woken for.
     * @param troubles hears, in one sentence each, what a person should know: on the agent's thread.
     */
    public WalNode(
            final long clusterId,
            final Endpoint endpoint,
            final Storage storage,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final WalNodeConfig config,
            final CompletionWaits waits,
            final Consumer<String> troubles) {
        this.clusterId = clusterId;
        this.endpoint = endpoint;
        this.storage = storage;
        this.memory = memory;
        this.clock = clock;
        this.random = random;
        this.config = config;
        this.waits = waits;
        this.troubles = troubles;
        this.wire = new NodeWire(endpoint);
        this.status = new WalNodeStatus(endpoint.nodeId(), clock.epochNs(), List.of(), Map.of(), 0);
    }

    /**
     * Opens all logs that are in the directory. Blocks.
     *
     * @throws WalNodeException when the directory is not this node's.
     */
    @Override
    public void onStart() {
        nowNs = clock.nanoTime();
        statusWantedAtNs = nowNs;
        directory = NodeDirectory.open(storage, endpoint.nodeId(), clusterId);
        ring = LogRing.open(storage, config.maxLogs() + WalNodeConfig.CLOSING_LOGS, config.log());
        waits.add(ring.ring());
        for (final long logId : directory.logIds()) {
            recover(logId);
        }
        publishStatus();
    }

    private void recover(final long logId) {
        final String name = NodeDirectory.directoryOf(logId);
        try {
            if (!WalLog.exists(storage, name)) {
                directory.delete(logId);
            } else if (logs.length == config.maxLogs()) {
                throw new WalNodeException("the WAL node has more than " + config.maxLogs()
                        + " logs, which is its limit maxLogs: raise it");
            } else {
                add(open(logId));
            }
        } catch (final LogException e) {
            onDamaged(logId, e.getMessage());
        }
    }

    private HostedLog open(final long logId) {
        return new HostedLog(
                wire,
                config,
                clock,
                listener -> WalLog.open(
                        storage,
                        NodeDirectory.directoryOf(logId),
                        logId,
                        endpoint.nodeId(),
                        config.log(),
                        memory,
                        ring,
                        listener));
    }

    @Override
    public int doWork() {
        nowNs = clock.nanoTime();
        int work = endpoint.poll(onMessage, config.messagesPerCycle()) + ring.poll();
        final HostedLog[] hosted = logs;
        for (final HostedLog log : hosted) {
            work += doWork(log);
        }
        work += ring.submit();
        work += directory.doWork();
        if (!damaged.isEmpty() && nowNs - removedLookedAtNs >= REMOVED_LOOK_NS) {
            removedLookedAtNs = nowNs;
            forgetRemoved();
        }
        if (isStatusWanted) {
            isStatusWanted = false;
            statusWantedAtNs = nowNs;
        }
        if (nowNs - statusMadeAtNs >= config.statusNs() && nowNs - statusWantedAtNs < LOOKED_AT_NS) {
            publishStatus();
        }
        return work;
    }

    private int doWork(final HostedLog log) {
        try {
            return log.doWork(nowNs);
        } catch (final LogException e) {
            final long logId = log.identity().logId();
            log.readers().refuseAll(Refusal.NO_SUCH_LOG, e.getMessage());
            remove(log);
            onDamaged(logId, e.getMessage());
            return 1;
        }
    }

    @Override
    public String roleName() {
        return "wal-node-" + endpoint.nodeId();
    }

    @Override
    public void onClose() {
        for (final HostedLog log : logs) {
            remove(log);
        }
        if (ring != null) {
            waits.remove(ring.ring());
            ring.close();
        }
        if (directory != null) {
            directory.close();
        }
        endpoint.close();
    }

    /**
     * From any thread: the archive has the log up to here, so that it may be trimmed. Allocates nothing, never waits.
     *
     * @return false when the node has no such log.
     */
    public boolean archived(final long logId, final long lsn) {
        for (final HostedLog log : logs) {
            if (log.identity().logId() == logId) {
                log.archived(lsn);
                return true;
            }
        }
        return false;
    }

    /**
     * From any thread: the node as it was a moment ago. When nobody has asked for a minute, as it was then; the next one is
     * fresh.
     */
    public WalNodeStatus status() {
        isStatusWanted = true;
        return status;
    }

    private void publishStatus() {
        statusMadeAtNs = nowNs;
        final List<LogStatus> all = new ArrayList<>();
        for (final HostedLog log : logs) {
            all.add(log.status());
        }
        damaged.forEach((logId, log) -> all.add(log.status(logId)));
        all.sort(Comparator.comparingLong(LogStatus::logId));
        final Map<MessageVerdict, Long> counts = new EnumMap<>(MessageVerdict.class);
        for (final MessageVerdict verdict : MessageVerdict.values()) {
            counts.put(verdict, verdicts[verdict.ordinal()]);
        }
        status = new WalNodeStatus(endpoint.nodeId(), clock.epochNs(), List.copyOf(all), counts, strayMessages);
    }

    private void onMessage(final int from, final DirectBuffer buffer, final int offset, final int length) {
        verdicts[reader.read(from, buffer, offset, length, messages).ordinal()]++;
    }

    /** The log of this id; null when it is not served here. */
    HostedLog find(final long logId) {
        for (final HostedLog log : logs) {
            if (log.identity().logId() == logId) {
                return log;
            }
        }
        return null;
    }

    /** The acceptor that a message is for; null when it is not here, and then the sender is told what is. */
    HostedLog acceptor(final int from, final long logId, final long acceptorId) {
        final HostedLog log = find(logId);
        if (log != null && log.identity().acceptorId() == acceptorId) {
            return log;
        }
        strayMessages++;
        final long sender = logId * 31 + from;
        final long answeredNs = straysAnswered.get(sender);
        if (!damaged.containsKey(logId) && (answeredNs == NEVER || nowNs - answeredNs >= config.answerNs())) {
            if (straysAnswered.size() >= MAX_STRAYS) {
                straysAnswered.clear();
            }
            straysAnswered.put(sender, nowNs);
            describe(from, 0, logId, log);
        }
        return null;
    }

    long nowNs() {
        return nowNs;
    }

    void onCreateLog(final int from, final long requestId, final LogSpec spec) {
        final HostedLog there = find(spec.logId());
        final String objection = there == null ? LogRequests.objection(spec) : "";
        if (!objection.isEmpty()) {
            refuse(from, requestId, spec.logId(), Refusal.BAD_REQUEST, objection);
        } else if (damaged.containsKey(spec.logId())) {
            refuse(
                    from,
                    requestId,
                    spec.logId(),
                    Refusal.DAMAGED,
                    damaged.get(spec.logId()).sentence());
        } else if (there != null) {
            if (LogRequests.isOf(spec, there.identity())) {
                describe(from, requestId, spec.logId(), there);
            } else {
                refuse(from, requestId, spec.logId(), Refusal.ANOTHER_LOG, LogRequests.another(there.identity()));
            }
        } else {
            final HostedLog namesake = named(spec.timeline());
            if (namesake != null) {
                refuse(from, requestId, spec.logId(), Refusal.ANOTHER_LOG, LogRequests.another(namesake.identity()));
            } else if (logs.length + damaged.size() >= config.maxLogs()) {
                refuse(
                        from,
                        requestId,
                        spec.logId(),
                        Refusal.NO_ROOM,
                        "the WAL node has " + config.maxLogs() + " logs already, which is its limit maxLogs");
            } else {
                create(from, requestId, spec);
            }
        }
    }

    private void create(final int from, final long requestId, final LogSpec spec) {
        final LogIdentity identity = new LogIdentity(
                spec.logId(),
                spec.timeline(),
                AcceptorIds.draw(endpoint.nodeId(), random),
                spec.systemIdentifier(),
                spec.postgresMajor(),
                spec.walSegmentBytes(),
                spec.startLsn());
        directory.finishDeleting(spec.logId());
        String sentence;
        try {
            final HostedLog made = new HostedLog(
                    wire,
                    config,
                    clock,
                    listener -> WalLog.create(
                            storage,
                            NodeDirectory.directoryOf(spec.logId()),
                            identity,
                            config.log(),
                            memory,
                            ring,
                            listener));
            add(made);
            publishStatus();
            describe(from, requestId, spec.logId(), made);
            return;
        } catch (final OutOfOffHeapMemoryException e) {
            sentence = "the WAL node has no memory for another log of "
                    + config.log().memoryBytes() + " bytes: give it more, or delete one";
        } catch (final StorageException e) {
            if (!LogRequests.isOutOfSpace(e)) {
                throw e;
            }
            sentence = "the WAL node's disk has no room for another log: " + e.getMessage();
        }
        directory.delete(spec.logId());
        refuse(from, requestId, spec.logId(), Refusal.NO_ROOM, sentence);
    }

    void onDescribeLog(final int from, final long requestId, final long logId) {
        final DamagedLog broken = damaged.get(logId);
        if (broken != null) {
            refuse(from, requestId, logId, Refusal.DAMAGED, broken.sentence());
        } else {
            describe(from, requestId, logId, find(logId));
        }
    }

    void onDeleteLog(final int from, final long requestId, final long logId, final long acceptorId) {
        final HostedLog log = find(logId);
        final DamagedLog broken = damaged.get(logId);
        final long there =
                log != null ? log.identity().acceptorId() : broken != null ? broken.acceptorId() : acceptorId;
        if (there != acceptorId && there != 0) {
            refuse(
                    from,
                    requestId,
                    logId,
                    Refusal.ANOTHER_LOG,
                    "this node's acceptor of the log is " + Long.toHexString(there) + ", not "
                            + Long.toHexString(acceptorId));
            return;
        }
        if (log != null) {
            log.readers().refuseAll(Refusal.NO_SUCH_LOG, "the log is deleted");
            remove(log);
        }
        if (log != null || broken != null) {
            damaged.remove(logId);
            directory.delete(logId);
            publishStatus();
        }
        describe(from, requestId, logId, null);
    }

    void refuse(final int from, final long requestId, final long logId, final Refusal refusal, final String sentence) {
        wire.send(from, wire.writer.refused(requestId, logId, refusal, sentence));
    }

    private void describe(final int to, final long requestId, final long logId, final HostedLog log) {
        wire.send(to, wire.writer.logDescription(requestId, log == null ? LogDescription.none(logId) : log.describe()));
    }

    private HostedLog named(final String timeline) {
        for (final HostedLog log : logs) {
            if (log.identity().timeline().equals(timeline)) {
                return log;
            }
        }
        return null;
    }

    private void add(final HostedLog log) {
        final List<HostedLog> more = new ArrayList<>(List.of(logs));
        more.add(log);
        logs = more.toArray(new HostedLog[0]);
    }

    private void remove(final HostedLog log) {
        final List<HostedLog> fewer = new ArrayList<>(List.of(logs));
        fewer.remove(log);
        logs = fewer.toArray(new HostedLog[0]);
        log.close();
    }

    /** Somebody has done what the sentence says: the log is not here any more, and can be made again. */
    private void forgetRemoved() {
        if (damaged.keySet().removeIf(logId -> !storage.exists(NodeDirectory.directoryOf(logId)))) {
            publishStatus();
        }
    }

    private void onDamaged(final long logId, final String sentence) {
        damaged.put(logId, DamagedLog.of(storage, logId, sentence));
        troubles.accept(sentence);
        publishStatus();
    }
}
