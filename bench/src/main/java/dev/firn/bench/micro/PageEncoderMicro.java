package dev.firn.bench.micro;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.encoding.DictionaryEncoder;
import dev.firn.columnar.encoding.HybridEncoder;
import dev.firn.columnar.encoding.PageValues;
import dev.firn.columnar.encoding.ValueEncoder;
import dev.firn.columnar.encoding.ValueEncoding;
import dev.firn.columnar.kernel.Bits;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A page's values encoded by Firn: from off-heap columns into off-heap memory. */
@State(Scope.Thread)
public class PageEncoderMicro {
    private static final int VALUES = EncoderMicro.VALUES;
    private static final MemoryTag TAG = MemoryTag.of("bench-encoders");
    private static final long MEMORY_BYTES = 128L << 20;
    private static final int DICTIONARY_BYTES = 1 << 20;
    private static final int MOST_TEXT_BYTES = 32;

    @Param("plain-longs")
    public String encoding;

    private PageEncoding chosen;
    private Arena arena;
    private OffHeapMemory memory;
    private ValueEncoder encoder;
    private DictionaryEncoder dictionary;
    private GrowingBuffer out;
    private MemorySegment validity;
    private final PageValues page = new PageValues();

    @Setup(Level.Trial)
    public void fill() {
        chosen = PageEncoding.of(encoding);
        arena = Arena.ofConfined();
        memory = OffHeapMemory.open(OffHeapConfig.of("encoders", MEMORY_BYTES));
        encoder = new ValueEncoder(memory);
        out = new GrowingBuffer(memory, TAG);
        final boolean texts = encoding.endsWith("texts");
        dictionary = new DictionaryEncoder(memory, texts ? PageValues.VARIABLE : Long.BYTES, DICTIONARY_BYTES);
        final MemorySegment values = arena.allocate((long) VALUES * MOST_TEXT_BYTES, Long.BYTES);
        final MemorySegment offsets = arena.allocate((VALUES + 1L) * Integer.BYTES, Long.BYTES);
        validity = arena.allocate(VALUES / Byte.SIZE, Long.BYTES);
        int at = 0;
        for (int i = 0; i < VALUES; i++) {
            if (texts) {
                final byte[] text = chosen.text(i);
                MemorySegment.copy(text, 0, values, JAVA_BYTE, at, text.length);
                at += text.length;
                LittleEndian.putInt(offsets, (i + 1L) * Integer.BYTES, at);
            } else {
                LittleEndian.putLong(values, (long) i * Long.BYTES, chosen.number(i));
            }
            if (chosen.level(i) == 1) {
                Bits.set(validity, i);
            }
        }
        if (texts) {
            page.wrapVariable(values, offsets, 0, VALUES);
        } else {
            page.wrapFixed(values, 0, VALUES, Long.BYTES);
        }
    }

    @TearDown(Level.Trial)
    public void release() {
        out.close();
        dictionary.close();
        encoder.close();
        memory.close();
        arena.close();
    }

    @Benchmark
    public long firn(final AllocationCounter allocations) {
        out.clear();
        switch (chosen) {
            case PLAIN_LONGS, PLAIN_TEXTS -> encoder.encode(ValueEncoding.PLAIN, page, out);
            case DELTA_LONGS -> encoder.encode(ValueEncoding.DELTA_BINARY_PACKED, page, out);
            case SPLIT_LONGS -> encoder.encode(ValueEncoding.BYTE_STREAM_SPLIT, page, out);
            case DELTA_LENGTH_TEXTS -> encoder.encode(ValueEncoding.DELTA_LENGTH_BYTE_ARRAY, page, out);
            case DELTA_TEXTS -> encoder.encode(ValueEncoding.DELTA_BYTE_ARRAY, page, out);
            case DICTIONARY_LONGS, DICTIONARY_TEXTS -> {
                if (!dictionary.index(page)) {
                    throw new IllegalStateException("the dictionary is full");
                }
                dictionary.encodeIndices(out);
            }
            case LEVELS -> HybridEncoder.bits(validity, 0, VALUES, out);
        }
        return out.length();
    }
}
