package dev.firn.s3tier.check;

/**
 * One line of the verdict.
 *
 * @param seen what the store was seen to do: one sentence.
 * @param seconds how long it took.
 */
public record CheckResult(CheckKind kind, CheckStatus status, String seen, double seconds) {}
