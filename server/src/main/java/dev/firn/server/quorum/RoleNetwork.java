package dev.firn.server.quorum;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.Clock;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.MessageLimit;
import java.util.random.RandomGenerator;

/** A network with one endpoint, for who needs no more. Belongs to one thread. */
public final class RoleNetwork implements AutoCloseable {
    private final AeronNetwork network;
    private final Endpoint endpoint;

    private RoleNetwork(final AeronNetwork network, final Endpoint endpoint) {
        this.network = network;
        this.endpoint = endpoint;
    }

    /** Connects to the media driver. Blocks. */
    public static RoleNetwork open(final NodeNetwork setup, final Clock clock, final RandomGenerator random) {
        final AeronNetwork network = setup.open(clock, random);
        try {
            return new RoleNetwork(network, network.open(setup.node(), MessageLimit.QUARTER));
        } catch (final RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** Borrowed: closed with this. */
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public void close() {
        endpoint.close();
        network.close();
    }
}
