package dev.firn.s3tier.crt;

/** How the store is made to check that a body arrived as it was sent. */
public enum BodyChecksum {
    /** {@code x-amz-checksum-crc32c}: what the session has computed anyway. */
    CRC32C,
    /** {@code x-amz-checksum-crc64nvme}: AWS' own default; costs a pass over the body. */
    CRC64NVME,
    /** {@code Content-MD5}: understood by every store, and slow: about 0.6 GB a second of a core. */
    MD5,
    /** Nothing: for a store that understands none of them; TLS still protects the way there. */
    NONE
}
