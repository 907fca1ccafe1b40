package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.Storage;
import java.lang.foreign.MemorySegment;

/**
 * The ring that the logs of one thread share: one call hands over what all of them have, one takes in what has completed, and
 * one descriptor wakes the thread.
 *
 * <p>A duty cycle is {@link #poll}, then {@link WalLog#doWork} of each log, then {@link #submit}. What fails in one log comes out
 * of that log's {@link WalLog#doWork}, and leaves the others alone.
 */
public final class LogRing implements AutoCloseable {
    private static final int MAX_COMPLETIONS = 256;

    private final Ring ring;
    private final WalLog[] logs;
    private final CompletionHandler onCompletion = this::onCompletion;
    private boolean closed;

    private LogRing(final Storage storage, final int maxLogs, final LogConfig config) {
        logs = new WalLog[maxLogs];
        ring = storage.openRing(RingConfig.ofCapacity(maxLogs * WalLog.operations(config))
                .withMaxFiles(maxLogs * WalLog.files(config)));
    }

    /** A ring for this many logs at most, each of these sizes or smaller ones. */
    public static LogRing open(final Storage storage, final int maxLogs, final LogConfig config) {
        return new LogRing(storage, maxLogs, config);
    }

    /** How many logs of these sizes a ring can serve. */
    public static int mostLogs(final LogConfig config) {
        return Math.min(
                RingConfig.MAX_CAPACITY / WalLog.operations(config), RingConfig.MAX_FILES / WalLog.files(config));
    }

    /** For one log. */
    static LogRing ofOne(final Storage storage, final LogConfig config) {
        return new LogRing(storage, 1, config);
    }

    /** To be waited for, in a wait set; for nothing else. */
    public Ring ring() {
        return ring;
    }

    /** How the logs reach their disk, in one line. */
    public String describe() {
        return ring.describe();
    }

    /** Takes in what has completed; returns how much. */
    public int poll() {
        return ring.poll(onCompletion, MAX_COMPLETIONS);
    }

    /** Hands over what the logs have asked for; returns how much. */
    public int submit() {
        return ring.submit();
    }

    /** Cancels what is in flight. Logs are closed before or afterwards. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        ring.close();
        for (final WalLog log : logs) {
            if (log != null) {
                log.ringIsClosed();
            }
        }
    }

    /** Room for one more log. */
    int freeSlot() {
        for (int slot = 0; slot < logs.length; slot++) {
            if (logs[slot] == null) {
                return slot;
            }
        }
        throw new LogException("a ring for " + logs.length + " WAL logs has no room for another: configure more");
    }

    LogOperations operations(final int slot, final LogConfig config) {
        return new LogOperations(ring, slot, WalLog.operations(config));
    }

    /** The buffers of a log that is about to be put here: registered where the host lets us pin them. */
    void register(final MemorySegment block) {
        ring.addBuffers(block);
    }

    void put(final int slot, final WalLog log) {
        logs[slot] = log;
    }

    /** A log that has nothing in flight is gone from its slot. */
    void remove(final int slot) {
        logs[slot] = null;
    }

    /** Before the buffers of a log are given back, which has nothing in flight. */
    void unregister(final MemorySegment block) {
        if (!closed) {
            ring.removeBuffers(block);
        }
    }

    private void onCompletion(final Completion completion) {
        logs[LogOperations.slotOf(completion)].onCompletion(completion);
    }
}
