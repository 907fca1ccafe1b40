package dev.firn.nvmecache;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Names one immutable object: 128 bits that no other content ever has.
 *
 * <p>The cache believes it: two contents under one id would be mixed up. So it is made from what names the content for ever,
 * the store's key with the version, and by a cryptographic hash, because nobody would notice a collision.
 */
public record ObjectId(long high, long low) {
    /**
     * The id of one version of one object.
     *
     * @param address as {@link dev.firn.s3tier.store.ObjectStore#addressOf} spells it: key and place.
     * @param version what tells this content from others that the address ever had: its etag, or "" for keys that are written
     *     once.
     */
    public static ObjectId of(final String address, final String version) {
        final byte[] place = address.getBytes(StandardCharsets.UTF_8);
        final byte[] etag = version.getBytes(StandardCharsets.UTF_8);
        final MessageDigest sha = sha256();
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, place.length));
        sha.update(place);
        sha.update(etag);
        final ByteBuffer digest = ByteBuffer.wrap(sha.digest());
        return new ObjectId(digest.getLong(0), digest.getLong(Long.BYTES));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return String.format("%016x%016x", high, low);
    }
}
