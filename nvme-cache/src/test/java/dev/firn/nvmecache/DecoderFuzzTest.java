package dev.firn.nvmecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What comes from the device may be anything: it is taken as what was written, or refused, and never throws. */
class DecoderFuzzTest {
    private static final int ROUNDS = 50_000;
    private static final long SEED = 20261121;

    @Test
    void shouldTakeAnEntryOnlyAsItWasWritten() {
        final LeakCheck leaks = LeakCheck.start();
        final OffHeapMemory memory = leaks.memory(16 << 20);
        final SplittableRandom random = new SplittableRandom(SEED);
        final SlotTable slots = new SlotTable(128, 4096, 65_536, new ObjectId(1, 2), memory);
        final SlotTable others = new SlotTable(128, 4096, 65_536, new ObjectId(1, 3), memory);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment page = arena.allocate(SlotTable.ENTRY_BYTES, 64);
            for (int i = 0; i < ROUNDS; i++) {
                final int slot = random.nextInt(128);
                slots.describe(
                        slot,
                        random.nextLong(),
                        random.nextLong(),
                        random.nextInt(Integer.MAX_VALUE),
                        1 + random.nextInt(65536),
                        random.nextInt(256));
                slots.setUnitCrc(slot, random.nextInt(CacheConfig.MAX_UNITS), random.nextInt());
                slots.seal(slot);
                slots.copyEntry(slot, page, 0);
                assertThat(others.decode(slot, page, 0)).as("of another file").isFalse();
                assertThat(slots.decode((slot + 1) % 128, page, 0))
                        .as("of another slot")
                        .isFalse();
                assertThat(slots.decode(slot, page, 0)).isTrue();
                damage(page, random);
                assertThat(slots.decode(slot, page, 0))
                        .as("damaged, round " + i)
                        .isFalse();
            }
        }
        slots.free();
        others.free();
        leaks.close();
    }

    @Test
    void shouldTakeASuperblockOnlyAsItWasWritten() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment bytes = arena.allocate(CacheLayout.SUPERBLOCK_BYTES, 4096);
            for (int i = 0; i < ROUNDS; i++) {
                final Superblock written = new Superblock(
                        Superblock.VERSION,
                        new ObjectId(random.nextLong(), random.nextLong()),
                        new ObjectId(random.nextLong(), random.nextLong()),
                        4096 << random.nextInt(9),
                        64 + random.nextInt(1 << 30));
                written.encode(bytes);
                assertThat(Superblock.check(bytes)).isEqualTo(Superblock.Copy.WHOLE);
                assertThat(Superblock.decode(bytes)).isEqualTo(written);
                damage(bytes.asSlice(0, Superblock.BYTES), random);
                assertThat(Superblock.check(bytes)).as("damaged, round " + i).isNotEqualTo(Superblock.Copy.WHOLE);
            }
            for (int i = 0; i < ROUNDS; i++) {
                bytes.set(ValueLayout.JAVA_LONG, random.nextInt(Superblock.BYTES / 8) * 8L, random.nextLong());
                assertThat(Superblock.check(bytes)).isNotEqualTo(Superblock.Copy.WHOLE);
            }
        }
    }

    /** One byte to a few, each to another value; or the rest from somewhere on. */
    private static void damage(final MemorySegment bytes, final SplittableRandom random) {
        final int size = (int) bytes.byteSize();
        final int first = random.nextInt(size);
        final int count = random.nextBoolean() ? 1 : 1 + random.nextInt(size - first);
        for (int at = first; at < first + count; at++) {
            final byte before = bytes.get(ValueLayout.JAVA_BYTE, at);
            bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (before ^ (1 + random.nextInt(255))));
        }
    }
}
