package dev.firn.pagestore.service;

import static dev.firn.pagestore.service.ServiceWorld.MILLI;
import static dev.firn.pagestore.service.ServiceWorld.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.transport.request.RequestServerConfig;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many clients on a bad network, with a shard that has little room: each request ends once, and each page is the right one. */
final class PageServiceSwarmTest {
    private static final int CLIENTS = 6;
    private static final int STEPS = 4_000;

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void shouldAnswerRightOrNotAtAll(final long seed) {
        final RequestServerConfig envelope = new RequestServerConfig(16, 32, 12, 1_024, 60_000 * MILLI);
        final NetworkFaults faults = seed % 2 == 0 ? NetworkFaults.HARSH : NetworkFaults.GENTLE;
        try (ServiceWorld world =
                new ServiceWorld(seed, faults, new PageServiceConfig(envelope, 24, 32, 2, 16_384, 60_000 * MILLI))) {
            world.reads.capacity = 10;
            world.reads.readiness = 30;
            world.reads.inMemory = seed % 2 == 0 ? 0 : 50;
            for (int i = 0; i < CLIENTS; i++) {
                world.client();
            }
            for (int step = 0; step < STEPS; step++) {
                world.reads.appliedLsn += world.random.nextInt(20);
                world.reads.historyLsn += world.random.nextInt(4);
                act(world);
                world.step();
            }
            world.run(2 * TIMEOUT);
            assertThat(world.service.inProgress())
                    .as("seed %d: in progress", seed)
                    .isZero();
            assertThat(world.reads.reads).as("seed %d: reads", seed).isEmpty();
            long pages = 0;
            for (final ServiceWorld.Client client : world.clients) {
                assertThat(client.pages.inFlight())
                        .as("seed %d: in flight", seed)
                        .isZero();
                assertThat(client.outcomes.values()).as("seed %d", seed).doesNotContain("wrong pages", "BAD_REQUEST");
                pages += client.outcomes.values().stream()
                        .filter("pages"::equals)
                        .count();
            }
            assertThat(pages).as("seed %d: pages", seed).isGreaterThan(200);
            assertThat(world.service.counters().get(PageServiceCounter.WAITED)).isPositive();
            assertThat(world.service.counters().get(PageServiceCounter.ABANDONED))
                    .isPositive();
        }
    }

    private static void act(final ServiceWorld world) {
        final RandomGenerator random = world.random;
        final ServiceWorld.Client client = world.clients.get(random.nextInt(CLIENTS));
        final int relation = ModelReads.FIRST_RELATION + random.nextInt(ModelReads.RELATIONS);
        final long lsn =
                random.nextInt(3) == 0 ? PageService.NEWEST : world.reads.appliedLsn - 2_000 + random.nextInt(4_000);
        switch (random.nextInt(12)) {
            case 0 -> client.segment(0, 1, 3);
            case 1 -> client.pages(lsn, relation, 20, 19, 18, 17);
            case 2 -> {
                client.pages.beginBatch(0);
                for (int i = 0; i < 5; i++) {
                    client.addPage(lsn, relation, 20 + i);
                }
                if (client.pages.sendBatch() != SendResult.SENT) {
                    client.pages.dropBatch();
                }
            }
            case 3 -> client.pages.cancel(client.pages.lastRequestId());
            case 4 ->
                client.expect(client.pages.databaseSize(
                        0,
                        ModelReads.TIMELINE_ID,
                        PageService.NEWEST,
                        0,
                        ModelReads.TABLESPACE,
                        ModelReads.DATABASE,
                        TIMEOUT,
                        client.nextToken));
            default -> client.page(lsn, 0, relation, random.nextInt(100));
        }
    }
}
