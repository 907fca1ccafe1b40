package dev.firn.columnar.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.lake.DecimalReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class DecimalLookupTest {
    private static final int VALUES = 200_000;
    private static final int MOST_BYTES = 11;
    private static final int PRECISION = 6;
    private static final int SCALE = 2;

    /** Short headers of that scale, most of them, with weights from -2 to 1, and digits of which many are zero, too many, or cut in half. */
    private static final int[] HEADERS = {0x8100, 0x8101, 0x817F, 0x817E, 0xA100, 0x8180, 0xC000, 0x0000};

    private static final int[] DIGITS = {0, 0, 1, 500, 3_400, 9_900, 9_999, 10_000, 0xFFFF};

    /** What is looked up is what is read, whatever was looked up before; also where the memory ends behind a value. */
    @Test
    void shouldSayOfEachValueWhatIsRead() {
        final RandomGenerator random = SystemRandom.seeded(7);
        final DecimalLookup lookup = new DecimalLookup(PRECISION, SCALE);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(2 * MOST_BYTES);
            int numbers = 0;
            for (int i = 0; i < VALUES; i++) {
                final int length = random.nextInt(MOST_BYTES + 1);
                final long at = random.nextBoolean() ? 1 : memory.byteSize() - length;
                for (int b = 0; b < length; b += Short.BYTES) {
                    final int[] from = b == 0 ? HEADERS : DIGITS;
                    final int part = from[random.nextInt(from.length)];
                    LittleEndian.putByte(memory, at + b, part);
                    if (b + 1 < length) {
                        LittleEndian.putByte(memory, at + b + 1, part >>> Byte.SIZE);
                    }
                }
                final long read = DecimalReader.small(memory, at, length, PRECISION, SCALE);
                assertThat(lookup.small(memory, at, length)).as("value %d", i).isEqualTo(read);
                numbers += read == DecimalReader.NOT_SMALL ? 0 : 1;
            }
            assertThat(numbers).isGreaterThan(VALUES / 100);
        }
    }
}
