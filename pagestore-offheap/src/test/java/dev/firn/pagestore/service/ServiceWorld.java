package dev.firn.pagestore.service;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.SimulatedNetwork;
import dev.firn.nativeio.simulation.Trace;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.page.PageLayout;
import dev.firn.transport.request.RequestFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;

/** A page service, node 0, over a {@link ModelReads}, and clients on a simulated network. */
final class ServiceWorld implements AutoCloseable {
    static final long MILLI = 1_000_000;
    static final long TIMEOUT = 80 * MILLI;
    private static final long STEP_NS = 50_000;
    private static final int MAX_NODES = 16;

    final Scheduler scheduler;
    final SimulatedNetwork network;
    final RandomGenerator random;
    final Clock clock;
    final ModelReads reads;
    final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("page-service-test", 16 << 20));
    final Endpoint endpoint;
    final PageService service;
    final List<Client> clients = new ArrayList<>();
    int pace = 100;

    /** What a client asked for and has heard, by token. */
    final class Client implements PageHandler {
        final int node;
        final Endpoint endpoint;
        final PageClient pages;
        final Map<Long, String> outcomes = new HashMap<>();
        final Map<Long, String> sentences = new HashMap<>();
        final Map<Long, Long> lsns = new HashMap<>();

        /** High, middle and low of each page that was asked for. */
        private final Map<Long, long[][]> asked = new HashMap<>();

        TimelineFacts facts;
        KeyedValues values;
        long nextToken = 1;

        Client(final int node, final PageClientConfig config) {
            this.node = node;
            this.endpoint = network.open(node);
            this.pages = new PageClient(endpoint, clock, random, config, this);
        }

        long page(final long lsn, final long sinceLsn, final int relation, final int block) {
            return expectPages(
                    pages.getPage(
                            0,
                            ModelReads.TIMELINE_ID,
                            lsn,
                            sinceLsn,
                            ModelReads.TABLESPACE,
                            ModelReads.DATABASE,
                            relation,
                            0,
                            block,
                            TIMEOUT,
                            nextToken),
                    keysOf(relation, block));
        }

        /** Null when the batch is full. */
        Long addPage(final long lsn, final int relation, final int block) {
            final boolean added = pages.addPage(
                    ModelReads.TIMELINE_ID,
                    lsn,
                    0,
                    ModelReads.TABLESPACE,
                    ModelReads.DATABASE,
                    relation,
                    0,
                    block,
                    TIMEOUT,
                    nextToken);
            return added ? expectPages(SendResult.SENT, keysOf(relation, block)) : null;
        }

        long pages(final long lsn, final int relation, final int... blocks) {
            return expectPages(
                    pages.getPages(
                            0,
                            ModelReads.TIMELINE_ID,
                            lsn,
                            0,
                            ModelReads.TABLESPACE,
                            ModelReads.DATABASE,
                            relation,
                            0,
                            blocks,
                            blocks.length,
                            TIMEOUT,
                            nextToken),
                    keysOf(relation, blocks));
        }

        long segment(final int slru, final int segment, final int pagesThere) {
            final long[][] keys = new long[pagesThere][];
            for (int i = 0; i < pagesThere; i++) {
                keys[i] = new long[] {PageKeys.high(KeyClass.SLRU_PAGE, 0), 0, PageKeys.low(slru, segment * 32 + i)};
            }
            return expectPages(
                    pages.slruSegment(
                            0, ModelReads.TIMELINE_ID, PageService.NEWEST, 0, slru, segment, TIMEOUT, nextToken),
                    keys);
        }

        private static long[][] keysOf(final int relation, final int... blocks) {
            final long[][] keys = new long[blocks.length][];
            for (int i = 0; i < blocks.length; i++) {
                keys[i] = new long[] {
                    PageKeys.high(KeyClass.PAGE, ModelReads.TABLESPACE),
                    PageKeys.middle(ModelReads.DATABASE, relation),
                    PageKeys.low(0, blocks[i])
                };
            }
            return keys;
        }

        private long expectPages(final SendResult result, final long[][] keys) {
            asked.put(nextToken, keys);
            return expect(result);
        }

        long expect(final SendResult result) {
            if (result != SendResult.SENT) {
                outcomes.put(nextToken, result.name());
            }
            return nextToken++;
        }

        @Override
        public void onPage(final long token, final long lsn, final DirectBuffer buffer, final int offset) {
            onPages(token, lsn, 1, buffer, offset);
        }

        @Override
        public void onPages(
                final long token, final long lsn, final int count, final DirectBuffer buffer, final int offset) {
            final long[][] keys = asked.get(token);
            boolean same = keys.length == count;
            for (int i = 0; same && i < count; i++) {
                same = ModelReads.isPage(
                        buffer, offset + i * PageLayout.PAGE_BYTES, keys[i][0], keys[i][1], keys[i][2], lsn);
            }
            lsns.put(token, lsn);
            end(token, same ? "pages" : "wrong pages");
        }

        @Override
        public void onSize(final long token, final long lsn, final long blocks) {
            lsns.put(token, lsn);
            end(token, "size " + blocks);
        }

        @Override
        public void onExistence(final long token, final long lsn, final boolean there) {
            end(token, there ? "there" : "not there");
        }

        @Override
        public void onValues(final long token, final long lsn, final KeyedValues keyedValues) {
            values = keyedValues;
            end(token, "values");
        }

        @Override
        public void onLsn(final long token, final long lsn) {
            end(token, "lsn " + lsn);
        }

        @Override
        public void onTimeline(final long token, final TimelineFacts told) {
            facts = told;
            end(token, "timeline");
        }

        @Override
        public void onRefused(
                final long token, final ReadRefusal refusal, final long appliedLsn, final String sentence) {
            sentences.put(token, sentence);
            end(token, refusal.name());
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

        void poll() {
            endpoint.poll(
                    (source, buffer, offset, length) -> pages.onMessage(source, buffer, offset, length),
                    Integer.MAX_VALUE);
            pages.doWork();
        }
    }

    ServiceWorld(final long seed, final NetworkFaults faults, final PageServiceConfig config) {
        scheduler = new Scheduler(seed, Trace.silent());
        network = new SimulatedNetwork(scheduler, seed, MAX_NODES, faults);
        random = SystemRandom.seeded(seed);
        reads = new ModelReads(random);
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
        endpoint = network.open(0);
        service = new PageService(endpoint, clock, config, reads, memory);
    }

    Client client() {
        final Client client = new Client(clients.size() + 1, PageClientConfig.DEFAULT);
        clients.add(client);
        return client;
    }

    /** Lets time pass, and everybody work once. */
    void step() {
        scheduler.runFor(STEP_NS);
        endpoint.poll(
                (source, buffer, offset, length) -> service.onMessage(source, buffer, offset, length),
                Integer.MAX_VALUE);
        service.doWork(pace);
        clients.forEach(Client::poll);
    }

    void run(final long durationNs) {
        final long end = scheduler.nowNs() + durationNs;
        while (scheduler.nowNs() < end) {
            step();
        }
    }

    /** Fails when memory of the service is left. */
    @Override
    public void close() {
        service.close();
        memory.close();
    }
}
