package dev.firn.s3tier.crt;

/** Where the bucket's name stands in a request. */
public enum AddressingStyle {
    /** {@code https://endpoint/bucket/key}: what most stores other than AWS expect. */
    PATH,
    /** {@code https://bucket.endpoint/key}: what AWS expects. */
    VIRTUAL_HOST
}
