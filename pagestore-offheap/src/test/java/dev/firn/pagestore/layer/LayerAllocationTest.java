package dev.firn.pagestore.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.zstd.ZstdLibrary;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Looking a key up, reading a page, and going over a block leave nothing on the heap once they are compiled. */
class LayerAllocationTest {
    private static final MemoryTag TAG = MemoryTag.of("layer-test");
    private static final int MAX_PASSES = 300;
    private static final int ROUNDS = 2_000;
    private static final int PAGES = 500;
    private static final long HIGH = PageKeys.high(KeyClass.PAGE, 1663);
    private static final long MIDDLE = PageKeys.middle(5, 16_384);

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("layer-allocation-test", 32 << 20));
    private final BlockCodec codec = new BlockCodec(memory);
    private final LayerBlock block = new LayerBlock();

    @AfterEach
    void closeMemory() {
        codec.close();
        memory.close();
    }

    @Test
    void shouldNotAllocateForAPage() {
        shouldNotAllocateForAPage(LayerCompression.LZ4);
    }

    @Test
    void shouldNotAllocateForAPageByTheHostsZstd() {
        assumeTrue(ZstdLibrary.isPresent(), ZstdLibrary.describe());
        shouldNotAllocateForAPage(LayerCompression.ZSTD);
    }

    private void shouldNotAllocateForAPage(final LayerCompression compression) {
        final List<TestEntry> pages = new ArrayList<>();
        for (int i = 0; i < PAGES; i++) {
            final byte[] page = new byte[8192];
            new SplittableRandom(i).nextBytes(page);
            for (int at = 0; at < page.length; at++) {
                page[at] &= 0x0F;
            }
            Arrays.fill(page, 0, 5_000, (byte) i);
            pages.add(new TestEntry(
                    HIGH,
                    MIDDLE,
                    PageKeys.low(0, i),
                    500,
                    EntryKind.IMAGE | EntryKind.STANDS_ALONE,
                    0,
                    0,
                    ByteBuffer.wrap(page)));
        }
        final TestLayer layer = TestLayer.write(
                LayerScope.image(TestLayer.TIMELINE, new LayerName(1, 0), 500),
                new LayerConfig(1 << 15, compression, 12, 20, 10, 1 << 30, 16 << 20),
                pages,
                null,
                memory,
                null);
        final MemorySegment object = copy(layer.bytes());
        final int word = LittleEndian.getInt(
                MemorySegment.ofArray(layer.bytes()), LayerFormat.HEADER_BYTES + (long) LayerFormat.BLOCK_WORD);
        assertThat(word >>> LayerFormat.METHOD_SHIFT)
                .as("how the first page is stored")
                .isEqualTo(compression.number());
        final MemorySegment page = memory.allocate(8192, TAG);
        try (LayerIndex index = layer.open(memory)) {
            assertThat(index.memoryBytes())
                    .as("three bytes a page, and the footer")
                    .isLessThan(4 * PAGES + 512);
            expectNone(round -> {
                final int found = index.firstBlock(HIGH, MIDDLE, PageKeys.low(0, round % PAGES), 500);
                final long at = index.blockOffset(found);
                codec.check(index, found, object, at);
                codec.decode(index, found, object, at, page, 0);
                final boolean none =
                        index.firstBlock(HIGH, MIDDLE, PageKeys.low(0, PAGES + round), 500) == LayerIndex.NONE;
                return page.get(ValueLayout.JAVA_BYTE, 4_000) == (byte) (round % PAGES) && none;
            });
        }
        memory.free(object);
        memory.free(page);
    }

    @Test
    void shouldNotAllocateForLookupsAndScansOfBlocks() {
        final List<TestEntry> entries = TestEntry.random(new SplittableRandom(1), 4_000, 200, 0, 100_000);
        final TestLayer layer = TestLayer.write(
                LayerScope.delta(TestLayer.TIMELINE, new LayerName(1, 0), 0, 100_000),
                new LayerConfig(1 << 15, LayerCompression.LZ4, 12, 20, 10, 1 << 30, 16 << 20),
                entries,
                null,
                memory,
                null);
        final MemorySegment object = copy(layer.bytes());
        final MemorySegment content = memory.allocate(64 << 10, TAG);
        try (LayerIndex index = layer.open(memory)) {
            expectNone(round -> {
                final TestEntry wanted = entries.get(round % entries.size());
                final int found = index.firstBlock(wanted.high(), wanted.middle(), wanted.low(), wanted.lsn());
                final long at = index.blockOffset(found);
                final int length = codec.check(index, found, object, at);
                codec.decode(index, found, object, at, content, 0);
                block.wrap(index, found, content, 0, length);
                int entry = block.seek(wanted.high(), wanted.middle(), wanted.low(), wanted.lsn());
                final boolean right = block.lsn(entry) == wanted.lsn();
                long sum = 0;
                while (entry != LayerBlock.NONE) {
                    sum += block.payloadLength(entry) + block.recordAtLsn(entry) + block.touch(entry);
                    entry = block.older(entry);
                }
                for (int i = 0; i < block.entries(); i++) {
                    sum += block.payloadOffset(i) + block.kindByte(i);
                }
                return right && sum > 0 && index.olderBlock(found, 0, 0, 0) == LayerIndex.NONE;
            });
        }
        memory.free(object);
        memory.free(content);
    }

    private MemorySegment copy(final byte[] bytes) {
        final MemorySegment copy = memory.allocate(bytes.length, TAG);
        MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return copy;
    }

    private interface Work {
        boolean run(int round);
    }

    /** Runs it until it is compiled: then a pass leaves nothing on the heap but what the measurement itself does. */
    private void expectNone(final Work work) {
        final long thread = Thread.currentThread().threadId();
        long allocated = Long.MAX_VALUE;
        for (int pass = 0; pass < MAX_PASSES && allocated >= ROUNDS; pass++) {
            boolean right = true;
            final long before = threads.getThreadAllocatedBytes(thread);
            for (int round = 0; round < ROUNDS; round++) {
                right &= work.run(round);
            }
            allocated = threads.getThreadAllocatedBytes(thread) - before;
            assertThat(right).isTrue();
        }
        assertThat(allocated).as("bytes in %d rounds", ROUNDS).isLessThan(ROUNDS);
    }
}
