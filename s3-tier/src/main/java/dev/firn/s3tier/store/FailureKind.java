package dev.firn.s3tier.store;

/** Why a call was not done. */
public enum FailureKind {
    /** The store asked to slow down, until the deadline or the retry budget ended. */
    THROTTLED,
    /** The deadline passed. */
    TIMED_OUT,
    /** By {@link StoreCall#cancel()} or by closing the session. */
    CANCELLED,
    /** The store could not be reached, or broke off, until the deadline or the retry budget ended. */
    UNREACHABLE,
    /** The store failed by itself (5xx) until the deadline or the retry budget ended. */
    STORE_ERROR,
    /** So much has failed that nothing is sent for a while: see {@link StoreLimits#circuitOpenNs()}. */
    CIRCUIT_OPEN,
    /** The credentials are missing, wrong, expired, or not allowed to do this. */
    DENIED,
    /** The bucket, directory or upload is not there. */
    NO_SUCH_PLACE,
    /** The bytes do not agree with their checksum. */
    CORRUPT,
    /** No room: a full disk or a quota. */
    FULL,
    /** The store refused the request as such; trying again will not help. */
    REJECTED,
    /** A limit of our own ({@link StoreLimits}) is reached: begin fewer calls at once. */
    OVERLOADED
}
