package dev.firn.postgres.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** What pglz makes of values, which is never to change; that Postgres makes the same of them is for the tests that rebuild its pages. */
final class PglzCompressorTest {
    private static final long SEED = 20_261_122L;

    /** CRC-32 of all that is made of the drawn values. */
    private static final String GOLDEN = "4b9b432";

    private final PglzCompressor compressor = new PglzCompressor();

    private byte[] compress(final byte[] value) {
        final byte[] target = new byte[PglzCompressor.maxBytes(value.length)];
        final int bytes =
                compressor.compress(MemorySegment.ofArray(value), 0, value.length, MemorySegment.ofArray(target), 0);
        if (bytes == PglzCompressor.INCOMPRESSIBLE) {
            return null;
        }
        return Arrays.copyOf(target, bytes);
    }

    private static byte[] decompress(final byte[] compressed, final int length) {
        final byte[] target = new byte[length];
        Pglz.decompress(
                MemorySegment.ofArray(compressed), 0, compressed.length, MemorySegment.ofArray(target), 0, length);
        return target;
    }

    @Test
    void shouldMakeLiteralsAndMatches() {
        // Four literals, then a match of the greatest length, 273, at distance 4; then what is left.
        final byte[] value = "abcd".repeat(100).getBytes(StandardCharsets.US_ASCII);
        assertThat(HexFormat.of().formatHex(compress(value))).isEqualTo("3061626364" + "0f04ff" + "0f0469");
    }

    @Test
    void shouldLeaveWhatDoesNotBecomeSmaller() {
        assertThat(compress("x".repeat(31).getBytes(StandardCharsets.US_ASCII)))
                .as("too short")
                .isNull();
        assertThat(compress("x".repeat(32).getBytes(StandardCharsets.US_ASCII))).isNotNull();
        final byte[] noise = new byte[5000];
        SystemRandom.seeded(SEED).nextBytes(noise);
        assertThat(compress(noise)).as("noise").isNull();
        // No match in the first 1,024 bytes: it gives up, whatever follows.
        System.arraycopy(new byte[3000], 0, noise, 2000, 3000);
        assertThat(compress(noise)).as("noise before zeroes").isNull();
    }

    @Test
    void shouldComeBackAndNeverChange() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final CRC32 all = new CRC32();
        int compressed = 0;
        for (int i = 0; i < 400; i++) {
            final byte[] value = drawn(random);
            final byte[] made = compress(value);
            if (made != null) {
                compressed++;
                assertThat(decompress(made, value.length))
                        .as("seed %d, value %d", SEED, i)
                        .isEqualTo(value);
                assertThat(made.length).isLessThan(value.length * 3 / 4 + 1);
                all.update(made);
            }
        }
        assertThat(compressed).isGreaterThan(250);
        assertThat(Long.toHexString(all.getValue()))
                .as("pages were written with this output")
                .isEqualTo(GOLDEN);
    }

    /** Words of few letters, with bytes of all values here and there; of all lengths, also beyond the history. */
    private static byte[] drawn(final RandomGenerator random) {
        final byte[] value = new byte[random.nextInt(40 << random.nextInt(10)) + 33];
        final int letters = 1 + random.nextInt(30);
        final int back = 1 + random.nextInt(4 << random.nextInt(11));
        for (int i = 0; i < value.length; i++) {
            value[i] = i >= back && random.nextInt(300) > 0
                    ? value[i - back]
                    : (byte) (random.nextInt(9) == 0 ? random.nextInt() : 'a' + random.nextInt(letters));
        }
        return value;
    }

    @Test
    void shouldAskForRoom() {
        final MemorySegment value = MemorySegment.ofArray(new byte[100]);
        assertThatThrownBy(() -> compressor.compress(value, 0, 100, MemorySegment.ofArray(new byte[103]), 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
