package dev.firn.transport.aeron;

import dev.firn.nativeio.network.Network;
import io.aeron.Aeron;
import io.aeron.exceptions.AeronException;
import java.nio.file.Path;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.collections.Int2ObjectHashMap;

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
    private final EmbeddedDriver driver;
    private final Path directory;
    private final Aeron aeron;
    private final TransportErrors errors = new TransportErrors();
    private final Int2ObjectHashMap<AeronEndpoint> open = new Int2ObjectHashMap<>();
    private boolean closed;

    public AeronNetwork(final AddressTable table, final DriverChoice choice) {
        this.table = table;
        switch (choice) {
            case DriverChoice.Embedded(final DriverProfile profile, final Path parent) -> {
                driver = EmbeddedDriver.launch(profile, parent, errors);
                directory = driver.directory();
            }
            case DriverChoice.External(final Path external) -> {
                driver = null;
                directory = external;
            }
        }
        try {
            aeron = Aeron.connect(
                    new Aeron.Context().aeronDirectoryName(directory.toString()).errorHandler(errors));
        } catch (final AeronException e) {
            CloseHelper.quietClose(driver);
            throw new IllegalStateException("no media driver answers in " + directory, e);
        }
    }

    @Override
    public synchronized AeronEndpoint open(final int nodeId) {
        final String channel = table.get(nodeId).channel();
        if (closed) {
            throw new IllegalStateException("the network is closed");
        }
        if (open.containsKey(nodeId)) {
            throw new IllegalStateException("node " + nodeId + " is open already");
        }
        final Int2ObjectHashMap<PeerPublication> peers = new Int2ObjectHashMap<>();
        try {
            for (final int peerId : table.nodeIds()) {
                peers.put(peerId, publicationTo(nodeId, peerId));
            }
            final FrameReader reader = new FrameReader(nodeId, table.nodeIds());
            final AeronEndpoint endpoint =
                    new AeronEndpoint(this, aeron, nodeId, reader, peers, channel, streamIdOf(nodeId));
            open.put(nodeId, endpoint);
            return endpoint;
        } catch (final AeronException e) {
            peers.values().forEach(PeerPublication::close);
            throw new IllegalStateException("node " + nodeId + " cannot listen on " + table.get(nodeId), e);
        }
    }

    private PeerPublication publicationTo(final int nodeId, final int peerId) {
        final String channel = table.get(peerId).channel();
        return new PeerPublication(aeron, channel, channel, streamIdOf(peerId), FrameLayout.header(nodeId, peerId));
    }

    /** Streams count from 1. */
    static int streamIdOf(final int nodeId) {
        return nodeId + 1;
    }

    /** The media driver's directory, for other networks and for Aeron's tools. */
    public Path driverDirectory() {
        return directory;
    }

    /** What makes the embedded driver slower than its profile promises, one sentence each. */
    public List<String> warnings() {
        return driver == null ? List.of() : driver.warnings();
    }

    /** Errors that Aeron's threads have reported since the start. */
    public long errorCount() {
        return errors.count();
    }

    synchronized void closed(final AeronEndpoint endpoint) {
        open.remove(endpoint.nodeId(), endpoint);
    }

    /** The exception for an endpoint that was not closed and yet finds its resources closed. */
    IllegalStateException driverGone() {
        return new IllegalStateException("the media driver in " + directory + " is gone", errors.last());
    }

    /** Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            List.copyOf(open.values()).forEach(AeronEndpoint::close);
            CloseHelper.closeAll(aeron, driver);
        }
    }
}
