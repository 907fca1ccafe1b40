package dev.firn.columnar.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vector kernels give the bytes of their scalar twins, for random and for adversarial values. */
class KernelTwinsTest {
    private static final long[] SEEDS = {1, 7_919, 20_261_121L, -3};
    private static final int[] COUNTS = {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 127, 128, 129, 1000, 1003};
    private static final int ROOM = 1 << 16;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment in = arena.allocate(ROOM, 64);
    private final MemorySegment one = arena.allocate(ROOM, 64);
    private final MemorySegment other = arena.allocate(ROOM, 64);

    @AfterEach
    void frees() {
        arena.close();
    }

    /** Bytes of one of several kinds: noise, small numbers, extremes, runs. */
    private void fill(final RandomGenerator random) {
        final int kind = random.nextInt(5);
        for (int i = 0; i < ROOM; i += Long.BYTES) {
            final long value = switch (kind) {
                case 0 -> random.nextLong();
                case 1 -> random.nextInt(1 << 10) | (long) random.nextInt(1 << 10) << 32;
                case 2 -> extreme(random);
                case 3 -> i / 256;
                default -> random.nextInt(10) == 0 ? random.nextLong() : -1;
            };
            LittleEndian.putLong(in, i, value);
        }
    }

    private static long extreme(final RandomGenerator random) {
        return switch (random.nextInt(10)) {
            case 0 -> Long.MIN_VALUE;
            case 1 -> Long.MAX_VALUE;
            case 2 -> Double.doubleToRawLongBits(-0.0);
            case 3 -> 0x7FF8_0000_0000_0001L;
            case 4 -> 0xFFF0_0000_0000_0001L;
            case 5 -> 0x7FC0_0001_FFC0_0001L;
            case 6 -> 0x8000_0000_0000_0000L | 0x8000_0000L;
            case 7 -> Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY);
            case 8 -> 0;
            default -> random.nextLong();
        };
    }

    private void assertSame(final String what, final long bytes) {
        assertThat(one.asSlice(0, bytes).mismatch(other.asSlice(0, bytes)))
                .as(what)
                .isEqualTo(-1);
    }

    @Test
    void shouldPackBitsAlikeAtEveryWidth() {
        for (final long seed : SEEDS) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            fill(random);
            for (int width = 0; width <= Long.SIZE; width++) {
                final int count = 8 * random.nextInt(40);
                final long offset = random.nextInt(64);
                final String what = "seed " + seed + ", " + count + " values of " + width + " bits";
                if (width <= Integer.SIZE) {
                    VectorBitPacking.packInts(in, offset, count, width, one, 0);
                    ScalarBitPacking.packInts(in, offset, count, width, other, 0);
                    assertSame(what, BitPacking.packedBytes(count, width));
                    VectorBitPacking.packLongs(in, offset, count, width, one, 0);
                    ScalarBitPacking.packLongs(in, offset, count, width, other, 0);
                    assertSame(what, BitPacking.packedBytes(count, width));
                }
                BitPacking.packLongs(in, offset, count, width, one, 0);
                assertUnpacks(what, count, width, offset);
            }
        }
    }

    /** Bit by bit, from the format's words and not from the other kernel. */
    private void assertUnpacks(final String what, final int count, final int width, final long offset) {
        for (int i = 0; i < count; i++) {
            final long expected = LittleEndian.getLong(in, offset + (long) i * Long.BYTES);
            for (int bit = 0; bit < width; bit++) {
                final boolean found = Bits.get(one, (long) i * width + bit);
                assertThat(found).as(what).isEqualTo((expected >>> bit & 1) != 0);
            }
        }
    }

    @Test
    void shouldSubtractAlike() {
        for (final long seed : SEEDS) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            fill(random);
            for (final int count : COUNTS) {
                final String what = "seed " + seed + ", " + count + " values";
                assertThat(VectorDeltas.ints(in, 4, count, one, 0))
                        .as(what)
                        .isEqualTo(ScalarDeltas.ints(in, 4, count, other, 0));
                assertSame(what, 4L * count);
                final int by = random.nextInt();
                assertThat(VectorDeltas.lowerInts(one, 0, count, by))
                        .as(what)
                        .isEqualTo(ScalarDeltas.lowerInts(other, 0, count, by));
                assertSame(what, 4L * count);
                assertThat(VectorDeltas.longs(in, 8, count, one, 0))
                        .as(what)
                        .isEqualTo(ScalarDeltas.longs(in, 8, count, other, 0));
                assertSame(what, 8L * count);
                final long byLong = random.nextLong();
                assertThat(VectorDeltas.lowerLongs(one, 0, count, byLong))
                        .as(what)
                        .isEqualTo(ScalarDeltas.lowerLongs(other, 0, count, byLong));
                assertSame(what, 8L * count);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 8, 12, 16})
    void shouldSplitStreamsAlike(final int width) {
        for (final long seed : SEEDS) {
            fill(SystemRandom.seeded(seed));
            for (final int count : COUNTS) {
                ByteStreams.split(in, 3, count, width, one, 0);
                ScalarByteStreams.split(in, 3, 0, count, width, other, 0);
                assertSame("seed " + seed + ", " + count + " of " + width, (long) count * width);
            }
        }
    }

    @Test
    void shouldFindTheSameRanges() {
        for (long seed = 0; seed < 200; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            fill(random);
            final int count = COUNTS[random.nextInt(COUNTS.length)];
            final long offset = random.nextInt(32);
            final String what = "seed " + seed + ", " + count + " values";
            assertThat(VectorRanges.leastInt(in, offset, count))
                    .as(what)
                    .isEqualTo(ScalarRanges.leastInt(in, offset, 0, count, Integer.MAX_VALUE));
            assertThat(VectorRanges.greatestInt(in, offset, count))
                    .as(what)
                    .isEqualTo(ScalarRanges.greatestInt(in, offset, 0, count, Integer.MIN_VALUE));
            assertThat(VectorRanges.leastLong(in, offset, count))
                    .as(what)
                    .isEqualTo(ScalarRanges.leastLong(in, offset, 0, count, Long.MAX_VALUE));
            assertThat(VectorRanges.greatestLong(in, offset, count))
                    .as(what)
                    .isEqualTo(ScalarRanges.greatestLong(in, offset, 0, count, Long.MIN_VALUE));
            assertThat(Double.doubleToRawLongBits(VectorRanges.leastDouble(in, offset, count)))
                    .as(what)
                    .isEqualTo(Double.doubleToRawLongBits(
                            ScalarRanges.leastDouble(in, offset, 0, count, Double.POSITIVE_INFINITY)));
            assertThat(Double.doubleToRawLongBits(VectorRanges.greatestDouble(in, offset, count)))
                    .as(what)
                    .isEqualTo(Double.doubleToRawLongBits(
                            ScalarRanges.greatestDouble(in, offset, 0, count, Double.NEGATIVE_INFINITY)));
            assertThat(Float.floatToRawIntBits(VectorRanges.leastFloat(in, offset, count)))
                    .as(what)
                    .isEqualTo(Float.floatToRawIntBits(
                            ScalarRanges.leastFloat(in, offset, 0, count, Float.POSITIVE_INFINITY)));
            assertThat(Float.floatToRawIntBits(VectorRanges.greatestFloat(in, offset, count)))
                    .as(what)
                    .isEqualTo(Float.floatToRawIntBits(
                            ScalarRanges.greatestFloat(in, offset, 0, count, Float.NEGATIVE_INFINITY)));
        }
    }

    @Test
    void shouldCompactAlike() {
        for (long seed = 0; seed < 100; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            fill(random);
            final MemorySegment validity = arena.allocate(1 << 10);
            final double share = random.nextInt(5) / 4.0;
            for (int i = 0; i < 8 << 10; i++) {
                if (random.nextDouble() < share) {
                    Bits.set(validity, i);
                }
            }
            final int count = COUNTS[random.nextInt(COUNTS.length)];
            final int first = random.nextInt(70);
            final String what = "seed " + seed + ", " + count + " slots from " + first;
            int valid = 0;
            for (int i = 0; i < count; i++) {
                valid += Bits.get(validity, first + i) ? 1 : 0;
            }
            assertThat(Compaction.countValid(validity, first, count)).as(what).isEqualTo(valid);
            for (final int width : new int[] {4, 8, 16, 3}) {
                final int found = Compaction.values(validity, first, in, 1, count, width, one, 0);
                assertThat(found).as(what).isEqualTo(valid);
                ScalarCompaction.values(validity, first, in, 1, count, width, other, 0);
                assertSame(what, (long) valid * width);
                if (width == 3) {
                    int kept = 0;
                    for (int i = 0; i < count; i++) {
                        if (Bits.get(validity, first + i)) {
                            assertThat(one.get(JAVA_BYTE, kept * 3L)).as(what).isEqualTo(in.get(JAVA_BYTE, 1 + i * 3L));
                            kept++;
                        }
                    }
                }
            }
            assertThat(Compaction.bits(validity, first, in, 5, count, one, 0))
                    .as(what)
                    .isEqualTo(valid);
            int kept = 0;
            for (int i = 0; i < count; i++) {
                if (Bits.get(validity, first + i)) {
                    assertThat(Bits.get(one, kept++)).as(what).isEqualTo(Bits.get(in, 5 + i));
                }
            }
        }
    }

    @Test
    void shouldMeasureRunsAlike() {
        for (final long seed : SEEDS) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            for (int i = 0; i < 2_000; i++) {
                LittleEndian.putInt(in, 4L * i, random.nextInt(12) == 0 ? 1 : 0);
            }
            for (int first = 0; first <= 1_999; first++) {
                final int end = Math.min(2_000, first + random.nextInt(60));
                assertThat(VectorRuns.length(in, 0, first, end))
                        .as("seed %d, %d to %d", seed, first, end)
                        .isEqualTo(Runs.scalarLength(in, 0, first, end));
            }
        }
    }

    @Test
    void shouldTurnDecimalsAlikeAndRight() {
        for (final long seed : SEEDS) {
            fill(SystemRandom.seeded(seed));
            for (int width = 1; width <= 16; width++) {
                VectorDecimals.toBigEndian(in, 0, 50, width, one, 0);
                Decimals.scalarToBigEndian(in, 0, 50, width, other, 0);
                assertSame("seed " + seed + ", " + width + " bytes", 50L * width);
            }
        }
        final BigInteger number = new BigInteger("-99999999999999999999999999999999999999");
        final byte[] big = number.toByteArray();
        for (int b = 0; b < 16; b++) {
            in.set(JAVA_BYTE, b, big[15 - b]);
        }
        Decimals.toBigEndian(in, 0, 1, 16, one, 0);
        assertThat(new BigInteger(one.asSlice(0, 16).toArray(JAVA_BYTE))).isEqualTo(number);
    }

    @Test
    void shouldHashAndSetBloomBitsAlike() {
        for (final long seed : SEEDS) {
            fill(SystemRandom.seeded(seed));
            for (final int count : COUNTS) {
                XxHash64.hashAll(in, 5, count, 8, one);
                XxHash64.scalarHashAll(in, 5, 0, count, 8, other);
                assertSame("seed " + seed, 8L * count);
                for (int i = 0; i < count; i++) {
                    assertThat(LittleEndian.getLong(one, 8L * i)).isEqualTo(XxHash64.hash(in, 5 + 8L * i, 8));
                    assertThat(XxHash64.hashInt(LittleEndian.getInt(in, 5 + 8L * i)))
                            .isEqualTo(XxHash64.hash(in, 5 + 8L * i, 4));
                }
                final MemorySegment filter = arena.allocate(1024);
                final MemorySegment twin = arena.allocate(1024);
                VectorBloomBlocks.insert(one, count, filter);
                BloomBlocks.scalarInsert(one, count, twin);
                assertThat(filter.mismatch(twin)).as("seed %d", seed).isEqualTo(-1);
            }
        }
    }

    @Test
    void shouldHashAsThePublishedVectorsSay() {
        // Known answers of XXH64 with seed 0.
        assertThat(XxHash64.hash(in, 0, 0)).isEqualTo(0xEF46DB3751D8E999L);
        in.set(JAVA_BYTE, 0, (byte) 'a');
        assertThat(XxHash64.hash(in, 0, 1)).isEqualTo(0xD24EC4F1A98C6E5BL);
        final byte[] abc = "abc".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        MemorySegment.copy(abc, 0, in, JAVA_BYTE, 0, 3);
        assertThat(XxHash64.hash(in, 0, 3)).isEqualTo(0x44BC2CF5AD770999L);
    }
}
