package dev.firn.server.lake;

import dev.firn.columnar.transcode.TranscodeConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.CommandException;
import dev.firn.server.store.StoppedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

/**
 * Writes the tables of a timeline at one LSN into files: several at a time, and of a large one several files at a time. What is written does not depend
 * on how many threads write it. The thread that asks plans, and waits; it may block.
 */
public final class LakeExport {
    static final String VISIBLE = "part";
    static final String DEAD = "_firn/dead";
    static final String RESIDUE = "_firn/residue";
    static final String TOAST_VISIBLE = "_firn/toast-part";
    static final String TOAST_DEAD = "_firn/toast-dead";
    static final String TOAST_RESIDUE = "_firn/toast-residue";

    /** In the files' metadata: the LSN that they are of. */
    static final String LSN = "firn.lsn";

    /** How often whoever waits for the workers hears how far they are. */
    private static final long STEP_MILLIS = 100;

    private final ExportSeat own;
    private final ExportSeats seats;
    private final PostgresVersion version;
    private final long lsn;
    private final OffHeapMemory memory;
    private final long memoryBytes;
    private final TranscodeConfig config;
    private final Progress progress;
    private final BooleanSupplier stop;
    private final LongAdder doneBytes = new LongAdder();

    /** Hears how much of all tables is done: again and again, by the thread that runs the export, which may keep a lease meanwhile. */
    @FunctionalInterface
    public interface Progress {
        void moved(long bytes, long ofBytes);
    }

    /**
     * @param own what the calling thread reads through; borrowed.
     * @param seats the workers'.
     * @param memory borrowed: what files are made in, all together.
     * @param memoryBytes how much of it may be used.
     * @param stop whether the user has asked to stop.
     */
    public LakeExport(
            final ExportSeat own,
            final ExportSeats seats,
            final PostgresVersion version,
            final long lsn,
            final OffHeapMemory memory,
            final long memoryBytes,
            final TranscodeConfig config,
            final Progress progress,
            final BooleanSupplier stop) {
        this.own = own;
        this.seats = seats;
        this.version = version;
        this.lsn = lsn;
        this.memory = memory;
        this.memoryBytes = memoryBytes;
        this.config = config;
        this.progress = progress;
        this.stop = stop;
    }

    /**
     * Exports tables. One that cannot be written is told among the others, by its failure; an export that ends by an exception leaves no file.
     *
     * @param workers how many threads write; fewer where there are no more seats.
     * @param database its name, or null for all.
     * @param schema with {@code table}: the one that is wanted; null for all.
     * @return what became of each table, in the order of databases and names.
     */
    public List<ExportedTable> run(final int workers, final String database, final String schema, final String table) {
        try (ExportPlan plan = new ExportPlan(own.pages(), version, lsn, own.target(), config)) {
            plan.find(database, schema, table);
            final ExportQueue queue = new ExportQueue(plan.jobs(), memoryBytes);
            try {
                work(queue, Math.min(workers, plan.jobs().size()), plan.heapBytes());
            } catch (final RuntimeException | Error e) {
                removeAll(plan, e);
                throw e;
            }
            return plan.relations().stream().map(ExportRelation::result).toList();
        }
    }

    /** An export that ends early leaves no file; where one cannot be removed, that is what the user has to know beside the reason. */
    private void removeAll(final ExportPlan plan, final Throwable why) {
        int left = 0;
        RuntimeException first = null;
        for (final ExportRelation relation : plan.relations()) {
            for (final String file : relation.files()) {
                try {
                    own.target().remove(file);
                } catch (final RuntimeException e) {
                    left++;
                    first = first == null ? e : first;
                }
            }
        }
        if (first != null) {
            final String reason = why instanceof StoppedException ? "the export was stopped" : why.getMessage();
            final CommandException both = new CommandException(
                    reason + "; " + (left == 1 ? "1 file" : left + " files") + " of it could not be removed from "
                            + own.target().addressOf("") + ": remove what is there before the next export ("
                            + first.getMessage() + ")",
                    why);
            both.addSuppressed(first);
            throw both;
        }
    }

    private void work(final ExportQueue queue, final int workers, final long heapBytes) {
        final CountDownLatch running = new CountDownLatch(workers);
        final AtomicInteger mayHaveSeats = new AtomicInteger(workers);
        final List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            final Thread thread = new Thread(() -> work(queue, mayHaveSeats, running), "firn-lake-export-" + i);
            threads.add(thread);
            thread.start();
        }
        try {
            await(queue, running, heapBytes);
        } catch (final RuntimeException e) {
            queue.giveUp(e);
        } finally {
            join(queue, threads);
        }
        if (queue.isGivenUp()) {
            switch (queue.reason()) {
                case null -> throw new StoppedException();
                case Error e -> throw e;
                case RuntimeException e -> throw e;
                case Throwable e -> throw new CommandException("the export has ended early: " + e.getMessage(), e);
            }
        }
    }

    private void await(final ExportQueue queue, final CountDownLatch running, final long heapBytes) {
        try {
            while (!running.await(STEP_MILLIS, TimeUnit.MILLISECONDS)) {
                if (stop.getAsBoolean()) {
                    queue.giveUp(null);
                } else {
                    progress.moved(doneBytes.sum(), heapBytes);
                }
            }
        } catch (final InterruptedException e) {
            queue.giveUp(null);
            Thread.currentThread().interrupt();
        }
    }

    /** Each thread sees between two runs of blocks that it is over; an interrupt meanwhile is kept for whoever waits next. */
    private static void join(final ExportQueue queue, final List<Thread> threads) {
        boolean interrupted = false;
        for (final Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (final InterruptedException e) {
                    queue.giveUp(null);
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param mayHaveSeats how many workers are not without one: whoever has one does the others' work too. */
    private void work(final ExportQueue queue, final AtomicInteger mayHaveSeats, final CountDownLatch running) {
        try {
            final Optional<ExportSeat> taken = seats.take(() -> queue.isGivenUp() || stop.getAsBoolean());
            if (taken.isEmpty()) {
                if (mayHaveSeats.decrementAndGet() == 0) {
                    throw new CommandException("too many commands read from the system already: wait for one to end");
                }
                return;
            }
            try (ExportSeat seat = taken.get()) {
                new ExportWorker(seat, queue, version, memory, config, doneBytes).run();
            }
        } catch (final StoppedException e) {
            queue.giveUp(null);
        } catch (final InterruptedException e) {
            queue.giveUp(null);
            Thread.currentThread().interrupt();
        } catch (final RuntimeException | Error e) {
            queue.giveUp(e);
        } finally {
            running.countDown();
        }
    }
}
