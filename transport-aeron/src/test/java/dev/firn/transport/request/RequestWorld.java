package dev.firn.transport.request;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.SimulatedNetwork;
import dev.firn.nativeio.simulation.Trace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A server, node 0, that echoes what it is asked, and clients on a simulated network. */
final class RequestWorld {
    static final long MILLI = 1_000_000;
    static final int KIND = 7;
    private static final long STEP_NS = 50_000;

    final Scheduler scheduler;
    final SimulatedNetwork network;
    final RandomGenerator random;
    final Clock clock;
    final RequestServer server;
    final List<Client> clients = new ArrayList<>();
    final Endpoint serverEndpoint;
    final List<Long> abandoned = new ArrayList<>();

    /** Tickets that wait for their answer, in no order. */
    final List<Held> held = new ArrayList<>();

    /** How many the handler takes at once; more are not taken. */
    int capacity = Integer.MAX_VALUE;

    /** Of a hundred requests, so many are answered as they arrive, where that is offered. */
    int onArrival;

    /** Most requests handed out in a step, and most tickets answered. */
    int pace = Integer.MAX_VALUE;

    final ArrayDeque<Integer> servedClients = new ArrayDeque<>();
    private final MessageClaim claim = new MessageClaim();

    record Held(long ticket, int client, byte[] body) {}

    /** What a client has heard, by token. */
    final class Client implements ResponseHandler {
        final int node;
        final Endpoint endpoint;
        final RequestClient requests;
        final Map<Long, String> outcomes = new HashMap<>();
        final Map<Long, byte[]> asked = new HashMap<>();
        private final UnsafeBuffer body = new UnsafeBuffer(new byte[4_096]);
        long nextToken = 1;

        Client(final int node, final RequestClientConfig config) {
            this.node = node;
            this.endpoint = network.open(node);
            this.requests = new RequestClient(endpoint, clock, random, config, this);
        }

        SendResult ask(final int length, final long timeoutNs) {
            random.nextBytes(body.byteArray());
            final SendResult result = requests.request(0, KIND, body, 5, length, timeoutNs, nextToken);
            if (result == SendResult.SENT) {
                remember(length);
            }
            return result;
        }

        boolean addToBatch(final int length, final long timeoutNs) {
            random.nextBytes(body.byteArray());
            final boolean added = requests.addToBatch(KIND, body, 5, length, timeoutNs, nextToken);
            if (added) {
                remember(length);
            }
            return added;
        }

        private void remember(final int length) {
            final byte[] copy = new byte[length];
            body.getBytes(5, copy);
            asked.put(nextToken++, copy);
        }

        @Override
        public void onResponse(
                final long token,
                final int sourceNodeId,
                final int status,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            final byte[] copy = new byte[length];
            buffer.getBytes(offset, copy);
            final boolean same = Arrays.equals(copy, asked.get(token));
            end(token, same && sourceNodeId == 0 && status == ResponseStatus.OK ? "answered" : "wrong answer");
        }

        @Override
        public void onFailure(final long token, final RequestFailure failure) {
            end(token, failure.name());
        }

        private void end(final long token, final String outcome) {
            final String before = outcomes.put(token, outcome);
            if (before != null) {
                throw new AssertionError("request " + token + " ended as " + before + " and again as " + outcome);
            }
        }

        long count(final String outcome) {
            return outcomes.values().stream().filter(outcome::equals).count();
        }

        void poll() {
            endpoint.poll(
                    (source, buffer, offset, length) -> requests.onMessage(source, buffer, offset, length),
                    Integer.MAX_VALUE);
            requests.doWork();
        }
    }

    RequestWorld(final long seed, final NetworkFaults faults, final RequestServerConfig config) {
        scheduler = new Scheduler(seed, Trace.silent());
        network = new SimulatedNetwork(scheduler, seed, 8, faults);
        random = SystemRandom.seeded(seed);
        clock = new Clock() {
            @Override
            public long nanoTime() {
                return scheduler.nowNs();
            }

            @Override
            public long epochNs() {
                return scheduler.nowNs();
            }
        };
        serverEndpoint = network.open(0);
        server = new RequestServer(serverEndpoint, clock, config, new RequestHandler() {
            @Override
            public boolean answerOnArrival(
                    final long ticket, final int kind, final DirectBuffer buffer, final int offset, final int length) {
                return kind == KIND
                        && onArrival > random.nextInt(100)
                        && echo(ticket, buffer, offset, length) == SendResult.SENT;
            }

            @Override
            public boolean onRequest(
                    final long ticket,
                    final int sourceNodeId,
                    final int kind,
                    final DirectBuffer buffer,
                    final int offset,
                    final int length) {
                if (held.size() >= capacity || kind != KIND) {
                    return false;
                }
                final byte[] body = new byte[length];
                buffer.getBytes(offset, body);
                held.add(new Held(ticket, sourceNodeId, body));
                servedClients.add(sourceNodeId);
                return true;
            }

            @Override
            public void onAbandoned(final long ticket) {
                if (!held.removeIf(one -> one.ticket() == ticket)) {
                    throw new AssertionError("ticket " + ticket + " was abandoned, but is not held");
                }
                abandoned.add(ticket);
            }
        });
    }

    Client client(final RequestClientConfig config) {
        final Client client = new Client(clients.size() + 1, config);
        clients.add(client);
        return client;
    }

    /** Lets time pass, and everybody work once. */
    void step() {
        scheduler.runFor(STEP_NS);
        serverEndpoint.poll(
                (source, buffer, offset, length) -> server.onMessage(source, buffer, offset, length),
                Integer.MAX_VALUE);
        server.doWork(pace);
        answer(pace);
        clients.forEach(Client::poll);
    }

    /** In any order, copied or in place. */
    private void answer(final int most) {
        for (int i = 0; i < most && !held.isEmpty(); i++) {
            final Held one = held.get(random.nextInt(held.size()));
            final UnsafeBuffer body = new UnsafeBuffer(one.body());
            if (echo(one.ticket(), body, 0, body.capacity()) == SendResult.SENT) {
                held.remove(one);
            }
        }
    }

    private SendResult echo(final long ticket, final DirectBuffer body, final int offset, final int length) {
        if (random.nextBoolean()) {
            return server.respond(ticket, ResponseStatus.OK, body, offset, length);
        }
        final SendResult result = server.claim(ticket, ResponseStatus.OK, length, claim);
        if (result == SendResult.SENT) {
            claim.buffer().putBytes(0, body, offset, length);
            claim.commit();
        }
        return result;
    }

    void run(final long durationNs) {
        final long end = scheduler.nowNs() + durationNs;
        while (scheduler.nowNs() < end) {
            step();
        }
    }
}
