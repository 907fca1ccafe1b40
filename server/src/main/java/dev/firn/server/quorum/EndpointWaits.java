package dev.firn.server.quorum;

import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.wakeup.WaitSet;
import dev.firn.transport.aeron.AeronEndpoint;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What an agent's thread sleeps by: its endpoint's doorbell, which peers on this host ring, and whatever else the agent adds. An
 * endpoint that is reached over UDP has no doorbell, and its agent looks from time to time.
 */
public final class EndpointWaits implements AutoCloseable {
    /** For what nobody tells of: the first message of a new session, which may come after its bell. */
    private static final long LONGEST_NS = TimeUnit.MILLISECONDS.toNanos(5);

    /** For timers of a thread that nobody speaks to: those that are due sooner it knows of. */
    private static final long RESTING_NS = TimeUnit.MILLISECONDS.toNanos(50);

    /** While a ring is waited for that cannot signal, or a message had no room. */
    private static final long LONGEST_UNSIGNALLED_NS = TimeUnit.MICROSECONDS.toNanos(100);

    private final Optional<WaitSet> waits;

    /** For an agent that also waits for what nobody tells it of, a store's answers say. */
    public EndpointWaits(final AeronEndpoint endpoint) {
        this(endpoint, LONGEST_NS);
    }

    private EndpointWaits(final AeronEndpoint endpoint, final long restingNs) {
        waits = endpoint.doorbell().map(doorbell -> {
            final WaitSet made = new WaitSet(LONGEST_NS, restingNs, LONGEST_UNSIGNALLED_NS);
            made.add(doorbell);
            return made;
        });
    }

    /** For an agent that is told of all that it waits for, but for its timers: it may sleep longer the longer nothing comes. */
    public static EndpointWaits resting(final AeronEndpoint endpoint) {
        return new EndpointWaits(endpoint, RESTING_NS);
    }

    /** Empty when the thread looks from time to time. */
    public Optional<WaitSet> waitSet() {
        return waits;
    }

    public AgentThreadConfig apply(final AgentThreadConfig config) {
        return waits.map(config::wokenBy).orElse(config);
    }

    /** When the thread has stopped. */
    @Override
    public void close() {
        waits.ifPresent(WaitSet::close);
    }
}
