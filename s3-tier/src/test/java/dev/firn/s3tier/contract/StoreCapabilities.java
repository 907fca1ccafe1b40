package dev.firn.s3tier.contract;

import java.time.Duration;

/**
 * What a contract test may ask of the store under test beside the contract.
 *
 * @param raceRounds how often each race of 32 is run.
 * @param listedKeys how many keys the large list has.
 * @param leastListedKeys how many of them must be made whatever time it takes.
 * @param listBudget how long making the others may take.
 * @param answerLimit how long a test waits for an answer before it fails.
 * @param masksFaults whether faults strike below the session, which it must hide: what counts requests is not exact then.
 * @param conditionalUploads whether conditions hold at the end of uploads of parts too.
 */
public record StoreCapabilities(
        int raceRounds,
        int listedKeys,
        int leastListedKeys,
        Duration listBudget,
        Duration answerLimit,
        boolean masksFaults,
        boolean conditionalUploads) {
    /** Of a store that keeps the whole contract. */
    public static final StoreCapabilities FULL =
            new StoreCapabilities(5, 10_000, 2_500, Duration.ofSeconds(8), Duration.ofSeconds(60), false, true);

    public StoreCapabilities withRaceRounds(final int rounds) {
        return new StoreCapabilities(
                rounds, listedKeys, leastListedKeys, listBudget, answerLimit, masksFaults, conditionalUploads);
    }

    public StoreCapabilities withListedKeys(final int keys, final int least) {
        return new StoreCapabilities(raceRounds, keys, least, listBudget, answerLimit, masksFaults, conditionalUploads);
    }

    public StoreCapabilities withFaults() {
        return new StoreCapabilities(
                raceRounds, listedKeys, leastListedKeys, listBudget, answerLimit, true, conditionalUploads);
    }

    public StoreCapabilities withoutConditionalUploads() {
        return new StoreCapabilities(
                raceRounds, listedKeys, leastListedKeys, listBudget, answerLimit, masksFaults, false);
    }
}
