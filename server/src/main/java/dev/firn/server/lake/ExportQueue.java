package dev.firn.server.lake;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * The jobs that are not done yet, and the memory that those that are being done share. A job waits until what it takes at most is free, or until it is
 * alone. The largest come first: what is long should not begin last. Thread-safe.
 */
final class ExportQueue {
    private final long memoryBytes;
    private final List<ExportJob> waiting;

    /** Did not get along with the others, and is done by itself. */
    private final List<ExportJob> forAlone = new ArrayList<>();

    private long freeBytes;
    private int running;
    private boolean givenUp;
    private Throwable reason;

    /** @param memoryBytes that all jobs share. */
    ExportQueue(final List<ExportJob> jobs, final long memoryBytes) {
        this.memoryBytes = memoryBytes;
        this.freeBytes = memoryBytes;
        waiting = new ArrayList<>(jobs);
        waiting.sort(Comparator.comparingLong(ExportJob::blocks).reversed());
    }

    /** A job and how it was given out: {@link #end} or {@link #again} takes it back. */
    record Taken(ExportJob job, long memoryBytes, boolean alone) {}

    /** Waits for a job; null when there will be none any more. */
    synchronized Taken take() throws InterruptedException {
        while (!givenUp) {
            final Taken found = find();
            if (found != null) {
                running++;
                freeBytes -= found.memoryBytes();
                return found;
            }
            if (running == 0) {
                return null;
            }
            wait();
        }
        return null;
    }

    private Taken find() {
        for (final Iterator<ExportJob> jobs = waiting.iterator(); jobs.hasNext(); ) {
            final ExportJob job = jobs.next();
            final long wanted = Math.min(job.memoryBytes(), memoryBytes);
            if (wanted <= freeBytes) {
                jobs.remove();
                return new Taken(job, wanted, wanted == memoryBytes);
            }
        }
        return waiting.isEmpty() && running == 0 && !forAlone.isEmpty()
                ? new Taken(forAlone.removeFirst(), memoryBytes, true)
                : null;
    }

    synchronized void end(final Taken taken) {
        running--;
        freeBytes += taken.memoryBytes();
        notifyAll();
    }

    /** It found no room beside the others: it comes again when it has all memory for itself. */
    synchronized void again(final Taken taken) {
        forAlone.add(taken.job());
        end(taken);
    }

    /** No job is given out any more. @param why null when the user wants it so. */
    synchronized void giveUp(final Throwable why) {
        if (!givenUp) {
            givenUp = true;
            reason = why;
        }
        notifyAll();
    }

    synchronized boolean isGivenUp() {
        return givenUp;
    }

    /** Why it was given up; null when it was not, or because the user wants it so. */
    synchronized Throwable reason() {
        return reason;
    }
}
