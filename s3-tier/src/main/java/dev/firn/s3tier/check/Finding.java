package dev.firn.s3tier.check;

/** What a check that came to its end found. */
record Finding(CheckStatus status, String seen) {
    static Finding held(final String seen) {
        return new Finding(CheckStatus.PASS, seen);
    }

    static Finding remark(final String seen) {
        return new Finding(CheckStatus.REMARK, seen);
    }

    static Finding figure(final String seen) {
        return new Finding(CheckStatus.INFO, seen);
    }
}
