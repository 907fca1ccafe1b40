package dev.firn.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class RecordDataTest {
    private final byte[] bytes = new RecordBytes()
            .u8(99)
            .u8(1)
            .u16(0xF002)
            .u32(0xF0000003)
            .u64(0xF000_0000_0000_0004L)
            .u8(99)
            .array();
    private final RecordData data = new RecordData().wrap(MemorySegment.ofArray(bytes), 1, bytes.length - 2);

    @Test
    void shouldReadInOrder() {
        assertThat(data.nextUnsignedByte()).isOne();
        assertThat(data.nextUnsignedShort()).isEqualTo(0xF002);
        assertThat(data.nextInt()).isEqualTo(0xF0000003);
        assertThat(data.position()).isEqualTo(7);
        assertThat(data.remaining()).isEqualTo(8);
        assertThat(data.nextLong()).isEqualTo(0xF000_0000_0000_0004L);
        data.requireEnd();
        assertThatThrownBy(data::nextUnsignedByte)
                .isInstanceOf(MalformedDataException.class)
                .hasMessage("the record has 15 bytes here, and asks for 1 at 15");
    }

    @Test
    void shouldReadByPlace() {
        assertThat(data.unsignedByte(0)).isOne();
        assertThat(data.unsignedShort(1)).isEqualTo(0xF002);
        assertThat(data.intAt(3)).isEqualTo(0xF0000003);
        assertThat(data.longAt(7)).isEqualTo(0xF000_0000_0000_0004L);
        assertThat(data.position()).isZero();
        assertThat(data.length()).isEqualTo(15);
    }

    @Test
    void shouldNeverReadBehindItsEnd() {
        assertThatThrownBy(() -> data.unsignedByte(15)).isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> data.unsignedByte(-1)).isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> data.unsignedShort(14)).isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> data.intAt(12)).isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> data.longAt(8)).isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> data.longAt(Integer.MAX_VALUE)).isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> data.at(0, -1)).isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> data.at(15, Integer.MAX_VALUE)).isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> data.take(16)).isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> data.position(16)).isInstanceOf(MalformedDataException.class);
        assertThat(data.position()).isZero();
    }

    @Test
    void shouldAlignFromItsBegin() {
        data.nextUnsignedByte();
        data.alignShort();
        assertThat(data.position()).isEqualTo(2);
        data.alignShort();
        assertThat(data.position()).isEqualTo(2);
        data.align();
        assertThat(data.position()).isEqualTo(8);
        data.position(9);
        assertThatThrownBy(data::align).isInstanceOf(MalformedDataException.class);
    }

    @Test
    void shouldSayWhereItsBytesAre() {
        assertThat(data.take(3)).isEqualTo(1);
        assertThat(data.take(4)).isEqualTo(4);
        assertThat(data.at(15, 0)).isEqualTo(16);
    }

    @Test
    void shouldRefuseWhatIsLeft() {
        data.position(12);
        assertThatThrownBy(data::requireEnd)
                .isInstanceOf(MalformedDataException.class)
                .hasMessage("the record has 3 bytes more here than its kind takes");
    }

    @Test
    void shouldRefuseARangeOutsideItsMemory() {
        assertThatThrownBy(() -> data.wrap(MemorySegment.ofArray(bytes), 10, 8))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
