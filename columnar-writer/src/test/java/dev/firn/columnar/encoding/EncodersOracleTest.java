package dev.firn.columnar.encoding;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.LittleEndian;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.column.values.bytestreamsplit.ByteStreamSplitValuesReaderForLong;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;
import org.apache.parquet.column.values.deltalengthbytearray.DeltaLengthByteArrayValuesReader;
import org.apache.parquet.column.values.deltastrings.DeltaByteArrayReader;
import org.apache.parquet.column.values.plain.BinaryPlainValuesReader;
import org.apache.parquet.column.values.plain.BooleanPlainValuesReader;
import org.apache.parquet.column.values.plain.PlainValuesReader;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridDecoder;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridValuesReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the encoders write, Parquet's own decoders read. */
class EncodersOracleTest {
    private static final int ROUNDS = 60;
    private static final MemoryTag TAG = MemoryTag.of("test-encoders");

    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("encoders", 256 << 20));
    private final Arena arena = Arena.ofConfined();
    private final ValueEncoder encoder = new ValueEncoder(memory);
    private final GrowingBuffer out = new GrowingBuffer(memory, TAG);
    private final PageValues page = new PageValues();

    @AfterEach
    void closes() {
        encoder.close();
        out.close();
        arena.close();
        memory.close();
    }

    private ByteBufferInputStream encoded() {
        return ByteBufferInputStream.wrap(
                ByteBuffer.wrap(out.segment().asSlice(0, out.length()).toArray(JAVA_BYTE)));
    }

    private static int count(final RandomGenerator random) {
        return random.nextInt(4) == 0 ? random.nextInt(4) : random.nextInt(3_000);
    }

    private static long number(final RandomGenerator random, final int kind, final int i) {
        return switch (kind) {
            case 0 -> random.nextLong();
            case 1 -> i * 3L + 1_000_000;
            case 2 -> random.nextInt(100);
            case 3 -> random.nextInt(2) == 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
            case 4 -> random.nextLong() >> random.nextInt(64);
            default -> i / 50;
        };
    }

    @Test
    void shouldWriteNumbersThatParquetReads() throws IOException {
        for (int seed = 0; seed < ROUNDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            final int count = count(random);
            final int kind = random.nextInt(6);
            final MemorySegment longs = arena.allocate(8L * count + 64);
            final MemorySegment ints = arena.allocate(4L * count + 64);
            for (int i = 0; i < count; i++) {
                LittleEndian.putLong(longs, 8L * i, number(random, kind, i));
                LittleEndian.putInt(ints, 4L * i, (int) number(random, kind, i));
            }
            for (final ValueEncoding encoding :
                    List.of(ValueEncoding.PLAIN, ValueEncoding.DELTA_BINARY_PACKED, ValueEncoding.BYTE_STREAM_SPLIT)) {
                if (count == 0 && encoding == ValueEncoding.BYTE_STREAM_SPLIT) {
                    continue;
                }
                page.wrapFixed(longs, 0, count, 8);
                out.clear();
                encoder.encode(encoding, page, out);
                final ValuesReader reader = switch (encoding) {
                    case PLAIN -> new PlainValuesReader.LongPlainValuesReader();
                    case DELTA_BINARY_PACKED -> new DeltaBinaryPackingValuesReader();
                    default -> new ByteStreamSplitValuesReaderForLong();
                };
                reader.initFromPage(count, encoded());
                for (int i = 0; i < count; i++) {
                    assertThat(reader.readLong())
                            .as("seed %d, %s, value %d", seed, encoding, i)
                            .isEqualTo(LittleEndian.getLong(longs, 8L * i));
                }
            }
            page.wrapFixed(ints, 0, count, 4);
            out.clear();
            encoder.encode(ValueEncoding.DELTA_BINARY_PACKED, page, out);
            final ValuesReader reader = new DeltaBinaryPackingValuesReader();
            reader.initFromPage(count, encoded());
            for (int i = 0; i < count; i++) {
                assertThat(reader.readInteger())
                        .as("seed %d, int %d", seed, i)
                        .isEqualTo(LittleEndian.getInt(ints, 4L * i));
            }
        }
    }

    private List<byte[]> words(final RandomGenerator random, final int count) {
        final List<byte[]> words = new ArrayList<>();
        final int kind = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            final byte[] word = new byte
                    [switch (kind) {
                        case 0 -> random.nextInt(40);
                        case 1 -> 12;
                        case 2 -> random.nextInt(20) == 0 ? random.nextInt(3_000) : random.nextInt(3);
                        default -> 20 + random.nextInt(4);
                    }];
            random.nextBytes(word);
            if (kind == 3) {
                final byte[] prefix = "https://firn.dev/".getBytes(java.nio.charset.StandardCharsets.UTF_8);
                System.arraycopy(prefix, 0, word, 0, prefix.length);
            }
            words.add(word);
        }
        return words;
    }

    private void wrap(final List<byte[]> words, final int pad) {
        long bytes = pad;
        for (final byte[] word : words) {
            bytes += word.length;
        }
        final MemorySegment values = arena.allocate(Math.max(1, bytes));
        final MemorySegment offsets = arena.allocate(4L * words.size() + 4);
        int at = pad;
        LittleEndian.putInt(offsets, 0, at);
        for (int i = 0; i < words.size(); i++) {
            MemorySegment.copy(words.get(i), 0, values, JAVA_BYTE, at, words.get(i).length);
            at += words.get(i).length;
            LittleEndian.putInt(offsets, 4L * i + 4, at);
        }
        page.wrapVariable(values, offsets, 0, words.size());
    }

    @Test
    void shouldWriteBytesThatParquetReads() throws IOException {
        for (int seed = 0; seed < ROUNDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            final int count = count(random);
            final List<byte[]> words = words(random, count);
            wrap(words, random.nextInt(9));
            for (final ValueEncoding encoding : List.of(
                    ValueEncoding.PLAIN, ValueEncoding.DELTA_LENGTH_BYTE_ARRAY, ValueEncoding.DELTA_BYTE_ARRAY)) {
                out.clear();
                encoder.encode(encoding, page, out);
                if (encoding == ValueEncoding.PLAIN) {
                    assertThat(out.length()).isEqualTo(page.plainBytes());
                }
                if (count == 0) {
                    continue;
                }
                final ValuesReader reader = switch (encoding) {
                    case PLAIN -> new BinaryPlainValuesReader();
                    case DELTA_LENGTH_BYTE_ARRAY -> new DeltaLengthByteArrayValuesReader();
                    default -> new DeltaByteArrayReader();
                };
                reader.initFromPage(count, encoded());
                for (int i = 0; i < count; i++) {
                    assertThat(reader.readBytes().getBytes())
                            .as("seed %d, %s, value %d", seed, encoding, i)
                            .isEqualTo(words.get(i));
                }
            }
        }
    }

    @Test
    void shouldWriteBooleansThatParquetReads() throws IOException {
        for (int seed = 0; seed < ROUNDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            final int count = 1 + count(random);
            final MemorySegment bits = arena.allocate(count / 8 + 16);
            final double share = random.nextInt(4) / 3.0;
            final boolean[] expected = new boolean[count];
            for (int i = 0; i < count; i++) {
                expected[i] = (random.nextInt(30) != 0 && i > 0) ? expected[i - 1] : random.nextDouble() < share;
                if (expected[i]) {
                    bits.set(JAVA_BYTE, i / 8, (byte) (bits.get(JAVA_BYTE, i / 8) | 1 << i % 8));
                }
            }
            page.wrapBits(bits, 0, count);
            for (final ValueEncoding encoding : List.of(ValueEncoding.PLAIN, ValueEncoding.RLE)) {
                out.clear();
                encoder.encode(encoding, page, out);
                final ValuesReader reader = encoding == ValueEncoding.PLAIN
                        ? new BooleanPlainValuesReader()
                        : new RunLengthBitPackingHybridValuesReader(1);
                reader.initFromPage(count, encoded());
                for (int i = 0; i < count; i++) {
                    final boolean found =
                            encoding == ValueEncoding.PLAIN ? reader.readBoolean() : reader.readInteger() != 0;
                    assertThat(found)
                            .as("seed %d, %s, bit %d of %d", seed, encoding, i, count)
                            .isEqualTo(expected[i]);
                }
            }
        }
    }

    @Test
    void shouldWriteHybridsThatParquetReads() throws IOException {
        for (int seed = 0; seed < 3 * ROUNDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            final int count = 1 + count(random);
            final int width = random.nextInt(33);
            final MemorySegment ints = arena.allocate(4L * count + 64);
            final int change = 1 + random.nextInt(40);
            int value = 0;
            for (int i = 0; i < count; i++) {
                if (random.nextInt(change) == 0) {
                    value = width == 0 ? 0 : random.nextInt() >>> (32 - width);
                }
                LittleEndian.putInt(ints, 4L * i, value);
            }
            out.clear();
            HybridEncoder.ints(ints, 0, count, width, out);
            final RunLengthBitPackingHybridDecoder decoder = new RunLengthBitPackingHybridDecoder(width, encoded());
            for (int i = 0; i < count; i++) {
                assertThat(decoder.readInt())
                        .as("seed %d, width %d, value %d of %d", seed, width, i, count)
                        .isEqualTo(LittleEndian.getInt(ints, 4L * i));
            }
        }
    }

    @Test
    void shouldGiveEachDistinctValueOneIndex() throws IOException {
        for (int seed = 0; seed < ROUNDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            try (DictionaryEncoder dictionary = new DictionaryEncoder(memory, PageValues.VARIABLE, 1 << 20)) {
                final List<byte[]> distinct = words(random, 1 + random.nextInt(800));
                for (int pages = 0; pages < 3; pages++) {
                    final List<byte[]> words = new ArrayList<>();
                    for (int i = 0; i < 500; i++) {
                        words.add(distinct.get(random.nextInt(distinct.size())));
                    }
                    wrap(words, 0);
                    assertThat(dictionary.index(page)).isTrue();
                    out.clear();
                    dictionary.encodeIndices(out);
                    assertIndices(seed, dictionary, words);
                }
            }
        }
    }

    private void assertIndices(final int seed, final DictionaryEncoder dictionary, final List<byte[]> words)
            throws IOException {
        final BinaryPlainValuesReader plain = new BinaryPlainValuesReader();
        final GrowingBuffer bytes = dictionary.plain();
        plain.initFromPage(
                dictionary.entries(),
                ByteBufferInputStream.wrap(ByteBuffer.wrap(
                        bytes.segment().asSlice(0, bytes.length()).toArray(JAVA_BYTE))));
        final List<ByteBuffer> entries = new ArrayList<>();
        for (int i = 0; i < dictionary.entries(); i++) {
            entries.add(ByteBuffer.wrap(plain.readBytes().getBytes()));
        }
        assertThat(entries).as("seed %d", seed).doesNotHaveDuplicates();
        final ByteBufferInputStream stream = encoded();
        final RunLengthBitPackingHybridDecoder decoder = new RunLengthBitPackingHybridDecoder(stream.read(), stream);
        for (int i = 0; i < words.size(); i++) {
            assertThat(entries.get(decoder.readInt()))
                    .as("seed %d, value %d", seed, i)
                    .isEqualTo(ByteBuffer.wrap(words.get(i)));
        }
    }

    @Test
    void shouldLeaveAFullDictionaryAsItWas() {
        try (DictionaryEncoder dictionary = new DictionaryEncoder(memory, Long.BYTES, 80)) {
            final MemorySegment longs = arena.allocate(8L * 20);
            for (int i = 0; i < 20; i++) {
                LittleEndian.putLong(longs, 8L * i, i);
            }
            page.wrapFixed(longs, 0, 10, Long.BYTES);
            assertThat(dictionary.index(page)).isTrue();
            page.wrapFixed(longs, 40, 15, Long.BYTES);
            assertThat(dictionary.index(page)).isFalse();
            assertThat(dictionary.entries()).isEqualTo(10);
            assertThat(dictionary.plain().length()).isEqualTo(80);
        }
    }
}
