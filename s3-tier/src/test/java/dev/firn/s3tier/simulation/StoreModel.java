package dev.firn.s3tier.simulation;

import dev.firn.s3tier.simulation.ModelWrite.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What may stand under each key, as the clients together can know it from the answers that they got: it never looks into the
 * store. An answer that cannot be true throws.
 *
 * <p><b>Chains</b> are keys that are created if absent, replaced version by version, never overwritten and never deleted. Of
 * them everything is known: each place of a chain has one winner, each winner replaces the one before, a read is never older
 * than what was known when it began, and a write that was refused or failed is never seen, faults or not, however late.
 *
 * <p><b>Free keys</b> are written, conditionally or not, and deleted by everybody. A read must find what could stand there:
 * not what was certainly replaced before the read began. A write of which the answer is missing may take effect until
 * {@code settleNs} after its end; when the store repeats writes, each write and delete may, once more.
 */
final class StoreModel {
    /** What the keys of chains begin with. */
    static final String CHAINS = "chain/";

    private static final long NEVER = Long.MIN_VALUE;

    /** What is known of a chain. */
    static final class Chain {
        private final List<ModelWrite> winners = new ArrayList<>();

        /** How many writes were begun for each place. */
        private final List<Integer> rivals = new ArrayList<>();

        private long presentSinceNs = Long.MAX_VALUE;

        /** The highest place that has certainly been taken; -1 for none. */
        int known() {
            return winners.size() - 1;
        }
    }

    /** What is known of a free key. */
    private static final class FreeKey {
        /** When the youngest of the writes and deletes began that have certainly taken effect. */
        private long floorNs = NEVER;

        private long deletesUntilNs = NEVER;
        private int pendingDeletes;
    }

    private final long settleNs;
    private final boolean repeats;
    private final Map<Long, ModelWrite> writes = new HashMap<>();
    private final Map<String, ModelWrite> byEtag = new HashMap<>();
    private final TreeMap<String, Chain> chains = new TreeMap<>();
    private final TreeMap<String, FreeKey> freeKeys = new TreeMap<>();
    private long ids;

    /**
     * @param settleNs how long after a call's end what it sent may still take effect.
     * @param repeats whether the store may let a write take effect once more, so long after.
     */
    StoreModel(final long settleNs, final boolean repeats) {
        this.settleNs = settleNs;
        this.repeats = repeats;
    }

    // Writes.

    /** A write of a chain is begun. */
    ModelWrite beginLink(final String key, final ModelWrite predecessor, final int lengthBytes, final long nowNs) {
        final int index = predecessor == null ? 0 : predecessor.index + 1;
        final Chain chain = chains.computeIfAbsent(key, name -> new Chain());
        while (chain.rivals.size() <= index) {
            chain.rivals.add(0);
        }
        chain.rivals.set(index, chain.rivals.get(index) + 1);
        return begin(new ModelWrite(++ids, key, lengthBytes, index, predecessor, nowNs));
    }

    /** A write of a free key is begun. */
    ModelWrite beginFree(final String key, final int lengthBytes, final long nowNs) {
        freeKey(key);
        return begin(new ModelWrite(++ids, key, lengthBytes, -1, null, nowNs));
    }

    private ModelWrite begin(final ModelWrite write) {
        writes.put(write.id, write);
        return write;
    }

    void stored(final ModelWrite write, final String etag, final long nowNs) {
        end(write, Status.STORED, nowNs);
        if (!etag.isEmpty()) {
            byEtag.put(etag, write);
        }
        isEffective(write, nowNs);
    }

    void refused(final ModelWrite write, final long nowNs) {
        end(write, Status.REFUSED, nowNs);
        if (write.index >= 0) {
            final Chain chain = chains.get(write.key);
            check(
                    !isWinner(chain, write),
                    "%s was answered PreconditionFailed, but it has been seen in the store",
                    write);
            check(
                    chain.rivals.get(write.index) > 1,
                    "%s was answered PreconditionFailed, but nobody else has written that place",
                    write);
        }
    }

    void failed(final ModelWrite write, final long nowNs) {
        end(write, Status.FAILED, nowNs);
        check(
                write.index < 0 || !isWinner(chains.get(write.key), write),
                "%s was answered Failed, but it has been seen in the store",
                write);
    }

    void unknown(final ModelWrite write, final long nowNs) {
        end(write, Status.UNKNOWN, nowNs);
    }

    private static void end(final ModelWrite write, final Status status, final long nowNs) {
        write.status = status;
        write.endNs = nowNs;
    }

    // Deletes of free keys.

    void beginDelete(final String key) {
        freeKey(key).pendingDeletes++;
    }

    void deleted(final String key, final long startNs, final long nowNs) {
        final FreeKey free = endDelete(key, repeats ? nowNs + settleNs : nowNs);
        free.floorNs = Math.max(free.floorNs, startNs);
    }

    /** Nobody can say whether it took effect. */
    void maybeDeleted(final String key, final long nowNs) {
        endDelete(key, nowNs + settleNs);
    }

    private FreeKey endDelete(final String key, final long untilNs) {
        final FreeKey free = freeKey(key);
        free.pendingDeletes--;
        free.deletesUntilNs = Math.max(free.deletesUntilNs, untilNs);
        return free;
    }

    // Reads.

    /** What is known of a key when a read of it begins: to be handed in with what it found. */
    long knownOf(final String key) {
        if (isChain(key)) {
            final Chain chain = chains.get(key);
            return chain == null ? -1 : chain.known();
        }
        return freeKey(key).floorNs;
    }

    ModelWrite writeOf(final long id) {
        final ModelWrite write = writes.get(id);
        check(write != null, "nobody has written the content %x", id);
        return write;
    }

    /** The write that is known to have this etag, or null. */
    ModelWrite writeOf(final String etag) {
        return byEtag.get(etag);
    }

    void sawEtag(final ModelWrite write, final String etag) {
        byEtag.put(etag, write);
    }

    /** A read that ended now has found this write. */
    void saw(final ModelWrite write, final String key, final long known, final long nowNs) {
        check(write.key.equals(key), "%s was found under %s", write, key);
        if (write.index >= 0) {
            check(
                    !write.isRuledOut(),
                    "%s was found in the store, though it was answered that it has no effect",
                    write);
            check(write.index >= known, "%s was found, but place %d had been taken before", write, known);
        } else {
            final FreeKey free = freeKey(key);
            // Of a key that is deleted the traces are deleted too: a create may have come and gone.
            check(
                    !write.isRuledOut()
                            || (write.status == Status.REFUSED
                                    && (free.pendingDeletes > 0 || free.deletesUntilNs >= write.startNs)),
                    "%s was found in the store, though it was answered that it has no effect",
                    write);
            check(
                    untilNs(write) >= known,
                    "%s was found, but what began at %d had taken its place before the read began",
                    write,
                    known);
        }
        isEffective(write, nowNs);
    }

    /** A read that ended now has found nothing. */
    void sawNothing(final String key, final long known) {
        if (isChain(key)) {
            check(known < 0, "nothing was found under %s, but place %d had been taken before", key, known);
            return;
        }
        final FreeKey free = freeKey(key);
        check(
                known == NEVER || free.pendingDeletes > 0 || free.deletesUntilNs >= known,
                "nothing was found under %s, but what began at %d was there before, and no delete came after",
                key,
                known);
    }

    /** What a list that began then and covers these keys must show. */
    void checkListedChains(final String from, final String to, final List<String> listed, final long startNs) {
        final Map<String, Chain> covered =
                to == null ? chains.tailMap(from, true) : chains.subMap(from, true, to, true);
        for (final Map.Entry<String, Chain> one : covered.entrySet()) {
            check(
                    one.getValue().presentSinceNs > startNs || listed.contains(one.getKey()),
                    "%s is missing from a list though it was there before the list began",
                    one.getKey());
        }
    }

    static boolean isChain(final String key) {
        return key.startsWith(CHAINS);
    }

    List<String> keys() {
        final List<String> all = new ArrayList<>(chains.keySet());
        all.addAll(freeKeys.keySet());
        return all;
    }

    private void isEffective(final ModelWrite write, final long nowNs) {
        if (write.index >= 0) {
            takePlace(write, nowNs);
        } else {
            final FreeKey free = freeKey(write.key);
            free.floorNs = Math.max(free.floorNs, write.startNs);
        }
    }

    private void takePlace(final ModelWrite write, final long nowNs) {
        final Chain chain = chains.get(write.key);
        chain.presentSinceNs = Math.min(chain.presentSinceNs, nowNs);
        if (write.index < chain.winners.size()) {
            check(isWinner(chain, write), "%s and %s have both won their place", write, chain.winners.get(write.index));
            return;
        }
        if (write.predecessor != null) {
            check(
                    !write.predecessor.isRuledOut(),
                    "%s replaced %s, which was answered to have no effect",
                    write,
                    write.predecessor);
            takePlace(write.predecessor, nowNs);
        }
        chain.winners.add(write);
    }

    private static boolean isWinner(final Chain chain, final ModelWrite write) {
        return write.index < chain.winners.size() && chain.winners.get(write.index).id == write.id;
    }

    /** Until when it may take effect. */
    private long untilNs(final ModelWrite write) {
        return switch (write.status) {
            case PENDING -> Long.MAX_VALUE;
            case STORED -> repeats ? write.endNs + settleNs : write.endNs;
            case REFUSED, FAILED, UNKNOWN -> write.endNs + settleNs;
        };
    }

    private FreeKey freeKey(final String key) {
        return freeKeys.computeIfAbsent(key, name -> new FreeKey());
    }

    private static void check(final boolean holds, final String message, final Object... arguments) {
        if (!holds) {
            throw new AssertionError(String.format(Locale.ROOT, message, arguments));
        }
    }
}
