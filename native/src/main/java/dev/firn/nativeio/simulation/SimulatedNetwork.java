package dev.firn.nativeio.simulation;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.Network;
import dev.firn.nativeio.network.SendResult;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The network between the hosts of a simulation.
 *
 * <p>Each ordered pair of hosts is a link. A message on it is lost, doubled, late or overtaken by chance
 * ({@link NetworkFaults}); otherwise a link keeps its order. A link holds at most {@value #LINK_MESSAGES} messages on their
 * way and an inbox at most {@value #INBOX_MESSAGES}; a message for a full inbox waits on its link, so that a slow receiver
 * pushes back on its senders: {@code BACK_PRESSURED}.
 *
 * <p>A link that is cut loses what would arrive while it is. Sending into a cut, or to a host without an open endpoint, gives
 * {@code NOT_CONNECTED} with probability {@link NetworkFaults#notConnected()}, else {@code SENT} and the message vanishes. The
 * crash of a host drops its inbox; what is on its way to it may reach its next life, and what it had sent still arrives.
 */
public final class SimulatedNetwork implements Network {
    public static final int LINK_MESSAGES = 256;
    public static final int INBOX_MESSAGES = 1_024;

    private static final class Link {
        /** Arrived before a full inbox. */
        private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();

        private int onTheWay;
        private long lastArrivalNs;
        private boolean cut;
    }

    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final SimulatedEndpoint[] endpoints;
    private final Link[][] links;
    private NetworkFaults faults;

    /**
     * @param hosts how many there are; their ids are 0 to one less.
     */
    public SimulatedNetwork(final Scheduler scheduler, final long seed, final int hosts, final NetworkFaults faults) {
        this.scheduler = scheduler;
        this.random = Seeds.generator(seed, "network", 0);
        this.endpoints = new SimulatedEndpoint[hosts];
        this.links = new Link[hosts][hosts];
        this.faults = faults;
        for (final Link[] row : links) {
            Arrays.setAll(row, to -> new Link());
        }
    }

    @Override
    public Endpoint open(final int nodeId) {
        checkNode(nodeId);
        if (endpoints[nodeId] != null) {
            throw new IllegalStateException("node " + nodeId + " has its endpoint open already");
        }
        endpoints[nodeId] = new SimulatedEndpoint(this, nodeId);
        return endpoints[nodeId];
    }

    /** Replaces what goes wrong by chance. */
    public void setFaults(final NetworkFaults replacement) {
        faults = replacement;
    }

    /** Cuts both directions between two hosts. */
    public void partition(final int one, final int other) {
        partitionOneWay(one, other);
        partitionOneWay(other, one);
    }

    /** Cuts what goes from one host to another; the way back stays open. */
    public void partitionOneWay(final int from, final int to) {
        link(from, to).cut = true;
        scheduler.trace().fault(FaultKind.PARTITION, from, "", to, 0);
    }

    /** Cuts a host off from all others. */
    public void isolate(final int node) {
        for (int other = 0; other < endpoints.length; other++) {
            if (other != node) {
                partition(node, other);
            }
        }
    }

    /** Mends both directions between two hosts. */
    public void heal(final int one, final int other) {
        link(one, other).cut = false;
        link(other, one).cut = false;
        scheduler.trace().record(one, "healed to {}", "", other, 0);
    }

    /** Mends all. */
    public void healAll() {
        for (final Link[] row : links) {
            for (final Link link : row) {
                link.cut = false;
            }
        }
        scheduler.trace().record(Trace.NO_NODE, "healed all", "", 0, 0);
    }

    /** Whether a message from one host can reach the other now. */
    public boolean connected(final int from, final int to) {
        return !link(from, to).cut && endpoints[to] != null;
    }

    /** The host is down: its endpoint is dead and its inbox lost. */
    public void crash(final int node) {
        checkNode(node);
        if (endpoints[node] != null) {
            endpoints[node].close();
        }
    }

    @Override
    public void close() {
        for (final SimulatedEndpoint endpoint : endpoints) {
            if (endpoint != null) {
                endpoint.close();
            }
        }
    }

    void onClosed(final int node) {
        endpoints[node] = null;
        for (final Link[] row : links) {
            row[node].onTheWay -= row[node].waiting.size();
            row[node].waiting.clear();
        }
    }

    /** Whether a message may be sent now; {@code SENT} is followed by {@link #transmit}. */
    SendResult admit(final int from, final int to, final int length) {
        checkNode(to);
        if (!connected(from, to)) {
            return Seeds.happens(random, faults.notConnected()) ? SendResult.NOT_CONNECTED : SendResult.SENT;
        }
        if (link(from, to).onTheWay >= LINK_MESSAGES || Seeds.happens(random, faults.backPressure())) {
            scheduler.trace().fault(FaultKind.BACK_PRESSURE, from, "", to, length);
            return SendResult.BACK_PRESSURED;
        }
        return SendResult.SENT;
    }

    /** Puts an admitted message on its way, or lets it vanish when there is none. */
    void transmit(final int from, final int to, final byte[] message) {
        final int length = message.length;
        if (!connected(from, to)) {
            scheduler.trace().fault(FaultKind.MESSAGE_UNREACHABLE, from, "", to, length);
            return;
        }
        scheduler.trace().record(from, "sends to {} {} bytes", "", to, length);
        scheduler.trace().add(Arrays.hashCode(message));
        if (Seeds.happens(random, faults.loss())) {
            scheduler.trace().fault(FaultKind.MESSAGE_LOST, from, "", to, length);
            return;
        }
        dispatch(from, to, message);
        if (Seeds.happens(random, faults.duplication())) {
            scheduler.trace().fault(FaultKind.MESSAGE_DUPLICATED, from, "", to, length);
            dispatch(from, to, message.clone());
        }
    }

    private void dispatch(final int from, final int to, final byte[] message) {
        final Link link = link(from, to);
        link.onTheWay++;
        long arrivalNs = scheduler.nowNs() + faults.delay().sampleNs(random);
        if (Seeds.happens(random, faults.reordering())) {
            scheduler.trace().fault(FaultKind.MESSAGE_REORDERED, from, "", to, message.length);
            arrivalNs += Seeds.between(random, 1, Math.max(1, faults.maxReorderNs()));
        } else {
            // One later than the one before: the scheduler shuffles what is due at the same instant.
            arrivalNs = Math.max(arrivalNs, link.lastArrivalNs + 1);
            link.lastArrivalNs = arrivalNs;
        }
        scheduler.schedule(arrivalNs - scheduler.nowNs(), () -> arrive(from, to, message));
    }

    private void arrive(final int from, final int to, final byte[] message) {
        final Link link = link(from, to);
        if (!connected(from, to)) {
            link.onTheWay--;
            scheduler.trace().fault(FaultKind.MESSAGE_UNREACHABLE, to, "", from, message.length);
        } else if (link.waiting.isEmpty() && endpoints[to].offer(from, message)) {
            link.onTheWay--;
            scheduler.trace().record(to, "gets from {} {} bytes", "", from, message.length);
        } else {
            link.waiting.add(message);
        }
    }

    /** There may be room in the inbox: what waits on the links to it moves up, link by link. */
    void onPolled(final int to) {
        final SimulatedEndpoint endpoint = endpoints[to];
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int from = 0; from < endpoints.length; from++) {
                final Link link = links[from][to];
                if (!link.waiting.isEmpty() && endpoint.offer(from, link.waiting.peek())) {
                    link.waiting.remove();
                    link.onTheWay--;
                    moved = true;
                }
            }
        }
    }

    private Link link(final int from, final int to) {
        checkNode(from);
        checkNode(to);
        return links[from][to];
    }

    private void checkNode(final int node) {
        if (node < 0 || node >= endpoints.length) {
            throw new IllegalArgumentException("node " + node + " is not one of 0.." + (endpoints.length - 1));
        }
    }
}
