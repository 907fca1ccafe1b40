package dev.firn.walquorum.archive;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.memory.OutOfOffHeapMemoryException;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.reader.CommittedWalReaders;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Archives the logs of one WAL node: owns a session of the store and the readers that bring committed WAL, and has an archiver for
 * each log.
 *
 * <p>{@link #archive}, {@link #forget} and {@link #status} are for any thread; all else is the agent's.
 */
public final class ArchiveAgent implements Agent {
    /** Most requests that have not been looked at. */
    private static final int MAX_REQUESTS = 1_024;

    private static final int HANDLERS_A_TURN = 16;

    /** An entry of the catalogue on its way. */
    private static final long CATALOG_BYTES = 128L << 10;

    private static final long STATUS_NS = 200_000_000L;

    private sealed interface Request {
        record Add(ArchiveTask task) implements Request {}

        record Remove(long logId) implements Request {}

        record Tail(long logId, long upToLsn, Consumer<String> handler) implements Request {}
    }

    private final ObjectStore store;
    private final Supplier<CommittedWalReaders> openReaders;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;
    private final ArchiveConfig config;
    private final ArchiveListener listener;
    private final ManyToOneConcurrentArrayQueue<Request> requests = new ManyToOneConcurrentArrayQueue<>(MAX_REQUESTS);
    private final List<LogArchive> logs = new ArrayList<>();

    /** Logs for which there was no memory. */
    private final List<ArchiveStatus> refused = new ArrayList<>();

    private final Consumer<Request> onRequest = this::onRequest;
    private StoreSession session;
    private CommittedWalReaders readers;
    private long statusDueNs;
    private volatile List<ArchiveStatus> status = List.of();

    /**
     * @param openReaders called on the agent's thread; what it gives is closed there.
     * @param memory for {@link #memoryBytes} of each log; a log for which there is none is refused, and its status says so.
     */
    public ArchiveAgent(
            final ObjectStore store,
            final Supplier<CommittedWalReaders> openReaders,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final ArchiveConfig config,
            final ArchiveListener listener) {
        this.store = store;
        this.openReaders = openReaders;
        this.memory = memory;
        this.clock = clock;
        this.random = random;
        this.config = config;
        this.listener = listener;
    }

    /** How much memory one log needs at most, its reader's window excepted. */
    public static long memoryBytes(final StoreLimits limits, final int segmentBytes, final ArchiveConfig config) {
        return SegmentArchiver.memoryBytes(limits, segmentBytes, config) + CATALOG_BYTES;
    }

    /**
     * Archives a log from now on. For one that is archived already, takes on its turns and where it begins by now: to be said
     * again when a log has been trimmed by others' doing, or its members have changed.
     *
     * @return false when too much is asked: again later.
     */
    public boolean archive(final ArchiveTask task) {
        return requests.offer(new Request.Add(task));
    }

    /**
     * Archives a log no more.
     *
     * @return false when too much is asked: again later.
     */
    public boolean forget(final long logId) {
        return requests.offer(new Request.Remove(logId));
    }

    /**
     * Puts the unfinished segment at the end of a log beside the finished ones, as far as it is committed: see
     * {@link SegmentArchiver#archivePartial}.
     *
     * @param handler hears null when it is done, or why it was not; on the agent's thread.
     * @return false when too much is asked: again later.
     */
    public boolean archiveTail(final long logId, final long upToLsn, final Consumer<String> handler) {
        return requests.offer(new Request.Tail(logId, upToLsn, handler));
    }

    /** How far the logs are; as of a moment ago. */
    public List<ArchiveStatus> status() {
        return status;
    }

    @Override
    public String roleName() {
        return "firn-wal-archive";
    }

    @Override
    public void onStart() {
        session = store.openSession();
        readers = openReaders.get();
        statusDueNs = clock.nanoTime();
    }

    @Override
    public int doWork() {
        int work = session.poll(HANDLERS_A_TURN) + requests.drain(onRequest, MAX_REQUESTS);
        for (final LogArchive log : logs) {
            work += log.doWork();
        }
        work += readers.doWork();
        final long nowNs = clock.nanoTime();
        if (nowNs - statusDueNs >= 0) {
            statusDueNs = nowNs + STATUS_NS;
            status = Stream.concat(logs.stream().map(LogArchive::status), refused.stream())
                    .toList();
        }
        return work;
    }

    private void onRequest(final Request request) {
        switch (request) {
            case Request.Add add -> {
                for (final LogArchive log : logs) {
                    if (log.logId() == add.task().logId()) {
                        log.update(add.task());
                        return;
                    }
                }
                begin(add.task());
            }
            case Request.Tail tail -> {
                for (final LogArchive log : logs) {
                    if (log.logId() == tail.logId()) {
                        log.tail(tail.upToLsn(), tail.handler());
                        return;
                    }
                }
                tail.handler().accept("this log is not archived here");
            }
            case Request.Remove remove -> {
                refused.removeIf(log -> log.logId() == remove.logId());
                logs.removeIf(log -> {
                    if (log.logId() == remove.logId()) {
                        log.close();
                        return true;
                    }
                    return false;
                });
            }
        }
    }

    private void begin(final ArchiveTask task) {
        refused.removeIf(log -> log.logId() == task.logId());
        try {
            logs.add(new LogArchive(session, store.limits(), readers, task, memory, clock, random, config, listener));
        } catch (final OutOfOffHeapMemoryException e) {
            // The others go on.
            refused.add(new ArchiveStatus(
                    task.timeline(), task.logId(), task.startLsn(), 0, 0, 0, 0, 0, null, e.getMessage()));
        }
    }

    @Override
    public void onClose() {
        logs.forEach(LogArchive::close);
        logs.clear();
        if (session != null) {
            session.close();
        }
        if (readers != null) {
            readers.close();
        }
    }
}
