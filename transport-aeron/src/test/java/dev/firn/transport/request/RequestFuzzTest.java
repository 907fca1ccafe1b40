package dev.firn.transport.request;

import static dev.firn.transport.request.RequestWorld.MILLI;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.NetworkFaults;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Damaged and random messages on both sides: nothing throws, and nothing is read beyond the message. */
final class RequestFuzzTest {
    private static final long SEED = 0x3E9_0001L;
    private static final int MESSAGES = 60_000;

    private final RandomGenerator random = SystemRandom.seeded(SEED);

    /** Good messages of all kinds, taken from the wire. */
    private List<byte[]> goodMessages() {
        final RequestWorld world = new RequestWorld(1, NetworkFaults.NONE, RequestServerConfig.DEFAULT);
        final RequestWorld.Client client = world.client(RequestClientConfig.DEFAULT);
        final List<byte[]> messages = new ArrayList<>();
        client.ask(40, 100 * MILLI);
        client.requests.beginBatch(0);
        for (int i = 0; i < 5; i++) {
            client.addToBatch(i * 7, 100 * MILLI);
        }
        client.requests.sendBatch();
        client.ask(3, 100 * MILLI);
        client.requests.cancel(client.requests.lastRequestId());
        for (int i = 0; i < 100; i++) {
            world.scheduler.runFor(MILLI / 10);
            record(world.serverEndpoint, messages, world);
            world.server.doWork(100);
            world.held.removeIf(
                    one -> world.server.respond(one.ticket(), 0, new UnsafeBuffer(one.body()), 0, one.body().length)
                            == SendResult.SENT);
            record(client.endpoint, messages, world);
        }
        assertThat(messages).hasSizeGreaterThan(8);
        return messages;
    }

    private static void record(final Endpoint endpoint, final List<byte[]> messages, final RequestWorld world) {
        endpoint.poll(
                (source, buffer, offset, length) -> {
                    final byte[] copy = new byte[length];
                    buffer.getBytes(offset, copy);
                    messages.add(copy);
                    world.server.onMessage(source, buffer, offset, length);
                },
                100);
    }

    @Test
    void shouldSurviveWhatIsDamagedOrRandom() {
        final List<byte[]> good = goodMessages();
        final RequestWorld world =
                new RequestWorld(2, NetworkFaults.NONE, new RequestServerConfig(8, 16, 8, 64, 100 * MILLI));
        final RequestWorld.Client client = world.client(RequestClientConfig.DEFAULT);
        world.pace = 4;
        for (int i = 0; i < MESSAGES; i++) {
            final byte[] message = damaged(good.get(random.nextInt(good.size())).clone());
            // Ends where the message ends, so that reading past it throws.
            final int gap = random.nextInt(16);
            final UnsafeBuffer buffer = new UnsafeBuffer(new byte[gap + message.length]);
            buffer.putBytes(gap, message);
            world.server.onMessage(random.nextInt(8), buffer, gap, message.length);
            client.requests.onMessage(random.nextInt(3), buffer, gap, message.length);
            if (i % 64 == 0) {
                world.step();
            }
        }
        assertThat(world.server.counters().get(RequestServerCounter.DROPPED_MALFORMED))
                .isPositive();
        assertThat(world.server.counters().get(RequestServerCounter.DROPPED_WRONG_VERSION))
                .isPositive();
        assertThat(world.server.counters().get(RequestServerCounter.REQUESTS)).isPositive();
        assertThat(world.server.counters().get(RequestServerCounter.CANCELLED)).isPositive();
        assertThat(client.requests.counters().get(RequestClientCounter.DROPPED_LATE))
                .isPositive();
        assertThat(client.requests.counters().get(RequestClientCounter.DROPPED_MALFORMED))
                .isPositive();
        assertThat(client.requests.counters().get(RequestClientCounter.RESPONSES))
                .isZero();

        // What the fuzz queued is out of time by then.
        world.pace = 100;
        world.run(200 * MILLI);
        client.ask(50, 100 * MILLI);
        world.run(200 * MILLI);
        assertThat(client.outcomes).as("it still serves").containsEntry(1L, "answered");
    }

    private byte[] damaged(final byte[] message) {
        if (random.nextInt(20) == 0) {
            random.nextBytes(message);
            return message;
        }
        for (int flips = random.nextInt(4); flips > 0; flips--) {
            message[random.nextInt(message.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(5) == 0 ? Arrays.copyOf(message, random.nextInt(message.length + 20)) : message;
    }
}
