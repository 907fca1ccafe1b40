package dev.firn.transport.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Against the vectors that the authors publish with their implementation: key 00 01 … 0f, message 00 01 02 …. */
final class SipHashTest {
    private static final long KEY_0 = 0x0706050403020100L;
    private static final long KEY_1 = 0x0f0e0d0c0b0a0908L;

    /** By the length of the message, from 0. */
    private static final long[] VECTORS = {
        0x726fdb47dd0e0e31L,
        0x74f839c593dc67fdL,
        0x0d6c8009d9a94f5aL,
        0x85676696d7fb7e2dL,
        0xcf2794e0277187b7L,
        0x18765564cd99a68dL,
        0xcbc9466e58fee3ceL,
        0xab0200f58b01d137L,
        0x93f5f5799a932462L,
        0x9e0082df0ba9e4b0L,
        0x7a5dbbc594ddb9f3L
    };

    /** The example in the paper's appendix: fifteen bytes. */
    private static final long PAPERS_EXAMPLE = 0xa129ca6149be45e5L;

    @Test
    void shouldGiveThePublishedHashes() {
        for (int length = 0; length < VECTORS.length; length++) {
            assertThat(hash(length)).as("%d bytes", length).isEqualTo(VECTORS[length]);
        }
        assertThat(hash(15)).isEqualTo(PAPERS_EXAMPLE);
    }

    private static long hash(final int length) {
        final SipHash hash = new SipHash(KEY_0, KEY_1);
        hash.begin();
        long word = 0;
        for (int i = 0; i < length; i++) {
            word |= (long) i << (i % 8 * 8);
            if (i % 8 == 7) {
                hash.word(word);
                word = 0;
            }
        }
        return hash.finish(word, length % 8);
    }
}
