package dev.firn.nvmecache;

import java.util.Arrays;

/**
 * Who goes when room is needed: S3-FIFO (Yang et al., SOSP 2023), kept by tenant.
 *
 * <p>A new block waits in the small queue, a tenth of the cache; if nobody asks for it again until it is the oldest there, it
 * goes, and leaves a ghost. One that was asked for moves to the main queue, and so does one that comes back while its ghost
 * is remembered. The oldest of the main queue goes, unless it was asked for since its last turn: then it is put at the end
 * and counts one less. So a scan passes through the small queue and leaves the main one as it was.
 *
 * <p><b>Asked for again</b> means: in another epoch than before, a {@value #EPOCHS_PER_TURN}th of the insertions that turn
 * the cache over. A scan reads its block page by page; these are one wish, not eight.
 *
 * <p><b>Tenants:</b> each has its own two queues. Only tenants above their guarantee give; among these, the queue's oldest
 * block goes, as if all shared one queue. When a cache without guarantees is full, this is S3-FIFO to the letter.
 *
 * <p>O(1) in the number of blocks: a search for a victim looks at {@value #MAX_TURNS} blocks at most; each look passes over the
 * tenants that hold something, {@value TenantShares#MAX_TENANTS} at most.
 */
final class ReplacementQueues {
    static final int SMALL_PERCENT = 10;
    static final int MAX_FREQUENCY = 3;
    static final int EPOCHS_PER_TURN = 64;
    static final int MAX_TURNS = 64;

    private final SlotTable slots;
    private final SlotList[] small = new SlotList[TenantShares.MAX_TENANTS];
    private final SlotList[] main = new SlotList[TenantShares.MAX_TENANTS];
    private final int[] guaranteed = new int[TenantShares.MAX_TENANTS];

    /** Tenants that ever held something, so that the others are not passed over. */
    private final int[] known = new int[TenantShares.MAX_TENANTS];

    private int knownCount;
    private final int smallTarget;
    private final int epochLength;
    private int sequence;
    private int insertions;
    private byte epoch;
    private int size;
    private int smallSize;

    ReplacementQueues(final SlotTable slots, final TenantShares shares) {
        this.slots = slots;
        this.smallTarget = Math.max(1, (int) ((long) slots.count() * SMALL_PERCENT / 100));
        this.epochLength = Math.max(1, slots.count() / EPOCHS_PER_TURN);
        Arrays.setAll(guaranteed, tenant -> shares.guaranteedSlots(tenant, slots.count()));
    }

    int size() {
        return size;
    }

    int held(final int tenant) {
        return small[tenant] == null ? 0 : small[tenant].size() + main[tenant].size();
    }

    int guaranteed(final int tenant) {
        return guaranteed[tenant];
    }

    /** A block has come. */
    void add(final int slot, final boolean toMain) {
        final int tenant = slots.tenant(slot);
        if (small[tenant] == null) {
            small[tenant] = new SlotList(slots);
            main[tenant] = new SlotList(slots);
            known[knownCount++] = tenant;
        }
        if (++insertions == epochLength) {
            insertions = 0;
            epoch++;
        }
        slots.frequency(slot, 0);
        slots.epoch(slot, epoch);
        enqueue(slot, tenant, toMain);
    }

    /** A block was asked for. */
    void touch(final int slot) {
        if (slots.epoch(slot) != epoch) {
            slots.epoch(slot, epoch);
            slots.frequency(slot, Math.min(MAX_FREQUENCY, slots.frequency(slot) + 1));
        }
    }

    /** A block is gone, whatever its turn. */
    void remove(final int slot) {
        final boolean fromMain = slots.is(slot, SlotTable.MAIN);
        (fromMain ? main : small)[slots.tenant(slot)].remove(slot);
        smallSize -= fromMain ? 0 : 1;
        size--;
    }

    /**
     * Takes out the block that is to go.
     *
     * @return its slot, or {@link SlotTable#NONE} when none of those looked at can go now; later calls look further.
     */
    int takeVictim() {
        for (int turn = 0; turn < MAX_TURNS; turn++) {
            final boolean fromSmall = smallSize >= smallTarget;
            int slot = oldest(fromSmall ? small : main);
            if (slot == SlotTable.NONE) {
                slot = oldest(fromSmall ? main : small);
                if (slot == SlotTable.NONE) {
                    return SlotTable.NONE;
                }
            }
            final boolean inMain = slots.is(slot, SlotTable.MAIN);
            final int tenant = slots.tenant(slot);
            remove(slot);
            if (!canGo(slot)) {
                enqueue(slot, tenant, inMain);
            } else if (slots.frequency(slot) > 0 && turn < MAX_TURNS - 1) {
                slots.frequency(slot, inMain ? slots.frequency(slot) - 1 : 0);
                enqueue(slot, tenant, true);
            } else {
                return slot;
            }
        }
        return SlotTable.NONE;
    }

    /** Whether nothing hangs on it: no read, and no write that the map waits for. */
    private boolean canGo(final int slot) {
        return slots.phase(slot) == SlotTable.DURABLE && slots.readers(slot) == 0;
    }

    /** The oldest among the tenants that hold more than they are sure of. */
    private int oldest(final SlotList[] queues) {
        int found = SlotTable.NONE;
        int greatestAge = -1;
        for (int i = 0; i < knownCount; i++) {
            final int tenant = known[i];
            final int slot = queues[tenant].oldest();
            if (slot != SlotTable.NONE && held(tenant) > guaranteed[tenant]) {
                final int age = (sequence - slots.sequence(slot)) & Integer.MAX_VALUE;
                if (age > greatestAge) {
                    greatestAge = age;
                    found = slot;
                }
            }
        }
        return found;
    }

    private void enqueue(final int slot, final int tenant, final boolean toMain) {
        slots.set(slot, SlotTable.MAIN, toMain);
        slots.sequence(slot, sequence++);
        (toMain ? main : small)[tenant].add(slot);
        smallSize += toMain ? 0 : 1;
        size++;
    }
}
