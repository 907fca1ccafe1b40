package dev.firn.transport.request;

import static dev.firn.transport.request.RequestWorld.MILLI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.simulation.Latency;
import dev.firn.nativeio.simulation.NetworkFaults;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class RequestTest {
    private static final RequestServerConfig SMALL = new RequestServerConfig(3, 8, 4, 100, 1_000 * MILLI);

    @Test
    void shouldAnswerEachRequestOnceWhateverTheNetworkDoes() {
        long answered = 0;
        long late = 0;
        long duplicates = 0;
        for (long seed = 1; seed <= 40; seed++) {
            final RequestWorld world = new RequestWorld(seed, NetworkFaults.HARSH, RequestServerConfig.DEFAULT);
            world.onArrival = (int) (seed % 3) * 40;
            for (int i = 0; i < 3; i++) {
                world.client(new RequestClientConfig(64, 4_096));
            }
            for (int step = 0; step < 400; step++) {
                for (final RequestWorld.Client client : world.clients) {
                    switch (world.random.nextInt(4)) {
                        case 0 -> client.ask(world.random.nextInt(513), 20 * MILLI);
                        case 1 -> batch(world, client);
                        case 2 -> cancelSometimes(world, client);
                        default -> {}
                    }
                }
                world.pace = world.random.nextInt(20);
                world.step();
            }
            world.pace = Integer.MAX_VALUE;
            world.run(1_200 * MILLI);
            for (final RequestWorld.Client client : world.clients) {
                final long cancelled = client.requests.counters().get(RequestClientCounter.CANCELLED);
                assertThat(client.outcomes)
                        .as("seed %d", seed)
                        .hasSize((int) (client.asked.size() - cancelled))
                        .doesNotContainValue("wrong answer");
                assertThat(client.requests.inFlight()).as("seed %d", seed).isZero();
                answered += client.count("answered");
                late += client.requests.counters().get(RequestClientCounter.DROPPED_LATE);
            }
            duplicates += world.server.counters().get(RequestServerCounter.DROPPED_DUPLICATE);
            assertThat(world.held).as("seed %d: tickets left", seed).isEmpty();
        }
        assertThat(answered).isGreaterThan(1_000);
        assertThat(late).as("late answers").isPositive();
        assertThat(duplicates).as("doubled requests").isPositive();
    }

    private static void batch(final RequestWorld world, final RequestWorld.Client client) {
        client.requests.beginBatch(0);
        final long first = client.nextToken;
        boolean room = true;
        for (int i = world.random.nextInt(10); i > 0 && room; i--) {
            room = client.addToBatch(world.random.nextInt(400), 20 * MILLI);
        }
        if (client.requests.sendBatch() != SendResult.SENT) {
            client.requests.dropBatch();
            while (client.nextToken > first) {
                client.asked.remove(--client.nextToken);
            }
        }
    }

    private static void cancelSometimes(final RequestWorld world, final RequestWorld.Client client) {
        if (client.ask(10, 20 * MILLI) == SendResult.SENT && world.random.nextBoolean()) {
            assertThat(client.requests.cancel(client.requests.lastRequestId())).isTrue();
            assertThat(client.requests.cancel(client.requests.lastRequestId())).isFalse();
        }
    }

    @Test
    void shouldAnswerOnArrivalOnlyWhereNothingOfTheClientWaits() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, RequestServerConfig.DEFAULT);
        final RequestWorld.Client client = world.client(RequestClientConfig.DEFAULT);
        final RequestWorld.Client other = world.client(RequestClientConfig.DEFAULT);
        world.pace = 0;
        client.ask(10, 100 * MILLI);
        world.run(5 * MILLI);
        assertThat(client.outcomes).isEmpty();

        world.onArrival = 100;
        client.ask(10, 100 * MILLI);
        other.ask(10, 100 * MILLI);
        world.run(5 * MILLI);
        assertThat(client.outcomes).as("behind one that waits").isEmpty();
        assertThat(other.count("answered")).isEqualTo(1);

        world.pace = Integer.MAX_VALUE;
        world.run(5 * MILLI);
        assertThat(client.count("answered")).isEqualTo(2);
        client.ask(10, 100 * MILLI);
        world.run(5 * MILLI);
        assertThat(client.count("answered")).isEqualTo(3);
        assertThat(world.server.counters().get(RequestServerCounter.ANSWERED_ON_ARRIVAL))
                .isEqualTo(2);
        assertThat(world.server.counters().get(RequestServerCounter.RESPONSES)).isEqualTo(4);
    }

    @Test
    void shouldQueueWhatComesBeyondTheShareOfACycle() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, RequestServerConfig.DEFAULT);
        final RequestWorld.Client client = world.client(new RequestClientConfig(256, 64 << 10));
        world.onArrival = 100;
        world.pace = 0;
        client.requests.beginBatch(0);
        for (int i = 0; i < 100; i++) {
            assertThat(client.addToBatch(10, 100 * MILLI)).isTrue();
        }
        client.requests.sendBatch();
        world.run(5 * MILLI);
        assertThat(client.count("answered")).isEqualTo(64);

        world.pace = Integer.MAX_VALUE;
        world.run(5 * MILLI);
        assertThat(client.count("answered")).isEqualTo(100);
        assertThat(world.server.counters().get(RequestServerCounter.REQUESTS)).isEqualTo(36);
    }

    @Test
    void shouldPushBackWhenTooManyAreInFlight() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, RequestServerConfig.DEFAULT);
        final RequestWorld.Client client = world.client(new RequestClientConfig(4, 4_096));
        for (int i = 0; i < 4; i++) {
            assertThat(client.ask(10, 100 * MILLI)).isEqualTo(SendResult.SENT);
        }
        assertThat(client.ask(10, 100 * MILLI)).isEqualTo(SendResult.BACK_PRESSURED);
        client.requests.beginBatch(0);
        assertThat(client.addToBatch(10, 100 * MILLI)).isFalse();
        client.requests.dropBatch();

        world.run(5 * MILLI);
        assertThat(client.count("answered")).isEqualTo(4);
        assertThat(client.ask(10, 100 * MILLI)).isEqualTo(SendResult.SENT);
    }

    @Test
    void shouldSendSeveralInOneMessageAndSayWhenItIsFull() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, RequestServerConfig.DEFAULT);
        final RequestWorld.Client client = world.client(new RequestClientConfig(64, 500));
        client.requests.beginBatch(0);
        assertThatIllegalStateException().isThrownBy(() -> client.requests.beginBatch(0));
        int added = 0;
        while (client.addToBatch(32, 100 * MILLI)) {
            added++;
        }
        assertThat(added).isEqualTo((500 - RequestLayout.FIRST_ENTRY) / (18 + 32));
        assertThat(client.requests.sendBatch()).isEqualTo(SendResult.SENT);
        assertThatIllegalStateException().isThrownBy(client.requests::sendBatch);

        world.run(5 * MILLI);
        assertThat(client.count("answered")).isEqualTo(added);
        assertThat(client.requests.counters().get(RequestClientCounter.BATCHES)).isEqualTo(1);
        assertThat(client.requests.counters().get(RequestClientCounter.REQUESTS))
                .isEqualTo(added);
    }

    @Test
    void shouldTimeOutWithoutAnAnswerAndDropItWhenItComesLate() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, RequestServerConfig.DEFAULT);
        final RequestWorld.Client client = world.client(RequestClientConfig.DEFAULT);
        world.pace = 0;
        client.ask(10, 10 * MILLI);
        world.run(9 * MILLI);
        assertThat(client.outcomes).isEmpty();
        world.run(4 * MILLI);
        assertThat(client.count("TIMED_OUT")).isEqualTo(1);
        assertThat(world.server.counters().get(RequestServerCounter.TIMED_OUT))
                .as("the server does not do what nobody waits for")
                .isEqualTo(1);

        // The server begins, then the way back is cut until the client has given up.
        world.pace = Integer.MAX_VALUE;
        world.network.setFaults(new NetworkFaults(0, 0, 1, 0, 0, new Latency(1_000, 2_000, 0, 0), 40 * MILLI, 0, 0, 0));
        for (int i = 0; i < 100; i++) {
            client.ask(10, 10 * MILLI);
        }
        world.run(200 * MILLI);
        assertThat(client.outcomes).hasSize(101);
        assertThat(client.requests.counters().get(RequestClientCounter.DROPPED_LATE))
                .isPositive();
    }

    @Test
    void shouldTellTheHandlerWhenARequestInProgressIsCancelledOrOutOfTime() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, RequestServerConfig.DEFAULT);
        final RequestWorld.Client client = world.client(RequestClientConfig.DEFAULT);
        client.ask(10, 100 * MILLI);
        final long cancelled = client.requests.lastRequestId();
        client.ask(10, 20 * MILLI);
        hold(world, 2);
        final long ticket = world.held.getFirst().ticket();

        assertThat(client.requests.cancel(cancelled)).isTrue();
        pump(world, 1 * MILLI);
        assertThat(world.abandoned).containsExactly(ticket);
        assertThat(world.server.isOpen(ticket)).isFalse();
        assertThat(world.server.respond(ticket, 0, new UnsafeBuffer(new byte[1]), 0, 1))
                .isEqualTo(SendResult.CLOSED);
        pump(world, 30 * MILLI);
        assertThat(world.abandoned).hasSize(2);
        assertThat(client.outcomes).containsOnlyKeys(2L).containsValue("TIMED_OUT");
    }

    /** The server hands out, and answers nothing. */
    private static void hold(final RequestWorld world, final int count) {
        while (world.held.size() < count) {
            pump(world, MILLI / 10);
        }
    }

    private static void pump(final RequestWorld world, final long durationNs) {
        final long end = world.scheduler.nowNs() + durationNs;
        while (world.scheduler.nowNs() < end) {
            world.scheduler.runFor(MILLI / 20);
            world.serverEndpoint.poll(
                    (source, buffer, offset, length) -> world.server.onMessage(source, buffer, offset, length), 1_000);
            world.server.doWork(1_000);
            world.clients.forEach(RequestWorld.Client::poll);
        }
    }

    @Test
    void shouldRefuseWhatIsTooMuchOrTooLong() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, SMALL);
        final RequestWorld.Client client = world.client(RequestClientConfig.DEFAULT);
        client.ask(101, 100 * MILLI);
        world.run(5 * MILLI);
        assertThat(client.count("TOO_LONG")).isEqualTo(1);

        for (int i = 0; i < 20; i++) {
            client.ask(100, 100 * MILLI);
        }
        world.run(20 * MILLI);
        assertThat(client.count("OVERLOADED")).isEqualTo(12);
        assertThat(client.count("answered")).isEqualTo(8);
    }

    @Test
    void shouldServeNoMoreClientsThanItHasRoomFor() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, SMALL);
        for (int i = 0; i < 4; i++) {
            world.client(RequestClientConfig.DEFAULT).ask(10, 20 * MILLI);
            world.run(2 * MILLI);
        }
        world.run(40 * MILLI);
        assertThat(world.clients.subList(0, 3)).allMatch(client -> client.count("answered") == 1);
        assertThat(world.clients.get(3).count("TIMED_OUT")).isEqualTo(1);
        assertThat(world.server.counters().get(RequestServerCounter.DROPPED_UNKNOWN_CLIENT))
                .isEqualTo(1);
    }

    /** One asks for as much as it may all the time, the other for one thing now and then. */
    @Test
    void shouldNotLetOneClientWaitForAllRequestsOfAnother() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, RequestServerConfig.DEFAULT);
        final RequestWorld.Client greedy = world.client(new RequestClientConfig(200, 64 << 10));
        final RequestWorld.Client modest = world.client(RequestClientConfig.DEFAULT);
        world.pace = 2;
        for (int i = 0; i < 100; i++) {
            while (greedy.ask(10, 1_000 * MILLI) == SendResult.SENT) {
                // As much as fits.
            }
            world.run(MILLI);
            final long asked = world.scheduler.nowNs();
            modest.ask(10, 1_000 * MILLI);
            final long before = modest.count("answered");
            while (modest.count("answered") == before) {
                world.step();
            }
            assertThat(world.scheduler.nowNs() - asked)
                    .as("with 200 before it, in line it would take 5 ms")
                    .isLessThan(2 * MILLI);
        }
    }

    @Test
    void shouldKeepTheRestWhenTheHandlerHasNoRoom() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, RequestServerConfig.DEFAULT);
        final RequestWorld.Client client = world.client(RequestClientConfig.DEFAULT);
        world.capacity = 1;
        for (int i = 0; i < 50; i++) {
            client.ask(10, 1_000 * MILLI);
        }
        world.run(100 * MILLI);
        assertThat(client.count("answered")).isEqualTo(50);
    }
}
