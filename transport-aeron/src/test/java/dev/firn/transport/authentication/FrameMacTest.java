package dev.firn.transport.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class FrameMacTest {
    private static final long SEED = 0x3AC_0001L;
    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);
    private static final BigInteger TWO_128 = BigInteger.ONE.shiftLeft(128);
    private static final long KEY_0 = 0x0123_4567_89ab_cdefL;
    private static final long KEY_1 = 0xfedc_ba98_7654_3210L;

    private final RandomGenerator random = SystemRandom.seeded(SEED);
    private final long[] blockKey = random.longs(FrameMac.BLOCK_WORDS).toArray();
    private final FrameMac mac = new FrameMac(KEY_0, KEY_1, blockKey);

    @Test
    void shouldAgreeWithTheDefinitionWhateverTheLength() {
        for (int i = 0; i < 300; i++) {
            final byte[] payload = new byte[i < 200 ? i : random.nextInt(5_000)];
            random.nextBytes(payload);
            final long number = random.nextLong();
            assertThat(code(payload, number))
                    .as("%d bytes, seed %x", payload.length, SEED)
                    .isEqualTo(byDefinition(payload, number));
        }
    }

    @Test
    void shouldNotDependOnHowThePayloadIsCut() {
        for (int i = 0; i < 500; i++) {
            final byte[] payload = new byte[random.nextInt(3_000)];
            random.nextBytes(payload);
            final UnsafeBuffer buffer = new UnsafeBuffer(payload);
            mac.begin(1, 2, 3, 4, payload.length);
            int at = 0;
            while (at < payload.length) {
                final int piece = Math.min(payload.length - at, random.nextInt(random.nextBoolean() ? 20 : 2_000));
                mac.update(buffer, at, piece);
                at += piece;
            }
            assertThat(mac.finish()).as("seed %x", SEED).isEqualTo(code(payload, 4));
        }
    }

    @Test
    void shouldDifferWhenOneBitDoes() {
        final byte[] payload = new byte[1_100];
        random.nextBytes(payload);
        final Set<Long> codes = new HashSet<>();
        codes.add(code(payload, 4));
        for (int bit = 0; bit < payload.length * 8; bit++) {
            payload[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(codes.add(code(payload, 4))).as("bit %d", bit).isTrue();
            payload[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(codes.add(code(payload, 5))).as("number").isTrue();
        assertThat(codes.add(code(new byte[1_099], 4))).as("length").isTrue();
        mac.begin(1, 9, 3, 4, 0);
        assertThat(codes.add(mac.finish())).as("destination").isTrue();
        mac.begin(9, 2, 3, 4, 0);
        assertThat(codes.add(mac.finish())).as("source").isTrue();
        mac.begin(1, 2, 9, 4, 0);
        assertThat(codes.add(mac.finish())).as("session").isTrue();
    }

    /** Zeros behind the end count as nothing but length. */
    @Test
    void shouldDifferWhenOnlyZerosFollow() {
        final Set<Long> codes = new HashSet<>();
        for (int length = 0; length < 64; length++) {
            assertThat(codes.add(code(new byte[length], 1)))
                    .as("%d zeros", length)
                    .isTrue();
        }
    }

    private long code(final byte[] payload, final long number) {
        mac.begin(1, 2, 3, number, payload.length);
        mac.update(new UnsafeBuffer(payload), 0, payload.length);
        return mac.finish();
    }

    private long byDefinition(final byte[] payload, final long number) {
        final SipHash hash = new SipHash(KEY_0, KEY_1);
        hash.begin();
        hash.word((long) payload.length << 32 | 1L << 16 | 2);
        hash.word(3);
        hash.word(number);
        for (int block = 0; block < payload.length; block += 1_024) {
            BigInteger sum = BigInteger.ZERO;
            for (int pair = 0; pair < 64 && block + pair * 16 < payload.length; pair++) {
                sum = sum.add(keyed(payload, block + pair * 16, 2 * pair)
                        .multiply(keyed(payload, block + pair * 16 + 8, 2 * pair + 1)));
            }
            sum = sum.mod(TWO_128);
            hash.word(sum.longValue());
            hash.word(sum.shiftRight(64).longValue());
        }
        return hash.finish();
    }

    /** A word of the payload plus one of the key. */
    private BigInteger keyed(final byte[] payload, final int offset, final int keyIndex) {
        BigInteger word = BigInteger.ZERO;
        for (int i = 7; i >= 0; i--) {
            word = word.shiftLeft(8)
                    .or(BigInteger.valueOf(offset + i < payload.length ? payload[offset + i] & 0xFF : 0));
        }
        return word.add(new BigInteger(Long.toUnsignedString(blockKey[keyIndex])))
                .mod(TWO_64);
    }
}
