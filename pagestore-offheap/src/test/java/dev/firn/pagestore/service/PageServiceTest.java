package dev.firn.pagestore.service;

import static dev.firn.pagestore.service.ServiceWorld.MILLI;
import static dev.firn.pagestore.service.ServiceWorld.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.transport.request.RequestServerConfig;
import dev.firn.transport.request.RequestServerCounter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests of each kind, what they wait for, and how they are refused. */
final class PageServiceTest {
    private static final long SEED = 0x9A6E_0001L;
    private static final int RELATION = ModelReads.FIRST_RELATION + 3;

    private ServiceWorld world = new ServiceWorld(SEED, NetworkFaults.NONE, PageServiceConfig.DEFAULT);
    private ServiceWorld.Client client = world.client();

    @AfterEach
    void closeWorld() {
        assertThat(world.service.inProgress()).as("requests in progress").isZero();
        assertThat(world.reads.reads).as("reads in progress").isEmpty();
        world.close();
    }

    private void with(final PageServiceConfig config) {
        world.close();
        world = new ServiceWorld(SEED, NetworkFaults.NONE, config);
        client = world.client();
    }

    @Test
    void shouldSendThePageAsOfTheLsn() {
        final long old = client.page(1_000, 0, RELATION, 5);
        final long newest = client.page(PageService.NEWEST, 0, RELATION, 5);
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(old, "pages").containsEntry(newest, "pages");
        assertThat(client.lsns).containsEntry(old, 1_000L).containsEntry(newest, 10_000L);
        assertThat(world.service.counters().get(PageServiceCounter.PAGES)).isEqualTo(2);
    }

    @Test
    void shouldAnswerWhatIsInMemoryAsItArrives() {
        world.reads.inMemory = 100;
        final List<Long> tokens = new ArrayList<>();
        for (int block = 0; block < 10; block++) {
            tokens.add(client.page(PageService.NEWEST, 0, RELATION, block));
        }
        tokens.add(client.page(1_000, 0, RELATION, 5));
        tokens.add(client.page(20_000, 9_500, RELATION, 5));
        final long early = client.page(999, 0, RELATION, 1);
        final long nonsense = client.page(5_000, 6_000, RELATION, 1);
        world.run(10 * MILLI);
        assertThat(tokens).allSatisfy(token -> assertThat(client.outcomes).containsEntry(token, "pages"));
        assertThat(client.outcomes).containsEntry(early, "BEFORE_HISTORY").containsEntry(nonsense, "BAD_REQUEST");
        final long future = client.page(10_500, 0, RELATION, 1);
        world.run(10 * MILLI);
        assertThat(client.outcomes).doesNotContainKey(future);
        world.reads.appliedLsn = 10_600;
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(future, "pages");
        assertThat(world.service.server().counters().get(RequestServerCounter.ANSWERED_ON_ARRIVAL))
                .isEqualTo(tokens.size());
        assertThat(world.service.counters().get(PageServiceCounter.PAGES)).isEqualTo(tokens.size() + 1);
    }

    @Test
    void shouldSendABatchOfPagesOneByOneAndARangeInOneAnswer() {
        client.pages.beginBatch(0);
        final List<Long> tokens = new ArrayList<>();
        for (int block = 0; block < 12; block++) {
            tokens.add(client.addPage(9_000, RELATION, block));
        }
        client.pages.sendBatch();
        final int[] blocks = new int[64];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = 1_000 - 3 * i;
        }
        tokens.add(client.pages(9_000, RELATION, blocks));
        tokens.add(client.pages(9_000, RELATION, -1));
        world.run(20 * MILLI);
        assertThat(tokens).allSatisfy(token -> assertThat(client.outcomes).containsEntry(token, "pages"));
        assertThat(world.service.counters().get(PageServiceCounter.PAGES)).isEqualTo(12 + 64 + 1);
    }

    @Test
    void shouldWaitUntilTheLsnIsIngested() {
        final long token = client.page(10_500, 0, RELATION, 1);
        final long since = client.page(PageService.NEWEST, 10_400, RELATION, 1);
        world.run(10 * MILLI);
        assertThat(client.outcomes).isEmpty();
        world.reads.appliedLsn = 10_450;
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsOnlyKeys(since);
        assertThat(client.lsns).containsEntry(since, 10_450L);
        world.reads.appliedLsn = 10_600;
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(token, "pages");
        assertThat(client.lsns).containsEntry(token, 10_500L);
        assertThat(world.service.counters().get(PageServiceCounter.WAITED)).isEqualTo(2);
    }

    @Test
    void shouldNotWaitForWhatChangesNothing() {
        final long token = client.page(20_000, 9_500, RELATION, 1);
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(token, "pages");
        assertThat(client.lsns).as("as of what is ingested").containsEntry(token, 10_000L);
    }

    @Test
    void shouldSayWhatIsIngestedWhenTheLsnDoesNotComeInTime() {
        final long token = client.page(10_500, 0, RELATION, 1);
        world.run(TIMEOUT);
        assertThat(client.outcomes).containsEntry(token, "NOT_YET_INGESTED");
        assertThat(client.sentences.get(token))
                .isEqualTo(
                        "the timeline is ingested up to 0/2710, and 0/2904 was asked for: its WAL did not come in time");
    }

    @Test
    void shouldRefuseWhatIsBeforeTheHistory() {
        final long token = client.page(999, 0, RELATION, 1);
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(token, "BEFORE_HISTORY");
        assertThat(client.sentences.get(token))
                .isEqualTo("the timeline's history begins at 0/3E8, and 0/3E7 was asked for");
    }

    @Test
    void shouldKeepWhatIsLeasedAndGiveItBack() {
        final long leased = lease(1_500, 60);
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(leased, "lsn 1500");
        assertThat(world.reads.leases).containsExactly(Map.entry("lease 4d", 1_500L));
        world.reads.historyLsn = 2_000;
        final long kept = client.page(1_500, 0, RELATION, 1);
        final long gone = client.page(1_501, 0, RELATION, 1);
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(kept, "pages").containsEntry(gone, "BEFORE_HISTORY");
        final long ended = lease(1_500, 0);
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(ended, "lsn 1500");
        assertThat(world.reads.leases).isEmpty();
    }

    @Test
    void shouldSayWhyALeaseCannotBe() {
        final long tooLong = lease(1_500, PageServiceConfig.MAX_LEASE_SECONDS + 1);
        final long tooOld = lease(999, 60);
        world.run(10 * MILLI);
        world.reads.refusal = "it is not kept any more";
        final long refused = lease(1_500, 60);
        world.run(10 * MILLI);
        assertThat(client.outcomes)
                .containsEntry(tooLong, "BAD_REQUEST")
                .containsEntry(tooOld, "BEFORE_HISTORY")
                .containsEntry(refused, "BEFORE_HISTORY");
        assertThat(client.sentences.get(tooLong))
                .isEqualTo("a lease of 3601 s is longer than 3600 s: renew it in time");
        assertThat(client.sentences.get(refused)).isEqualTo("it is not kept any more");
    }

    private long lease(final long lsn, final long seconds) {
        return client.expect(
                client.pages.lease(0, ModelReads.TIMELINE_ID, lsn, 0x4D, seconds, TIMEOUT, client.nextToken));
    }

    @Test
    void shouldRefuseATimelineThatIsNotServed() {
        final long byId = client.expect(
                client.pages.relationSize(0, 77, PageService.NEWEST, 0, 1, 2, 3, 0, TIMEOUT, client.nextToken));
        final long byName = client.expect(client.pages.describeTimeline(0, "dev", TIMEOUT, client.nextToken));
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(byId, "NO_SUCH_TIMELINE").containsEntry(byName, "NO_SUCH_TIMELINE");
        assertThat(client.sentences.get(byName)).isEqualTo("no timeline with the name dev is served here");
    }

    @Test
    void shouldSayOfATimelineThatIsOnItsWayThatItIs() {
        final List<Object> asked = new ArrayList<>();
        world.service.unservedBy(new UnservedTimelines() {
            @Override
            public Absence named(final String name) {
                asked.add(name);
                return new Absence(ReadRefusal.NOT_OPEN_YET, "it is being opened");
            }

            @Override
            public Absence identified(final long timelineId) {
                asked.add(timelineId);
                return new Absence(ReadRefusal.DEPOSED, "it is another's");
            }
        });
        final long byId = client.expect(
                client.pages.relationSize(0, 77, PageService.NEWEST, 0, 1, 2, 3, 0, TIMEOUT, client.nextToken));
        final long byName = client.expect(client.pages.describeTimeline(0, "dev", TIMEOUT, client.nextToken));
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(byId, "DEPOSED").containsEntry(byName, "NOT_OPEN_YET");
        assertThat(client.sentences.get(byName)).isEqualTo("it is being opened");
        assertThat(asked).containsExactlyInAnyOrder(77L, "dev");
    }

    @Test
    void shouldSayThatAPageIsDamaged() {
        final long one = client.page(9_000, 0, RELATION, ModelReads.DAMAGED_BLOCK);
        final long several = client.pages(9_000, RELATION, 10, 11, 12, 13, 14, 15);
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(one, "DAMAGED").containsEntry(several, "DAMAGED");
        assertThat(client.sentences.get(several)).isEqualTo("block 13 is damaged");
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        final long since = client.page(5_000, 6_000, RELATION, 1);
        final long slru = client.expect(client.pages.slruSegment(
                0, ModelReads.TIMELINE_ID, PageService.NEWEST, 0, 9, 0, TIMEOUT, client.nextToken));
        final long files = client.expect(client.pages.baseFiles(
                0, ModelReads.TIMELINE_ID, PageService.NEWEST, -1, 0, 0, TIMEOUT, client.nextToken));
        world.run(10 * MILLI);
        assertThat(client.outcomes)
                .containsEntry(since, "BAD_REQUEST")
                .containsEntry(slru, "BAD_REQUEST")
                .containsEntry(files, "BAD_REQUEST");
        assertThat(client.sentences.get(slru)).isEqualTo("there is no SLRU of the number 9");
    }

    @Test
    void shouldTellSizesAndWhatIsThere() {
        final long size = client.expect(size(RELATION));
        final long noSize = client.expect(size(3));
        final long there = client.expect(exists(RELATION));
        final long notThere = client.expect(exists(3));
        final long database = client.expect(client.pages.databaseSize(
                0,
                ModelReads.TIMELINE_ID,
                PageService.NEWEST,
                0,
                ModelReads.TABLESPACE,
                ModelReads.DATABASE,
                TIMEOUT,
                client.nextToken));
        world.run(20 * MILLI);
        long sum = 0;
        for (int i = 0; i < ModelReads.RELATIONS; i++) {
            sum += ModelReads.blocksOf(i);
        }
        assertThat(client.outcomes)
                .containsEntry(size, "size 21")
                .containsEntry(noSize, "ABSENT")
                .containsEntry(there, "there")
                .containsEntry(notThere, "not there")
                .containsEntry(database, "size " + sum);
    }

    private SendResult size(final int relation) {
        return client.pages.relationSize(
                0,
                ModelReads.TIMELINE_ID,
                PageService.NEWEST,
                0,
                ModelReads.TABLESPACE,
                ModelReads.DATABASE,
                relation,
                0,
                TIMEOUT,
                client.nextToken);
    }

    private SendResult exists(final int relation) {
        return client.pages.exists(
                0,
                ModelReads.TIMELINE_ID,
                PageService.NEWEST,
                0,
                ModelReads.TABLESPACE,
                ModelReads.DATABASE,
                relation,
                0,
                TIMEOUT,
                client.nextToken);
    }

    @Test
    void shouldAddUpADatabaseInManyScans() {
        with(new PageServiceConfig(PageServiceConfig.DEFAULT.requests(), 4, 32, 1, 8_192, 60_000 * MILLI));
        final long database = client.expect(client.pages.databaseSize(
                0,
                ModelReads.TIMELINE_ID,
                PageService.NEWEST,
                0,
                ModelReads.TABLESPACE,
                ModelReads.DATABASE + 1,
                TIMEOUT,
                client.nextToken));
        world.run(20 * MILLI);
        assertThat(client.outcomes).containsEntry(database, "size " + ModelReads.RELATIONS);
    }

    @Test
    void shouldSendSegmentsOfSlrus() {
        final long whole = client.segment(0, 0, 32);
        final long part = client.segment(0, 1, 3);
        final long none = client.segment(1, 0, 0);
        world.run(20 * MILLI);
        assertThat(client.outcomes)
                .containsEntry(whole, "pages")
                .containsEntry(part, "pages")
                .containsEntry(none, "ABSENT");
    }

    @Test
    void shouldListAllThatIsNoPage() {
        with(new PageServiceConfig(PageServiceConfig.DEFAULT.requests(), 4, 32, 1, 8_192, 60_000 * MILLI));
        final TreeSet<ModelReads.Key> seen = new TreeSet<>();
        long high = 0;
        long middle = 0;
        long low = 0;
        boolean more = true;
        while (more) {
            client.expect(client.pages.baseFiles(
                    0, ModelReads.TIMELINE_ID, 9_000, high, middle, low, TIMEOUT, client.nextToken));
            client.values = null;
            world.run(2 * MILLI);
            assertThat(client.values).isNotNull();
            while (client.values.next()) {
                high = client.values.high();
                middle = client.values.middle();
                low = client.values.low();
                assertThat(seen.add(new ModelReads.Key(high, middle, low))).isTrue();
                if (PageKeys.keyClass(high) == KeyClass.RELATION_MAP) {
                    assertThat(client.values.value()).hasSize(524).containsOnly(7);
                }
            }
            more = client.values.more();
            low++;
        }
        assertThat(seen).isEqualTo(world.reads.files.navigableKeySet());
    }

    @Test
    void shouldFindTheLsnOfATimeAndDescribeTheTimeline() {
        final long lsn =
                client.expect(client.pages.lsnAt(0, ModelReads.TIMELINE_ID, 12_000, TIMEOUT, client.nextToken));
        final long timeline =
                client.expect(client.pages.describeTimeline(0, ModelReads.NAME, TIMEOUT, client.nextToken));
        world.run(10 * MILLI);
        assertThat(client.outcomes).containsEntry(lsn, "lsn 6000").containsEntry(timeline, "timeline");
        assertThat(client.facts).isEqualTo(world.reads.facts(0));
    }

    @Test
    void shouldGiveUpTheReadsOfWhoDoesNotWaitAnyMore() {
        world.reads.readiness = 0;
        client.page(9_000, 0, RELATION, 1);
        final long one = client.pages.lastRequestId();
        client.pages(9_000, RELATION, 1, 2, 3, 4);
        final long several = client.pages.lastRequestId();
        client.page(50_000, 0, RELATION, 1);
        final long waits = client.pages.lastRequestId();
        world.run(2 * MILLI);
        assertThat(world.reads.reads).hasSize(5);
        assertThat(client.pages.cancel(one)).isTrue();
        assertThat(client.pages.cancel(several)).isTrue();
        assertThat(client.pages.cancel(waits)).isTrue();
        world.run(2 * MILLI);
        assertThat(world.reads.abandoned).hasSize(5);
        assertThat(world.service.counters().get(PageServiceCounter.ABANDONED)).isEqualTo(3);
        assertThat(client.outcomes).isEmpty();
    }

    @Test
    void shouldServeManyWithRoomForFew() {
        with(new PageServiceConfig(
                new RequestServerConfig(8, 64, 16, 1_024, 60_000 * MILLI), 6, 32, 1, 16_384, 60_000 * MILLI));
        world.reads.capacity = 5;
        final List<Long> tokens = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tokens.add(client.page(9_000 + i, 0, RELATION, 20 + i));
            tokens.add(client.pages(9_000, RELATION, 20, 21, 22, 23, 24, 25, 26));
            tokens.add(client.segment(0, 0, 32));
        }
        world.run(70 * MILLI);
        assertThat(tokens).allSatisfy(token -> assertThat(client.outcomes).containsEntry(token, "pages"));
    }

    @Test
    void shouldNotLetAClientWithManyRequestsHoldUpOneWithFew() {
        with(new PageServiceConfig(
                new RequestServerConfig(8, 256, 32, 1_024, 60_000 * MILLI), 64, 32, 1, 16_384, 60_000 * MILLI));
        final ServiceWorld.Client modest = world.client();
        world.reads.capacity = 4;
        world.reads.readiness = 100;
        world.pace = 4;
        for (int i = 0; i < 250; i++) {
            client.page(9_000, 0, RELATION, 20 + i);
        }
        world.run(MILLI);
        final int before = client.outcomes.size();
        final long token = modest.page(9_000, 0, RELATION, 20);
        while (!modest.outcomes.containsKey(token)) {
            world.step();
        }
        assertThat(client.outcomes.size() - before)
                .as("answers to the other before the modest one's")
                .isLessThan(80);
        assertThat(modest.outcomes).containsEntry(token, "pages");
        world.run(60 * MILLI);
        assertThat(client.outcomes.values()).hasSize(250).containsOnly("pages");
    }
}
