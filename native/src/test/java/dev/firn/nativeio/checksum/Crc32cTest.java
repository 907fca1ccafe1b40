package dev.firn.nativeio.checksum;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.HeapAllocations;
import dev.firn.nativeio.posix.MemoryCalls;
import dev.firn.nativeio.seam.SystemRandom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class Crc32cTest {
    private static final long SEED = 20261121;

    @Test
    void shouldUseTheIntrinsicWhenStartedWithFirnsFlags() {
        assertThat(Crc32c.isDirect()).isTrue();
        assertThat(Crc32c.describe()).contains("intrinsic");
    }

    /** RFC 3720, appendix B.4; the RFC prints the bytes in the order in which they are sent. */
    @Test
    void shouldGiveTheValuesOfRfc3720() {
        final byte[] zeros = new byte[32];
        final byte[] ones = new byte[32];
        final byte[] incrementing = new byte[32];
        final byte[] decrementing = new byte[32];
        for (int i = 0; i < 32; i++) {
            ones[i] = (byte) 0xFF;
            incrementing[i] = (byte) i;
            decrementing[i] = (byte) (31 - i);
        }
        assertAllWays(zeros, 0x8A91_36AA);
        assertAllWays(ones, 0x62A8_AB43);
        assertAllWays(incrementing, 0x46DD_794E);
        assertAllWays(decrementing, 0x113F_DB5C);
        assertAllWays(iscsiReadCommand(), 0xD996_3A56);
    }

    @Test
    void shouldGiveTheCheckValueOfTheCatalogue() {
        assertAllWays("123456789".getBytes(StandardCharsets.US_ASCII), 0xE306_9283);
    }

    @Test
    void shouldBeZeroWhenThereAreNoBytes() {
        assertThat(Crc32c.compute(new byte[0], 0, 0)).isZero();
        assertThat(Crc32c.compute(MemorySegment.NULL)).isZero();
        assertThat(Crc32c.update(0x1234_5678, MemorySegment.NULL, 0, 0)).isEqualTo(0x1234_5678);
    }

    @Test
    void shouldAgreeWithTheJdkWhenLengthsAndAlignmentsVary() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final byte[] bytes = new byte[70_000];
        random.nextBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(bytes.length, 64);
            memory.copyFrom(MemorySegment.ofArray(bytes));
            for (int i = 0; i < 4_000; i++) {
                final int offset = random.nextInt(300);
                final int length = i < 2_000 ? random.nextInt(300) : random.nextInt(bytes.length - offset);
                final int expected = jdk(bytes, offset, length);
                assertThat(Crc32c.compute(memory, offset, length))
                        .as("native, seed %d, offset %d, length %d", SEED, offset, length)
                        .isEqualTo(expected);
                assertThat(Crc32c.compute(MemorySegment.ofArray(bytes).asSlice(offset), 0, length))
                        .as("heap slice, seed %d, offset %d, length %d", SEED, offset, length)
                        .isEqualTo(expected);
                assertThat(PortableCrc32c.update(0, memory, offset, length))
                        .as("portable, seed %d, offset %d, length %d", SEED, offset, length)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldGiveTheSameWhenComputedInPieces() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final byte[] bytes = new byte[10_000];
        random.nextBytes(bytes);
        final int expected = jdk(bytes, 0, bytes.length);
        final MemorySegment heap = MemorySegment.ofArray(bytes);
        for (int i = 0; i < 500; i++) {
            final int cut = random.nextInt(bytes.length + 1);
            final int first = Crc32c.compute(bytes, 0, cut);
            assertThat(Crc32c.update(first, bytes, cut, bytes.length - cut))
                    .as("seed %d, cut at %d", SEED, cut)
                    .isEqualTo(expected);
            assertThat(PortableCrc32c.update(first, heap, cut, bytes.length - cut))
                    .as("portable, seed %d, cut at %d", SEED, cut)
                    .isEqualTo(expected);
            final int second = Crc32c.compute(bytes, cut, bytes.length - cut);
            assertThat(Crc32c.combine(first, second, bytes.length - cut))
                    .as("combined, seed %d, cut at %d", SEED, cut)
                    .isEqualTo(expected);
        }
    }

    @Test
    void shouldCombineWithNothing() {
        assertThat(Crc32c.combine(0x1234_5678, 0, 0)).isEqualTo(0x1234_5678);
        assertThatThrownBy(() -> Crc32c.combine(1, 2, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldReadEveryKindOfSegment() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final long[] longs = random.longs(3_000).toArray();
        final MemorySegment ofLongs = MemorySegment.ofArray(longs);
        final byte[] bytes = ofLongs.toArray(JAVA_BYTE);
        assertThat(Crc32c.compute(ofLongs, 3, 20_001)).isEqualTo(jdk(bytes, 3, 20_001));
        assertThat(Crc32c.compute(MemorySegment.ofArray(bytes).asReadOnly(), 3, 20_001))
                .isEqualTo(jdk(bytes, 3, 20_001));
    }

    /** Untouched memory is the kernel's zero page: the range costs address space, not memory. */
    @Test
    void shouldReadRangesOfMoreThanTwoGibibytes() {
        final long length = (2L << 30) + (300L << 20) + 13;
        final long address = MemoryCalls.mapAnonymous(length, MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE, 0);
        assertThat(address).isPositive();
        MemoryCalls.advise(address, length, MemoryCalls.MADV_HUGEPAGE);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = MemorySegment.ofAddress(address)
                    .reinterpret(length, arena, mapped -> MemoryCalls.unmap(mapped.address(), mapped.byteSize()));
            memory.set(JAVA_BYTE, 0, (byte) 1);
            memory.set(JAVA_BYTE, 2L << 30, (byte) 2);
            memory.set(JAVA_BYTE, length - 1, (byte) 3);
            final CRC32C expected = new CRC32C();
            for (long offset = 0; offset < length; offset += 1 << 30) {
                expected.update(memory.asSlice(offset, Math.min(1 << 30, length - offset))
                        .asByteBuffer());
            }
            assertThat(Crc32c.compute(memory)).isEqualTo((int) expected.getValue());

            final long cut = (1L << 31) + 5;
            assertThat(Crc32c.combine(
                            Crc32c.compute(memory, 0, cut),
                            PortableCrc32c.update(0, memory, cut, length - cut),
                            length - cut))
                    .isEqualTo((int) expected.getValue());
        }
    }

    @Test
    void shouldRefuseWhatIsOutOfBounds() {
        final MemorySegment segment = MemorySegment.ofArray(new byte[100]);
        assertThatThrownBy(() -> Crc32c.compute(segment, 1, 100)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Crc32c.compute(segment, -1, 10)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Crc32c.compute(segment, 10, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Crc32c.compute(new byte[100], 100, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldRefuseMemoryThatIsGoneOrAnotherThreads() {
        final MemorySegment gone;
        try (Arena arena = Arena.ofConfined()) {
            gone = arena.allocate(100);
            assertThatThrownBy(() -> CompletableFuture.supplyAsync(() -> Crc32c.compute(gone, 0, 100))
                            .join())
                    .hasCauseInstanceOf(WrongThreadException.class);
        }
        assertThatThrownBy(() -> Crc32c.compute(gone, 0, 100)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldNotAllocateOnTheHeap() {
        final byte[] bytes = new byte[512];
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(8192, 4096);
            final int[] sink = new int[1];
            final long allocated = HeapAllocations.bytesOfSecondRun(() -> {
                int crc = 0;
                for (int i = 0; i < 1_000_000; i++) {
                    crc = Crc32c.update(crc, memory, i & 63, 128 + (i & 255));
                    crc = Crc32c.update(crc, bytes, i & 63, 128);
                }
                sink[0] = crc;
            });
            assertThat(sink[0]).isNotZero();
            assertThat(allocated).as("bytes for 2 000 000 checksums").isLessThan(1_000);
        }
    }

    private static void assertAllWays(final byte[] bytes, final int expected) {
        assertThat(Crc32c.compute(bytes, 0, bytes.length)).isEqualTo(expected);
        assertThat(Crc32c.compute(MemorySegment.ofArray(bytes))).isEqualTo(expected);
        assertThat(PortableCrc32c.update(0, MemorySegment.ofArray(bytes), 0, bytes.length))
                .isEqualTo(expected);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocateFrom(JAVA_BYTE, bytes);
            assertThat(Crc32c.compute(memory)).isEqualTo(expected);
        }
    }

    private static int jdk(final byte[] bytes, final int offset, final int length) {
        final CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** "An iSCSI - SCSI Read (10) Command PDU" of RFC 3720, appendix B.4. */
    private static byte[] iscsiReadCommand() {
        final byte[] pdu = new byte[48];
        pdu[0] = 0x01;
        pdu[1] = (byte) 0xC0;
        pdu[16] = 0x14;
        pdu[22] = 0x04;
        pdu[27] = 0x14;
        pdu[31] = 0x18;
        pdu[32] = 0x28;
        pdu[40] = 0x02;
        return pdu;
    }
}
