package dev.firn.s3tier.check;

import java.util.List;

/**
 * What was found.
 *
 * @param store what was checked: see {@link dev.firn.s3tier.backend.StoreBackend#describe}.
 * @param results one for each kind, in order.
 * @param leftBehind what could not be cleaned up: one sentence, empty when all is gone.
 * @param retries attempts that failed in passing, and were made again.
 */
public record CheckReport(
        String store,
        CheckVerdict verdict,
        List<CheckResult> results,
        String leftBehind,
        long retries,
        double seconds) {
    public CheckReport {
        results = List.copyOf(results);
    }

    static CheckReport of(
            final String store,
            final List<CheckResult> results,
            final String leftBehind,
            final long retries,
            final double seconds) {
        return new CheckReport(store, verdict(results, leftBehind), results, leftBehind, retries, seconds);
    }

    private static CheckVerdict verdict(final List<CheckResult> results, final String leftBehind) {
        if (results.stream().anyMatch(result -> result.status() == CheckStatus.FAIL)) {
            return CheckVerdict.UNFIT;
        }
        if (results.stream()
                .anyMatch(result -> result.status() == CheckStatus.SKIPPED
                        && result.kind().weight() == CheckKind.Weight.REQUIRED)) {
            return CheckVerdict.UNDECIDED;
        }
        final boolean remarks =
                results.stream().anyMatch(result -> result.status() == CheckStatus.REMARK) || !leftBehind.isEmpty();
        return remarks ? CheckVerdict.FIT_WITH_REMARKS : CheckVerdict.FIT;
    }
}
