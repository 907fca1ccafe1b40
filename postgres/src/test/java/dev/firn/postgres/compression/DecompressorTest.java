package dev.firn.postgres.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecompressorTest {
    private static final long SEED = 20261121;
    private static final int GUARD_BYTES = 64;
    private static final byte GUARD = (byte) 0xA5;

    private final Decompressor decompressor = new Decompressor();

    @AfterEach
    void close() {
        decompressor.close();
    }

    @ParameterizedTest
    @EnumSource(CompressionMethod.class)
    void shouldGiveBackWhatWasCompressed(final CompressionMethod method) {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        for (int i = 0; i < 150; i++) {
            final byte[] raw = compressible(random, 1 + random.nextInt(i < 10 ? 40_000 : 8192));
            assertThat(decompress(method, compress(method, raw), raw.length))
                    .as("seed %d, round %d", SEED, i)
                    .isEqualTo(raw);
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionMethod.class)
    void shouldRefuseAnyOtherLength(final CompressionMethod method) {
        final byte[] raw = compressible(SystemRandom.seeded(SEED), 5000);
        final byte[] compressed = compress(method, raw);
        assertThatThrownBy(() -> decompress(method, compressed, raw.length + 1))
                .isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> decompress(method, compressed, raw.length - 300))
                .isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> decompress(method, Arrays.copyOf(compressed, compressed.length - 1), raw.length))
                .isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> decompress(method, new byte[0], raw.length))
                .isInstanceOf(MalformedDataException.class);
    }

    @ParameterizedTest
    @EnumSource(CompressionMethod.class)
    void shouldStayWithinItsTargetWhateverTheBytes(final CompressionMethod method) {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            final byte[] raw = compressible(random, 1 + random.nextInt(1000));
            final byte[] bytes = compress(method, raw);
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                decompress(method, bytes, raw.length);
            } catch (final MalformedDataException e) {
                refused++;
                assertThat(e).hasMessageContaining(String.valueOf(raw.length));
            }
        }
        assertThat(refused).as("seed %d", SEED).isPositive();
    }

    @Test
    void shouldCutOffAMatchAtTheTargetsEndAsPostgresDoes() {
        // A literal, then a match of 18 bytes at distance 1, where only 9 more are wanted.
        assertThat(decompress(CompressionMethod.PGLZ, new byte[] {0b10, 'a', 0x0F, 1, 0}, 10))
                .isEqualTo("aaaaaaaaaa".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void shouldSayWhereAMatchLeavesTheOutput() {
        assertThatThrownBy(() -> decompress(CompressionMethod.PGLZ, new byte[] {0b10, 'a', 0x00, 2}, 10))
                .hasMessageContaining("2 bytes back from output byte 1");
        assertThatThrownBy(() -> decompress(CompressionMethod.PGLZ, new byte[] {0b10, 'a', 0x00, 0}, 10))
                .hasMessageContaining("0 bytes back");
    }

    @Test
    void shouldRefuseRangesOutsideTheirSegment() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment segment = arena.allocate(10);
            for (final CompressionMethod method : CompressionMethod.values()) {
                assertThatThrownBy(() -> decompressor.decompress(method, segment, 5, 6, segment, 0, 5))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> decompressor.decompress(method, segment, 0, 5, segment, 5, 6))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    private byte[] decompress(final CompressionMethod method, final byte[] compressed, final int rawBytes) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment source = arena.allocate(compressed.length + 2L * GUARD_BYTES);
            final MemorySegment target = arena.allocate(rawBytes + 2L * GUARD_BYTES);
            target.fill(GUARD);
            MemorySegment.copy(compressed, 0, source, ValueLayout.JAVA_BYTE, GUARD_BYTES, compressed.length);
            try {
                decompressor.decompress(method, source, GUARD_BYTES, compressed.length, target, GUARD_BYTES, rawBytes);
            } finally {
                for (int i = 0; i < GUARD_BYTES; i++) {
                    assertThat(target.get(ValueLayout.JAVA_BYTE, i)).isEqualTo(GUARD);
                    assertThat(target.get(ValueLayout.JAVA_BYTE, (long) GUARD_BYTES + rawBytes + i))
                            .isEqualTo(GUARD);
                }
            }
            return target.asSlice(GUARD_BYTES, rawBytes).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static byte[] compress(final CompressionMethod method, final byte[] raw) {
        return switch (method) {
            case PGLZ -> PglzEncoder.encode(raw);
            case LZ4 -> LZ4Factory.safeInstance().fastCompressor().compress(raw);
            case ZSTD -> Zstd.compress(raw);
        };
    }

    /** Runs, repeats at some distance, and noise. */
    private static byte[] compressible(final RandomGenerator random, final int length) {
        final byte[] bytes = new byte[length];
        int at = 0;
        while (at < length) {
            final int run = Math.min(length - at, 1 + random.nextInt(400));
            final int back = at == 0 ? 0 : 1 + random.nextInt(Math.min(at, 600));
            final int kind = random.nextInt(4);
            for (int i = 0; i < run; i++, at++) {
                bytes[at] = kind == 0 || back == 0 ? (byte) random.nextInt(8) : kind == 1 ? 0 : bytes[at - back];
            }
        }
        return bytes;
    }
}
