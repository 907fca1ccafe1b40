package dev.firn.pagestore.layer;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.SortedEntries;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.random.RandomGenerator;

/** A layer's bytes on the heap, with what was said of them. */
record TestLayer(LayerDescription description, byte[] bytes) implements LayerReads {
    static final String TIMELINE = "main";
    private static final MemoryTag TAG = MemoryTag.of("layer-test");

    /** A sink that takes as much as it likes; all, without a generator. */
    private static final class Sink implements LayerSink {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final RandomGenerator random;

        private Sink(final RandomGenerator random) {
            this.random = random;
        }

        @Override
        public long write(final MemorySegment bytes) {
            final long taken =
                    random == null || random.nextInt(4) == 0 ? bytes.byteSize() : random.nextLong(bytes.byteSize() + 1);
            out.writeBytes(bytes.asSlice(0, taken).toArray(ValueLayout.JAVA_BYTE));
            return taken;
        }
    }

    static TestLayer write(
            final LayerScope scope,
            final LayerConfig config,
            final List<TestEntry> entries,
            final KeyRange keys,
            final OffHeapMemory memory,
            final RandomGenerator random) {
        final Sink sink = new Sink(random);
        try (BlockCodec codec = new BlockCodec(memory);
                LayerWriter writer = new LayerWriter(scope, config, sink, codec, memory)) {
            final ListEntries source = new ListEntries(entries, null);
            while (source.advance() == SortedEntries.ENTRY) {
                while (!writer.add(source)) {
                    // Until the sink takes more.
                    continue;
                }
            }
            while (!writer.finish(keys)) {
                // Until the sink takes more.
                continue;
            }
            return new TestLayer(writer.description(), sink.out.toByteArray());
        }
    }

    LayerIndex open(final OffHeapMemory memory) {
        final MemorySegment tail = memory.allocate(description.tailBytes(), TAG);
        MemorySegment.copy(
                bytes, (int) description.indexOffset(), tail, ValueLayout.JAVA_BYTE, 0, (int) description.tailBytes());
        return LayerIndex.open(TIMELINE, description, tail, memory);
    }

    /** A block as it is stored, to be freed by the caller. */
    MemorySegment stored(final LayerIndex index, final int block, final OffHeapMemory memory) {
        final MemorySegment stored = memory.allocate(index.blockBytes(block), TAG);
        MemorySegment.copy(
                bytes, (int) index.blockOffset(block), stored, ValueLayout.JAVA_BYTE, 0, index.blockBytes(block));
        return stored;
    }

    @Override
    public boolean read(
            final LayerDescription layer, final long offset, final MemorySegment into, final Handler handler) {
        MemorySegment.copy(bytes, (int) offset, into, ValueLayout.JAVA_BYTE, 0, (int) into.byteSize());
        handler.onRead(null);
        return true;
    }
}
