package dev.firn.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeapTupleFlyweightTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(64);
    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void shouldReadWhatItSets() {
        LittleEndian.putByte(memory, 22, 24);
        tuple.wrap(memory, 0, 32);
        tuple.xmin(0xFFFF_FFF0);
        tuple.xmax(77);
        tuple.commandId(3);
        tuple.ctid(0x0001_0002, 5);
        tuple.infomask2(4 | HeapTupleFlags.ONLY_TUPLE | HeapTupleFlags.HOT_UPDATED);
        assertThat(tuple.rawXmin()).isEqualTo(0xFFFF_FFF0);
        assertThat(tuple.xmin()).isEqualTo(0xFFFF_FFF0);
        assertThat(tuple.xmax()).isEqualTo(77);
        assertThat(tuple.commandId()).isEqualTo(3);
        assertThat(tuple.ctidBlock()).isEqualTo(0x0001_0002);
        assertThat(LittleEndian.getUnsignedShort(memory, 12))
                .as("the upper half first")
                .isEqualTo(1);
        assertThat(tuple.ctidOffsetNumber()).isEqualTo(5);
        assertThat(tuple.attributeCount()).isEqualTo(4);
        assertThat(tuple.isHeapOnly()).isTrue();
        assertThat(tuple.isHotUpdated()).isTrue();
        tuple.infomask(HeapTupleFlags.XMAX_INVALID | HeapTupleFlags.XMIN_FROZEN);
        assertThat(tuple.isHotUpdated()).isFalse();
        assertThat(tuple.xmin()).isEqualTo(HeapTupleFlyweight.FROZEN_XID);
        assertThat(tuple.dataBytes()).isEqualTo(8);
        tuple.ctid(-1, HeapTupleFlyweight.MOVED_PARTITIONS_OFFSET_NUMBER);
        assertThat(tuple.isMovedToOtherPartition()).isTrue();
        tuple.ctid(99, HeapTupleFlyweight.SPECULATIVE_OFFSET_NUMBER);
        assertThat(tuple.isSpeculative()).isTrue();
    }

    @Test
    void shouldReadTheNullBitmap() {
        LittleEndian.putByte(memory, 22, 32);
        LittleEndian.putShort(memory, 18, 10);
        LittleEndian.putShort(memory, 20, HeapTupleFlags.HAS_NULL);
        LittleEndian.putShort(memory, 23, 0b10_1111_0111);
        tuple.wrap(memory, 0, 40);
        for (int attribute = 0; attribute < 10; attribute++) {
            assertThat(tuple.isNull(attribute)).isEqualTo(attribute == 3 || attribute == 8);
        }
        assertThatThrownBy(() -> tuple.isNull(10)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldRefuseAHeaderThatDoesNotFit() {
        assertThatThrownBy(() -> tuple.wrap(memory, 0, 22)).hasMessageContaining("22 bytes");
        LittleEndian.putByte(memory, 22, 25);
        assertThatThrownBy(() -> tuple.wrap(memory, 0, 40)).hasMessageContaining("begins at 25");
        LittleEndian.putByte(memory, 22, 48);
        assertThatThrownBy(() -> tuple.wrap(memory, 0, 40)).hasMessageContaining("begins at 48");
        LittleEndian.putByte(memory, 22, 24);
        LittleEndian.putShort(memory, 18, 200);
        LittleEndian.putShort(memory, 20, HeapTupleFlags.HAS_NULL);
        assertThatThrownBy(() -> tuple.wrap(memory, 0, 40)).hasMessageContaining("its header takes 48");
    }

    @Test
    void shouldTellLockersFromUpdaters() {
        assertThat(HeapTupleFlags.isLockedOnly(HeapTupleFlags.XMAX_LOCK_ONLY)).isTrue();
        assertThat(HeapTupleFlags.isLockedOnly(HeapTupleFlags.XMAX_EXCL_LOCK)).isTrue();
        assertThat(HeapTupleFlags.isLockedOnly(HeapTupleFlags.XMAX_EXCL_LOCK | HeapTupleFlags.XMAX_IS_MULTI))
                .isFalse();
        assertThat(HeapTupleFlags.isLockedOnly(HeapTupleFlags.XMAX_SHR_LOCK)).isFalse();
        assertThat(HeapTupleFlags.isLockedUpgraded(HeapTupleFlags.XMAX_IS_MULTI | HeapTupleFlags.XMAX_LOCK_ONLY))
                .isTrue();
        assertThat(HeapTupleFlags.isLockedUpgraded(
                        HeapTupleFlags.XMAX_IS_MULTI | HeapTupleFlags.XMAX_LOCK_ONLY | HeapTupleFlags.XMAX_EXCL_LOCK))
                .isFalse();
    }
}
