package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.ingest.IngestException;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.layer.BlockCodec;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.rebuild.HintHistory;
import dev.firn.pagestore.rebuild.PageBuilder;
import dev.firn.pagestore.service.HoldHandler;
import dev.firn.pagestore.service.PageReads;
import dev.firn.pagestore.service.ReadHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.pagestore.upkeep.BaseRead;
import dev.firn.pagestore.upkeep.LayerScans;
import dev.firn.pagestore.upkeep.UpkeepLink;
import dev.firn.pagestore.upkeep.UpkeepLink.Order;
import dev.firn.pagestore.upkeep.UpkeepLink.Report;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.Agent;

/**
 * Some timelines on one thread: takes their WAL, and answers reads of any page at any LSN. A branch is in its parent's shard.
 *
 * <p>Nothing here blocks, and nothing is durable: what is in layers, and which, the housekeeper writes into the manifest; what is not, comes again from
 * the WAL. When another owner has taken a timeline over, it is answered no more.
 */
public final class Shard implements Agent, PageReads, AutoCloseable {
    /**
     * Answers of the block cache and the store that a duty cycle takes. Few: what is asked for because of them goes to the device with the next
     * cycle, which then works while the others are taken, and not behind all of them.
     */
    private static final int IO_LIMIT = 4;

    private static final int INGEST_STEPS = 4;
    private static final int SCAN_ENTRIES = 2_048;

    /** Most scans begun and not answered: each has memory for its answer. */
    private static final int MAX_SCANS = 64;

    private final ShardContext context;
    private final ShardConfig config;
    private final OffHeapMemory memory;
    private final UpkeepLink link;
    private final ReadCounters counters = new ReadCounters();
    private final PageCache cache;
    private final KeyReads reads;
    private final BlockCodec scanCodec;
    private final LayerScans.ScanContext scanContext;
    private final TimelineOpening opening;
    private final IngestPace pace;
    private final List<HostedTimeline> timelines = new ArrayList<>();
    private final Map<PostgresVersion, PageBuilder> builders = new EnumMap<>(PostgresVersion.class);
    private final Long2ObjectHashMap<KeyRead> readsByToken = new Long2ObjectHashMap<>();
    private final ArrayDeque<ShardScan> scans = new ArrayDeque<>();
    private final ArrayDeque<BaseRead> wanted = new ArrayDeque<>();
    private final ArrayDeque<Order> outbox = new ArrayDeque<>();
    private final Map<Long, HoldHandler> holds = new HashMap<>();
    private final KeyReads.ReadsOver onOver = this::onOver;
    private long nextHold = 1;

    public Shard(final ShardContext context) {
        this.context = context;
        this.config = context.config();
        this.memory = context.memory();
        this.link = context.link();
        this.cache = new PageCache(memory, config.cachePages());
        this.reads = new KeyReads(config, memory, context.objects(), cache, counters);
        this.scanCodec = new BlockCodec(memory);
        this.scanContext = new LayerScans.ScanContext(
                context.session(), scanCodec, memory, context.objects().maxReadBytes(), context.calls());
        this.opening = new TimelineOpening(context, scanContext, this::onFrozen);
        this.pace = new IngestPace(context.clock(), config.debtBytes());
    }

    @Override
    public String roleName() {
        return "page-shard";
    }

    // Timelines.

    /**
     * Opens a timeline: takes it over from whoever has it. A branch's parent is open and ingested up to where the branch left it, and keeps that LSN
     * readable from then on, durably, before the branch is there. A branch that has no manifest yet answers from then on, while its first one is being
     * written: there is nothing in that but what {@code spec} says.
     *
     * @return its number; {@link #state} says how it stands.
     * @throws IllegalArgumentException when the parent is not open, or not ingested so far: it may be later.
     */
    public int open(final TimelineSpec spec) {
        return open(spec, true);
    }

    /** Opens one again that was open before: its manifest must be there. */
    public int openAgain(final TimelineSpec spec) {
        return open(spec, false);
    }

    private int open(final TimelineSpec spec, final boolean mayBeNew) {
        HostedTimeline parent = null;
        if (spec.isBranch()) {
            parent = hosted(timeline(spec.parent()));
            if (parent == null || !parent.answers()) {
                throw new IllegalArgumentException(
                        "timeline " + spec.name() + " is a branch of " + spec.parent() + ", which is not open");
            }
            if (parent.appliedLsn() < spec.branchLsn()) {
                // After a start, what is not in layers yet comes again from the WAL; what the branch begins with is
                // part of it.
                throw new IllegalArgumentException("timeline " + spec.name() + " is a branch of " + spec.parent()
                        + ", which is not ingested up to where it left that yet");
            }
        }
        final int number = freeNumber();
        final HostedTimeline opened = new HostedTimeline(number, spec, parent);
        if (number == timelines.size()) {
            timelines.add(opened);
        } else {
            timelines.set(number, opened);
        }
        final Order.Open open = new Order.Open(number, TimelineOpening.first(spec), mayBeNew, spec.version());
        if (parent == null) {
            order(open);
        } else {
            hold(parent.number, holderOf(spec.name()), spec.branchLsn(), Long.MAX_VALUE, refusal -> {
                if (opened.isClosing) {
                    // Its manifest would stay, and the next branch of this name be made of it.
                    opened.isUpkeepOver = true;
                } else if (refusal == null) {
                    order(open);
                } else {
                    opened.isUpkeepOver = true;
                    opened.fail(TimelineState.REFUSED, refusal);
                }
            });
        }
        return number;
    }

    /** That of one that never answered and is no more, as what is refused may be tried again and again; else the next. */
    private int freeNumber() {
        int number = 0;
        while (number < timelines.size() && !timelines.get(number).isUnused()) {
            number++;
        }
        return number;
    }

    /** Who holds a branch's LSN in its parent. */
    public static String holderOf(final String branch) {
        return "branch " + branch;
    }

    /** Keeps an LSN readable, whatever the history window: durably, when the handler hears so. */
    public void hold(
            final int timeline,
            final String holder,
            final long lsn,
            final long untilEpochMs,
            final HoldHandler handler) {
        final long token = nextHold++;
        holds.put(token, handler);
        orderOf(timeline, new Order.Hold(timeline, new Manifest.Hold(holder, lsn, untilEpochMs), token));
    }

    @Override
    public boolean isHeld(final int timeline, final long lsn) {
        return atLsn(timelines.get(timeline), lsn).holds(lsn);
    }

    /** Of a branch, what it shares with its parent is kept there. */
    @Override
    public void lease(
            final int timeline,
            final String holder,
            final long lsn,
            final long untilEpochMs,
            final HoldHandler handler) {
        hold(atLsn(timelines.get(timeline), lsn).number, holder, lsn, untilEpochMs, handler);
    }

    @Override
    public void endLease(final int timeline, final String holder, final long lsn) {
        letGo(atLsn(timelines.get(timeline), lsn).number, holder);
    }

    /** Nobody needs what was held any more. */
    public void letGo(final int timeline, final String holder) {
        orderOf(timeline, new Order.LetGo(timeline, holder));
    }

    /**
     * Lets a timeline go: it is answered no more from now on, and gives back what it holds when nothing goes through it any more, its
     * branches neither.
     */
    public void close(final int timeline) {
        final HostedTimeline hosted = timelines.get(timeline);
        if (hosted.isClosing) {
            return;
        }
        hosted.isClosing = true;
        hosted.fail(TimelineState.CLOSED, "the timeline is closed");
        if (!hosted.isUpkeepOver) {
            order(new Order.Close(timeline));
        }
    }

    /** Whether a timeline that was closed holds nothing any more. */
    public boolean isReleased(final int timeline) {
        return timelines.get(timeline).isClosing && timelines.get(timeline).timeline == null;
    }

    /** The caller, who has seen that it {@link #isReleased}, does not name it any more: the next one may have its number. */
    public void forget(final int timeline) {
        timelines.get(timeline).isForgotten = true;
    }

    public TimelineState state(final int timeline) {
        return timelines.get(timeline).state;
    }

    /** What the state is due to, where it is a failure; else what is tried again and again in vain; else empty. */
    public String message(final int timeline) {
        final HostedTimeline hosted = timelines.get(timeline);
        return hosted.message.isEmpty() ? hosted.trouble : hosted.message;
    }

    /** Up to where a timeline is in the object store. */
    public long uploadedLsn(final int timeline) {
        final Manifest manifest = timelines.get(timeline).manifest;
        return manifest == null ? 0 : manifest.uploadedLsn();
    }

    /** How many forks of relations a timeline knows, those that are gone included. */
    public int forks(final int timeline) {
        return timelines.get(timeline).answers()
                ? timelines.get(timeline).timeline.input().forks()
                : 0;
    }

    /** How many truncations, drops and copies it knows. */
    public int floors(final int timeline) {
        return timelines.get(timeline).answers()
                ? timelines.get(timeline).timeline.input().floors()
                : 0;
    }

    /** The manifest that was stored last, or null. */
    public Manifest manifest(final int timeline) {
        return timelines.get(timeline).manifest;
    }

    public ReadCounters counters() {
        return counters;
    }

    // WAL.

    /** From where on a timeline wants WAL; only while it is {@link TimelineState#LIVE}. */
    public long neededLsn(final int timeline) {
        return timelines.get(timeline).ingest.neededLsn();
    }

    /**
     * Takes WAL: copies as much as there is room for.
     *
     * @param lsn of the first byte; what lies before {@link #neededLsn} is passed over.
     * @return how many bytes were taken: 0 when it has to wait.
     */
    public int feed(
            final int timeline, final long lsn, final MemorySegment bytes, final long offset, final int length) {
        final HostedTimeline hosted = timelines.get(timeline);
        if (hosted.state != TimelineState.LIVE || !pace.mayTake(link.debtBytes())) {
            return 0;
        }
        final int taken = hosted.ingest.feed(lsn, bytes, offset, length);
        pace.taken(taken, link.debtBytes());
        return taken;
    }

    /** Has what is in a timeline's memory table made into layers soon. */
    public void flush(final int timeline) {
        timelines.get(timeline).ingest.flush();
    }

    private void onFrozen(final HostedTimeline hosted, final HeldTable table, final long uploadedLsn) {
        table.pin();
        hosted.inUpkeep.add(table);
        orderOf(
                hosted.number,
                new Order.Flush(
                        hosted.number,
                        table.table(),
                        uploadedLsn,
                        context.clock().epochNs(),
                        hosted.timeline.input().copyLsns()));
    }

    // Reads.

    @Override
    public int timeline(final long timelineId) {
        for (int i = timelines.size() - 1; i >= 0; i--) {
            if (timelines.get(i).spec.timelineId() == timelineId
                    && timelines.get(i).answers()) {
                return i;
            }
        }
        return NO_TIMELINE;
    }

    @Override
    public int timeline(final String name) {
        for (int i = timelines.size() - 1; i >= 0; i--) {
            if (timelines.get(i).spec.name().equals(name) && timelines.get(i).answers()) {
                return i;
            }
        }
        return NO_TIMELINE;
    }

    private HostedTimeline hosted(final int number) {
        return number < 0 || number >= timelines.size() ? null : timelines.get(number);
    }

    @Override
    public TimelineFacts facts(final int timeline) {
        final HostedTimeline hosted = timelines.get(timeline);
        final TimelineSpec spec = hosted.spec;
        return new TimelineFacts(
                spec.name(),
                spec.timelineId(),
                spec.systemIdentifier(),
                spec.version().major(),
                spec.walSegmentBytes(),
                spec.parent(),
                spec.branchLsn(),
                historyLsn(timeline),
                appliedLsn(timeline),
                uploadedLsn(timeline));
    }

    @Override
    public long appliedLsn(final int timeline) {
        return timelines.get(timeline).appliedLsn();
    }

    /** Of a branch that of the parent, as long as it reaches back so far. */
    @Override
    public long historyLsn(final int timeline) {
        final HostedTimeline hosted = timelines.get(timeline);
        final long own = hosted.oldestLsn();
        return hosted.parent != null && own <= hosted.spec.branchLsn()
                ? Math.min(own, historyLsn(hosted.parent.number))
                : own;
    }

    @Override
    public MemorySegment pageInMemory(
            final int timeline, final long high, final long middle, final long low, final long lsn) {
        final HostedTimeline hosted = timelines.get(timeline);
        if (!hosted.answers()) {
            return null;
        }
        final HostedTimeline at = atLsn(hosted, lsn);
        return refusal(hosted, at, lsn) == null ? reads.pageInMemory(at.timeline, high, middle, low, lsn) : null;
    }

    @Override
    public boolean read(
            final long token, final int timeline, final long high, final long middle, final long low, final long lsn) {
        final HostedTimeline hosted = timelines.get(timeline);
        final KeyRead read;
        if (!hosted.answers()) {
            read = refuse(token, hosted);
        } else {
            final HostedTimeline at = atLsn(hosted, lsn);
            final ReadRefusal refusal = refusal(hosted, at, lsn);
            read = refusal == null
                    ? reads.begin(at.timeline, high, middle, low, lsn, token, null)
                    : reads.refuse(token, refusal, sentence(refusal));
        }
        return put(token, read);
    }

    private KeyRead refuse(final long token, final HostedTimeline hosted) {
        final boolean deposed = hosted.state == TimelineState.DEPOSED;
        return reads.refuse(
                token,
                deposed ? ReadRefusal.DEPOSED : ReadRefusal.NO_SUCH_TIMELINE,
                deposed ? hosted.message : "the timeline is not open");
    }

    /** The timeline that was written at an LSN: a branch's parent, where that is before it branched off. */
    private static HostedTimeline atLsn(final HostedTimeline hosted, final long lsn) {
        HostedTimeline at = hosted;
        while (at.parent != null && lsn < at.spec.branchLsn()) {
            at = at.parent;
        }
        return at;
    }

    private static ReadRefusal refusal(final HostedTimeline asked, final HostedTimeline at, final long lsn) {
        if (lsn > asked.appliedLsn()) {
            return ReadRefusal.NOT_YET_INGESTED;
        }
        return lsn < at.oldestLsn() && !at.holds(lsn) ? ReadRefusal.BEFORE_HISTORY : null;
    }

    private static String sentence(final ReadRefusal refusal) {
        return refusal == ReadRefusal.NOT_YET_INGESTED
                ? "that LSN is not ingested yet"
                : "that LSN is before what is kept";
    }

    @Override
    public boolean scan(
            final long token,
            final int timeline,
            final long fromHigh,
            final long fromMiddle,
            final long fromLow,
            final long toHigh,
            final long toMiddle,
            final long toLow,
            final long lsn,
            final int maxBytes) {
        final HostedTimeline hosted = timelines.get(timeline);
        final HostedTimeline at = hosted.answers() ? atLsn(hosted, lsn) : hosted;
        final ReadRefusal refusal = hosted.answers() ? refusal(hosted, at, lsn) : ReadRefusal.NO_SUCH_TIMELINE;
        if (refusal != null) {
            return put(token, reads.refuse(token, refusal, sentence(refusal)));
        }
        return addScan(() -> new KeyedScan(
                token,
                scanContext,
                at.timeline,
                KeyRange.before(fromHigh, fromMiddle, fromLow, toHigh, toMiddle, toLow),
                lsn,
                maxBytes));
    }

    /** To the second: commits sparsely say when they were, and what is more exact is in the log alone. */
    @Override
    public boolean lsnAt(final long token, final int timeline, final long timestampMicros) {
        final HostedTimeline hosted = timelines.get(timeline);
        if (!hosted.answers()) {
            return put(token, refuse(token, hosted));
        }
        return addScan(
                () -> new CommitTimeScan(token, scanContext, hosted.timeline, hosted.appliedLsn(), timestampMicros));
    }

    private boolean addScan(final Supplier<ShardScan> scan) {
        if (scans.size() == MAX_SCANS) {
            return false;
        }
        try {
            scans.add(scan.get());
            return true;
        } catch (final NoScanRoomException e) {
            return false;
        }
    }

    private boolean put(final long token, final KeyRead read) {
        if (read != null) {
            readsByToken.put(token, read);
        }
        return read != null;
    }

    @Override
    public void abandon(final long token) {
        final KeyRead read = readsByToken.remove(token);
        if (read != null) {
            reads.abandon(read);
        }
        for (final ShardScan scan : scans) {
            if (scan.token() == token) {
                scan.abandon();
            }
        }
    }

    /** The token of a read that was given up is another one's by now. */
    private void onOver(final KeyRead read) {
        if (!read.abandoned) {
            readsByToken.remove(read.token);
        }
    }

    @Override
    public int poll(final ReadHandler handler, final int limit) {
        int done = reads.poll(handler, onOver, limit);
        for (int left = scans.size(); left > 0; left--) {
            final ShardScan scan = scans.poll();
            if (scan.isAbandoned() || (scan.state() != EntryScan.State.GOING && tell(scan, handler))) {
                scan.close();
                done++;
            } else {
                scans.add(scan);
            }
        }
        return done;
    }

    private static boolean tell(final ShardScan scan, final ReadHandler handler) {
        return scan.state() == EntryScan.State.DONE
                ? handler.onRead(scan.token(), scan.bytes(), 0, scan.lengthBytes())
                : handler.onRefused(
                        scan.token(), scan.isDamaged() ? ReadRefusal.DAMAGED : ReadRefusal.UNREACHABLE, scan.failure());
    }

    // The duty cycle.

    @Override
    public int doWork() {
        int done = sendOrders();
        for (Report report = link.nextReport(); report != null; report = link.nextReport()) {
            onReport(report);
            done++;
        }
        done += reads.work(IO_LIMIT);
        done += readBases();
        final long nowNs = context.clock().nanoTime();
        for (int i = 0; i < timelines.size(); i++) {
            done += work(timelines.get(i), nowNs);
        }
        if (!scans.isEmpty()) {
            done += workScans();
        }
        counters.publish();
        return done;
    }

    /** Apart, as going over a queue makes an object. */
    private int workScans() {
        int done = 0;
        for (final ShardScan scan : scans) {
            if (!scan.isAbandoned()) {
                done += scan.work(SCAN_ENTRIES);
            }
        }
        return done;
    }

    private int work(final HostedTimeline hosted, final long nowNs) {
        if (hosted.timeline == null) {
            return 0;
        }
        if (hosted.isClosing) {
            return finish(hosted);
        }
        int done = opening.work(hosted);
        final BasePages base = hosted.timeline.base();
        if (base != null && hosted.state != TimelineState.IMPORTING) {
            done += base.poll(reads, IO_LIMIT);
        }
        if (hosted.state == TimelineState.LIVE) {
            try {
                int worked = 1;
                for (int step = 0; step < INGEST_STEPS && worked > 0; step++) {
                    worked = hosted.ingest.work(nowNs);
                    done += worked;
                }
            } catch (final IngestException e) {
                hosted.fail(TimelineState.STUCK, e.getMessage());
            }
        }
        if (hosted.state == TimelineState.LIVE) {
            done += readLongChains(hosted);
        }
        final List<LayerName> released = hosted.timeline.takeReleased();
        if (!released.isEmpty()) {
            order(new Order.Released(hosted.number, released));
        }
        return done;
    }

    /** Gives back what a closed timeline holds. Scans are few and short, and none may go through it: which do, they do not tell. */
    private int finish(final HostedTimeline hosted) {
        final BasePages base = hosted.timeline.base();
        int done = base == null ? 0 : base.poll(reads, IO_LIMIT);
        if (hosted.isUpkeepOver
                && hosted.chainReads == 0
                && hosted.timeline.readsInFlight() == 0
                && scans.isEmpty()
                && timelines.stream().noneMatch(other -> other.parent == hosted && other.timeline != null)) {
            hosted.close();
            done++;
        }
        return done;
    }

    private int readLongChains(final HostedTimeline hosted) {
        final LongChains chains = hosted.ingest.longChains();
        int done = 0;
        while (!chains.isEmpty() && hosted.chainReads < config.imageReads()) {
            hosted.chainReads++;
            if (!chains.readLast(reads, hosted.timeline, hosted.onLongChain)) {
                hosted.chainReads--;
                break;
            }
            done++;
        }
        return done;
    }

    /** Tells the housekeeper what lies beneath pages that it makes images of. */
    private int readBases() {
        int done = 0;
        while (!wanted.isEmpty() && reads.room() > 0) {
            final BaseRead base = wanted.poll();
            final HostedTimeline hosted = timelines.get(base.timeline());
            if (hosted.answers()) {
                readBase(base, hosted);
            } else {
                base.failed("the timeline is not open");
            }
            link.answered();
            done++;
        }
        return done;
    }

    private void readBase(final BaseRead base, final HostedTimeline hosted) {
        final Timeline timeline = hosted.timeline;
        final long floor = timeline.floorLsn(base.high(), base.middle(), base.low(), base.lsn());
        // What is older than an image may be gone, so that no page can be made of it.
        final long image = timeline.imageLsn(base.high(), base.middle(), base.low(), base.lsn());
        final long cut = image > base.aloneLsn() ? Math.max(floor, image) : floor;
        final HintHistory hints = timeline.input().hints();
        if (!base.needsPage(cut)) {
            base.done(cut, hints);
            return;
        }
        final long from = Math.max(base.fromLsn(), hosted.originLsn());
        reads.begin(timeline, base.high(), base.middle(), base.low(), Math.max(cut, from), 0, read -> {
            if (read.refusal == null) {
                base.done(read.page, cut, hints);
            } else {
                base.failed(read.sentence);
            }
            link.answered();
        });
    }

    private void order(final Order order) {
        outbox.add(order);
    }

    /** The housekeeper hears nothing of a timeline that it has not claimed yet. */
    private void orderOf(final int timeline, final Order order) {
        final HostedTimeline hosted = timelines.get(timeline);
        if (hosted.isFresh) {
            hosted.afterClaim.add(order);
        } else {
            order(order);
        }
    }

    private int sendOrders() {
        int done = 0;
        while (!outbox.isEmpty() && link.order(outbox.peek())) {
            outbox.poll();
            done++;
        }
        return done;
    }

    private void onOpened(final HostedTimeline hosted, final Manifest manifest) {
        if (hosted.isClosing) {
            return;
        }
        final TimelineSpec spec = hosted.spec;
        if (!manifest.parent().equals(spec.parent()) || manifest.branchLsn() != spec.branchLsn()) {
            hosted.fail(
                    TimelineState.REFUSED,
                    "the manifest of " + spec.name()
                            + " is of another branch of this name: one that was deleted has left it"
                            + " behind, and to delete this one removes it");
            return;
        }
        if (!hosted.isFresh) {
            opening.opened(hosted, manifest, builder(spec.version()), reads);
            return;
        }
        hosted.isFresh = false;
        if (manifest.uploadedLsn() != spec.branchLsn() || !manifest.layers().isEmpty()) {
            hosted.fail(
                    TimelineState.REFUSED,
                    "timeline " + spec.name() + " was made by another page server at the same time");
            return;
        }
        hosted.manifest = manifest;
        while (!hosted.afterClaim.isEmpty()) {
            outbox.add(hosted.afterClaim.poll());
        }
    }

    private void onReport(final Report report) {
        switch (report) {
            case Report.Fresh fresh -> {
                final HostedTimeline hosted = timelines.get(fresh.timeline());
                if (hosted.parent != null && !hosted.isClosing && hosted.state == TimelineState.CLAIMING) {
                    hosted.isFresh = true;
                    opening.opened(hosted, TimelineOpening.first(hosted.spec), builder(hosted.spec.version()), reads);
                }
            }
            case Report.Opened opened -> onOpened(timelines.get(opened.timeline()), opened.manifest());
            case Report.Troubled troubled -> timelines.get(troubled.timeline()).trouble = troubled.sentence();
            case Report.Refused refused -> {
                final HostedTimeline hosted = timelines.get(refused.timeline());
                if (!hosted.isClosing) {
                    hosted.fail(TimelineState.REFUSED, refused.message());
                }
            }
            case Report.Installed installed -> {
                final HostedTimeline hosted = timelines.get(installed.timeline());
                if (hosted.timeline == null) {
                    return;
                }
                hosted.install(installed.manifest(), installed.tables());
            }
            case Report.Held held -> {
                final HoldHandler handler = holds.remove(held.token());
                if (handler != null) {
                    handler.onHeld(held.refusal());
                }
            }
            case Report.Deposed deposed -> {
                final HostedTimeline hosted = timelines.get(deposed.timeline());
                if (!hosted.isClosing) {
                    hosted.fail(
                            TimelineState.DEPOSED,
                            "another page server has taken the timeline over, as owner of epoch " + deposed.byEpoch());
                }
            }
            case Report.Wanted image -> wanted.add(image.read());
            case Report.Closed closed -> timelines.get(closed.timeline()).upkeepEnded();
        }
    }

    private PageBuilder builder(final PostgresVersion version) {
        return builders.computeIfAbsent(version, of -> new PageBuilder(of, memory));
    }

    /**
     * Gives all memory back. The housekeeper is closed before, and the store's session; what was asked and not answered never is.
     */
    @Override
    public void close() {
        wanted.forEach(base -> base.failed("the shard is closed"));
        scans.forEach(ShardScan::close);
        scans.clear();
        reads.close();
        for (final HostedTimeline hosted : timelines) {
            hosted.close();
        }
        builders.values().forEach(PageBuilder::close);
        scanCodec.close();
        cache.close();
    }
}
