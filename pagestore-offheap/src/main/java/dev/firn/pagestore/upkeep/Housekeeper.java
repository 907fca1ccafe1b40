package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.layer.BlockCodec;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.manifest.ManifestStore;
import dev.firn.pagestore.rebuild.PageBuilder;
import dev.firn.pagestore.upkeep.UpkeepLink.Order;
import dev.firn.pagestore.upkeep.UpkeepLink.Report;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;

/**
 * Does for a shard what takes longer than its duty cycle may: takes timelines over, makes layers of memory tables, merges layers, makes images, removes
 * what is not needed. All its inputs no longer change.
 *
 * <p>An agent of its own, with a session of its own; what it and the shard say to each other goes through an {@link UpkeepLink}.
 */
public final class Housekeeper implements Agent {
    private static final int STORE_POLL_LIMIT = 64;

    private final UpkeepLink link;
    private final UpkeepConfig config;
    private final Clock clock;
    private final RandomGenerator random;
    private final OffHeapMemory memory;
    private final ObjectStore store;
    private final StoreSession session;
    private final BlockCodec codec;
    private final LayerScans.ScanContext scans;
    private final Map<Integer, TimelineUpkeep> timelines = new HashMap<>();
    private final Map<Integer, ManifestStore> claims = new HashMap<>();

    /** Claims that the store could not take, the next one to be tried first. */
    private final ArrayDeque<Delayed> delayed = new ArrayDeque<>();

    private record Delayed(Order.Open open, ManifestStore manifests, long notBeforeNs) {}

    /** Redo of its own: images are made on this thread. */
    private final Map<PostgresVersion, PageBuilder> builders = new EnumMap<>(PostgresVersion.class);

    /** Being claimed, and let go of meanwhile. */
    private final Set<Integer> closing = new HashSet<>();

    /** Reports that the link had no room for. */
    private final ArrayDeque<Report> outbox = new ArrayDeque<>();

    /** @param memory borrowed; the link, the store and the memory outlive this. */
    public Housekeeper(
            final UpkeepLink link,
            final UpkeepConfig config,
            final Clock clock,
            final RandomGenerator random,
            final OffHeapMemory memory,
            final ObjectStore store) {
        this.link = link;
        this.config = config;
        this.clock = clock;
        this.random = random;
        this.memory = memory;
        this.store = store;
        this.session = store.openSession();
        this.codec = new BlockCodec(memory);
        this.scans = new LayerScans.ScanContext(session, codec, memory, config.scanBytes(), config.calls());
    }

    @Override
    public String roleName() {
        return "housekeeper";
    }

    @Override
    public void onStart() {
        link.housekeeper(Thread.currentThread());
    }

    @Override
    public int doWork() {
        int done = session.poll(STORE_POLL_LIMIT);
        while (!outbox.isEmpty() && link.report(outbox.peek())) {
            outbox.poll();
            done++;
        }
        for (Order order = link.nextOrder(); order != null; order = link.nextOrder()) {
            onOrder(order);
            done++;
        }
        done += claimAgain();
        long debt = 0;
        for (final Iterator<TimelineUpkeep> all = timelines.values().iterator(); all.hasNext(); ) {
            final TimelineUpkeep timeline = all.next();
            final int worked = timeline.work();
            done += worked;
            if (timeline.isOver()) {
                timeline.release();
                all.remove();
                report(new Report.Closed(timeline.number()));
            } else {
                debt += timeline.debtBytes();
            }
        }
        link.debtBytes(debt);
        return done;
    }

    /** Whether nothing is to be done, and nothing is under way. */
    public boolean isIdle() {
        return session.inFlight() == 0
                && claims.isEmpty()
                && outbox.isEmpty()
                && timelines.values().stream().allMatch(TimelineUpkeep::isIdle);
    }

    private void onOrder(final Order order) {
        switch (order) {
            case Order.Open open -> open(open);
            case Order.Flush flush -> of(flush.timeline(), timeline -> timeline.flush(flush));
            case Order.Released released -> of(released.timeline(), timeline -> timeline.released(released.layers()));
            case Order.Hold hold -> of(hold.timeline(), timeline -> timeline.hold(hold.hold(), hold.token()));
            case Order.LetGo letGo -> of(letGo.timeline(), timeline -> timeline.letGo(letGo.holder()));
            case Order.Close close -> close(close.timeline());
        }
    }

    /** One that is still being claimed is closed when it is known whose it is. */
    private void close(final int number) {
        if (claims.containsKey(number)) {
            closing.add(number);
        } else {
            of(number, TimelineUpkeep::close);
        }
    }

    /** A timeline that is gone, deposed or closed, hears nothing any more. */
    private void of(final int number, final java.util.function.Consumer<TimelineUpkeep> action) {
        final TimelineUpkeep timeline = timelines.get(number);
        if (timeline != null) {
            action.accept(timeline);
        }
    }

    private void open(final Order.Open open) {
        final ManifestStore manifests =
                new ManifestStore(session, open.first().timeline(), memory, config.calls(), random);
        claims.put(open.timeline(), manifests);
        claim(open, manifests);
    }

    private void claim(final Order.Open open, final ManifestStore manifests) {
        manifests.claim(
                open.mayBeNew() ? open.first() : null,
                () -> report(new Report.Fresh(open.timeline())),
                outcome -> onClaim(open, manifests, outcome));
    }

    /** Claims that the store did not take, when it is time. */
    private int claimAgain() {
        int done = 0;
        while (!delayed.isEmpty() && clock.nanoTime() - delayed.peek().notBeforeNs() >= 0) {
            final Delayed claim = delayed.poll();
            claim(claim.open(), claim.manifests());
            done++;
        }
        return done;
    }

    private void onClaim(final Order.Open open, final ManifestStore manifests, final ManifestStore.Outcome outcome) {
        if (outcome instanceof final ManifestStore.Outcome.Failed failed) {
            delayed.add(new Delayed(open, manifests, clock.nanoTime() + config.retryNs()));
            report(new Report.Troubled(open.timeline(), failed.message()));
            return;
        }
        claims.remove(open.timeline());
        if (!(outcome instanceof ManifestStore.Outcome.Held held)) {
            manifests.close();
            closing.remove(open.timeline());
            if (outcome instanceof ManifestStore.Outcome.Deposed(final long byEpoch)) {
                // Whoever was faster has it: to try again would be to take it away.
                report(new Report.Deposed(open.timeline(), byEpoch));
            } else {
                report(new Report.Refused(open.timeline(), describe(open.first().timeline(), outcome)));
            }
            report(new Report.Closed(open.timeline()));
            return;
        }
        final Manifest manifest = held.manifest();
        timelines.put(
                open.timeline(),
                new TimelineUpkeep(
                        open.timeline(),
                        listener -> new ManifestKeeper(manifests, clock, config.retryNs(), listener),
                        config,
                        clock,
                        outputs(manifest.epoch()),
                        scans,
                        this::report,
                        new PageChain.Rebuilding(
                                builders.computeIfAbsent(open.version(), version -> new PageBuilder(version, memory)),
                                open.timeline(),
                                read -> link.report(new Report.Wanted(read)))));
        report(new Report.Troubled(open.timeline(), ""));
        report(new Report.Opened(open.timeline(), manifest));
        if (closing.remove(open.timeline())) {
            of(open.timeline(), TimelineUpkeep::close);
        }
    }

    private LayerOutput.OutputContext outputs(final long epoch) {
        final long[] next = {0};
        return new LayerOutput.OutputContext(session, store.limits(), config, codec, memory, epoch, () -> next[0]++);
    }

    private static String describe(final String timeline, final ManifestStore.Outcome outcome) {
        return "timeline " + timeline + " can't be taken over: "
                + switch (outcome) {
                    case ManifestStore.Outcome.Absent absent -> "it has no manifest";
                    case ManifestStore.Outcome.Deposed deposed ->
                        "another owner, of epoch " + deposed.byEpoch() + ", was faster";
                    case ManifestStore.Outcome.Damaged damaged -> damaged.message();
                    case ManifestStore.Outcome.Failed failed -> failed.message();
                    case ManifestStore.Outcome.Held held -> "it was";
                };
    }

    private void report(final Report report) {
        if (!outbox.isEmpty() || !link.report(report)) {
            outbox.add(report);
        }
    }

    /**
     * Gives up what is under way. The store's session answers all calls while it closes: manifests hear nothing of it any more, since they
     * would go on with a call that it does not take.
     */
    @Override
    public void onClose() {
        claims.values().forEach(ManifestStore::close);
        for (final TimelineUpkeep timeline : timelines.values()) {
            timeline.close();
            timeline.release();
        }
        session.close();
        timelines.values().forEach(TimelineUpkeep::work);
        builders.values().forEach(PageBuilder::close);
        codec.close();
    }
}
