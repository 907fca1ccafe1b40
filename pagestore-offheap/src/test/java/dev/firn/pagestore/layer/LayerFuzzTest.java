package dev.firn.pagestore.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Layers with wrong bytes: without a right checksum they are refused, and with one they do no harm. */
class LayerFuzzTest {
    private static final MemoryTag TAG = MemoryTag.of("layer-test");
    private static final LayerName NAME = new LayerName(1, 1);

    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("layer-fuzz-test", 32 << 20));
    private final BlockCodec codec = new BlockCodec(memory);

    @AfterEach
    void closeMemory() {
        codec.close();
        memory.close();
    }

    @Test
    void shouldRefuseEveryFlippedBitOfIndexAndFooter() {
        final TestLayer layer = deltas(1, 60);
        final int from = (int) layer.description().indexOffset();
        for (int bit = from * Byte.SIZE; bit < layer.bytes().length * Byte.SIZE; bit++) {
            final TestLayer wrong = flipped(layer, bit);
            assertThatThrownBy(() -> wrong.open(memory))
                    .as("bit %d", bit)
                    .isInstanceOf(MalformedLayerException.class)
                    .hasMessageContaining(NAME.toString());
        }
    }

    @Test
    void shouldRefuseATailOfAnotherLength() {
        final TestLayer layer = deltas(1, 60);
        for (int cut = 1; cut < layer.description().tailBytes(); cut++) {
            final MemorySegment tail = memory.allocate(layer.description().tailBytes() - cut, TAG);
            assertThatThrownBy(() -> LayerIndex.open(TestLayer.TIMELINE, layer.description(), tail, memory))
                    .isInstanceOf(MalformedLayerException.class);
        }
    }

    @Test
    void shouldRefuseEveryFlippedBitOfABlock() {
        for (final TestLayer layer : List.of(deltas(1, 40), images(1))) {
            try (LayerIndex index = layer.open(memory)) {
                final int block = index.first();
                final int from = (int) index.blockOffset(block);
                final int step = index.isPage(block) ? 13 : 1;
                for (int bit = 0; bit < index.blockBytes(block) * Byte.SIZE; bit += step) {
                    final MemorySegment stored =
                            flipped(layer, from * Byte.SIZE + bit).stored(index, block, memory);
                    assertThatThrownBy(() -> codec.check(index, block, stored, 0))
                            .isInstanceOf(MalformedLayerException.class)
                            .hasMessageContaining("block at " + from);
                    memory.free(stored);
                }
            }
        }
    }

    @Test
    void shouldRefuseAnotherLayersOrAnotherPlacesBlock() {
        final TestLayer layer = images(1);
        final TestLayer elsewhere = TestLayer.write(
                LayerScope.image("other", NAME, 500), LayerConfig.DEFAULT, pages(1), null, memory, null);
        try (LayerIndex index = layer.open(memory)) {
            final int first = index.first();
            final int second = index.after(first);
            assertThat(index.blockBytes(first)).isEqualTo(index.blockBytes(second));
            final MemorySegment of = elsewhere.stored(index, first, memory);
            assertThatThrownBy(() -> codec.check(index, first, of, 0)).isInstanceOf(MalformedLayerException.class);
            memory.free(of);
            final MemorySegment at = layer.stored(index, second, memory);
            assertThat(codec.check(index, second, at, 0)).isEqualTo(8192);
            assertThatThrownBy(() -> codec.check(index, first, at, 0)).isInstanceOf(MalformedLayerException.class);
            memory.free(at);
        }
        assertThatThrownBy(() -> elsewhere.open(memory)).isInstanceOf(MalformedLayerException.class);
    }

    @Test
    void shouldSurviveNumbersThatLieUnderRightChecksums() {
        int refused = 0;
        for (long seed = 1; seed <= 1_500; seed++) {
            refused += lies(seed);
        }
        assertThat(refused).isGreaterThan(750);
    }

    @Test
    @Tag("long")
    void shouldSurviveManyLies() {
        final long first = SystemRandom.create().nextInt(1_000_000);
        for (long seed = first; seed < first + 300_000; seed++) {
            lies(seed);
        }
    }

    /** Wrong bytes in an index, a block's content, or a stored block. Returns 1 when they were refused. */
    private int lies(final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final TestLayer right = random.nextInt(4) == 0 ? images(1 + seed % 5) : deltas(1 + seed % 7, 60);
        try {
            switch (random.nextInt(3)) {
                case 0 -> lieInIndex(right, random);
                case 1 -> lieInContent(right, random);
                default -> lieInStoredBlock(right, random);
            }
            return 0;
        } catch (final MalformedLayerException refused) {
            assertThat(refused.getMessage()).as("seed %d", seed).contains("layer ");
            return 1;
        } catch (final RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private void lieInIndex(final TestLayer right, final RandomGenerator random) {
        final byte[] bytes = right.bytes().clone();
        final int from = (int) right.description().indexOffset();
        final int footer = bytes.length - LayerFormat.FOOTER_BYTES;
        spoil(bytes, from, footer, random);
        final MemorySegment all = MemorySegment.ofArray(bytes);
        LittleEndian.putInt(
                all, footer + LayerFormat.FOOTER_INDEX_CHECKSUM, Crc32c.compute(all, from, footer - (long) from));
        final int checksum = Crc32c.compute(all, footer, LayerFormat.FOOTER_CHECKSUM);
        LittleEndian.putInt(all, footer + LayerFormat.FOOTER_CHECKSUM, checksum);
        final LayerDescription old = right.description();
        final TestLayer wrong = new TestLayer(
                new LayerDescription(
                        old.name(),
                        old.kind(),
                        old.keys(),
                        old.fromLsn(),
                        old.toLsn(),
                        old.lengthBytes(),
                        old.indexOffset(),
                        old.entries(),
                        old.contentBytes(),
                        checksum),
                bytes);
        try (LayerIndex index = wrong.open(memory)) {
            for (int i = 0; i < 50; i++) {
                final long low = PageKeys.low(random.nextInt(3), random.nextInt(60));
                final long middle = PageKeys.middle(5, 16_384 + random.nextInt(4));
                final int found = index.firstBlock(
                        PageKeys.high(KeyClass.PAGE, 1663), middle, low, random.nextLong(Long.MAX_VALUE));
                if (found != LayerIndex.NONE) {
                    assertThat(index.blockOffset(found) + index.blockBytes(found))
                            .isLessThanOrEqualTo(from);
                }
            }
            // What the index says of a block, the block may refuse.
            try (LayerScan scan = new LayerScan(wrong, index, null, codec, memory, 1 << 14)) {
                TestEntry.all(scan, () -> {});
            }
        }
    }

    private void lieInContent(final TestLayer right, final RandomGenerator random) {
        try (LayerIndex index = right.open(memory)) {
            final int block = someBlock(index, random);
            final MemorySegment stored = right.stored(index, block, memory);
            final int length = codec.check(index, block, stored, 0);
            final MemorySegment content = memory.allocate(length, TAG);
            codec.decode(index, block, stored, 0, content, 0);
            final byte[] bytes = content.toArray(ValueLayout.JAVA_BYTE);
            spoil(bytes, 0, Math.min(bytes.length, 400), random);
            content.copyFrom(MemorySegment.ofArray(bytes));
            try {
                final int shorter = random.nextInt(4) == 0 ? random.nextInt(length) : length;
                readAll(new LayerBlock().wrap(index, block, content, 0, shorter), shorter);
            } finally {
                memory.free(stored);
                memory.free(content);
            }
        }
    }

    private void lieInStoredBlock(final TestLayer right, final RandomGenerator random) {
        try (LayerIndex index = right.open(memory)) {
            final int block = someBlock(index, random);
            final MemorySegment stored = right.stored(index, block, memory);
            final byte[] bytes = stored.toArray(ValueLayout.JAVA_BYTE);
            spoil(bytes, LayerFormat.BLOCK_WORD, bytes.length, random);
            stored.copyFrom(MemorySegment.ofArray(bytes));
            LittleEndian.putInt(
                    stored, 0, codec.checksum(index.identity(), index.blockOffset(block), stored, 0, bytes.length));
            MemorySegment content = null;
            try {
                final int length = codec.check(index, block, stored, 0);
                content = memory.tryAllocate(Math.max(1, length), TAG);
                if (content != null) {
                    codec.decode(index, block, stored, 0, content, 0);
                    readAll(new LayerBlock().wrap(index, block, content, 0, length), length);
                }
            } finally {
                memory.free(stored);
                if (content != null) {
                    memory.free(content);
                }
            }
        }
    }

    private static void readAll(final LayerBlock block, final int length) {
        for (int key = 0; key < block.keys(); key++) {
            final int newest = block.seek(block.high(key), block.middle(key), block.low(key), Long.MAX_VALUE);
            assertThat(newest).isNotNegative();
        }
        for (int entry = 0; entry < block.entries(); entry++) {
            assertThat(EntryKind.isValid(block.kindByte(entry))).isTrue();
            assertThat(block.payloadLength(entry)).isBetween(0, length);
            assertThat(block.payloadOffset(entry) + block.payloadLength(entry)).isLessThanOrEqualTo(length);
        }
    }

    private static int someBlock(final LayerIndex index, final RandomGenerator random) {
        int block = index.first();
        for (int i = random.nextInt(20); i > 0 && index.after(block) != LayerIndex.NONE; i--) {
            block = index.after(block);
        }
        return block;
    }

    private static void spoil(final byte[] bytes, final int from, final int to, final RandomGenerator random) {
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            final int at = from + random.nextInt(Math.max(1, to - from));
            switch (random.nextInt(3)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
                case 1 -> bytes[at] = (byte) random.nextInt();
                default -> {
                    for (int j = at; j < Math.min(to, at + 4); j++) {
                        bytes[j] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt());
                    }
                }
            }
        }
    }

    private static TestLayer flipped(final TestLayer layer, final int bit) {
        final byte[] bytes = layer.bytes().clone();
        bytes[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
        return new TestLayer(layer.description(), bytes);
    }

    private TestLayer deltas(final long seed, final int count) {
        final LayerConfig config =
                new LayerConfig(1 << 10, LayerCompression.values()[(int) (seed % 3)], 5, 5, 10, 1 << 30, 1 << 20);
        return TestLayer.write(
                LayerScope.delta(TestLayer.TIMELINE, NAME, 0, 10_000),
                config,
                TestEntry.random(new SplittableRandom(seed), count, 40, 0, 10_000),
                null,
                memory,
                null);
    }

    private TestLayer images(final long seed) {
        return TestLayer.write(
                LayerScope.image(TestLayer.TIMELINE, NAME, 500), LayerConfig.DEFAULT, pages(seed), null, memory, null);
    }

    /** Pages that compress to the same length. */
    private static List<TestEntry> pages(final long seed) {
        final List<TestEntry> pages = new ArrayList<>();
        for (int block = 0; block < 30; block++) {
            final byte[] page = new byte[8192];
            new SplittableRandom(seed).nextBytes(page);
            Arrays.fill(page, 100, 4_000, (byte) block);
            pages.add(new TestEntry(
                    PageKeys.high(KeyClass.PAGE, 1663),
                    PageKeys.middle(5, 16_384),
                    PageKeys.low(0, block * 2),
                    500,
                    EntryKind.IMAGE | EntryKind.STANDS_ALONE,
                    0,
                    0,
                    ByteBuffer.wrap(page)));
        }
        return pages;
    }
}
