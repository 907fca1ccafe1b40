package dev.firn.nativeio.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One sector of a file: what is on the platter, the versions written since that no sync has made durable, and what a
 * read sees. An array that stands here is never changed again; null stands for zeros.
 */
final class Sector {
    /**
     * Versions kept without a sync. Past it an older one is forgotten that no sync can still owe: the platter then has one
     * version less to come back with, which only makes the disk kinder. Truncations are not forgotten: what they cut off must not come back.
     */
    static final int MAX_VERSIONS = 16;

    /** The content that one write, or one truncation, gave the sector. */
    record Version(byte[] content, long sequence, WriteEffect effect, boolean truncation) {}

    private final long index;
    private final List<Version> unsynced = new ArrayList<>(2);
    private byte[] durable;
    private long durableSequence;
    private byte[] current;

    Sector(final long index) {
        this.index = index;
    }

    long index() {
        return index;
    }

    byte[] current() {
        return current;
    }

    boolean dirty() {
        return !unsynced.isEmpty();
    }

    void add(final Version version) {
        if (unsynced.size() >= MAX_VERSIONS) {
            forgetOne();
        }
        unsynced.add(version);
        current = version.content();
    }

    /** The newest version that a sync which starts now must make durable, or null. */
    Version newestSettled() {
        for (int i = unsynced.size() - 1; i >= 0; i--) {
            if (unsynced.get(i).effect().settled()) {
                return unsynced.get(i);
            }
        }
        return null;
    }

    /** A sync that covered this version has succeeded. */
    void makeDurable(final Version version) {
        if (version.sequence() > durableSequence) {
            durable = version.content();
            durableSequence = version.sequence();
            unsynced.removeIf(one -> one.sequence() <= version.sequence());
        }
    }

    /** A durable write of the newest version has succeeded. */
    void makeNewestDurable() {
        makeDurable(unsynced.getLast());
    }

    /**
     * A sync has failed: whatever was dirty is no longer, on the platter is any of the versions, and reads see what was
     * written or what is on the platter, as the page happens to stay in the cache or not.
     */
    void drop(final CrashDice dice, final boolean staysCached) {
        final int picked = dice.below(unsynced.size() + 1);
        if (picked > 0) {
            durable = unsynced.get(picked - 1).content();
        }
        durableSequence = unsynced.getLast().sequence();
        unsynced.clear();
        if (!staysCached) {
            current = durable;
        }
    }

    /**
     * Power is lost: one of the versions stays, or a torn mix of two.
     *
     * @param lengthSequence the last length change that survived: truncations up to it have happened, later ones not.
     * @return what became of it.
     */
    FaultKind crash(final CrashDice dice, final long lengthSequence, final int sectorBytes) {
        final List<byte[]> candidates = new ArrayList<>(unsynced.size() + 1);
        candidates.add(durable);
        for (final Version version : unsynced) {
            if (!version.truncation()) {
                candidates.add(version.content());
            } else if (version.sequence() <= lengthSequence) {
                candidates.clear();
                candidates.add(version.content());
            }
        }
        final int picked = dice.pick(candidates.size());
        byte[] kept = candidates.get(picked);
        FaultKind outcome = FaultKind.SECTOR_INTERMEDIATE;
        if (picked > 0 && dice.tears()) {
            kept = torn(candidates.get(dice.below(picked)), kept, 1 + dice.below(sectorBytes - 1), sectorBytes);
            outcome = FaultKind.SECTOR_TORN;
        } else if (picked == candidates.size() - 1) {
            outcome = FaultKind.SECTOR_SURVIVED;
        } else if (picked == 0) {
            outcome = FaultKind.SECTOR_LOST;
        }
        durableSequence =
                unsynced.isEmpty() ? durableSequence : unsynced.getLast().sequence();
        unsynced.clear();
        set(kept);
        return outcome;
    }

    /** What a failed sync left in the cache alone is gone with it. */
    void forgetCache() {
        current = durable;
    }

    byte[] durable() {
        return durable;
    }

    /** Replaces platter and cache, as for a flipped bit or the cut at the end of a file. */
    void set(final byte[] content) {
        durable = content;
        current = content;
    }

    private void forgetOne() {
        final Version keep = newestSettled();
        for (int i = 0; i < unsynced.size(); i++) {
            final Version version = unsynced.get(i);
            if (version.effect().settled() && !version.truncation() && version.sequence() != keep.sequence()) {
                unsynced.remove(i);
                return;
            }
        }
    }

    private static byte[] torn(final byte[] older, final byte[] newer, final int prefixBytes, final int sectorBytes) {
        final byte[] mix = older == null ? new byte[sectorBytes] : older.clone();
        if (newer == null) {
            Arrays.fill(mix, 0, prefixBytes, (byte) 0);
        } else {
            System.arraycopy(newer, 0, mix, 0, prefixBytes);
        }
        return mix;
    }
}
