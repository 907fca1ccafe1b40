package dev.firn.transport.authentication;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.UnsafeApi;

/**
 * The code by which a frame proves that it comes from the holder of a session's key, unchanged. For one thread; allocates
 * nothing.
 *
 * <p>Two steps. The payload is hashed block by block with NH over words of 64 bits (Black, Halevi, Krawczyk, Krovetz and
 * Rogaway, "UMAC: fast and secure message authentication", 1999; with this word length in Krovetz and Dai's VMAC): two
 * different blocks of the same length, chosen without knowledge of the key, collide with a probability of 2<sup>-64</sup>.
 * The hashes of the blocks, with the frame's addresses, session, number and length before them, then go through
 * {@link SipHash}, a pseudo-random function. NH is what makes it cost little: one multiplication for sixteen bytes.
 * SipHash sees a sixty-fourth of a long payload.
 *
 * <p>A number is used once in a session, so one who forges a frame has to guess 64 bits, or to find a payload that collides
 * under a key that it does not know.
 */
final class FrameMac {
    /** Words of the key: as many as a block of payload has. */
    static final int BLOCK_WORDS = 128;

    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final int PAIR_BYTES = 2 * Long.BYTES;

    private final long[] blockKey;
    private final SipHash hash;

    /** What is hashed of the block so far: 128 bits. */
    private long low;

    private long high;
    private int wordsInBlock;

    /** The bytes behind the last whole pair of words. */
    private long pendingFirst;

    private long pendingSecond;
    private int pendingLength;

    /** @param blockKey {@link #BLOCK_WORDS} words; kept. */
    FrameMac(final long key0, final long key1, final long[] blockKey) {
        if (blockKey.length != BLOCK_WORDS) {
            throw new IllegalArgumentException("a key of " + blockKey.length + " words, not " + BLOCK_WORDS);
        }
        this.hash = new SipHash(key0, key1);
        this.blockKey = blockKey;
    }

    /** Starts a frame; then come the pieces of its payload. */
    void begin(
            final int sourceNodeId,
            final int destinationNodeId,
            final long sessionId,
            final long number,
            final int payloadLength) {
        hash.begin();
        hash.word((long) payloadLength << 32 | (long) sourceNodeId << 16 | destinationNodeId);
        hash.word(sessionId);
        hash.word(number);
        low = 0;
        high = 0;
        wordsInBlock = 0;
        pendingFirst = 0;
        pendingSecond = 0;
        pendingLength = 0;
    }

    /** The next piece of the payload, of any length. */
    void update(final DirectBuffer buffer, final int offset, final int length) {
        // Once for all words: a check for each one would take as long as the multiplications.
        buffer.boundsCheck(offset, length);
        int at = offset;
        final int end = offset + length;
        while (pendingLength > 0 && at < end) {
            pend(buffer.getByte(at++));
        }
        while (end - at >= PAIR_BYTES) {
            final int words = Math.min((end - at) / PAIR_BYTES * 2, BLOCK_WORDS - wordsInBlock);
            hashWords(buffer.byteArray(), buffer.addressOffset() + at, words);
            at += words * Long.BYTES;
        }
        while (at < end) {
            pend(buffer.getByte(at++));
        }
    }

    /** Two sums, so that the processor need not wait for one addition before it begins the next. */
    private void hashWords(final byte[] array, final long address, final int words) {
        final long[] key = blockKey;
        final int base = wordsInBlock;
        long evenLow = low;
        long evenHigh = high;
        long oddLow = 0;
        long oddHigh = 0;
        int i = 0;
        for (; i <= words - 4; i += 4) {
            final long at = address + (long) i * Long.BYTES;
            final long first = word(array, at) + key[base + i];
            final long second = word(array, at + 8) + key[base + i + 1];
            final long third = word(array, at + 16) + key[base + i + 2];
            final long fourth = word(array, at + 24) + key[base + i + 3];
            final long even = first * second;
            final long odd = third * fourth;
            evenLow += even;
            oddLow += odd;
            evenHigh += Math.unsignedMultiplyHigh(first, second) + carry(evenLow, even);
            oddHigh += Math.unsignedMultiplyHigh(third, fourth) + carry(oddLow, odd);
        }
        if (i < words) {
            final long at = address + (long) i * Long.BYTES;
            final long first = word(array, at) + key[base + i];
            final long second = word(array, at + 8) + key[base + i + 1];
            final long product = first * second;
            oddLow += product;
            oddHigh += Math.unsignedMultiplyHigh(first, second) + carry(oddLow, product);
        }
        low = evenLow + oddLow;
        high = evenHigh + oddHigh + carry(low, oddLow);
        advance(words);
    }

    /** A little-endian word of a buffer's memory, whose bounds have been checked. */
    private static long word(final byte[] array, final long address) {
        final long word = UnsafeApi.getLong(array, address);
        return LITTLE_ENDIAN ? word : Long.reverseBytes(word);
    }

    private void pend(final byte value) {
        final long bits = (value & 0xFFL) << (pendingLength % Long.BYTES * Byte.SIZE);
        if (pendingLength < Long.BYTES) {
            pendingFirst |= bits;
        } else {
            pendingSecond |= bits;
        }
        pendingLength++;
        if (pendingLength == PAIR_BYTES) {
            hashPending();
        }
    }

    private void hashPending() {
        final long first = pendingFirst + blockKey[wordsInBlock];
        final long second = pendingSecond + blockKey[wordsInBlock + 1];
        final long product = first * second;
        low += product;
        high += Math.unsignedMultiplyHigh(first, second) + carry(low, product);
        pendingFirst = 0;
        pendingSecond = 0;
        pendingLength = 0;
        advance(2);
    }

    /** 1 when the sum has wrapped around as {@code addend} was added. */
    private static long carry(final long sum, final long addend) {
        return Long.compareUnsigned(sum, addend) < 0 ? 1 : 0;
    }

    private void advance(final int words) {
        wordsInBlock += words;
        if (wordsInBlock == BLOCK_WORDS) {
            endBlock();
        }
    }

    private void endBlock() {
        hash.word(low);
        hash.word(high);
        low = 0;
        high = 0;
        wordsInBlock = 0;
    }

    /** The code of the frame. Missing bytes of the last pair count as zero: the length is part of what is hashed. */
    long finish() {
        if (pendingLength > 0) {
            hashPending();
        }
        if (wordsInBlock > 0) {
            endBlock();
        }
        return hash.finish();
    }
}
