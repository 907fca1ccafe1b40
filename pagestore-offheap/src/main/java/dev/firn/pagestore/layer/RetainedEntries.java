package dev.firn.pagestore.layer;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.ForwardedEntries;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;

/**
 * A source without the entries that no read needs any more. A read at an LSN needs what lies at or below it, back to the newest entry that stands
 * alone, and nothing at or below a floor. So an entry is needed when a readable LSN comes after it before the next entry of its key that stands
 * alone, and before the next floor.
 *
 * <p>Entries between two readable LSNs are held back until it is seen which. To keep too much is always right: when the held ones take more than a
 * limit, they are kept. For use on what is merged completely: an entry is judged by those behind it in this source, which other layers can only add
 * to.
 */
public final class RetainedEntries extends ForwardedEntries implements AutoCloseable {
    /** Where keys were cut off from what they were before. */
    @FunctionalInterface
    public interface Floors {
        Floors NONE = (high, middle, low, lsn) -> Long.MAX_VALUE;

        /**
         * The lowest LSN, not below this one, of a floor that the key lies under; {@link Long#MAX_VALUE} for none. Only of floors behind which
         * nothing older of this key is read: of a copied database the target's.
         */
        long next(long high, long middle, long low, long lsn);
    }

    private final SortedEntries source;
    private final ReadableLsns readable;
    private final Floors floors;
    private final HeldEntries held;
    private final int maxHeldBytes;

    /** The readable LSN after the held ones. */
    private long heldUntil;

    /** The held entries are given, one after the other. */
    private boolean giving;

    /** The source's entry was looked at and comes after the held ones. */
    private boolean waiting;

    private boolean ended;
    private long dropped;

    /** @param maxHeldBytes most payload that is held back until it is clear whether it is needed. */
    public RetainedEntries(
            final SortedEntries source,
            final ReadableLsns readable,
            final Floors floors,
            final OffHeapMemory memory,
            final int maxHeldBytes) {
        this.source = source;
        this.readable = readable;
        this.floors = floors;
        this.held = new HeldEntries(memory);
        this.maxHeldBytes = maxHeldBytes;
    }

    @Override
    public int advance() {
        if (giving) {
            if (held.next()) {
                return give(held);
            }
            giving = false;
            held.clear();
        }
        while (true) {
            if (!waiting && !ended) {
                final int moved = source.advance();
                if (moved == WAIT) {
                    return WAIT;
                }
                ended = moved == END;
            }
            waiting = false;
            if (ended) {
                return held.count() > 0 ? giveHeld() : END;
            }
            if (held.count() > 0 && mustGive()) {
                waiting = true;
                return giveHeld();
            }
            if (judge()) {
                return give(source);
            }
        }
    }

    /** Whether the held entries are needed, now that this one is behind them. */
    private boolean mustGive() {
        return !held.isOfKey(source.high(), source.middle(), source.low())
                || source.lsn() > heldUntil
                || held.payloadBytes() > maxHeldBytes
                || (source.lsn() == heldUntil && !EntryKind.standsAlone(source.kindByte()));
    }

    /** Whether the source's entry, with none held that is needed, is needed for sure; otherwise it is held or dropped. */
    private boolean judge() {
        if (held.count() > 0 && EntryKind.standsAlone(source.kindByte())) {
            dropped += held.count();
            held.clear();
        }
        final long lsn = source.lsn();
        if (isFloor(source.high())) {
            return true;
        }
        final long next = readable.next(lsn);
        if (floors.next(source.high(), source.middle(), source.low(), lsn) <= next) {
            dropped++;
            return false;
        }
        if (next == lsn) {
            return true;
        }
        held.add(source);
        heldUntil = next;
        return false;
    }

    /** Floors are all kept: a later one does not take the place of those before, and they are few. */
    private static boolean isFloor(final long high) {
        final KeyClass keyClass = PageKeys.keyClass(high);
        return keyClass == KeyClass.DATABASE_FLOOR || keyClass == KeyClass.RELATION_FLOOR;
    }

    private int giveHeld() {
        giving = true;
        held.first();
        return give(held);
    }

    /** How many entries were left out. */
    public long dropped() {
        return dropped;
    }

    @Override
    public void close() {
        held.close();
    }
}
