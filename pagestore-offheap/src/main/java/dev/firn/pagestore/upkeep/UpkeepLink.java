package dev.firn.pagestore.upkeep;

import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.postgres.version.PostgresVersion;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * What a shard and its housekeeper say to each other: two bounded queues, each with one sender and one receiver. How much a message holds is bounded by
 * who sends it: a shard by its frozen memory tables, a housekeeper by its jobs.
 */
public class UpkeepLink {
    /** Messages each way; one that finds no room is sent again in a later duty cycle. */
    private static final int CAPACITY = 4_096;

    private final OneToOneConcurrentArrayQueue<Order> orders = new OneToOneConcurrentArrayQueue<>(CAPACITY);
    private final OneToOneConcurrentArrayQueue<Report> reports = new OneToOneConcurrentArrayQueue<>(CAPACITY);
    private volatile long debtBytes;

    /** Sleeps between its duty cycles, and is woken by an order; null before it has begun. */
    private volatile Thread housekeeper;

    /** Wakes the shard's thread, which may sleep. */
    private volatile Runnable shardWaker = () -> {};

    /** What the shard wants done. */
    public sealed interface Order {
        /**
         * Take a timeline over, or make it: answered {@link Report.Opened}; or {@link Report.Refused} or {@link Report.Deposed}, and
         * {@link Report.Closed} then.
         *
         * @param first what it begins with when it has no manifest.
         * @param mayBeNew false when it had one: without it, it is refused.
         * @param version of Postgres, whose records its layers have.
         */
        record Open(int timeline, Manifest first, boolean mayBeNew, PostgresVersion version) implements Order {}

        /**
         * Make layers of a memory table, which does not change any more: answered {@link Report.Installed} when the manifest has them.
         *
         * @param uploadedLsn up to where all is in layers when this is.
         * @param epochNs when its last entry was made.
         * @param copyLsns LSNs that must stay readable, as databases were copied at them.
         */
        record Flush(int timeline, MemoryTable table, long uploadedLsn, long epochNs, long[] copyLsns)
                implements Order {}

        /** No read goes through these layers any more. */
        record Released(int timeline, List<LayerName> layers) implements Order {}

        /** Keep an LSN readable; answered {@link Report.Held} when the manifest says so. */
        record Hold(int timeline, Manifest.Hold hold, long token) implements Order {}

        /** Nobody needs it any more. */
        record LetGo(int timeline, String holder) implements Order {}

        /** Let a timeline go, as soon as what is on its way has ended: answered {@link Report.Closed}. */
        record Close(int timeline) implements Order {}
    }

    /** What the housekeeper has to say. */
    public sealed interface Report {
        /** The timeline is this owner's, and consists of this. */
        record Opened(int timeline, Manifest manifest) implements Report {}

        /** There was no manifest of it, and what it begins with is being written: {@link Opened} follows, or what says why not. */
        record Fresh(int timeline) implements Report {}

        /** It cannot be taken over, or is lost: the store has no manifest of it any more, or a damaged one. {@link Closed} follows. */
        record Refused(int timeline, String message) implements Report {}

        /** What keeps something from being done that is tried again, in one sentence; empty when it is done. */
        record Troubled(int timeline, String sentence) implements Report {}

        /** A manifest is stored: its layers take the place of those before, and of so many memory tables, the oldest ones. */
        record Installed(int timeline, Manifest manifest, int tables) implements Report {}

        /** The hold is in the manifest that is stored; {@code refusal} is null, or why it can't be. */
        record Held(int timeline, long token, String refusal) implements Report {}

        /** Another owner has taken over, or was faster. {@link Closed} follows. */
        record Deposed(int timeline, long byEpoch) implements Report {}

        /** What lies beneath a page is wanted, for its image. */
        record Wanted(BaseRead read) implements Report {}

        /** Nothing of the timeline is used any more. */
        record Closed(int timeline) implements Report {}
    }

    /** From the shard's thread; false when there is no room now. */
    public boolean order(final Order order) {
        final boolean taken = orders.offer(order);
        LockSupport.unpark(housekeeper);
        return taken;
    }

    /** From the housekeeper's thread, when it begins. */
    void housekeeper(final Thread thread) {
        housekeeper = thread;
    }

    /** To the shard's thread; null when there is none. */
    public Report nextReport() {
        return reports.poll();
    }

    boolean report(final Report report) {
        final boolean taken = reports.offer(report);
        shardWaker.run();
        return taken;
    }

    /** Called, from the housekeeper's thread, when there is a report: a job may wait for the answer. */
    public void wakeShardBy(final Runnable waker) {
        shardWaker = waker;
    }

    /** From the shard's thread: a {@link Report.Wanted} is answered. */
    public void answered() {
        LockSupport.unpark(housekeeper);
    }

    Order nextOrder() {
        return orders.poll();
    }

    /** Bytes of layers that should be merged and are not. */
    public long debtBytes() {
        return debtBytes;
    }

    void debtBytes(final long bytes) {
        debtBytes = bytes;
    }
}
