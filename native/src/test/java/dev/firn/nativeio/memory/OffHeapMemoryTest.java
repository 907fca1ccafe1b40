package dev.firn.nativeio.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.HeapAllocations;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Production mode. */
class OffHeapMemoryTest {
    private static final MemoryTag PAGES = MemoryTag.of("test-pages");
    private static final MemoryTag LAYERS = MemoryTag.of("test-layers");
    private static final long SLAB_BYTES = SizeClass.SLAB_BYTES;
    private static final long CAPACITY_BYTES = 8 * SLAB_BYTES;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("unit", CAPACITY_BYTES).withChecked(false));

    @AfterEach
    void closes() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                1,
                511,
                512,
                513,
                1024,
                4095,
                4096,
                4097,
                8192,
                65_536,
                100_000,
                1 << 20,
                (1 << 20) + 1,
                2 << 20,
                (2 << 20) + 1,
                5_000_000
            })
    void shouldGiveTheVeryLengthAlignedToItsSlot(final long bytes) {
        final MemorySegment exact = memory.allocate(bytes, PAGES);
        final MemorySegment whole = memory.allocateAtLeast(bytes, PAGES);
        final long alignment = Math.min(OffHeapMemory.slotBytes(bytes), SLAB_BYTES);
        assertThat(exact.byteSize()).isEqualTo(bytes);
        assertThat(whole.byteSize()).isEqualTo(OffHeapMemory.slotBytes(bytes)).isGreaterThanOrEqualTo(bytes);
        assertThat(exact.address() % alignment).isZero();
        assertThat(whole.address() % alignment).isZero();
        exact.fill((byte) 1);
        whole.fill((byte) 2);
        assertThat(exact.get(JAVA_BYTE, bytes - 1)).isEqualTo((byte) 1);
        assertThat(whole.get(JAVA_BYTE, 0)).isEqualTo((byte) 2);
        memory.free(exact);
        memory.free(whole);
        assertThat(memory.usage().heldBytes()).isZero();
    }

    @Test
    void shouldRoundToSlots() {
        assertThat(OffHeapMemory.slotBytes(1)).isEqualTo(512);
        assertThat(OffHeapMemory.slotBytes(512)).isEqualTo(512);
        assertThat(OffHeapMemory.slotBytes(513)).isEqualTo(1024);
        assertThat(OffHeapMemory.slotBytes(2 << 20)).isEqualTo(2 << 20);
        assertThat(OffHeapMemory.slotBytes((2 << 20) + 1)).isEqualTo(4 << 20);
        assertThatThrownBy(() -> OffHeapMemory.slotBytes(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldCountByTagAndRememberTheHighWater() {
        final MemorySegment a = memory.allocate(8192, PAGES);
        final MemorySegment b = memory.allocate(5000, PAGES);
        final MemorySegment c = memory.allocate(3 << 20, LAYERS);
        assertThat(memory.usage(PAGES)).isEqualTo(new MemoryUsage(16_384, 2, 16_384, 0));
        assertThat(memory.usage(LAYERS)).isEqualTo(new MemoryUsage(4 << 20, 1, 4 << 20, 0));
        assertThat(memory.usage()).isEqualTo(new MemoryUsage(16_384 + (4 << 20), 3, 16_384 + (4 << 20), 0));
        memory.free(a);
        memory.free(c);
        assertThat(memory.usage(PAGES)).isEqualTo(new MemoryUsage(8192, 1, 16_384, 0));
        assertThat(memory.usage(LAYERS)).isEqualTo(new MemoryUsage(0, 0, 4 << 20, 0));
        assertThat(memory.usage()).isEqualTo(new MemoryUsage(8192, 1, 16_384 + (4 << 20), 0));
        memory.free(b);
    }

    @Test
    void shouldUseEverySlotOfTheRegionOnce() {
        final List<MemorySegment> held = new ArrayList<>();
        MemorySegment next = memory.tryAllocate(8192, PAGES);
        while (next != null) {
            next.set(JAVA_LONG, 0, held.size());
            held.add(next);
            next = memory.tryAllocate(8192, PAGES);
        }
        assertThat(held).hasSize((int) (CAPACITY_BYTES / 8192));
        assertThat(held.stream().map(MemorySegment::address)).doesNotHaveDuplicates();
        for (int i = 0; i < held.size(); i++) {
            assertThat(held.get(i).get(JAVA_LONG, 0)).isEqualTo(i);
        }
        assertThat(memory.usage(PAGES).heldBytes()).isEqualTo(CAPACITY_BYTES);
        assertThat(memory.usage(PAGES).refusedCount()).isEqualTo(1);
        held.forEach(memory::free);
        assertThat(memory.usage().heldBytes()).isZero();
    }

    @Test
    void shouldSayWhoHoldsWhatWhenThereIsNoRoom() {
        final MemorySegment big = memory.allocate(7 * SLAB_BYTES, LAYERS);
        final MemorySegment small = memory.allocate(8192, PAGES);
        assertThatThrownBy(() -> memory.allocate(3 << 20, PAGES))
                .isInstanceOf(OutOfOffHeapMemoryException.class)
                .hasMessage("off-heap memory \"unit\": no room for 3145728 bytes of test-pages: 14688256 bytes of the"
                        + " limit of 16777216 are held (test-pages 8192 in 1, test-layers 14680064 in 1),"
                        + " 0 slabs of 2097152 bytes are free, 0 in a row")
                .satisfies(thrown -> {
                    final OutOfOffHeapMemoryException outOfMemory = (OutOfOffHeapMemoryException) thrown;
                    assertThat(outOfMemory.tag()).isEqualTo(PAGES);
                    assertThat(outOfMemory.requestedBytes()).isEqualTo(3 << 20);
                });
        assertThat(memory.tryAllocate(Long.MAX_VALUE, LAYERS)).isNull();
        assertThat(memory.tryAllocate(CAPACITY_BYTES + 1, LAYERS)).isNull();
        assertThat(memory.usage(PAGES).refusedCount()).isEqualTo(1);
        assertThat(memory.usage(LAYERS).refusedCount()).isEqualTo(2);
        assertThat(memory.usage().refusedCount()).isEqualTo(3);
        memory.free(big);
        memory.free(small);
    }

    @Test
    void shouldGiveSlabsThatAClassDoesNotUseToOthers() {
        for (final long bytes : new long[] {512, 8192, 2 << 20, CAPACITY_BYTES, 1024, CAPACITY_BYTES / 2}) {
            final List<MemorySegment> held = new ArrayList<>();
            MemorySegment next = memory.tryAllocate(bytes, PAGES);
            while (next != null) {
                held.add(next);
                next = memory.tryAllocate(bytes, PAGES);
            }
            assertThat(held).as("%d bytes each", bytes).hasSize((int) (CAPACITY_BYTES / bytes));
            held.forEach(memory::free);
        }
    }

    @Test
    void shouldFindASlotThatIsFreedInAFullRegion() {
        final List<MemorySegment> held = new ArrayList<>();
        for (long i = 0; i < CAPACITY_BYTES / 4096; i++) {
            held.add(memory.allocate(4096, PAGES));
        }
        for (final int index : new int[] {0, 511, 512, 2000, held.size() - 1}) {
            final MemorySegment freed = held.get(index);
            memory.free(freed);
            assertThat(memory.allocate(4096, PAGES).address()).isEqualTo(freed.address());
            assertThat(memory.tryAllocate(4096, PAGES)).isNull();
        }
        // Many holes in many slabs, all found again.
        for (int i = 0; i < held.size(); i += 3) {
            memory.free(held.get(i));
        }
        for (int i = 0; i < held.size(); i += 3) {
            assertThat(memory.tryAllocate(4096, PAGES)).isNotNull();
        }
        assertThat(memory.tryAllocate(4096, PAGES)).isNull();
        held.forEach(memory::free);
        assertThat(memory.usage().heldCount()).isZero();
    }

    @Test
    void shouldRefuseADoubleFree() {
        final MemorySegment small = memory.allocate(4096, PAGES);
        final MemorySegment big = memory.allocate(3 << 20, PAGES);
        memory.free(small);
        memory.free(big);
        assertThatThrownBy(() -> memory.free(small))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("freed twice");
        assertThatThrownBy(() -> memory.free(big))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("freed twice");
        assertThat(memory.usage()).matches(usage -> usage.heldBytes() == 0 && usage.heldCount() == 0);
    }

    @Test
    void shouldRefuseForeignMemoryAndParts() {
        final MemorySegment small = memory.allocate(4096, PAGES);
        final MemorySegment big = memory.allocate(3 << 20, PAGES);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment foreign = arena.allocate(4096);
            assertThatThrownBy(() -> memory.free(foreign)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> memory.free(MemorySegment.ofArray(new byte[4096])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> memory.free(small.asSlice(512))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> memory.free(big.asSlice(512))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> memory.free(big.asSlice(SLAB_BYTES))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> memory.allocate(0, PAGES)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> memory.allocate(-1, PAGES)).isInstanceOf(IllegalArgumentException.class);
        assertThat(memory.usage().heldCount()).isEqualTo(2);
        memory.free(small);
        memory.free(big);
    }

    @Test
    void shouldReportWhatIsStillAllocated() {
        assertThat(memory.stillAllocated().describe()).isEqualTo("off-heap memory \"unit\": everything was freed");
        final MemorySegment page = memory.allocate(8192, PAGES);
        memory.allocate(8192, LAYERS);
        memory.allocate(600, LAYERS);
        assertThat(memory.stillAllocated().describe())
                .isEqualTo("off-heap memory \"unit\" was not all freed: test-pages holds 8192 bytes in 1,"
                        + " test-layers holds 9216 bytes in 2");
        memory.free(page);
        assertThat(memory.stillAllocated().leaks()).containsExactly(new LeakReport.Leak(LAYERS, 9216, 2, List.of()));
    }

    @Test
    void shouldTakeTheMemoryAwayWhenClosed() {
        final MemorySegment page = memory.allocate(8192, PAGES);
        memory.free(page);
        memory.close();
        memory.close();
        assertThatThrownBy(() -> page.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> memory.allocate(8192, PAGES)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> memory.free(page)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldHaveEveryAllocationWithinTheWholeRegion() {
        final long start = memory.wholeRegion().address();
        assertThat(memory.wholeRegion().byteSize()).isEqualTo(CAPACITY_BYTES);
        assertThat(start % SLAB_BYTES).isZero();
        for (final long bytes : new long[] {1, 8192, 2 << 20, 5 << 20}) {
            final MemorySegment segment = memory.allocate(bytes, PAGES);
            assertThat(segment.address()).isBetween(start, start + CAPACITY_BYTES - bytes);
            memory.free(segment);
        }
    }

    @Test
    void shouldNotAllocateOnTheHeapWhenLengthsRepeat() {
        final long[] lengths = {512, 8192, 5000, 65_536, 100_000, 2 << 20, 3 << 20};
        final long allocated = HeapAllocations.bytesOfSecondRun(() -> {
            for (int i = 0; i < 1_000_000; i++) {
                final MemorySegment segment = memory.allocate(lengths[i % lengths.length], PAGES);
                memory.free(segment);
            }
        });
        assertThat(allocated).as("bytes for 1 000 000 pairs").isLessThan(1_000);
    }

    @Test
    void shouldNotAllocateOnTheHeapWhateverTheLengthsWhenWholeSlotsAreTaken() {
        final MemorySegment[] held = new MemorySegment[32];
        final long allocated = HeapAllocations.bytesOfSecondRun(() -> {
            for (int i = 0; i < 1_000_000; i++) {
                final int place = i & 31;
                if (held[place] != null) {
                    memory.free(held[place]);
                }
                held[place] = memory.allocateAtLeast(1 + i * 7919L % 60_000, PAGES);
            }
            for (int place = 0; place < held.length; place++) {
                memory.free(held[place]);
                held[place] = null;
            }
        });
        assertThat(allocated).as("bytes for 1 000 000 pairs").isLessThan(1_000);
    }

    @Test
    void shouldSayWhichPagesItGot() {
        assertThat(memory.describe()).startsWith("off-heap memory \"unit\": 16 MiB in ");
        assertThat(memory.describe()).contains(memory.pageBacking().description());
        assertThat(memory.isChecked()).isFalse();
        if (memory.pageBacking() != PageBacking.HUGE) {
            assertThat(memory.describe()).contains("no huge pages: ");
        }
    }

    @Test
    void shouldPrefaultAndLockWhenAskedFor() {
        final OffHeapConfig config = OffHeapConfig.of("locked", SLAB_BYTES)
                .withChecked(false)
                .withPrefault(true)
                .withLocked(true);
        try (OffHeapMemory locked = OffHeapMemory.open(config)) {
            assertThat(locked.describe()).contains(", prefaulted");
            assertThat(locked.describe()).contains(locked.isLocked() ? ", locked" : ", not locked: ");
        }
    }

    @Test
    void shouldRefuseWhatTheHostCannotGive() {
        assertThatThrownBy(() -> OffHeapConfig.of("unit", 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OffHeapConfig.of("unit", OffHeapConfig.MAX_CAPACITY_BYTES + 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(OffHeapConfig.of("unit", 1).capacityBytes()).isEqualTo(SLAB_BYTES);
        assertThat(OffHeapConfig.of("unit", 1).checked()).as("on in tests").isTrue();
    }
}
