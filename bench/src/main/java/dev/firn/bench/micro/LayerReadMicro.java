package dev.firn.bench.micro;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.pagestore.layer.BlockCodec;
import dev.firn.pagestore.layer.LayerBlock;
import dev.firn.pagestore.layer.LayerCompression;
import dev.firn.pagestore.layer.LayerConfig;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerIndex;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.layer.LayerScope;
import dev.firn.pagestore.layer.LayerWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A key looked up in a layer that is in memory: index and filter, checksum, decompression, search within the block. Beside it the decompression of the
 * same block alone, which is the floor.
 */
@State(Scope.Thread)
public class LayerReadMicro {
    private static final MemoryTag TAG = MemoryTag.of("bench-layer");
    private static final long SEED = 0x6C61796572L;
    private static final long HIGH = PageKeys.high(KeyClass.PAGE, 1663);
    private static final long MIDDLE = PageKeys.middle(5, 16_384);
    private static final int KEYS = 4_096;
    private static final int RECORDS_A_KEY = 4;
    private static final int RECORD_BYTES = 120;
    private static final int PAGE_BYTES = 8_192;
    private static final long LSN = 1L << 30;
    private static final int KEY_STEP = 1_031;
    private static final long MEMORY_BYTES = 256L << 20;

    /** What the layer holds: pages, or records. */
    @Param({"page", "record"})
    public String kind;

    private OffHeapMemory memory;
    private BlockCodec codec;
    private LayerIndex index;
    private MemorySegment object;
    private MemorySegment content;
    private final LayerBlock block = new LayerBlock();
    private boolean pages;
    private int key;

    @Setup(Level.Trial)
    public void write() {
        pages = kind.equals("page");
        memory = OffHeapMemory.open(OffHeapConfig.of("bench-layer", MEMORY_BYTES));
        codec = new BlockCodec(memory);
        object = memory.allocate(MEMORY_BYTES / 4, TAG);
        content = memory.allocate(LayerConfig.DEFAULT.blockBytes() * 2L, TAG);
        final LayerName name = new LayerName(1, 0);
        final LayerScope scope = pages ? LayerScope.image("bench", name, LSN) : LayerScope.delta("bench", name, 0, LSN);
        final LayerConfig config = new LayerConfig(32 << 10, LayerCompression.LZ4, 0, 0, 10, MEMORY_BYTES, 16 << 20);
        final long[] length = {0};
        try (LayerWriter writer = new LayerWriter(
                scope,
                config,
                bytes -> {
                    MemorySegment.copy(bytes, 0, object, length[0], bytes.byteSize());
                    length[0] += bytes.byteSize();
                    return bytes.byteSize();
                },
                codec,
                memory)) {
            final Entries entries = new Entries(pages);
            while (entries.advance() == SortedEntries.ENTRY) {
                writer.add(entries);
            }
            writer.finish(null);
            final LayerDescription layer = writer.description();
            final MemorySegment tail = memory.allocate(layer.tailBytes(), TAG);
            MemorySegment.copy(object, layer.indexOffset(), tail, 0, layer.tailBytes());
            index = LayerIndex.open("bench", layer, tail, memory);
        }
        if (firn(null) != 0 || floor(null) == 0) {
            throw new IllegalStateException("the layer does not have what was written");
        }
    }

    @TearDown(Level.Trial)
    public void release() {
        index.close();
        memory.free(content);
        memory.free(object);
        codec.close();
        memory.close();
    }

    /** Returns the newest entry's number, less what it should be. */
    @Benchmark
    public int firn(final AllocationCounter allocations) {
        key = (key + KEY_STEP) % KEYS;
        final long low = PageKeys.low(0, key);
        final int number = index.firstBlock(HIGH, MIDDLE, low, LSN);
        final long at = index.blockOffset(number);
        final int length = codec.check(index, number, object, at);
        codec.decode(index, number, object, at, content, 0);
        block.wrap(index, number, content, 0, length);
        final int entry = block.seek(HIGH, MIDDLE, low, LSN);
        return block.lsn(entry) == LSN ? 0 : 1;
    }

    /** Of the same blocks. */
    @Benchmark
    public int floor(final AllocationCounter allocations) {
        key = (key + KEY_STEP) % KEYS;
        final int number = index.firstBlock(HIGH, MIDDLE, PageKeys.low(0, key), LSN);
        codec.decode(index, number, object, index.blockOffset(number), content, 0);
        return content.get(ValueLayout.JAVA_BYTE, 0) | 1;
    }

    /** Pages of which a third is noise, or records that are alike. */
    private static final class Entries implements SortedEntries {
        private final boolean pages;
        private final RandomGenerator random = SystemRandom.seeded(SEED);
        private final byte[] payload;
        private int number = -1;

        private Entries(final boolean pages) {
            this.pages = pages;
            this.payload = new byte[pages ? PAGE_BYTES : RECORD_BYTES];
        }

        @Override
        public int advance() {
            if (++number == (pages ? KEYS : KEYS * RECORDS_A_KEY)) {
                return END;
            }
            for (int i = 0; i < payload.length; i++) {
                payload[i] = (byte) (i % 3 == 0 ? random.nextInt() : i / 48);
            }
            return ENTRY;
        }

        @Override
        public long high() {
            return HIGH;
        }

        @Override
        public long middle() {
            return MIDDLE;
        }

        @Override
        public long low() {
            return PageKeys.low(0, pages ? number : number / RECORDS_A_KEY);
        }

        @Override
        public long lsn() {
            return pages ? LSN : LSN - (RECORDS_A_KEY - 1 - number % RECORDS_A_KEY) * 1_000L;
        }

        @Override
        public int kindByte() {
            return pages ? EntryKind.IMAGE | EntryKind.STANDS_ALONE : EntryKind.RECORD;
        }

        @Override
        public int touch() {
            return 0;
        }

        @Override
        public long recordAtLsn() {
            return pages ? 0 : lsn() - RECORD_BYTES;
        }

        @Override
        public MemorySegment payloadSegment() {
            return MemorySegment.ofArray(payload);
        }

        @Override
        public long payloadOffset() {
            return 0;
        }

        @Override
        public int payloadLength() {
            return payload.length;
        }
    }
}
