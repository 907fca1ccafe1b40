package dev.firn.nvmecache;

/**
 * How much of the cache each tenant is sure of. What nobody is sure of goes to whoever uses it.
 *
 * <p>A tenant is a small number that its caller chose and keeps: it is written with every block. A tenant may always hold
 * more than its share; while others need room, what it holds beyond its share is what goes.
 *
 * @param guaranteedPerMille share of tenant i, in thousandths of the slots; 0 for none. Tenants beyond the array have none.
 */
public record TenantShares(int... guaranteedPerMille) {
    /** Tenant numbers are below this: a byte of a block's entry. */
    public static final int MAX_TENANTS = 256;

    /** All guarantees together: something must be left to be evicted whoever asks. */
    public static final int MAX_SUM_PER_MILLE = 900;

    /** No tenant is sure of anything. */
    public static final TenantShares NONE = new TenantShares();

    public TenantShares {
        guaranteedPerMille = guaranteedPerMille.clone();
        if (guaranteedPerMille.length > MAX_TENANTS) {
            throw new IllegalArgumentException(
                    "a cache knows " + MAX_TENANTS + " tenants, not " + guaranteedPerMille.length);
        }
        int sum = 0;
        for (final int share : guaranteedPerMille) {
            if (share < 0 || share > MAX_SUM_PER_MILLE) {
                throw new IllegalArgumentException(
                        "a tenant's guaranteed share of " + share + " ‰ is not within 0.." + MAX_SUM_PER_MILLE);
            }
            sum += share;
        }
        if (sum > MAX_SUM_PER_MILLE) {
            throw new IllegalArgumentException("the tenants' guaranteed shares add up to " + sum + " ‰, more than "
                    + MAX_SUM_PER_MILLE + ": nothing would be left to evict");
        }
    }

    @Override
    public int[] guaranteedPerMille() {
        return guaranteedPerMille.clone();
    }

    /** How many of so many slots a tenant is sure of. */
    int guaranteedSlots(final int tenant, final int slots) {
        return tenant < guaranteedPerMille.length ? (int) ((long) slots * guaranteedPerMille[tenant] / 1_000) : 0;
    }
}
