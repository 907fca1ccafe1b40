package dev.firn.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class LittleEndianTest {
    private static final long VALUE = 0x8897_A6B5_C4D3_E2F1L;
    private static final int BYTES = 24;

    @Test
    void shouldWriteTheSameBytesToAnyMemoryAndReadThemBack() {
        try (Arena arena = Arena.ofConfined()) {
            for (final MemorySegment memory : List.of(
                    arena.allocate(BYTES),
                    MemorySegment.ofArray(new byte[BYTES]),
                    MemorySegment.ofArray(new long[BYTES / Long.BYTES]))) {
                LittleEndian.putByte(memory, 0, (int) VALUE);
                LittleEndian.putShort(memory, 1, (int) VALUE);
                LittleEndian.putInt(memory, 3, (int) VALUE);
                LittleEndian.putLong(memory, 7, VALUE);
                assertThat(memory.asSlice(0, 15).toArray(ValueLayout.JAVA_BYTE))
                        .containsExactly(
                                0xF1, 0xF1, 0xE2, 0xF1, 0xE2, 0xD3, 0xC4, 0xF1, 0xE2, 0xD3, 0xC4, 0xB5, 0xA6, 0x97,
                                0x88);
                assertThat(LittleEndian.getUnsignedByte(memory, 0)).isEqualTo(0xF1);
                assertThat(LittleEndian.getUnsignedShort(memory, 1)).isEqualTo(0xE2F1);
                assertThat(LittleEndian.getInt(memory, 3)).isEqualTo((int) VALUE);
                assertThat(LittleEndian.getUnsignedInt(memory, 3)).isEqualTo(VALUE & 0xFFFF_FFFFL);
                assertThat(LittleEndian.getLong(memory, 7)).isEqualTo(VALUE);
                assertThatThrownBy(() -> LittleEndian.getLong(memory, BYTES - 7))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> LittleEndian.putLong(memory, BYTES - 7, 0))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    @Test
    void shouldRefuseAnArrayWhereMemoryMustBeNative() {
        try (Arena arena = Arena.ofConfined()) {
            LittleEndian.requireNative(arena.allocate(1));
        }
        final MemorySegment array = MemorySegment.ofArray(new byte[1]);
        assertThatThrownBy(() -> LittleEndian.requireNative(array)).isInstanceOf(IllegalArgumentException.class);
    }
}
