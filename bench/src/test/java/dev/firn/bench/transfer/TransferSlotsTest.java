package dev.firn.bench.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TransferSlotsTest {
    private static final int RANGE_BYTES = 8 << 10;
    private static final int OBJECT_BYTES = 1 << 20;
    private static final int INSIDE = 5_000;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment object = arena.allocate(OBJECT_BYTES, 8);

    TransferSlotsTest() {
        ObjectBytes.fill(object);
    }

    @AfterEach
    void release() {
        arena.close();
    }

    @Test
    void shouldTakeARangeThatIsRightOnceOnly() {
        final TransferSlots slots = slots(TransferJob.Kind.GET, RANGE_BYTES, 2);
        slots.begin(1, 0);
        read(slots, 1);
        slots.end(1, RANGE_BYTES, 10);
        assertThat(slots.latency().count()).isEqualTo(1);

        // Nothing has come: what the last one brought is gone.
        slots.begin(1, 0);
        assertThatThrownBy(() -> slots.end(1, RANGE_BYTES, 10)).hasMessageContaining("are wrong");
    }

    @Test
    void shouldFindAShortRangeAndAWrongByte() {
        final TransferSlots slots = slots(TransferJob.Kind.GET, RANGE_BYTES, 1);
        slots.begin(0, 0);
        read(slots, 0);
        assertThatThrownBy(() -> slots.end(0, RANGE_BYTES - 1, 10)).hasMessageContaining("read 8191 of 8192 bytes");

        slots.memory(0).set(ValueLayout.JAVA_BYTE, INSIDE, (byte) 1);
        // Not a word that is looked at, unless all are.
        assertThatCode(() -> slots.end(0, RANGE_BYTES, 10)).doesNotThrowAnyException();
        slots.restart(true);
        read(slots, 0);
        slots.memory(0).set(ValueLayout.JAVA_BYTE, INSIDE, (byte) 1);
        assertThatThrownBy(() -> slots.end(0, RANGE_BYTES, 10))
                .hasMessageContaining(Long.toString(slots.objectOffset(0) + INSIDE / 8 * 8));
    }

    @Test
    void shouldShareMemoryBeyondItsBound() {
        final int bytes = 64 << 20;
        final TransferSlots slots =
                new TransferSlots(new TransferJob(TransferJob.Kind.GET, "", bytes, bytes, 10, 1, 0, 1), arena);

        assertThat(slots.count()).isEqualTo(10);
        assertThat(slots.memory(8).address()).isEqualTo(slots.memory(0).address());
        assertThat(slots.memory(7).address()).isNotEqualTo(slots.memory(0).address());
    }

    @Test
    void shouldWriteFromOneBufferOfTheObjectsBytes() {
        final TransferSlots slots = slots(TransferJob.Kind.PUT, RANGE_BYTES, 3);

        assertThat(slots.memory(2).address()).isEqualTo(slots.memory(0).address());
        assertThat(slots.memory(0).mismatch(object.asSlice(0, RANGE_BYTES))).isEqualTo(-1);
    }

    private TransferSlots slots(final TransferJob.Kind kind, final int bytes, final int inFlight) {
        return new TransferSlots(new TransferJob(kind, "", bytes, OBJECT_BYTES, inFlight, 4711, 0, 1), arena);
    }

    private void read(final TransferSlots slots, final int slot) {
        slots.memory(slot).copyFrom(object.asSlice(slots.objectOffset(slot), RANGE_BYTES));
    }
}
