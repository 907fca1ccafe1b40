package dev.firn.server.pages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.wakeup.WaitSet;
import dev.firn.nativeio.wakeup.Wakeup;
import dev.firn.pagestore.service.PageService;
import dev.firn.pagestore.service.PageServiceConfig;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.service.UnservedTimelines;
import dev.firn.pagestore.timeline.Shard;
import dev.firn.pagestore.timeline.ShardContext;
import dev.firn.pagestore.timeline.TimelineSpec;
import dev.firn.pagestore.upkeep.UpkeepLink;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.CatalogOutcome;
import dev.firn.walquorum.catalog.TimelineCatalog;
import dev.firn.walquorum.catalog.TimelineKeys;
import dev.firn.walquorum.reader.CommittedWalReaders;
import dev.firn.walquorum.reader.ReaderConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;

/**
 * The agent of a page server: the shard with its service, the WAL that it is fed with, and the look-out for timelines that come. All
 * of it is on one thread; others may read {@link #statuses}.
 */
final class PageServerDuty implements Agent {
    /** How often it looks which timelines there are: one list of the object store each. */
    private static final long LOOK_NS = TimeUnit.SECONDS.toNanos(2);

    /** How often others are told how it stands. */
    private static final long TELL_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Names that are looked for because somebody asked: past it he has to ask again. */
    private static final int MAX_GUESSES = 16;

    /** Branches without WAL whose log is looked for at each look: a request of the object store each. */
    private static final int MAX_LOG_LOOKS = 64;

    private static final CallOptions OPTIONS = CallOptions.within(Duration.ofSeconds(60));
    private static final int MESSAGES_A_CYCLE = 64;
    private static final int REQUESTS_A_CYCLE = 64;
    private static final int HANDLERS_A_POLL = 64;

    private final Endpoint endpoint;
    private final Clock clock;
    private final StoreSession shardSession;
    private final StoreSession session;
    private final WaitSet waits;
    private final LayerCache cache;
    private final StorePatience patience = new StorePatience();
    private final CommittedWalReaders readers;
    private final Shard shard;
    private final PageService service;
    private final ServiceDocument document;
    private final TimelineCatalog catalog;
    private final ServedTimeline.Tools tools;
    private final Map<String, ServedTimeline> served = new HashMap<>();

    /** Deleted, and reads of them may be under way. */
    private final List<ServedTimeline> forgotten = new ArrayList<>();

    private final MessageHandler onMessage = this::onMessage;
    private final UpkeepLink link;

    /** Rung when the housekeeper has a report; null without {@link #waits}. */
    private final Wakeup reported;

    private boolean looking;

    /** Whether it knows which timelines there are, but for those made a moment ago. */
    private boolean looked;

    private long lookingSinceNs;
    private long lookedNs;
    private long toldNs;
    private volatile List<ServedStatus> statuses = List.of();
    private volatile String storeTrouble = "";
    private volatile String cacheTrouble = "";
    private int inFlight;

    /**
     * @param endpoint its own; closed here.
     * @param store borrowed.
     * @param link to the housekeeper, which ends before this.
     * @param waits what its thread sleeps by; null when that looks from time to time.
     */
    PageServerDuty(
            final Endpoint endpoint,
            final PageServerSetup setup,
            final ObjectStore store,
            final UpkeepLink link,
            final WaitSet waits,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random) {
        this.endpoint = endpoint;
        this.link = link;
        this.clock = clock;
        this.shardSession = store.openSession();
        this.session = store.openSession();
        this.waits = waits;
        this.cache = LayerCache.open(setup, shardSession, OPTIONS, memory, clock, random, waits);
        this.readers = new CommittedWalReaders(endpoint, memory, clock, random, ReaderConfig.DEFAULT);
        this.shard = new Shard(new ShardContext(
                setup.sizes().shard(),
                clock,
                memory,
                store,
                shardSession,
                OPTIONS,
                cache.reads(),
                link,
                ShardContext.Inputs.POSTGRES));
        this.service = new PageService(endpoint, clock, PageServiceConfig.DEFAULT, shard, memory);
        this.document = new ServiceDocument(service, shard.counters());
        this.catalog = new TimelineCatalog(session, memory, OPTIONS);
        this.tools = new ServedTimeline.Tools(
                shard,
                store,
                session,
                cache.reads(),
                readers,
                lastFirst(setup.network().walNodes()),
                this::spec,
                memory,
                OPTIONS,
                clock);
        this.service.unservedBy(new Unserved());
        this.reported = waits == null ? null : Wakeup.open();
        if (reported != null) {
            waits.add(reported);
            link.wakeShardBy(reported::wake);
        }
        this.lookedNs = clock.nanoTime() - LOOK_NS;
        this.toldNs = lookedNs;
    }

    /**
     * Where nodes share a host, the last one trails: commits do not wait for it, and what it gets, milliseconds later and many at a time, is
     * committed already. Reading from it takes nothing from the nodes that commits wait for, and wakes this thread less often.
     */
    private static List<Integer> lastFirst(final Collection<Integer> nodes) {
        return new ArrayList<>(nodes).reversed();
    }

    @Override
    public String roleName() {
        return "page-server";
    }

    /** Each timeline as it stood a moment ago, by name; from any thread. */
    List<ServedStatus> statuses() {
        return statuses;
    }

    /** Why it cannot be told which timelines there are; empty for nothing. From any thread. */
    String storeTrouble() {
        return storeTrouble;
    }

    /** Why the page server has no block cache, though it should; empty for nothing. From any thread. */
    String cacheTrouble() {
        return cacheTrouble;
    }

    /** What it has done besides its timelines; from any thread. */
    void addTo(final ObjectNode server) {
        server.set("blockCache", cache.document());
        server.put("debtBytes", link.debtBytes());
        document.addTo(server);
    }

    @Override
    public int doWork() {
        int done = endpoint.poll(onMessage, MESSAGES_A_CYCLE);
        // What is in memory is answered before all else gets its turn.
        done += service.doWork(REQUESTS_A_CYCLE);
        done += session.poll(HANDLERS_A_POLL);
        done += readers.moveOn();
        final long nowNs = clock.nanoTime();
        String lost = null;
        for (final ServedTimeline timeline : served.values()) {
            done += timeline.doWork();
            // The store does not wake this thread.
            done += timeline.isUrgent(nowNs) ? 1 : 0;
            if (lost == null && timeline.takeLost()) {
                lost = timeline.name();
            }
        }
        if (lost != null) {
            final String parent = lost;
            served.values().forEach(timeline -> timeline.lost(parent));
        }
        done += shard.doWork();
        if (!looking && nowNs - lookedNs >= LOOK_NS) {
            looking = true;
            lookingSinceNs = nowNs;
            catalog.list(this::onNames);
        }
        if (nowNs - toldNs >= TELL_NS) {
            toldNs = nowNs;
            tell();
        }
        sleepBy(nowNs);
        return done;
    }

    /** The cache's device wakes the thread by itself; the object store does not. */
    private void sleepBy(final long nowNs) {
        if (waits != null) {
            final int before = inFlight;
            inFlight = shardSession.inFlight() + session.inFlight();
            waits.wakeWithin(patience.sleepNs(inFlight, inFlight != before, nowNs));
        }
    }

    private void onMessage(final int source, final DirectBuffer buffer, final int offset, final int length) {
        if (!service.onMessage(source, buffer, offset, length)) {
            readers.onMessage(source, buffer, offset, length);
        }
    }

    /** Somebody asks for what is not served: it may be on its way, or have been made since the last look. */
    private final class Unserved implements UnservedTimelines {
        @Override
        public Absence named(final String name) {
            if (!TimelineKeys.isName(name)) {
                return null;
            }
            if (!served.containsKey(name)) {
                if (guesses() >= MAX_GUESSES) {
                    served.values().removeIf(ServedTimeline::isNothing);
                }
                if (guesses() >= MAX_GUESSES) {
                    return null;
                }
                served.put(name, ServedTimeline.asked(name, tools));
            }
            final Absence absence = served.get(name).absence();
            if (absence == null) {
                // It is told so once: it may be made the next moment.
                served.remove(name);
            }
            return absence;
        }

        @Override
        public Absence identified(final long timelineId) {
            for (final ServedTimeline timeline : served.values()) {
                if (timeline.isOf(timelineId)) {
                    return timeline.absence();
                }
            }
            final long unknown =
                    served.values().stream().filter(ServedTimeline::isWithoutId).count();
            return looked && unknown == 0
                    ? null
                    : new Absence(
                            ReadRefusal.NOT_OPEN_YET,
                            "the page server has come up a moment ago, and is looking which timelines there are");
        }
    }

    private long guesses() {
        return served.values().stream().filter(ServedTimeline::isGuess).count();
    }

    private void onNames(final CatalogOutcome outcome) {
        looking = false;
        lookedNs = clock.nanoTime();
        forgotten.removeIf(timeline -> {
            final boolean released = timeline.isReleased();
            if (released) {
                timeline.close();
            }
            return released;
        });
        switch (outcome) {
            case CatalogOutcome.Names names -> {
                storeTrouble = "";
                looked = true;
                // Who has asked for them has heard it, or does not wait any more; one may have been made since.
                served.values().removeIf(ServedTimeline::isNothing);
                for (final String name : names.names()) {
                    served.computeIfAbsent(name, found -> ServedTimeline.found(found, tools));
                }
                served.values().removeIf(timeline -> {
                    // One that came to be here since was made after the names were listed.
                    final boolean deleted = timeline.foundNs() - lookingSinceNs < 0
                            && !names.names().contains(timeline.name());
                    if (deleted) {
                        timeline.forget();
                        forgotten.add(timeline);
                    }
                    return deleted;
                });
                lookForLogs();
            }
            case CatalogOutcome.Refused refused -> storeTrouble = refused.sentence();
            default -> throw new IllegalStateException("the catalogue answered " + outcome);
        }
    }

    private void lookForLogs() {
        served.values().stream()
                .filter(ServedTimeline::isWithoutLog)
                .sorted(Comparator.comparingLong(timeline -> timeline.lookedForLogNs() - lookedNs))
                .limit(MAX_LOG_LOOKS)
                .forEach(ServedTimeline::lookForLog);
    }

    private TimelineSpec spec(final String name) {
        final ServedTimeline timeline = served.get(name);
        return timeline == null ? null : timeline.spec();
    }

    private void tell() {
        final List<ServedStatus> told = new ArrayList<>(served.size());
        served.values().stream()
                .filter(timeline -> !timeline.isGuess())
                .forEach(timeline -> told.add(timeline.status()));
        told.sort((one, other) -> one.name().compareTo(other.name()));
        statuses = List.copyOf(told);
        cacheTrouble = cache.trouble();
    }

    /** The sessions first: what is on its way ends, and nobody writes into memory that is given back. */
    @Override
    public void onClose() {
        session.close();
        shardSession.close();
        cache.close();
        service.close();
        shard.close();
        served.values().forEach(ServedTimeline::close);
        forgotten.forEach(ServedTimeline::close);
        if (reported != null) {
            link.wakeShardBy(() -> {});
            waits.remove(reported);
            reported.close();
        }
        readers.close();
        endpoint.close();
    }
}
