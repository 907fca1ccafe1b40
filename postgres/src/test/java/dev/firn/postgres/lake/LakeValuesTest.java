package dev.firn.postgres.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.value.DatumFlyweight;
import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.value.ValueKind;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LakeValuesTest {
    private static final LocalDate POSTGRES_EPOCH = LocalDate.of(2000, 1, 1);

    @Test
    void shouldTakeDaysAndInstantsOfFourDigitYears() {
        final int first = (int) ChronoUnit.DAYS.between(POSTGRES_EPOCH, LocalDate.of(1, 1, 1));
        final int last = (int) ChronoUnit.DAYS.between(POSTGRES_EPOCH, LocalDate.of(9999, 12, 31));
        assertThat(LakeValues.dateFits(first) && LakeValues.dateFits(last)).isTrue();
        assertThat(LakeValues.dateFits(first - 1) || LakeValues.dateFits(last + 1))
                .isFalse();
        assertThat(LakeValues.dateFits(Integer.MAX_VALUE) || LakeValues.dateFits(Integer.MIN_VALUE))
                .isFalse();
        assertThat(LakeValues.date(last))
                .isEqualTo((int) LocalDate.of(9999, 12, 31).toEpochDay());
        final long begin = first * 86_400_000_000L;
        final long end = (last + 1) * 86_400_000_000L;
        assertThat(LakeValues.timestampFits(begin) && LakeValues.timestampFits(end - 1))
                .isTrue();
        assertThat(LakeValues.timestampFits(begin - 1) || LakeValues.timestampFits(end))
                .isFalse();
        assertThat(LakeValues.timestampFits(Long.MAX_VALUE) || LakeValues.timestampFits(Long.MIN_VALUE))
                .isFalse();
        assertThat(LakeValues.timestamp(0))
                .isEqualTo(LocalDateTime.of(2000, 1, 1, 0, 0).toEpochSecond(ZoneOffset.UTC) * 1_000_000);
        assertThat(LakeValues.timeFits(0) && LakeValues.timeFits(86_399_999_999L))
                .isTrue();
        assertThat(LakeValues.timeFits(86_400_000_000L)).isFalse();
    }

    @Test
    void shouldKnowUtf8AsJavaDoes() {
        for (long seed = 1; seed <= 200_000; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final byte[] bytes = new byte[random.nextInt(24)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte)
                        (random.nextInt(3) == 0
                                ? 0x80 + random.nextInt(0x40)
                                : random.nextInt(4) == 0 ? 0xC0 + random.nextInt(0x40) : 1 + random.nextInt(127));
            }
            boolean expected = true;
            try {
                assertThat(StandardCharsets.UTF_8
                                .newDecoder()
                                .decode(ByteBuffer.wrap(bytes))
                                .length())
                        .isLessThanOrEqualTo(bytes.length);
            } catch (final CharacterCodingException e) {
                expected = false;
            }
            if (LakeValues.isUtf8(MemorySegment.ofArray(bytes), 0, bytes.length) != expected) {
                assertThat(bytes).as("seed %d, valid %s", seed, expected).isEmpty();
            }
        }
    }

    @Test
    void shouldTakeExactlyTheNumericsOfPrecisionAndScale() {
        final DecimalReader reader = new DecimalReader();
        int fit = 0;
        for (long seed = 1; seed <= 100_000; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final int scale = random.nextInt(39);
            final int digits = 1 + random.nextInt(44);
            BigInteger unscaled = new BigInteger(1, bytes(random, 18)).mod(BigInteger.TEN.pow(digits));
            if (random.nextInt(8) == 0) {
                unscaled = BigInteger.TEN.pow(digits).subtract(BigInteger.ONE);
            }
            if (random.nextBoolean()) {
                unscaled = unscaled.negate();
            }
            final BigDecimal value = new BigDecimal(unscaled, scale);
            final int precision = Math.max(1, Math.max(scale, random.nextInt(39)));
            final int readScale = random.nextInt(6) == 0 ? random.nextInt(precision + 1) : scale;
            final boolean expected = readScale == scale && unscaled.abs().compareTo(BigInteger.TEN.pow(precision)) < 0;
            final byte[] stored = numeric(value);
            final boolean found = reader.read(
                    new DatumFlyweight().wrap(MemorySegment.ofArray(stored), 0, stored.length), precision, readScale);
            assertThat(found)
                    .as("seed %d: %s as decimal(%d,%d)", seed, value, precision, readScale)
                    .isEqualTo(expected);
            if (found) {
                fit++;
                final BigInteger read = BigInteger.valueOf(reader.high())
                        .shiftLeft(64)
                        .add(new BigInteger(Long.toUnsignedString(reader.low())));
                assertThat(read).as("seed %d: %s", seed, value).isEqualTo(unscaled);
            }
        }
        assertThat(fit).isBetween(20_000, 90_000);
    }

    private static byte[] bytes(final SplittableRandom random, final int count) {
        final byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The long format of numeric.c, without leading and trailing zero digits. */
    private static byte[] numeric(final BigDecimal value) {
        final int scale = value.scale();
        final int fractionDigits = (scale + 3) / 4;
        BigInteger rest = value.unscaledValue().abs().multiply(BigInteger.TEN.pow(fractionDigits * 4 - scale));
        final List<Integer> digits = new java.util.ArrayList<>();
        while (rest.signum() != 0) {
            final BigInteger[] parts = rest.divideAndRemainder(BigInteger.valueOf(10_000));
            digits.addFirst(parts[1].intValue());
            rest = parts[0];
        }
        final int weight = digits.isEmpty() ? 0 : digits.size() - 1 - fractionDigits;
        while (!digits.isEmpty() && digits.getLast() == 0) {
            digits.removeLast();
        }
        final byte[] stored = new byte[4 + 2 * digits.size()];
        final MemorySegment memory = MemorySegment.ofArray(stored);
        LittleEndian.putShort(memory, 0, scale | (value.signum() < 0 ? 0x4000 : 0));
        LittleEndian.putShort(memory, 2, weight);
        for (int i = 0; i < digits.size(); i++) {
            LittleEndian.putShort(memory, 4 + 2 * i, digits.get(i));
        }
        return stored;
    }

    @Test
    void shouldChooseDecimalsByTheirModifier() {
        assertThat(numeric(12, 2)).isEqualTo(new LakeType(LakeKind.DECIMAL, 12, 2, null, false, true));
        assertThat(numeric(5, -2)).isEqualTo(new LakeType(LakeKind.DECIMAL, 7, 0, null, false, true));
        assertThat(numeric(3, 5)).isEqualTo(new LakeType(LakeKind.DECIMAL, 5, 5, null, false, true));
        assertThat(numeric(1000, 3)).isEqualTo(new LakeType(LakeKind.DECIMAL, 38, 3, null, false, true));
        assertThat(numeric(1000, 39).kind()).isEqualTo(LakeKind.STRING);
        final TypeDescription type = TypeDescription.simple(1700, "numeric", ValueKind.NUMERIC, -1, 4, 'm', ',');
        assertThat(LakeType.of(type, -1).kind()).isEqualTo(LakeKind.STRING);
        final TypeDescription array =
                new TypeDescription(1231, "_numeric", ValueKind.ARRAY, -1, 4, 'x', ',', type, List.of(), null, -1);
        assertThat(LakeType.of(array, typmod(9, 2)).element()).isEqualTo(numeric(9, 2));
    }

    private static LakeType numeric(final int precision, final int scale) {
        return LakeType.of(
                TypeDescription.simple(1700, "numeric", ValueKind.NUMERIC, -1, 4, 'm', ','), typmod(precision, scale));
    }

    /** make_numeric_typmod. */
    private static int typmod(final int precision, final int scale) {
        return ((precision << 16) | (scale & 0x7FF)) + 4;
    }
}
