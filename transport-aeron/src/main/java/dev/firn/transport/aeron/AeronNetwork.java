package dev.firn.transport.aeron;

import dev.firn.nativeio.network.Network;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.wakeup.Doorbell;
import dev.firn.transport.authentication.Authenticator;
import dev.firn.transport.authentication.OutgoingSession;
import dev.firn.transport.authentication.PeerSecret;
import dev.firn.transport.counter.CounterReading;
import io.aeron.Aeron;
import io.aeron.DriverProxy;
import io.aeron.driver.status.SystemCounterDescriptor;
import io.aeron.exceptions.AeronException;
import io.aeron.exceptions.ClientTimeoutException;
import io.aeron.exceptions.ConductorServiceTimeoutException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.agrona.CloseHelper;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.status.CountersReader;

/**
 * Messages between the nodes of an {@link AddressTable} over Aeron.
 *
 * <p>Each node listens on one channel and on a stream of its own, so that nodes which share a media driver
 * over IPC do not hear each other's messages. Nodes with the address {@code ipc} reach only those that use the same
 * media driver.
 *
 * <p>Thread-safe; every method may block for as long as the media driver takes to answer. Close it when the agents that
 * own its endpoints have stopped: it unmaps the memory they read and write.
 */
public final class AeronNetwork implements Network {
    private final AddressTable table;

    /**
     * How long a media driver may be silent until it counts as gone; it gives a sign each second. One whose process has ended is
     * noticed before ({@link DriverProcess}), so this is for one that hangs: a driver on an overloaded host is slow, and to start
     * everything anew would make the load worse.
     */
    static final long DRIVER_TIMEOUT_MS = 30_000;

    /** Null when nodes do not authenticate. */
    private final PeerSecret secret;

    private final Clock clock;
    private final RandomGenerator random;
    private final EmbeddedDriver driver;
    private final Path directory;
    private final Aeron aeron;

    /** Null when the driver is in this process. */
    private final DriverProcess driverProcess;

    private final TransportErrors errors = new TransportErrors();
    private final Int2ObjectHashMap<AeronEndpoint> open = new Int2ObjectHashMap<>();
    private boolean closed;

    /** Its process has ended, or an endpoint has found its resources closed: Aeron closes them before it reports why. */
    private volatile boolean isDriverGone;

    /** Without authentication: every address is a loopback address, or {@code ipc}. */
    public AeronNetwork(final AddressTable table, final DriverChoice choice) {
        this(table, choice, null, SystemClock.INSTANCE, SystemRandom.secure());
    }

    /**
     * With authentication: nodes talk only with those that hold the same secret.
     *
     * @param secret null for a network without.
     * @param random for nonces: {@link SystemRandom#secure}, but for tests.
     * @throws IllegalArgumentException when the table has addresses beyond loopback and there is no secret.
     */
    public AeronNetwork(
            final AddressTable table,
            final DriverChoice choice,
            final PeerSecret secret,
            final Clock clock,
            final RandomGenerator random) {
        if (secret == null) {
            table.requireLoopback();
        }
        this.table = table;
        this.secret = secret;
        this.clock = clock;
        this.random = random;
        ProcessHandle process = null;
        switch (choice) {
            case DriverChoice.Embedded(final DriverProfile profile, final Path parent) -> {
                driver = EmbeddedDriver.launch(profile, DriverDirectory.create(parent), errors);
                directory = driver.directory();
            }
            case DriverChoice.External(final Path external) -> {
                driver = null;
                directory = external;
                process = DriverProcess.in(external)
                        .orElseThrow(() -> new IllegalStateException("no media driver answers in " + external));
            }
        }
        try {
            aeron = Aeron.connect(new Aeron.Context()
                    .aeronDirectoryName(directory.toString())
                    .driverTimeoutMs(DRIVER_TIMEOUT_MS)
                    .errorHandler(errors));
        } catch (final AeronException e) {
            CloseHelper.quietClose(driver);
            throw new IllegalStateException("no media driver answers in " + directory, e);
        }
        driverProcess = process == null ? null : DriverProcess.watch(process, () -> isDriverGone = true);
    }

    /** For messages of any length. */
    @Override
    public AeronEndpoint open(final int nodeId) {
        return open(nodeId, MessageLimit.LONGEST);
    }

    /** Opens the endpoint of a node, for messages of a known length. */
    public synchronized AeronEndpoint open(final int nodeId, final MessageLimit limit) {
        final String channel = table.get(nodeId).channel();
        if (closed) {
            throw new IllegalStateException("the network is closed");
        }
        if (open.containsKey(nodeId)) {
            throw new IllegalStateException("node " + nodeId + " is open already");
        }
        final Int2ObjectHashMap<PeerPublication> peers = new Int2ObjectHashMap<>();
        final Authenticator authenticator = secret == null
                ? null
                : new Authenticator(
                        secret,
                        nodeId,
                        table.nodeIds(),
                        this::isLocal,
                        message -> peers.get(message.destinationNodeId()).sendHandshake(message),
                        clock,
                        random);
        Doorbell doorbell = null;
        try {
            for (final int peerId : table.nodeIds()) {
                final String peerChannel = limit.channelTo(table.get(peerId));
                final OutgoingSession session = authenticator == null ? null : authenticator.to(peerId);
                final PeerBell bell = isLocal(peerId) ? new PeerBell(directory, peerId) : null;
                peers.put(
                        peerId,
                        new PeerPublication(
                                aeron, peerChannel, peerChannel, limit.messageLength(), nodeId, peerId, session, bell));
            }
            final FrameGate gate =
                    new FrameGate(new FrameReader(nodeId, table.nodeIds()), authenticator, table.nodeIds());
            if (isLocal(nodeId)) {
                succeed(nodeId);
                // Before it listens: who is connected finds it.
                doorbell = PeerBell.hangUp(directory, nodeId);
            }
            final AeronEndpoint endpoint = new AeronEndpoint(
                    this, aeron, nodeId, limit, gate, authenticator, peers, channel, streamIdOf(nodeId), doorbell);
            open.put(nodeId, endpoint);
            return endpoint;
        } catch (final AeronException e) {
            peers.values().forEach(PeerPublication::close);
            CloseHelper.close(doorbell);
            throw new IllegalStateException("node " + nodeId + " cannot listen on " + table.get(nodeId), e);
        }
    }

    /** Lets the driver forget who spoke for the node before, when that process is dead. */
    private void succeed(final int nodeId) {
        final ClientRecord record = new ClientRecord(directory, nodeId);
        record.dead().ifPresent(clientId -> new DriverProxy(aeron.context().toDriverBuffer(), clientId).clientClose());
        try {
            record.write(aeron.clientId());
        } catch (final IOException e) {
            // The driver's time-out remains for the next one.
            errors.onError(e);
        }
    }

    private boolean isLocal(final int nodeId) {
        return table.get(nodeId) instanceof NodeAddress.Ipc;
    }

    /** Streams count from 1. */
    static int streamIdOf(final int nodeId) {
        return nodeId + 1;
    }

    /** The media driver's directory, for other networks and for Aeron's tools. */
    public Path driverDirectory() {
        return directory;
    }

    /** Whether the media driver is there; a few seconds late when it was killed. Endpoints then throw. From any thread. */
    public boolean alive() {
        return !isDriverGone && errors.fatal() == null && !aeron.isClosed();
    }

    /** What makes the embedded driver slower than its profile promises, one sentence each. */
    public List<String> warnings() {
        return driver == null ? List.of() : driver.warnings();
    }

    /** Errors that Aeron's threads have reported since the start. */
    public long errorCount() {
        return errors.count();
    }

    /** What the media driver counts, errors and lost packets among it, for metrics. From any thread, while {@link #alive}. */
    public List<CounterReading> driverCounters() {
        final List<CounterReading> readings = new ArrayList<>();
        if (!alive()) {
            return readings;
        }
        final CountersReader counters = aeron.countersReader();
        counters.forEach((counterId, typeId, keyBuffer, label) -> {
            if (typeId == SystemCounterDescriptor.SYSTEM_COUNTER_TYPE_ID) {
                final SystemCounterDescriptor descriptor = SystemCounterDescriptor.get(keyBuffer.getInt(0));
                if (descriptor != null) {
                    readings.add(new CounterReading(
                            descriptor.name().toLowerCase(Locale.ROOT),
                            descriptor.label(),
                            counters.getCounterValue(counterId)));
                }
            }
        });
        return readings;
    }

    synchronized void closed(final AeronEndpoint endpoint) {
        open.remove(endpoint.nodeId(), endpoint);
    }

    /** Whether endpoints are of no use any more. Costs one read. */
    boolean isDriverGone() {
        return isDriverGone;
    }

    /** The exception for an endpoint that was not closed and yet finds its resources closed. */
    IllegalStateException driverGone() {
        isDriverGone = true;
        final AeronException fatal = errors.fatal();
        if (fatal instanceof ClientTimeoutException || fatal instanceof ConductorServiceTimeoutException) {
            return new IllegalStateException(
                    "the media driver in " + directory
                            + " has given this process up: it was silent for too long, paused or on an overloaded host",
                    fatal);
        }
        return new IllegalStateException("the media driver in " + directory + " is gone", errors.last());
    }

    /** Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            List.copyOf(open.values()).forEach(AeronEndpoint::close);
            CloseHelper.closeAll(driverProcess, aeron, driver);
        }
    }
}
