package dev.firn.s3tier.check;

/** What became of one check. */
public enum CheckStatus {
    /** The store does what is asked. */
    PASS,
    /** It does what is needed, with a restriction. */
    REMARK,
    /** It does not. */
    FAIL,
    /** It was not asked, or could not be judged. */
    SKIPPED,
    /** A figure. */
    INFO
}
