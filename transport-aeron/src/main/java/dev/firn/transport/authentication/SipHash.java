package dev.firn.transport.authentication;

/**
 * SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) of a message that comes as little-endian
 * words of 64 bits: a pseudo-random function with a key of 128 bits. Allocates nothing; for one thread.
 */
final class SipHash {
    private static final long INITIAL_0 = 0x736f6d6570736575L;
    private static final long INITIAL_1 = 0x646f72616e646f6dL;
    private static final long INITIAL_2 = 0x6c7967656e657261L;
    private static final long INITIAL_3 = 0x7465646279746573L;

    /** The last word carries the message's length in its highest byte. */
    private static final int LENGTH_SHIFT = 56;

    private final long key0;
    private final long key1;

    private long v0;
    private long v1;
    private long v2;
    private long v3;
    private long lengthBytes;

    SipHash(final long key0, final long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    void begin() {
        v0 = key0 ^ INITIAL_0;
        v1 = key1 ^ INITIAL_1;
        v2 = key0 ^ INITIAL_2;
        v3 = key1 ^ INITIAL_3;
        lengthBytes = 0;
    }

    /** The next eight bytes of the message. */
    void word(final long word) {
        lengthBytes += Long.BYTES;
        compress(word);
    }

    private void compress(final long word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }

    /** The hash of a message that ends with its last whole word. */
    long finish() {
        return finish(0, 0);
    }

    /**
     * The hash of a message that ends with a part of a word.
     *
     * @param tail the last bytes, the rest zero.
     * @param tailLength how many, 0 to 7.
     */
    long finish(final long tail, final int tailLength) {
        compress(tail | (lengthBytes + tailLength) << LENGTH_SHIFT);
        v2 ^= 0xff;
        round();
        round();
        round();
        round();
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13);
        v1 ^= v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16);
        v3 ^= v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21);
        v3 ^= v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17);
        v1 ^= v2;
        v2 = Long.rotateLeft(v2, 32);
    }
}
