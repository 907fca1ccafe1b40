package dev.firn.s3tier.simulation;

/**
 * A fault that is aimed: at which requests, after how many that pass, how often.
 *
 * <p>{@code StoreFaultRule.on(StoreOperation.PUT).key("manifest").skip(2).failing(StoreFault.ANSWER_LOST)} lets two writes of
 * that key pass and loses the answer of the third.
 *
 * @param key the request's key, the prefix of a list, the first key of a batch; null for any.
 * @param skip how many that match pass first.
 * @param times how many it strikes then.
 * @param fault one that {@link StoreFault#isChance()}.
 */
public record StoreFaultRule(StoreOperation operation, String key, int skip, int times, StoreFault fault) {
    public StoreFaultRule {
        if (skip < 0 || times < 1 || !fault.isChance()) {
            throw new IllegalArgumentException("a fault rule strikes single requests, at least one: " + fault
                    + " after " + skip + ", " + times + " times");
        }
    }

    /** The next such request, for any key, once: its answer is lost. */
    public static StoreFaultRule on(final StoreOperation operation) {
        return new StoreFaultRule(operation, null, 0, 1, StoreFault.ANSWER_LOST);
    }

    public StoreFaultRule key(final String name) {
        return new StoreFaultRule(operation, name, skip, times, fault);
    }

    public StoreFaultRule skip(final int matches) {
        return new StoreFaultRule(operation, key, matches, times, fault);
    }

    public StoreFaultRule times(final int matches) {
        return new StoreFaultRule(operation, key, skip, matches, fault);
    }

    public StoreFaultRule failing(final StoreFault kind) {
        return new StoreFaultRule(operation, key, skip, times, kind);
    }

    boolean matches(final StoreOperation asked, final String subject) {
        return asked == operation && (key == null || key.equals(subject));
    }
}
