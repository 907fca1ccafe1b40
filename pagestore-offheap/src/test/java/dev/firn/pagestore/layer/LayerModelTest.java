package dev.firn.pagestore.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Layers of random entries, read back in every way, against a sorted map. */
class LayerModelTest {
    private static final MemoryTag TAG = MemoryTag.of("layer-test");
    private static final LayerName NAME = new LayerName(3, 17);

    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("layer-model-test", 64 << 20));

    @AfterEach
    void closeMemory() {
        memory.close();
    }

    @Test
    void shouldAgreeWithTheModel() {
        for (long seed = 1; seed <= 12; seed++) {
            deltas(seed, 800);
            images(seed);
        }
    }

    @Test
    @Tag("long")
    void shouldAgreeWithTheModelForManySeeds() {
        final long first = SystemRandom.create().nextInt(1_000_000);
        for (long seed = first; seed < first + 2_000; seed++) {
            deltas(seed, 3_000);
            images(seed);
        }
    }

    private void deltas(final long seed, final int count) {
        final SplittableRandom random = new SplittableRandom(seed);
        final long fromLsn = random.nextInt(3) * 1_000L;
        final long toLsn = fromLsn + 1 + random.nextInt(100_000);
        final List<TestEntry> entries = TestEntry.random(
                random, 1 + random.nextInt(count), 1 + random.nextInt(random.nextBoolean() ? 5 : 500), fromLsn, toLsn);
        final LayerConfig config = new LayerConfig(
                1 << (10 + random.nextInt(6)),
                LayerCompression.values()[random.nextInt(3)],
                random.nextInt(30),
                random.nextInt(30),
                10,
                1 << 30,
                16 << 20);
        final TestLayer layer = TestLayer.write(
                LayerScope.delta(TestLayer.TIMELINE, NAME, fromLsn, toLsn),
                config,
                entries,
                null,
                memory,
                random.split());
        try (LayerIndex index = layer.open(memory)) {
            assertThat(index.description().entries()).as("seed %d", seed).isEqualTo(entries.size());
            checkScans(seed, layer, index, entries, random);
            checkReads(seed, layer, index, entries, random, fromLsn, toLsn);
        }
    }

    private void images(final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final long lsn = 77_000;
        final TreeMap<Integer, TestEntry> pages = new TreeMap<>();
        final int gaps = random.nextInt(4);
        int block = 0;
        final int count = 1 + random.nextInt(300);
        for (int i = 0; i < count; i++) {
            block += 1 + (gaps == 0 ? 0 : random.nextInt(10 / gaps) == 0 ? random.nextInt(1_000) : 0);
            pages.put(block, image(random, block, lsn));
        }
        final List<TestEntry> entries = new ArrayList<>(pages.values());
        final TestLayer layer = TestLayer.write(
                LayerScope.image(TestLayer.TIMELINE, NAME, lsn),
                LayerConfig.DEFAULT,
                entries,
                KeyRange.of(KeyClass.PAGE),
                memory,
                random.split());
        try (LayerIndex index = layer.open(memory)) {
            assertThat(index.description().keys()).isEqualTo(KeyRange.of(KeyClass.PAGE));
            checkScans(seed, layer, index, entries, random);
            for (int i = 0; i <= block + 1; i += 1 + random.nextInt(1 + block / 300)) {
                final TestEntry expected = pages.get(i);
                final long high = PageKeys.high(KeyClass.PAGE, 1663);
                final long middle = PageKeys.middle(5, 16_384);
                final long low = PageKeys.low(0, i);
                assertThat(read(layer, index, high, middle, low, lsn - 1)).isEmpty();
                assertThat(read(layer, index, high, middle + 1, low, lsn)).isEmpty();
                final int found = index.firstBlock(high, middle, low, lsn);
                final boolean isPage = expected != null && expected.payload().capacity() == 8192;
                if (isPage) {
                    assertThat(index.isPage(found)).isTrue();
                }
                final List<TestEntry> read = read(layer, index, high, middle, low, lsn + random.nextInt(5));
                assertThat(read)
                        .as("seed %d, block %d", seed, i)
                        .isEqualTo(expected == null ? List.of() : List.of(expected));
            }
        }
    }

    private static TestEntry image(final RandomGenerator random, final int block, final long lsn) {
        final boolean whole = random.nextInt(20) != 0;
        final byte[] payload = new byte[whole ? 8192 : 0];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) (i % 64 < 48 ? i : random.nextInt());
        }
        return new TestEntry(
                PageKeys.high(KeyClass.PAGE, 1663),
                PageKeys.middle(5, 16_384),
                PageKeys.low(0, block),
                lsn,
                (whole ? EntryKind.IMAGE : EntryKind.ZEROES) | EntryKind.STANDS_ALONE,
                0,
                0,
                ByteBuffer.wrap(payload));
    }

    private void checkScans(
            final long seed,
            final TestLayer layer,
            final LayerIndex index,
            final List<TestEntry> entries,
            final RandomGenerator random) {
        try (BlockCodec codec = new BlockCodec(memory)) {
            try (LayerScan scan = new LayerScan(layer, index, null, codec, memory, 1 << (10 + random.nextInt(6)))) {
                assertThat(TestEntry.all(scan, () -> {})).as("seed %d", seed).isEqualTo(entries);
            }
            for (int i = 0; i < 5; i++) {
                final TestEntry one = entries.get(random.nextInt(entries.size()));
                final TestEntry other = entries.get(random.nextInt(entries.size()));
                final boolean ordered = TestEntry.ORDER.compare(one, other) <= 0;
                final TestEntry from = ordered ? one : other;
                final TestEntry to = ordered ? other : one;
                final long fromLow = from.low() - (from.low() == 0 ? 0 : random.nextInt(2));
                final KeyRange range =
                        new KeyRange(from.high(), from.middle(), fromLow, to.high(), to.middle(), to.low());
                try (LayerScan scan = new LayerScan(layer, index, range, codec, memory, 1 << 12)) {
                    assertThat(TestEntry.all(scan, () -> {}))
                            .as("seed %d, %s", seed, range)
                            .isEqualTo(entries.stream()
                                    .filter(entry -> range.contains(entry.high(), entry.middle(), entry.low()))
                                    .toList());
                }
            }
        }
    }

    private void checkReads(
            final long seed,
            final TestLayer layer,
            final LayerIndex index,
            final List<TestEntry> entries,
            final RandomGenerator random,
            final long fromLsn,
            final long toLsn) {
        int misses = 0;
        int absent = 0;
        for (int i = 0; i < 200; i++) {
            final TestEntry some = entries.get(random.nextInt(entries.size()));
            final boolean other = random.nextInt(4) == 0;
            final long low = some.low() + (other ? random.nextInt(-3, 4) : 0);
            final long middle = some.middle() + (other && random.nextBoolean() ? random.nextInt(-3, 4) : 0);
            final long lsn = switch (random.nextInt(3)) {
                case 0 -> some.lsn() - random.nextInt(2);
                case 1 -> Long.MAX_VALUE;
                default -> fromLsn + random.nextLong(toLsn - fromLsn + 2);
            };
            final List<TestEntry> expected = new ArrayList<>(entries.stream()
                    .filter(entry -> entry.high() == some.high()
                            && entry.middle() == middle
                            && entry.low() == low
                            && entry.lsn() <= lsn)
                    .toList());
            assertThat(read(layer, index, some.high(), middle, low, lsn).reversed())
                    .as("seed %d: %s at %d", seed, PageKeys.describe(some.high(), middle, low), lsn)
                    .isEqualTo(expected);
            final boolean known = entries.stream()
                    .anyMatch(entry -> entry.low() == low && entry.middle() == middle && entry.high() == some.high());
            absent += known ? 0 : 1;
            misses += !known && index.firstBlock(some.high(), middle, low, lsn) != LayerIndex.NONE ? 1 : 0;
        }
        assertThat(misses)
                .as("seed %d: wrong hints of the filter, of %d", seed, absent)
                .isLessThanOrEqualTo(2 + absent / 5);
    }

    /** All entries of a key up to an LSN, newest first, as a read finds them. */
    private List<TestEntry> read(
            final TestLayer layer,
            final LayerIndex index,
            final long high,
            final long middle,
            final long low,
            final long lsn) {
        final List<TestEntry> found = new ArrayList<>();
        final LayerBlock block = new LayerBlock();
        try (BlockCodec codec = new BlockCodec(memory)) {
            for (int number = index.firstBlock(high, middle, low, lsn);
                    number != LayerIndex.NONE;
                    number = index.olderBlock(number, high, middle, low)) {
                final MemorySegment stored = layer.stored(index, number, memory);
                final int length = codec.check(index, number, stored, 0);
                final MemorySegment content = memory.allocate(length, TAG);
                codec.decode(index, number, stored, 0, content, 0);
                block.wrap(index, number, content, 0, length);
                for (int entry = block.seek(high, middle, low, lsn);
                        entry != LayerBlock.NONE;
                        entry = block.older(entry)) {
                    found.add(new TestEntry(
                            high,
                            middle,
                            low,
                            block.lsn(entry),
                            block.kindByte(entry),
                            block.touch(entry),
                            block.recordAtLsn(entry),
                            TestEntry.bytes(
                                    block.payloadSegment(), block.payloadOffset(entry), block.payloadLength(entry))));
                }
                memory.free(stored);
                memory.free(content);
            }
        }
        return found;
    }
}
