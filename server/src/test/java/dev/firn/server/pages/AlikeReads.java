package dev.firn.server.pages;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.service.HoldHandler;
import dev.firn.pagestore.service.PageReads;
import dev.firn.pagestore.service.ReadHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.service.TimelineFacts;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** One timeline of which each read has the same answer, as a test wants it. For tests of those who ask, by a page service. */
final class AlikeReads implements PageReads, AutoCloseable {
    private final OffHeapMemory memory;
    private final TimelineFacts facts;

    /** What is answered. */
    final MemorySegment value;

    private final ArrayDeque<Long> asked = new ArrayDeque<>();
    boolean isOpen = true;

    /** How many reads were answered. */
    int answered;

    /** Why every read is refused; null when they are answered. */
    ReadRefusal refusal;

    /** How many of the next are refused as damaged. */
    int refusals;

    /** Whether nothing is answered at present. */
    boolean isSlow;

    /** @param bytes what each read answers with, to be filled by the test. */
    AlikeReads(final OffHeapMemory memory, final TimelineFacts facts, final long bytes) {
        this.memory = memory;
        this.facts = facts;
        value = memory.allocate(bytes, MemoryTag.of("test-value"));
    }

    @Override
    public int timeline(final long timelineId) {
        return isOpen && timelineId == facts.timelineId() ? 0 : NO_TIMELINE;
    }

    @Override
    public int timeline(final String name) {
        return isOpen && name.equals(facts.name()) ? 0 : NO_TIMELINE;
    }

    @Override
    public TimelineFacts facts(final int timeline) {
        return facts;
    }

    @Override
    public long appliedLsn(final int timeline) {
        return facts.appliedLsn();
    }

    @Override
    public long historyLsn(final int timeline) {
        return facts.historyLsn();
    }

    @Override
    public MemorySegment pageInMemory(
            final int timeline, final long high, final long middle, final long low, final long lsn) {
        return null;
    }

    @Override
    public boolean read(
            final long token, final int timeline, final long high, final long middle, final long low, final long lsn) {
        return asked.add(token);
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
        return asked.add(token);
    }

    @Override
    public boolean lsnAt(final long token, final int timeline, final long timestampMicros) {
        return asked.add(token);
    }

    @Override
    public boolean isHeld(final int timeline, final long lsn) {
        return true;
    }

    @Override
    public void lease(
            final int timeline,
            final String holder,
            final long lsn,
            final long untilEpochMs,
            final HoldHandler handler) {
        handler.onHeld(null);
    }

    @Override
    public void endLease(final int timeline, final String holder, final long lsn) {
        // Nothing is kept.
    }

    @Override
    public void abandon(final long token) {
        asked.remove(token);
    }

    @Override
    public int poll(final ReadHandler handler, final int limit) {
        int done = 0;
        while (!asked.isEmpty() && !isSlow) {
            final ReadRefusal why = refusals > 0 ? ReadRefusal.DAMAGED : refusal;
            final boolean told = why == null
                    ? handler.onRead(asked.peek(), value, 0, (int) value.byteSize())
                    : handler.onRefused(asked.peek(), why, "so it is");
            if (!told) {
                return done;
            }
            asked.remove();
            answered += why == null ? 1 : 0;
            refusals = Math.max(0, refusals - 1);
            done++;
        }
        return done;
    }

    @Override
    public void close() {
        memory.free(value);
    }
}
