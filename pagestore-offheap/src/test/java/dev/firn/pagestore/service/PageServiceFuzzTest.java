package dev.firn.pagestore.service;

import static dev.firn.pagestore.service.ServiceWorld.MILLI;
import static dev.firn.pagestore.service.ServiceWorld.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.transport.request.RequestServerConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Damaged and random messages on both sides: nothing throws, nothing is read beyond the message, and no wrong page is taken for a right one. */
final class PageServiceFuzzTest {
    private static final long SEED = 0x9A6E_0002L;
    private static final int MESSAGES = 40_000;
    private static final int ROUNDS = 300;
    private static final int RELATION = ModelReads.FIRST_RELATION;

    /** An answer's envelope: what damages it is that envelope's own test's affair. */
    private static final int ANSWER_ENVELOPE = 18;

    private final RandomGenerator random = SystemRandom.seeded(SEED);

    /** All kinds of requests, and their answers, as they are on the wire. */
    private static void goodMessages(final List<byte[]> requests, final List<byte[]> answers) {
        try (ServiceWorld world = new ServiceWorld(1, NetworkFaults.NONE, PageServiceConfig.DEFAULT)) {
            final ServiceWorld.Client client = world.client();
            askEverything(client);
            for (int i = 0; i < 200; i++) {
                world.scheduler.runFor(MILLI / 10);
                record(world.endpoint, requests, world.service::onMessage);
                world.service.doWork(100);
                record(client.endpoint, answers, client.pages::onMessage);
            }
            assertThat(requests).hasSize(13);
            assertThat(client.outcomes).hasSize(13);
        }
    }

    private static void askEverything(final ServiceWorld.Client client) {
        final PageClient pages = client.pages;
        final long timeline = ModelReads.TIMELINE_ID;
        final int space = ModelReads.TABLESPACE;
        final int database = ModelReads.DATABASE;
        client.page(9_000, 0, RELATION, 1);
        client.page(1, 0, RELATION, 1);
        client.pages(9_000, RELATION, 1, 2, 3, 4, 5);
        client.segment(0, 1, 3);
        client.expect(pages.relationSize(0, timeline, -1, 0, space, database, RELATION, 0, TIMEOUT, client.nextToken));
        client.expect(pages.exists(0, timeline, -1, 0, space, database, RELATION, 0, TIMEOUT, client.nextToken));
        client.expect(pages.databaseSize(0, timeline, -1, 0, space, database, TIMEOUT, client.nextToken));
        client.expect(pages.baseFiles(0, timeline, 9_000, 0, 0, 0, TIMEOUT, client.nextToken));
        client.expect(pages.lsnAt(0, timeline, 5, TIMEOUT, client.nextToken));
        client.expect(pages.lease(0, timeline, 5_000, 77, 60, TIMEOUT, client.nextToken));
        client.expect(pages.lease(0, timeline, 5_000, 77, 0, TIMEOUT, client.nextToken));
        client.expect(pages.describeTimeline(0, ModelReads.NAME, TIMEOUT, client.nextToken));
        client.expect(pages.describeTimeline(0, "nobody", TIMEOUT, client.nextToken));
    }

    private static void record(final Endpoint endpoint, final List<byte[]> messages, final MessageHandler handler) {
        endpoint.poll(
                (source, buffer, offset, length) -> {
                    final byte[] copy = new byte[length];
                    buffer.getBytes(offset, copy);
                    messages.add(copy);
                    handler.onMessage(source, buffer, offset, length);
                },
                100);
    }

    @Test
    void shouldSurviveDamagedRequests() {
        final List<byte[]> good = new ArrayList<>();
        goodMessages(good, new ArrayList<>());
        final RequestServerConfig envelope = new RequestServerConfig(16, 32, 8, 1_024, 50 * MILLI);
        try (ServiceWorld world = new ServiceWorld(
                SEED, NetworkFaults.NONE, new PageServiceConfig(envelope, 24, 64, 2, 16_384, 20 * MILLI))) {
            final ServiceWorld.Client client = world.client();
            for (int i = 0; i < MESSAGES; i++) {
                final byte[] message =
                        damaged(good.get(random.nextInt(good.size())).clone(), 0);
                deliver(message, random.nextInt(1, 16), world.service::onMessage);
                if (i % 16 == 0) {
                    world.step();
                }
            }
            assertThat(world.service.counters().get(PageServiceCounter.PAGES)).isPositive();
            assertThat(world.service.counters().get(PageServiceCounter.OTHER_REQUESTS))
                    .isPositive();
            assertThat(world.service.counters().get(PageServiceCounter.REFUSED_OTHER))
                    .isPositive();
            assertThat(world.service.counters().get(PageServiceCounter.REFUSED_ABSENT))
                    .isPositive();
            // What the fuzz queued is out of time by then.
            world.run(200 * MILLI);
            assertThat(world.service.inProgress()).isZero();
            assertThat(world.reads.reads).isEmpty();
            final long token = client.page(9_000, 0, RELATION, 1);
            world.run(10 * MILLI);
            assertThat(client.outcomes).containsEntry(token, "pages");
        }
    }

    @Test
    void shouldTellDamagedAnswersAsRefusals() {
        final List<byte[]> answers = new ArrayList<>();
        goodMessages(new ArrayList<>(), answers);
        long refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            // The same seed and the same requests: the client waits for the ids of these answers.
            try (ServiceWorld world = new ServiceWorld(1, NetworkFaults.NONE, PageServiceConfig.DEFAULT)) {
                final ServiceWorld.Client client = world.client();
                askEverything(client);
                for (final byte[] answer : answers) {
                    deliver(damaged(answer.clone(), ANSWER_ENVELOPE), 0, client.pages::onMessage);
                }
                assertThat(client.outcomes).as("round %d", round).hasSize(answers.size());
                assertThat(client.outcomes.values()).doesNotContain("NOT_CONNECTED", "TIMED_OUT");
                refused += client.pages.counters().get(PageClientCounter.MALFORMED);
            }
        }
        assertThat(refused).isGreaterThan(ROUNDS);
    }

    /** In a buffer that ends where the message ends, so that reading past it throws. */
    private void deliver(final byte[] message, final int source, final MessageHandler handler) {
        final int gap = random.nextInt(16);
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[gap + message.length]);
        buffer.putBytes(gap, message);
        handler.onMessage(source, buffer, gap, message.length);
    }

    /** Leaves the first bytes alone. */
    private byte[] damaged(final byte[] message, final int spared) {
        if (message.length <= spared) {
            return message;
        }
        if (random.nextInt(20) == 0) {
            for (int i = spared; i < message.length; i++) {
                message[i] = (byte) random.nextInt();
            }
            return message;
        }
        final int reach = Math.min(message.length - spared, 100);
        for (int flips = random.nextInt(4); flips > 0; flips--) {
            message[spared + random.nextInt(reach)] = (byte) random.nextInt();
        }
        return random.nextInt(5) == 0
                ? Arrays.copyOf(message, spared + random.nextInt(message.length - spared + 20))
                : message;
    }
}
