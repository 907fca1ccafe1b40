package dev.firn.nativeio.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckedMemoryTest {
    private static final MemoryTag PAGES = MemoryTag.of("test-pages");
    private static final MemoryTag LAYERS = MemoryTag.of("test-layers");
    private static final long CAPACITY_BYTES = 4 * SizeClass.SLAB_BYTES;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(CAPACITY_BYTES);

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 512, 5000, 8192, 2 << 20, 5_000_000})
    void shouldGiveExactLengthsFilledWithNoZeros(final long bytes) {
        final MemorySegment segment = memory.allocate(bytes, PAGES);
        assertThat(segment.byteSize()).isEqualTo(bytes);
        assertThat(segment.get(JAVA_BYTE, 0)).isEqualTo(CheckedAllocations.UNDEFINED);
        assertThat(segment.get(JAVA_BYTE, bytes - 1)).isEqualTo(CheckedAllocations.UNDEFINED);
        assertThatThrownBy(() -> segment.get(JAVA_BYTE, bytes)).isInstanceOf(IndexOutOfBoundsException.class);
        memory.free(segment);
        final MemorySegment whole = memory.allocateAtLeast(bytes, PAGES);
        assertThat(whole.byteSize()).isEqualTo(OffHeapMemory.slotBytes(bytes));
        memory.free(whole);
    }

    @Test
    void shouldThrowWhereMemoryIsUsedAfterItWasFreed() {
        final MemorySegment segment = memory.allocate(8192, PAGES);
        final MemorySegment slice = segment.asSlice(100, 10);
        memory.free(segment);
        final MemorySegment again = memory.allocate(8192, PAGES);
        assertThat(again.address()).isEqualTo(segment.address());
        assertThatThrownBy(() -> segment.set(JAVA_BYTE, 0, (byte) 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> slice.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        memory.free(again);
    }

    @Test
    void shouldNameWhoFreedWhenMemoryIsFreedTwice() {
        final MemorySegment segment = memory.allocate(8192, PAGES);
        memory.free(segment);
        assertThatThrownBy(() -> memory.free(segment))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("freed twice")
                .hasCauseInstanceOf(Throwable.class)
                .satisfies(thrown -> assertThat(thrown.getCause()).hasMessage("8192 bytes of test-pages freed"));
        // Also when the slot has a new holder by now.
        final MemorySegment again = memory.allocate(8192, LAYERS);
        assertThatThrownBy(() -> memory.free(segment)).isInstanceOf(IllegalStateException.class);
        again.fill((byte) 1);
        memory.free(again);
    }

    @Test
    void shouldNameWhoAllocatedWhenOnlyAPartIsFreed() {
        final MemorySegment segment = memory.allocate(8192, PAGES);
        assertThatThrownBy(() -> memory.free(segment.asSlice(0, 4096)))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(thrown -> assertThat(thrown.getCause()).hasMessage("8192 bytes of test-pages allocated"));
        assertThatThrownBy(() -> memory.free(segment.asSlice(4096)))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(thrown -> assertThat(thrown.getCause()).hasMessage("8192 bytes of test-pages allocated"));
        assertThatThrownBy(() -> memory.free(memory.wholeRegion())).isInstanceOf(IllegalArgumentException.class);
        memory.free(segment);
    }

    @ParameterizedTest
    @ValueSource(longs = {8192, 3 << 20})
    void shouldFindAWriteAfterFreeWhenTheMemoryIsUsedAgain(final long bytes) {
        final MemorySegment segment = memory.allocate(bytes, PAGES);
        final long offset = segment.address() - memory.wholeRegion().address();
        memory.free(segment);
        // What a kernel does that still writes into a buffer.
        memory.wholeRegion().set(JAVA_BYTE, offset + bytes - 1, (byte) 1);
        assertThatThrownBy(() -> memory.allocate(bytes, LAYERS))
                .isInstanceOf(MemoryCorruptionException.class)
                .hasMessageContaining(Long.toHexString(segment.address() + bytes - 1))
                .satisfies(thrown -> assertThat(thrown.getCause()).hasMessage(bytes + " bytes of test-pages freed"));
        memory.free(memory.allocate(bytes, LAYERS));
    }

    @Test
    void shouldFindAWriteAfterFreeAtTheEnd() {
        final LeakCheck other = LeakCheck.start();
        final OffHeapMemory damaged = other.memory(CAPACITY_BYTES);
        final MemorySegment segment = damaged.allocate(8192, PAGES);
        damaged.free(segment);
        damaged.wholeRegion()
                .set(JAVA_BYTE, segment.address() - damaged.wholeRegion().address() + 3, (byte) 0);
        assertThatThrownBy(other::close)
                .isInstanceOf(AssertionError.class)
                .satisfies(
                        thrown -> assertThat(thrown.getSuppressed()[0]).isInstanceOf(MemoryCorruptionException.class));
    }

    @Test
    void shouldFindAWriteBehindTheEndWhenTheMemoryIsFreed() {
        final MemorySegment segment = memory.allocate(5000, PAGES);
        memory.wholeRegion()
                .set(JAVA_BYTE, segment.address() - memory.wholeRegion().address() + 5000, (byte) 0);
        assertThatThrownBy(() -> memory.free(segment))
                .isInstanceOf(MemoryCorruptionException.class)
                .hasMessageContaining("behind 5000 bytes of test-pages")
                .hasMessageContaining("at its offset 5000");
        assertThat(memory.usage().heldCount()).as("freed all the same").isZero();
    }

    @Test
    void shouldReportLeaksWithTheStacksThatAllocated() {
        final LeakCheck other = LeakCheck.start();
        final OffHeapMemory leaking = other.memory(CAPACITY_BYTES);
        final MemorySegment leaked = leaking.allocate(8192, PAGES);
        leaking.allocate(3 << 20, LAYERS);
        final Throwable thrown = catchThrowable(other::close);
        assertThat(thrown)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("test-pages holds 8192 bytes in 1, test-layers holds 4194304 bytes in 1");
        final MemoryLeakException leak = (MemoryLeakException) thrown.getSuppressed()[0];
        assertThat(leak.report().leaks()).hasSize(2);
        assertThat(leak.getSuppressed()[0].getStackTrace())
                .extracting(StackTraceElement::getMethodName)
                .contains("shouldReportLeaksWithTheStacksThatAllocated");
        assertThatThrownBy(() -> leaked.get(JAVA_BYTE, 0))
                .as("closed nevertheless")
                .isInstanceOf(IllegalStateException.class);
        other.close();
    }

    @Test
    void shouldFindMemoriesThatTheCodeUnderTestLeavesOpen() {
        final LeakCheck other = LeakCheck.start();
        final OffHeapMemory forgotten = OffHeapMemory.open(OffHeapConfig.of("forgotten", CAPACITY_BYTES));
        assertThatThrownBy(other::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("\"forgotten\"")
                .hasMessageContaining("was not closed");
        assertThatThrownBy(() -> forgotten.allocate(1, PAGES)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldTellTheSameAboutRoomAsProductionDoes() {
        final MemorySegment all = memory.allocate(CAPACITY_BYTES, PAGES);
        assertThatThrownBy(() -> memory.allocate(1, LAYERS)).isInstanceOf(OutOfOffHeapMemoryException.class);
        memory.free(all);
        memory.free(memory.allocate(1, LAYERS));
    }
}
