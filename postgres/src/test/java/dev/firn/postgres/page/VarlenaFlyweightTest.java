package dev.firn.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.compression.CompressionMethod;
import dev.firn.postgres.compression.Decompressor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VarlenaFlyweightTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(64);
    private final VarlenaFlyweight value = new VarlenaFlyweight();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void shouldReadAShortValue() {
        put(5 << 1 | 1, 'f', 'i', 'r', 'n');
        value.wrap(memory, 0, 64);
        assertThat(value.form()).isEqualTo(VarlenaFlyweight.Form.SHORT);
        assertThat(value.totalBytes()).isEqualTo(5);
        assertThat(text(4)).isEqualTo("firn");
    }

    @Test
    void shouldReadAPlainValue() {
        LittleEndian.putInt(memory, 0, 8 << 2);
        LittleEndian.putInt(memory, 4, 'f' | 'i' << 8 | 'r' << 16 | 'n' << 24);
        value.wrap(memory, 0, 8);
        assertThat(value.form()).isEqualTo(VarlenaFlyweight.Form.PLAIN);
        assertThat(value.isCompressed()).isFalse();
        assertThat(text(4)).isEqualTo("firn");
    }

    @Test
    void shouldReadACompressedValue() {
        // A literal and a match of eight at distance 1.
        LittleEndian.putInt(memory, 0, 12 << 2 | 2);
        LittleEndian.putInt(memory, 4, 9);
        LittleEndian.putInt(memory, 8, 0b10 | 'x' << 8 | 5 << 16 | 1 << 24);
        value.wrap(memory, 0, 64);
        assertThat(value.form()).isEqualTo(VarlenaFlyweight.Form.COMPRESSED);
        assertThat(value.method()).isEqualTo(CompressionMethod.PGLZ);
        assertThat(value.rawBytes()).isEqualTo(9);
        assertThat(text(9)).isEqualTo("xxxxxxxxx");
        LittleEndian.putInt(memory, 4, 9 | 1 << 30);
        assertThat(value.wrap(memory, 0, 64).method()).isEqualTo(CompressionMethod.LZ4);
        LittleEndian.putInt(memory, 4, 9 | 3 << 30);
        assertThatThrownBy(() -> value.wrap(memory, 0, 64).method()).hasMessageContaining("method 3");
    }

    @Test
    void shouldReadAToastPointer() {
        put(0x01, 18);
        LittleEndian.putInt(memory, 2, 10_004);
        LittleEndian.putInt(memory, 6, 9_000 | 1 << 30);
        LittleEndian.putInt(memory, 10, 16_500);
        LittleEndian.putInt(memory, 14, 16_390);
        value.wrap(memory, 0, 18);
        assertThat(value.form()).isEqualTo(VarlenaFlyweight.Form.EXTERNAL);
        assertThat(value.rawBytes()).isEqualTo(10_000);
        assertThat(value.externalBytes()).isEqualTo(9_000);
        assertThat(value.isCompressed()).isTrue();
        assertThat(value.method()).isEqualTo(CompressionMethod.LZ4);
        assertThat(value.externalValueId()).isEqualTo(16_500);
        assertThat(value.externalToastRelation()).isEqualTo(16_390);
        assertThatThrownBy(value::payloadBytes).isInstanceOf(IllegalStateException.class);
        LittleEndian.putInt(memory, 6, 10_000);
        assertThat(value.isCompressed()).isFalse();
        put(0x01, 3);
        assertThatThrownBy(() -> value.wrap(memory, 0, 18)).hasMessageContaining("tag 3");
    }

    @Test
    void shouldRefuseAValueThatDoesNotFit() {
        put(5 << 1 | 1);
        assertThatThrownBy(() -> value.wrap(memory, 0, 4)).hasMessageContaining("of 5 bytes");
        LittleEndian.putInt(memory, 0, 3 << 2);
        assertThatThrownBy(() -> value.wrap(memory, 0, 64)).hasMessageContaining("at least 4");
        LittleEndian.putInt(memory, 0, 7 << 2 | 2);
        assertThatThrownBy(() -> value.wrap(memory, 0, 64)).hasMessageContaining("at least 8");
        LittleEndian.putInt(memory, 0, 8 << 2);
        assertThatThrownBy(() -> value.wrap(memory, 0, 3)).hasMessageContaining("cut off");
        assertThatThrownBy(() -> value.wrap(memory, 0, 0)).isInstanceOf(MalformedDataException.class);
    }

    @Test
    void shouldStayWithinItsBytesWhateverTheyAre() {
        final long seed = 3;
        final RandomGenerator random = SystemRandom.seeded(seed);
        final MemorySegment target = arena.allocate(4096);
        int read = 0;
        try (Decompressor decompressor = new Decompressor()) {
            for (int round = 0; round < 50_000; round++) {
                RandomBytes.fill(memory, random);
                if (random.nextBoolean()) {
                    LittleEndian.putInt(memory, 0, random.nextInt(80) << 2 | random.nextInt(4));
                    LittleEndian.putInt(memory, 4, random.nextInt(64) | random.nextInt(4) << 30);
                }
                try {
                    value.wrap(memory, 0, random.nextInt(65));
                    assertThat(value.totalBytes()).isBetween(1, 64);
                    if (value.rawBytes() <= 4096 && value.form() != VarlenaFlyweight.Form.EXTERNAL) {
                        value.copyValueTo(target, 0, decompressor);
                        read++;
                    }
                } catch (final MalformedDataException e) {
                    assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
                }
            }
        }
        assertThat(read).as("seed %d", seed).isPositive();
    }

    private void put(final int... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            LittleEndian.putByte(memory, i, bytes[i]);
        }
    }

    private String text(final int expectedBytes) {
        assertThat(value.rawBytes()).isEqualTo(expectedBytes);
        final MemorySegment target = arena.allocate(expectedBytes);
        try (Decompressor decompressor = new Decompressor()) {
            value.copyValueTo(target, 0, decompressor);
        }
        return new String(target.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }
}
