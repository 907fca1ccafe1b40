package dev.firn.columnar.encoding;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.kernel.ByteStreams;
import dev.firn.columnar.kernel.Deltas;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Every encoding but the dictionary, with the scratch memory that they take turns in. */
public final class ValueEncoder implements AutoCloseable {
    private static final MemoryTag SCRATCH = MemoryTag.of("lake-encode");

    /** Values up to so many bytes are copied word by word: a call of the general copy costs more. */
    private static final int SHORT_BYTES = 32;

    private final DeltaEncoder deltas;
    private final GrowingBuffer lengths;
    private final GrowingBuffer prefixes;
    private final GrowingBuffer suffixes;

    /** @param memory borrowed: where the scratch memory comes from. */
    public ValueEncoder(final OffHeapMemory memory) {
        deltas = new DeltaEncoder(memory);
        lengths = new GrowingBuffer(memory, SCRATCH);
        prefixes = new GrowingBuffer(memory, SCRATCH);
        suffixes = new GrowingBuffer(memory, SCRATCH);
    }

    /** Whether the format has this encoding for values of this width. */
    public static boolean supports(final ValueEncoding encoding, final int width, final boolean integer) {
        return switch (encoding) {
            case PLAIN -> true;
            case RLE -> width == PageValues.BITS;
            case RLE_DICTIONARY -> width != PageValues.BITS;
            case DELTA_BINARY_PACKED -> integer && (width == Integer.BYTES || width == Long.BYTES);
            case DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY -> width == PageValues.VARIABLE;
            case BYTE_STREAM_SPLIT -> width > 1;
        };
    }

    /** Appends the values of a page. */
    public void encode(final ValueEncoding encoding, final PageValues page, final GrowingBuffer out) {
        switch (encoding) {
            case PLAIN -> plain(page, out);
            case RLE -> booleans(page, out);
            case DELTA_BINARY_PACKED -> deltas.encode(page.values(), page.valuesAt(), page.count(), page.width(), out);
            case DELTA_LENGTH_BYTE_ARRAY -> deltaLength(page, out);
            case DELTA_BYTE_ARRAY -> deltaBytes(page, out);
            case BYTE_STREAM_SPLIT -> {
                final long at = out.length();
                final MemorySegment target = out.ensure(at + page.valueBytes());
                ByteStreams.split(page.values(), page.valuesAt(), page.count(), page.width(), target, at);
                out.setLength(at + page.valueBytes());
            }
            case RLE_DICTIONARY -> throw new IllegalArgumentException("a dictionary encodes its indices itself");
        }
    }

    private static void plain(final PageValues page, final GrowingBuffer out) {
        if (page.width() != PageValues.VARIABLE) {
            out.append(page.values(), page.valuesAt(), page.valueBytes());
            if (page.width() == PageValues.BITS && page.count() % Byte.SIZE != 0) {
                final long last = out.length() - 1;
                final int mask = (1 << page.count() % Byte.SIZE) - 1;
                LittleEndian.putByte(out.segment(), last, LittleEndian.getUnsignedByte(out.segment(), last) & mask);
            }
            return;
        }
        long at = out.length();
        final MemorySegment target = out.ensure(at + page.plainBytes());
        final MemorySegment offsets = page.offsets();
        final MemorySegment values = page.values();
        final long end = values.byteSize() - SHORT_BYTES;
        long start = page.start(0);
        for (int i = 1; i <= page.count(); i++) {
            final long next = LittleEndian.getUnsignedInt(offsets, page.offsetsAt() + (long) i * Integer.BYTES);
            final int length = (int) (next - start);
            LittleEndian.putInt(target, at, length);
            at += Integer.BYTES;
            if (length <= SHORT_BYTES && start <= end) {
                // Whole words; what hangs over lies in the slack or is overwritten by the next value.
                for (int word = 0; word < length; word += Long.BYTES) {
                    LittleEndian.putLong(target, at + word, LittleEndian.getLong(values, start + word));
                }
            } else {
                MemorySegment.copy(values, start, target, at, length);
            }
            at += length;
            start = next;
        }
        out.setLength(at);
    }

    private static void booleans(final PageValues page, final GrowingBuffer out) {
        final long head = out.length();
        out.putInt(0);
        HybridEncoder.bits(page.values(), page.valuesAt(), page.count(), out);
        LittleEndian.putInt(out.segment(), head, (int) (out.length() - head - Integer.BYTES));
    }

    private void deltaLength(final PageValues page, final GrowingBuffer out) {
        final int count = page.count();
        final MemorySegment differences = lengths.ensure((long) count * Integer.BYTES);
        if (count > 0) {
            Deltas.ints(page.offsets(), page.offsetsAt() + Integer.BYTES, count, differences, 0);
        }
        deltas.encode(differences, 0, count, Integer.BYTES, out);
        out.append(page.values(), page.start(0), page.valueBytes());
    }

    private void deltaBytes(final PageValues page, final GrowingBuffer out) {
        final int count = page.count();
        final MemorySegment shared = prefixes.ensure((long) count * Integer.BYTES);
        final MemorySegment rest = lengths.ensure((long) count * Integer.BYTES);
        suffixes.clear();
        suffixes.ensure(page.valueBytes());
        final MemorySegment values = page.values();
        long before = 0;
        int beforeLength = 0;
        for (int i = 0; i < count; i++) {
            final long start = page.start(i);
            final int length = page.length(i);
            final int prefix = commonPrefix(values, before, start, Math.min(beforeLength, length));
            LittleEndian.putInt(shared, (long) i * Integer.BYTES, prefix);
            LittleEndian.putInt(rest, (long) i * Integer.BYTES, length - prefix);
            suffixes.append(values, start + prefix, length - prefix);
            before = start;
            beforeLength = length;
        }
        deltas.encode(shared, 0, count, Integer.BYTES, out);
        deltas.encode(rest, 0, count, Integer.BYTES, out);
        if (suffixes.length() > 0) {
            out.append(suffixes.segment(), 0, suffixes.length());
        }
    }

    /** How many bytes two values begin with in common: words while they are equal, then the first bit that differs says. */
    static int commonPrefix(final MemorySegment values, final long one, final long other, final int most) {
        int i = 0;
        for (; i + Long.BYTES <= most; i += Long.BYTES) {
            final long differing = LittleEndian.getLong(values, one + i) ^ LittleEndian.getLong(values, other + i);
            if (differing != 0) {
                return i + Long.numberOfTrailingZeros(differing) / Byte.SIZE;
            }
        }
        while (i < most
                && LittleEndian.getUnsignedByte(values, one + i) == LittleEndian.getUnsignedByte(values, other + i)) {
            i++;
        }
        return i;
    }

    @Override
    public void close() {
        deltas.close();
        lengths.close();
        prefixes.close();
        suffixes.close();
    }
}
