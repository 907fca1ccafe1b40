package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.replay.Replay;
import dev.firn.pagestore.replay.ReplayConfig;
import dev.firn.pagestore.replay.ReplayListener;
import dev.firn.pagestore.replay.ReplayView;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageLayout;
import dev.firn.server.CommandException;
import dev.firn.server.wal.WalDirectory;
import dev.firn.server.wal.WalFeed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * A client that asks a page server for pages at random keys and LSNs, whatever becomes of the server meanwhile, and notes each answer.
 * {@link #holdAgainst} holds all of them against one replay, as it passes their LSNs.
 */
final class PageSamples implements AutoCloseable {
    private static final long PAGE_MEMORY_BYTES = 512L << 20;
    private static final int MAX_SAMPLES = 200_000;
    private static final int MAX_LSNS = 4_096;
    private static final int FIRST_USER_RELATION = 16_384;

    /** After so many answers it looks for new relations, and how far the server is. */
    private static final int ROUND = 40;

    private static final long PAUSE_MS = 20;
    private static final long END_LIMIT_MS = 60_000;

    private final Path system;
    private final int pageServer;
    private final String timeline;
    private final RandomGenerator random;
    private final List<Sample> samples = new ArrayList<>();
    private final Map<String, Integer> refusals = new TreeMap<>();
    private final List<Long> lsns = new ArrayList<>();
    private final Thread thread;
    private final Semaphore never = new Semaphore(0);
    private volatile boolean stop;
    private volatile int answers;
    private volatile RuntimeException failure;

    /** @param blocks how many the fork has, -1 when it is not there; without one, nothing was asked of {@code block}. */
    private record Sample(
            long lsn, int tablespace, int database, int relfilenode, int fork, long blocks, int block, int checksum) {
        String describe() {
            return PageKeys.describe(
                            PageKeys.high(KeyClass.PAGE, tablespace),
                            PageKeys.middle(database, relfilenode),
                            PageKeys.low(fork, block))
                    + " at " + Lsn.format(lsn);
        }
    }

    private PageSamples(final Path system, final int pageServer, final String timeline, final long seed) {
        this.system = system;
        this.pageServer = pageServer;
        this.timeline = timeline;
        this.random = SystemRandom.seeded(seed);
        this.thread = new Thread(this::run, "page-samples-" + timeline);
    }

    static PageSamples start(final Path system, final int pageServer, final String timeline, final long seed) {
        final PageSamples samples = new PageSamples(system, pageServer, timeline, seed);
        samples.thread.start();
        return samples;
    }

    /** How many answers there are so far. */
    int answers() {
        return answers;
    }

    /** What was answered in place of pages, and how often; after the end. */
    Map<String, Integer> refusals() {
        return Map.copyOf(refusals);
    }

    private void run() {
        try (ServedLog log = new ServedLog(system, pageServer, timeline)) {
            while (!stop && samples.size() < MAX_SAMPLES) {
                try {
                    round(log);
                } catch (final CommandException e) {
                    refusals.merge(e.getMessage(), 1, Integer::sum);
                    never.tryAcquire(PAUSE_MS, TimeUnit.MILLISECONDS);
                }
            }
        } catch (final RuntimeException e) {
            failure = e;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void round(final ServedLog log) {
        final TimelineFacts facts = log.facts();
        lsns.removeIf(lsn -> lsn < facts.historyLsn());
        if (facts.appliedLsn() < facts.historyLsn() || facts.appliedLsn() == 0) {
            return;
        }
        if (lsns.isEmpty() || lsns.getLast() != facts.appliedLsn()) {
            lsns.add(facts.appliedLsn());
        }
        if (lsns.size() > MAX_LSNS) {
            lsns.remove(random.nextInt(lsns.size()));
        }
        final List<long[]> forks = log.keys(KeyRange.of(KeyClass.SIZE), lsn());
        final List<long[]> users = forks.stream()
                .filter(key -> PageKeys.relfilenode(key[1]) >= FIRST_USER_RELATION)
                .toList();
        for (int i = 0; i < ROUND && !stop; i++) {
            final List<long[]> from = users.isEmpty() || random.nextInt(4) == 0 ? forks : users;
            sample(log, facts, from.get(random.nextInt(from.size())), lsn());
            answers = samples.size();
        }
    }

    /** The newest, every third time; else any that it was at. */
    private long lsn() {
        return lsns.get(random.nextInt(3) == 0 ? lsns.size() - 1 : random.nextInt(lsns.size()));
    }

    private void sample(final ServedLog log, final TimelineFacts facts, final long[] key, final long lsn) {
        final int tablespace = PageKeys.tablespace(key[0]);
        final int database = PageKeys.database(key[1]);
        final int relfilenode = PageKeys.relfilenode(key[1]);
        final int fork = PageKeys.fork(key[2]);
        final long blocks = log.connection().blocks(facts, lsn, tablespace, database, relfilenode, fork);
        int block = 0;
        int checksum = 0;
        if (blocks > 0) {
            block = (int) random.nextLong(blocks);
            final byte[] page = log.connection().page(facts, lsn, tablespace, database, relfilenode, fork, block);
            checksum = Crc32c.compute(page, 0, page.length);
        }
        samples.add(new Sample(lsn, tablespace, database, relfilenode, fork, blocks, block, checksum));
    }

    /** Ends the client. */
    @Override
    public void close() throws InterruptedException {
        stop = true;
        thread.join(END_LIMIT_MS);
        assertThat(thread.isAlive()).as("the client of pages ends").isFalse();
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Holds every answer against a replay of base and WAL; to be called after the end.
     *
     * @return how many pages were compared.
     */
    int holdAgainst(final Path base, final Path wal, final Path spill, final String what) {
        samples.sort(Comparator.comparingLong(Sample::lsn));
        final ReplayConfig config =
                new ReplayConfig(base, PAGE_MEMORY_BYTES, spill, Long.MAX_VALUE, SystemClock.INSTANCE);
        try (Replay replay = Replay.open(config);
                WalFeed feed = new WalFeed(WalDirectory.open(wal, Optional.empty()));
                Check check = new Check(replay.view())) {
            final long endLsn = replay.run(feed, check).endLsn();
            check.next(Long.MAX_VALUE);
            assertThat(samples.isEmpty() ? 0 : samples.getLast().lsn())
                    .as("the WAL reaches as far as the samples")
                    .isLessThanOrEqualTo(endLsn);
            assertThat(check.differences)
                    .as("answers that differ from a replay, " + what)
                    .isEmpty();
            return check.pages;
        }
    }

    private final class Check implements ReplayListener, AutoCloseable {
        private static final int SHOWN = 10;

        private final ReplayView view;
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment page = arena.allocate(PageLayout.PAGE_BYTES, Long.BYTES);
        private final List<String> differences = new ArrayList<>();
        private int checked;
        private int pages;

        private Check(final ReplayView view) {
            this.view = view;
        }

        @Override
        public void next(final long endLsn) {
            while (checked < samples.size() && samples.get(checked).lsn() < endLsn) {
                check(samples.get(checked++));
            }
        }

        private void check(final Sample sample) {
            final long blocks = view.blocks(sample.tablespace, sample.database, sample.relfilenode, sample.fork);
            if (blocks != sample.blocks) {
                differ(sample.describe() + ": " + sample.blocks + " blocks, not " + blocks);
                return;
            }
            if (blocks > 0) {
                pages++;
                view.page(sample.tablespace, sample.database, sample.relfilenode, sample.fork, sample.block, page);
                if (Crc32c.compute(page) != sample.checksum) {
                    differ(sample.describe() + ": the page");
                }
            }
        }

        private void differ(final String what) {
            if (differences.size() < SHOWN) {
                differences.add(what);
            }
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
