package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.service.KeyedValues;
import dev.firn.pagestore.service.PageClient;
import dev.firn.pagestore.service.PageClientConfig;
import dev.firn.pagestore.service.PageHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.transport.request.RequestFailure;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged requests of every kind, sent to a page server that runs and has proper clients besides: those get right pages all the while, and it
 * goes on.
 */
@Tag("long")
@Timeout(900)
class PageServiceRunningFuzzTest {
    private static final int REQUESTS = 20_000;
    private static final long RECOVERY_NS = 120_000_000_000L;
    private static final long TIMEOUT_NS = 20_000_000;

    @TempDir
    private Path folder;

    @Test
    void shouldServeOthersWhileDamagedRequestsCome() throws Exception {
        final long seed = Long.getLong("firn.test.seed", SystemRandom.secure().nextLong());
        System.err.println("seed " + seed);
        try (PageTrial trial = PageTrial.start(folder, 17);
                PageSamples samples = trial.sample(trial.host(), PageTrial.MAIN, seed)) {
            trial.postgres().execute("CREATE TABLE fuzzed AS SELECT g FROM generate_series(1, 5000) g");
            final int answers;
            try (ServedLog served = trial.served(trial.host(), PageTrial.MAIN)) {
                answers = fuzz(served, trial.host().node(), SystemRandom.seeded(seed));
            }
            assertThat(trial.host().isAlive()).as(trial.host().err()).isTrue();
            assertThat(answers)
                    .as("the client that sent what was damaged is served again")
                    .isPositive();
            samples.close();
            assertThat(samples.answers()).isPositive();
            trial.host().awaitApplied(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
            final PageTrial.Log log = trial.fetch();
            final int pages =
                    samples.holdAgainst(log.base(), log.wal(), log.spill(), "beside the fuzz of seed " + seed);
            assertThat(trial.host().stop().exitCode()).as(trial.host().err()).isZero();
            System.err.println(REQUESTS + " requests, many damaged; " + pages + " pages of others are as replayed");
        }
    }

    private static int fuzz(final ServedLog served, final int node, final RandomGenerator random) {
        final TimelineFacts facts = served.facts();
        final Damaging endpoint = new Damaging(served.seat().endpoint(), random);
        final Counter counter = new Counter();
        final PageClient client =
                new PageClient(endpoint, SystemClock.INSTANCE, random, PageClientConfig.DEFAULT, counter);
        for (int i = 0; i < REQUESTS; i++) {
            SendResult sent = ask(client, node, facts, random, i);
            for (int tries = 0; sent != SendResult.SENT && tries < 10_000; tries++) {
                endpoint.poll(client::onMessage, 64);
                client.doWork();
                sent = ask(client, node, facts, random, i);
            }
            endpoint.poll(client::onMessage, 64);
            client.doWork();
        }
        System.err.println("damaged: " + counter.answers + " answers, and " + counter.others);
        // Requests whose deadline became a far one have their places with the server for a minute: its own client's,
        // and no other's.
        endpoint.isDamaging = false;
        final long untilNs = SystemClock.INSTANCE.nanoTime() + RECOVERY_NS;
        counter.answers = 0;
        for (int i = 0; counter.answers == 0 && SystemClock.INSTANCE.nanoTime() - untilNs < 0; i++) {
            client.describeTimeline(node, facts.name(), TIMEOUT_NS, i);
            final long nextNs = SystemClock.INSTANCE.nanoTime() + TIMEOUT_NS;
            while (SystemClock.INSTANCE.nanoTime() - nextNs < 0) {
                endpoint.poll(client::onMessage, 64);
                client.doWork();
                Thread.onSpinWait();
            }
        }
        return counter.answers;
    }

    private static SendResult ask(
            final PageClient client,
            final int node,
            final TimelineFacts facts,
            final RandomGenerator random,
            final long token) {
        final long timeline = facts.timelineId();
        final long lsn = facts.appliedLsn();
        final int block = random.nextInt(3);
        return switch (random.nextInt(9)) {
            case 0 -> client.getPage(node, timeline, lsn, 0, 1663, 5, 1259, 0, block, TIMEOUT_NS, token);
            case 1 ->
                client.getPages(
                        node, timeline, lsn, 0, 1663, 5, 1259, 0, new int[] {0, block, 2}, 3, TIMEOUT_NS, token);
            case 2 -> client.relationSize(node, timeline, lsn, 0, 1663, 5, 1259, 0, TIMEOUT_NS, token);
            case 3 -> client.exists(node, timeline, lsn, 0, 1663, 5, 1259, 0, TIMEOUT_NS, token);
            case 4 -> client.databaseSize(node, timeline, lsn, 0, 1663, 5, TIMEOUT_NS, token);
            case 5 -> client.baseFiles(node, timeline, lsn, 0, 0, 0, TIMEOUT_NS, token);
            case 6 -> client.slruSegment(node, timeline, lsn, 0, 0, 0, TIMEOUT_NS, token);
            case 7 -> client.lsnAt(node, timeline, random.nextLong(), TIMEOUT_NS, token);
            default -> client.describeTimeline(node, facts.name(), TIMEOUT_NS, token);
        };
    }

    /** Turns bits over, cuts and lengthens what is sent, three times of four. */
    private static final class Damaging implements Endpoint {
        private static final int MOST_BYTES_MORE = 64;

        private final Endpoint endpoint;
        private final RandomGenerator random;
        private boolean isDamaging = true;

        private Damaging(final Endpoint endpoint, final RandomGenerator random) {
            this.endpoint = endpoint;
            this.random = random;
        }

        @Override
        public int nodeId() {
            return endpoint.nodeId();
        }

        @Override
        public int maxMessageLength() {
            return endpoint.maxMessageLength();
        }

        @Override
        public int maxClaimLength() {
            return endpoint.maxClaimLength();
        }

        @Override
        public SendResult send(
                final int destinationNodeId,
                final DirectBuffer head,
                final int headOffset,
                final int headLength,
                final DirectBuffer body,
                final int bodyOffset,
                final int bodyLength) {
            byte[] message = new byte[headLength + bodyLength];
            head.getBytes(headOffset, message, 0, headLength);
            body.getBytes(bodyOffset, message, headLength, bodyLength);
            if (isDamaging && random.nextInt(4) != 0) {
                for (int flips = random.nextInt(5); flips > 0; flips--) {
                    message[random.nextInt(message.length)] = (byte) random.nextInt();
                }
                if (random.nextInt(5) == 0) {
                    message = Arrays.copyOf(message, 1 + random.nextInt(message.length + MOST_BYTES_MORE));
                }
            }
            return endpoint.send(destinationNodeId, new UnsafeBuffer(message), 0, message.length);
        }

        @Override
        public SendResult claim(final int destinationNodeId, final int length, final MessageClaim claim) {
            return endpoint.claim(destinationNodeId, length, claim);
        }

        @Override
        public int poll(final MessageHandler handler, final int limit) {
            return endpoint.poll(handler, limit);
        }

        @Override
        public void close() {
            // Borrowed.
        }
    }

    private static final class Counter implements PageHandler {
        private final Map<Object, Integer> others = new HashMap<>();
        private int answers;

        @Override
        public void onPage(final long token, final long lsn, final DirectBuffer buffer, final int offset) {
            answers++;
        }

        @Override
        public void onPages(
                final long token, final long lsn, final int count, final DirectBuffer buffer, final int offset) {
            answers++;
        }

        @Override
        public void onSize(final long token, final long lsn, final long blocks) {
            answers++;
        }

        @Override
        public void onValues(final long token, final long lsn, final KeyedValues values) {
            answers++;
        }

        @Override
        public void onLsn(final long token, final long lsn) {
            answers++;
        }

        @Override
        public void onTimeline(final long token, final TimelineFacts facts) {
            answers++;
        }

        @Override
        public void onRefused(final long token, final ReadRefusal why, final long appliedLsn, final String sentence) {
            assertThat(sentence).doesNotContain("Exception");
            others.merge(why, 1, Integer::sum);
        }

        @Override
        public void onFailure(final long token, final RequestFailure failure) {
            // What was damaged beyond recognition is dropped, and never answered.
            others.merge(failure, 1, Integer::sum);
        }
    }
}
