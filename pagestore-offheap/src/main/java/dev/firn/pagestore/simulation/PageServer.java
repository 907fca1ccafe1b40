package dev.firn.pagestore.simulation;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.layer.LayerCompression;
import dev.firn.pagestore.layer.LayerConfig;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.rebuild.HintHistory;
import dev.firn.pagestore.service.KeyedValues;
import dev.firn.pagestore.service.ReadHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.timeline.Shard;
import dev.firn.pagestore.timeline.ShardConfig;
import dev.firn.pagestore.timeline.ShardContext;
import dev.firn.pagestore.timeline.StoreReads;
import dev.firn.pagestore.timeline.TimelineSpec;
import dev.firn.pagestore.timeline.TimelineState;
import dev.firn.pagestore.upkeep.BaseRead;
import dev.firn.pagestore.upkeep.Housekeeper;
import dev.firn.pagestore.upkeep.UpkeepConfig;
import dev.firn.pagestore.upkeep.UpkeepLink;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;

/** One life of a page server: opens the timelines, feeds them, reads at random, and holds each answer against the model. */
final class PageServer implements Agent, ReadHandler {
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final int READS_AT_ONCE = 32;
    private static final int MAX_FEED_BYTES = 16_384;
    private static final int SCAN_BYTES = 4_096;

    /** Wall clocks jump: a lease is given back, and does not end by itself. */
    private static final long LEASE_END_MS = Long.MAX_VALUE;

    /** One read in so many is about a lease. */
    private static final int READS_A_LEASE = 8;

    /** One read in so many takes the place of one that is given up. */
    private static final int READS_A_CHANGE_OF_MIND = 8;

    private static final int MOST_CHANGES_OF_MIND = 3;

    /** Tokens from here on are of what lies beneath images: see {@link Flaw#IMAGE_ON_WRONG_BASE}. */
    private static final long BASE_TOKENS = 1L << 40;

    private final PageWorld world;
    private final RandomGenerator random;
    private final Shard shard;
    private final Housekeeper housekeeper;
    private final MemorySegment wal;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<Long, Asked> asked = new HashMap<>();
    private final Map<Long, BaseRead> bases = new HashMap<>();
    private long nextToken = 1;
    private long nextBase = BASE_TOKENS;

    /** A read, or with {@code key} null a scan of sizes. */
    private record Asked(ModelLog log, ModelKey key, long lsn) {}

    PageServer(final PageWorld world, final SimulatedHost host, final OffHeapMemory memory, final ObjectStore store) {
        this.world = world;
        this.random = host.random();
        this.wal = memory.allocate(MAX_FEED_BYTES, dev.firn.nativeio.memory.MemoryTag.of("simulated-wal"));
        final PageSwarm swarm = world.swarm();
        final CallOptions calls = new CallOptions(20_000 * MILLISECOND_NS);
        final UpkeepLink link = world.flaw() == Flaw.IMAGE_ON_WRONG_BASE ? new WrongBases() : new UpkeepLink();
        final var session = store.openSession();
        this.shard = new Shard(new ShardContext(
                new ShardConfig(
                        64,
                        1 + random.nextInt(24),
                        1 << 18,
                        8,
                        new MemoryTableConfig(MemoryTableConfig.MIN_BYTES),
                        1 + random.nextInt(3),
                        swarm.tableAgeNs(),
                        swarm.maxDeltas(),
                        8,
                        1L << 24),
                host.clock(),
                memory,
                store,
                session,
                calls,
                new SpoiltReads(
                        new StoreReads(session, calls),
                        host.random(),
                        swarm.spoiltReads(),
                        world.flaw() != Flaw.KEEP_SPOILT),
                link,
                (spec, any, maxDeltas) -> new SimulatedInput(world.log(spec.name()), world.flaw(), maxDeltas)));
        this.housekeeper = new Housekeeper(
                link,
                new UpkeepConfig(
                        new LayerConfig(
                                1 << 10, LayerCompression.LZ4, 12, 20, 10, 20_000 + random.nextInt(100_000), 1 << 20),
                        new ObjectWriter.Shape(store.limits().minPartBytes(), 2, calls),
                        calls,
                        swarm.mergeRuns(),
                        2,
                        swarm.imageBytes(),
                        50,
                        4,
                        1 + random.nextInt(3),
                        swarm.maxDeltas(),
                        4 * swarm.mergeRuns(),
                        swarm.historyNs(),
                        4_096,
                        1 << 16,
                        64,
                        200 * MILLISECOND_NS,
                        5_000 * MILLISECOND_NS),
                host.clock(),
                host.random(),
                memory,
                store);
        numbers.put(PageWorld.MAIN, shard.open(spec(world.log(PageWorld.MAIN))));
    }

    private static TimelineSpec spec(final ModelLog log) {
        final boolean branch = log.parent() != null;
        return new TimelineSpec(
                log.name(),
                log.name().hashCode(),
                SimulatedBase.VERSION,
                1,
                16 << 20,
                branch ? null : new SimulatedBase(),
                branch ? "" : "backup",
                branch ? log.parent().name() : "",
                log.branchLsn());
    }

    List<Agent> agents() {
        return List.of(this, housekeeper);
    }

    @Override
    public String roleName() {
        return "page-server";
    }

    @Override
    public int doWork() {
        int done = shard.doWork();
        openBranches();
        for (final Map.Entry<String, Integer> open : numbers.entrySet()) {
            done += attend(world.log(open.getKey()), open.getValue());
        }
        if (world.reads() && random.nextInt(4) == 0) {
            done += read();
        }
        return done + shard.poll(this, READS_AT_ONCE);
    }

    /** Whether no timeline is known to have a later owner. */
    private boolean isOwner() {
        for (final int number : numbers.values()) {
            if (shard.manifest(number) != null && !world.isLatest(shard.manifest(number))) {
                return false;
            }
        }
        return true;
    }

    private void openBranches() {
        for (final ModelLog log : world.logs()) {
            final Integer parent =
                    log.parent() == null ? null : numbers.get(log.parent().name());
            if (parent != null
                    && !numbers.containsKey(log.name())
                    && shard.state(parent) == TimelineState.LIVE
                    && shard.appliedLsn(parent) >= log.branchLsn()) {
                numbers.put(log.name(), shard.open(spec(log)));
            }
        }
    }

    /** Feeds a timeline; the process ends when it has lost it, or could not have it, and tries again later. */
    private int attend(final ModelLog log, final int number) {
        world.note(shard.manifest(number));
        switch (shard.state(number)) {
            case DEPOSED -> {
                world.deposed();
                throw new AgentTerminationException("deposed: " + shard.message(number));
            }
            case REFUSED -> {
                world.refused(log, shard.message(number));
                throw new AgentTerminationException(shard.message(number));
            }
            case STUCK -> throw new AssertionError("stuck: " + shard.message(number));
            case LIVE -> {
                log.acknowledge();
                return feed(log, number);
            }
            default -> {
                return 0;
            }
        }
    }

    private int feed(final ModelLog log, final int number) {
        if (shard.appliedLsn(number) < log.trimmedLsn()) {
            if (isOwner()) {
                throw new AssertionError("the log of " + log.name() + " is wanted from "
                        + Long.toHexString(shard.appliedLsn(number)) + " on, and was said to be in layers up to "
                        + Long.toHexString(log.trimmedLsn()));
            }
            throw new AgentTerminationException("the log is gone, as another owner has it in layers");
        }
        log.trim(world.flaw() == Flaw.TRIM_APPLIED ? shard.appliedLsn(number) : shard.uploadedLsn(number));
        final long from = shard.neededLsn(number);
        final long bytes = Math.min(log.endLsn() - from, 1 + random.nextInt(MAX_FEED_BYTES));
        return bytes <= 0 ? 0 : shard.feed(number, from, wal, 0, (int) bytes);
    }

    private int read() {
        if (!asked.isEmpty() && random.nextInt(READS_A_CHANGE_OF_MIND) == 0) {
            return giveUp();
        }
        return asked.size() >= READS_AT_ONCE ? 0 : readAs(nextToken);
    }

    /** Gives a read up, once or several times: each time its token is another one's at once, as a client's places are. */
    private int giveUp() {
        final Long[] tokens = asked.keySet().toArray(new Long[0]);
        final long token = tokens[random.nextInt(tokens.length)];
        int done = 0;
        for (int left = 1 + random.nextInt(MOST_CHANGES_OF_MIND); left > 0; left--) {
            if (world.flaw() != Flaw.KEEP_ABANDONED) {
                shard.abandon(token);
            }
            asked.remove(token);
            done += 1 + readAs(token);
            if (random.nextBoolean()) {
                shard.poll(this, 1);
            }
        }
        return done;
    }

    private int readAs(final long token) {
        final ModelLog log = world.logs().get(random.nextInt(world.logs().size()));
        final Integer number = numbers.get(log.name());
        if (number == null || shard.state(number) != TimelineState.LIVE) {
            return 0;
        }
        final long oldest = shard.historyLsn(number);
        final long applied = shard.appliedLsn(number);
        if (applied < oldest) {
            return 0;
        }
        final long lsn = random.nextInt(3) == 0 ? applied : oldest + random.nextLong(applied - oldest + 1);
        if (random.nextInt(READS_A_LEASE) == 0) {
            return lease(token, log, number, lsn);
        }
        return ask(token, log, number, random.nextInt(16) == 0 ? null : world.randomKey(random), lsn);
    }

    /** Takes a lease, or reads at one that was given, renews it, or gives it back. */
    private int lease(final long token, final ModelLog log, final int number, final long lsn) {
        final ModelLease given = world.randomLease(random);
        if (given == null || random.nextInt(4) == 0) {
            take(new ModelLease(log, world.newReader(), lsn), number);
            return 1;
        }
        final Integer its = numbers.get(given.log().name());
        if (its == null || shard.state(its) != TimelineState.LIVE || shard.appliedLsn(its) < given.lsn()) {
            return 0;
        }
        switch (random.nextInt(8)) {
            case 0 -> take(given, its);
            case 1 -> {
                world.ended(given);
                shard.endLease(its, given.holder(), given.lsn());
            }
            default -> ask(token, given.log(), its, world.randomKey(random), given.lsn());
        }
        return 1;
    }

    private void take(final ModelLease lease, final int number) {
        if (world.flaw() == Flaw.PROMISE_LEASES) {
            world.leased(lease);
            return;
        }
        shard.lease(number, lease.holder(), lease.lsn(), LEASE_END_MS, refusal -> {
            if (refusal == null) {
                world.leased(lease);
            }
        });
    }

    /** Looks whether a page is in memory, and begins to read it all the same; or any other key, or to scan the sizes. */
    private int ask(final long token, final ModelLog log, final int number, final ModelKey key, final long lsn) {
        if (key != null && key.keyClass() == KeyClass.PAGE) {
            final MemorySegment page = shard.pageInMemory(number, key.high(), key.middle(), key.low(), lsn);
            if (page != null) {
                world.answered();
                check(new Asked(log, key, lsn), page.toArray(ValueLayout.JAVA_BYTE));
            }
        }
        final boolean begun = key == null
                ? shard.scan(
                        token,
                        number,
                        PageKeys.high(KeyClass.SIZE, 0),
                        0,
                        0,
                        PageKeys.high(KeyClass.SIZE, -1) + 1,
                        0,
                        0,
                        lsn,
                        SCAN_BYTES)
                : shard.read(token, number, key.high(), key.middle(), key.low(), lsn);
        if (!begun) {
            return 0;
        }
        nextToken = Math.max(nextToken, token + 1);
        asked.put(token, new Asked(log, key, lsn));
        return 1;
    }

    @Override
    public boolean onRead(final long token, final MemorySegment bytes, final long offset, final int length) {
        if (token >= BASE_TOKENS) {
            bases.remove(token).done(bytes.asSlice(offset, PageLayout.PAGE_BYTES), 0, HintHistory.NONE);
            return true;
        }
        final Asked read = told(token);
        world.answered();
        if (read.key == null) {
            checkSizes(read, bytes, offset, length);
            return true;
        }
        check(read, bytes.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        return true;
    }

    private static void check(final Asked read, final byte[] got) {
        final byte[] expected = read.log.at(read.key, read.lsn);
        if (!Arrays.equals(expected, got)) {
            throw new AssertionError(describe(read) + " differs from the model at byte "
                    + (expected == null ? 0 : Arrays.mismatch(expected, got)) + ": it is of " + lsnOf(got)
                    + " instead of " + lsnOf(expected));
        }
    }

    private Asked told(final long token) {
        final Asked read = asked.remove(token);
        if (read == null) {
            throw new AssertionError("of a read that was given up it is told what it came to");
        }
        return read;
    }

    private static String lsnOf(final byte[] page) {
        return page == null || page.length < Long.BYTES
                ? "nothing"
                : Lsn.format(
                        new PageFlyweight().wrap(MemorySegment.ofArray(page), 0).lsn());
    }

    private static void checkSizes(final Asked scan, final MemorySegment bytes, final long offset, final int length) {
        final Map<ModelKey, Integer> expected = new TreeMap<>();
        for (final ModelKey key : ModelKey.all()) {
            final byte[] size = key.keyClass() == KeyClass.SIZE ? scan.log.at(key, scan.lsn) : null;
            if (size != null) {
                expected.put(key, MemorySegment.ofArray(size).get(ValueLayout.JAVA_INT_UNALIGNED, 0));
            }
        }
        final Map<ModelKey, Integer> got = new TreeMap<>();
        final KeyedValues values = new KeyedValues().wrap(bytes, offset, length);
        while (values.next()) {
            got.put(new ModelKey(values.high(), values.middle(), values.low()), values.size());
        }
        if (!expected.equals(got)) {
            throw new AssertionError("a scan of sizes of " + scan.log.name() + " at " + Long.toHexString(scan.lsn)
                    + " told " + got + ", and there are " + expected);
        }
    }

    @Override
    public boolean onRefused(final long token, final ReadRefusal refusal, final String sentence) {
        if (token >= BASE_TOKENS) {
            bases.remove(token).failed(sentence);
            return true;
        }
        final Asked read = told(token);
        switch (refusal) {
            case ABSENT -> {
                world.answered();
                if (read.key == null || read.log.at(read.key, read.lsn) != null) {
                    throw new AssertionError(describe(read) + " was said to be absent");
                }
            }
            case DAMAGED, BAD_REQUEST -> {
                // To an owner before, what later owners have removed is missing.
                if (isOwner()) {
                    throw new AssertionError(describe(read) + ": " + sentence);
                }
            }
            default -> {
                if (isOwner()) {
                    if (refusal == ReadRefusal.BEFORE_HISTORY && world.isLeased(read.log, read.lsn)) {
                        throw new AssertionError(describe(read) + ", which was leased: " + sentence);
                    }
                    world.refused(refusal, sentence);
                }
            }
        }
        return true;
    }

    private static String describe(final Asked read) {
        return (read.key == null ? "the scan of sizes" : read.key.toString()) + " of " + read.log.name() + " at "
                + Long.toHexString(read.lsn);
    }

    // For the end: when faults have stopped.

    /** Whether all timelines are open, and have all of their log. */
    boolean isCaughtUp() {
        for (final ModelLog log : world.logs()) {
            final Integer number = numbers.get(log.name());
            if (number == null
                    || shard.state(number) != TimelineState.LIVE
                    || shard.appliedLsn(number) < log.endLsn()) {
                return false;
            }
        }
        return true;
    }

    /** Asks for every key of a timeline at an LSN; false when there is no room for all: ask again. */
    boolean askAll(final ModelLog log, final long lsn, final List<ModelKey> left) {
        final int number = numbers.get(log.name());
        while (!left.isEmpty() && ask(nextToken, log, number, left.getLast(), lsn) > 0) {
            left.removeLast();
        }
        return left.isEmpty();
    }

    String describe() {
        final StringBuilder text = new StringBuilder();
        numbers.forEach((name, number) -> text.append(name)
                .append(' ')
                .append(shard.state(number))
                .append(' ')
                .append(shard.message(number))
                .append(" applied ")
                .append(Long.toHexString(shard.appliedLsn(number)))
                .append(" of ")
                .append(Long.toHexString(world.log(name).endLsn()))
                .append(", in layers ")
                .append(Long.toHexString(shard.uploadedLsn(number)))
                .append("; "));
        return text.append(asked.size())
                .append(" reads under way; the last server ended because ")
                .append(world.lastEnd())
                .toString();
    }

    boolean isIdle() {
        return asked.isEmpty();
    }

    long historyLsn(final ModelLog log) {
        return shard.historyLsn(numbers.get(log.name()));
    }

    /** What lies beneath images is what is there now. */
    private final class WrongBases extends UpkeepLink {
        @Override
        public Report nextReport() {
            Report report = super.nextReport();
            while (report instanceof Report.Wanted wanted) {
                final BaseRead base = wanted.read();
                final long lsn = shard.appliedLsn(base.timeline());
                if (!base.needsPage(0)) {
                    base.done(0, HintHistory.NONE);
                } else if (shard.read(nextBase, base.timeline(), base.high(), base.middle(), base.low(), lsn)) {
                    bases.put(nextBase++, base);
                } else {
                    base.failed("no room");
                }
                report = super.nextReport();
            }
            return report;
        }
    }
}
