package dev.firn.transport.authentication;

import java.nio.ByteOrder;
import java.util.Arrays;
import javax.crypto.Mac;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What both ends of a session derive from the secret and their nonces: the session's id, which is public, and its frames'
 * codes.
 */
record SessionKeys(long sessionId, FrameMac frameMac) {
    private static final int DIGEST_WORDS = HandshakeMessage.PROOF_BYTES / Long.BYTES;

    /** The first digest gives the id, the second the key of the short hash; then come those of the blocks' key. */
    private static final int FIRST_BLOCK_DIGEST = 2;

    /** Counts a root key up to as many bytes as are needed, as HKDF does (RFC 5869, section 2.3). */
    static SessionKeys derive(final byte[] root) {
        final Mac mac = PeerSecret.newMac(root);
        final long[] id = digest(mac, 0);
        final long[] shortKey = digest(mac, 1);
        final long[] blockKey = new long[FrameMac.BLOCK_WORDS];
        for (int i = 0; i < blockKey.length; i += DIGEST_WORDS) {
            System.arraycopy(digest(mac, FIRST_BLOCK_DIGEST + i / DIGEST_WORDS), 0, blockKey, i, DIGEST_WORDS);
        }
        return new SessionKeys(id[0], new FrameMac(shortKey[0], shortKey[1], blockKey));
    }

    private static long[] digest(final Mac mac, final int number) {
        mac.update((byte) number);
        final byte[] bytes = mac.doFinal();
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final long[] words = new long[DIGEST_WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = buffer.getLong(i * Long.BYTES, ByteOrder.LITTLE_ENDIAN);
        }
        Arrays.fill(bytes, (byte) 0);
        return words;
    }
}
