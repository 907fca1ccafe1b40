package dev.firn.bench.micro;

import java.util.stream.IntStream;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.bytestreamsplit.ByteStreamSplitValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.column.values.deltalengthbytearray.DeltaLengthByteArrayValuesWriter;
import org.apache.parquet.column.values.deltastrings.DeltaByteArrayWriter;
import org.apache.parquet.column.values.dictionary.DictionaryValuesWriter;
import org.apache.parquet.column.values.plain.PlainValuesWriter;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridValuesWriter;
import org.apache.parquet.io.api.Binary;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The rival: the same values, in arrays, through parquet-java's values writers into its heap buffers. */
@State(Scope.Thread)
public class ParquetValuesMicro {
    private static final int VALUES = EncoderMicro.VALUES;
    private static final int INITIAL_BYTES = 1 << 10;
    private static final int PAGE_BYTES = 1 << 20;

    @Param("plain-longs")
    public String encoding;

    private PageEncoding chosen;
    private ValuesWriter writer;
    private long[] longs;
    private Binary[] texts;
    private int[] levels;

    @Setup(Level.Trial)
    public void fill() {
        chosen = PageEncoding.of(encoding);
        longs = IntStream.range(0, VALUES).mapToLong(chosen::number).toArray();
        texts = IntStream.range(0, VALUES)
                .mapToObj(i -> Binary.fromConstantByteArray(chosen.text(i)))
                .toArray(Binary[]::new);
        levels = IntStream.range(0, VALUES).map(chosen::level).toArray();
        final HeapByteBufferAllocator allocator = new HeapByteBufferAllocator();
        writer = switch (chosen) {
            case PLAIN_LONGS, PLAIN_TEXTS -> new PlainValuesWriter(INITIAL_BYTES, PAGE_BYTES, allocator);
            case DELTA_LONGS -> new DeltaBinaryPackingValuesWriterForLong(INITIAL_BYTES, PAGE_BYTES, allocator);
            case SPLIT_LONGS ->
                new ByteStreamSplitValuesWriter.LongByteStreamSplitValuesWriter(INITIAL_BYTES, PAGE_BYTES, allocator);
            case DELTA_LENGTH_TEXTS -> new DeltaLengthByteArrayValuesWriter(INITIAL_BYTES, PAGE_BYTES, allocator);
            case DELTA_TEXTS -> new DeltaByteArrayWriter(INITIAL_BYTES, PAGE_BYTES, allocator);
            case DICTIONARY_LONGS ->
                new DictionaryValuesWriter.PlainLongDictionaryValuesWriter(
                        PAGE_BYTES, Encoding.RLE_DICTIONARY, Encoding.PLAIN, allocator);
            case DICTIONARY_TEXTS ->
                new DictionaryValuesWriter.PlainBinaryDictionaryValuesWriter(
                        PAGE_BYTES, Encoding.RLE_DICTIONARY, Encoding.PLAIN, allocator);
            case LEVELS -> new RunLengthBitPackingHybridValuesWriter(1, INITIAL_BYTES, PAGE_BYTES, allocator);
        };
    }

    @Benchmark
    public long rival(final AllocationCounter allocations) {
        writer.reset();
        switch (chosen) {
            case PLAIN_LONGS, DELTA_LONGS, SPLIT_LONGS, DICTIONARY_LONGS -> {
                for (final long value : longs) {
                    writer.writeLong(value);
                }
            }
            case PLAIN_TEXTS, DELTA_LENGTH_TEXTS, DELTA_TEXTS, DICTIONARY_TEXTS -> {
                for (final Binary value : texts) {
                    writer.writeBytes(value);
                }
            }
            case LEVELS -> {
                for (final int value : levels) {
                    writer.writeInteger(value);
                }
            }
        }
        return writer.getBytes().size();
    }
}
