package dev.firn.columnar.transcode;

import dev.firn.columnar.batch.ColumnVector;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.lake.DecimalReader;
import dev.firn.postgres.lake.LakeValues;
import dev.firn.postgres.tuple.DeformedRows;
import java.lang.foreign.MemorySegment;

/**
 * The common values of an attribute in many rows, from their pages to its column: a loop for each form, which stops at the first row whose value is
 * far away, or does not fit, and says which that is. A null is a value of no bytes, or of zeroes, which no loop asks for: no processor could tell where
 * the next one is. What they take comes back from the column bit for bit, with the header that short and long
 * values have: it is left to others to look at a value that is stored in another way. Small on purpose: each is compiled by itself.
 */
final class ValueLoops {
    /** Values of variable length that room is made for, and that are copied before they are checked. */
    private static final int LEAST_ROWS_AHEAD = 8;

    private static final int MOST_ROWS_AHEAD = 256;

    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    /** What is copied at once; less than the slack behind a column's bytes. */
    private static final int STEP_BYTES = 4 * Long.BYTES;

    /** Shifted by that, a position is -1 when it is less than 0, as a null's is, and 0 when it is not. */
    private static final int SIGN_SHIFT = Integer.SIZE - 1;

    /** The short header of a value of no bytes. */
    private static final int EMPTY_SHORT = 3;

    private static final int SHORT_HEADER = 1;
    private static final int LONG_HEADER = 4;
    private static final int HEADER_FORM_MASK = 3;

    /** VARATT_SHORT_MAX, without the header: values up to so many bytes have a header of one, where they may. */
    private static final int SHORT_MOST = 126;

    private ValueLoops() {}

    /** 32-bit numbers from {@code least} to {@code most}, each plus a number. */
    static int ints(
            final MemorySegment pages,
            final int[] positions,
            final int from,
            final int to,
            final int least,
            final int most,
            final int plus,
            final ColumnVector out) {
        final int slot = out.reserve(to - from);
        final MemorySegment values = out.values();
        LittleEndian.requireNative(pages);
        LittleEndian.requireNative(values);
        long at = (long) slot * Integer.BYTES;
        int row = from;
        int nulls = 0;
        for (; row < to && positions[row] >= DeformedRows.NULL; row++, at += Integer.BYTES) {
            final int absent = positions[row] >> SIGN_SHIFT;
            final int value = LittleEndian.getInt(pages, positions[row] & ~absent) & ~absent;
            if (value < least || value > most) {
                break;
            }
            LittleEndian.putInt(values, at, value + plus);
            nulls -= absent;
        }
        out.commit(row - from, slot, nulls, positions, from);
        return row;
    }

    /** 64-bit numbers from {@code least} to {@code most}, each plus a number. */
    static int longs(
            final MemorySegment pages,
            final int[] positions,
            final int from,
            final int to,
            final long least,
            final long most,
            final long plus,
            final ColumnVector out) {
        final int slot = out.reserve(to - from);
        final MemorySegment values = out.values();
        LittleEndian.requireNative(pages);
        LittleEndian.requireNative(values);
        long at = (long) slot * Long.BYTES;
        int row = from;
        int nulls = 0;
        for (; row < to && positions[row] >= DeformedRows.NULL; row++, at += Long.BYTES) {
            final int absent = positions[row] >> SIGN_SHIFT;
            final long value = LittleEndian.getLong(pages, positions[row] & ~absent) & ~absent;
            if (value < least || value > most) {
                break;
            }
            LittleEndian.putLong(values, at, value + plus);
            nulls -= absent;
        }
        out.commit(row - from, slot, nulls, positions, from);
        return row;
    }

    /** 16-bit numbers with a sign, as 32-bit ones. */
    static int shorts(
            final MemorySegment pages, final int[] positions, final int from, final int to, final ColumnVector out) {
        final int slot = out.reserve(to - from);
        final MemorySegment values = out.values();
        LittleEndian.requireNative(pages);
        LittleEndian.requireNative(values);
        long at = (long) slot * Integer.BYTES;
        int row = from;
        int nulls = 0;
        for (; row < to && positions[row] >= DeformedRows.NULL; row++, at += Integer.BYTES) {
            final int absent = positions[row] >> SIGN_SHIFT;
            LittleEndian.putInt(values, at, (short) LittleEndian.getUnsignedShort(pages, positions[row] & ~absent));
            nulls -= absent;
        }
        out.commit(row - from, slot, nulls, positions, from);
        return row;
    }

    /** 32-bit numbers without a sign, as 64-bit ones. */
    static int unsignedInts(
            final MemorySegment pages, final int[] positions, final int from, final int to, final ColumnVector out) {
        final int slot = out.reserve(to - from);
        final MemorySegment values = out.values();
        LittleEndian.requireNative(pages);
        LittleEndian.requireNative(values);
        long at = (long) slot * Long.BYTES;
        int row = from;
        int nulls = 0;
        for (; row < to && positions[row] >= DeformedRows.NULL; row++, at += Long.BYTES) {
            final int absent = positions[row] >> SIGN_SHIFT;
            LittleEndian.putLong(values, at, LittleEndian.getUnsignedInt(pages, positions[row] & ~absent));
            nulls -= absent;
        }
        out.commit(row - from, slot, nulls, positions, from);
        return row;
    }

    /** Values of 16 bytes. */
    static int uuids(
            final MemorySegment pages, final int[] positions, final int from, final int to, final ColumnVector out) {
        final int slot = out.reserve(to - from);
        final MemorySegment values = out.values();
        LittleEndian.requireNative(pages);
        LittleEndian.requireNative(values);
        long at = (long) slot * 2 * Long.BYTES;
        int row = from;
        int nulls = 0;
        for (; row < to && positions[row] >= DeformedRows.NULL; row++, at += 2 * Long.BYTES) {
            final int absent = positions[row] >> SIGN_SHIFT;
            final long position = positions[row] & ~absent;
            LittleEndian.putLong(values, at, LittleEndian.getLong(pages, position));
            LittleEndian.putLong(values, at + Long.BYTES, LittleEndian.getLong(pages, position + Long.BYTES));
            nulls -= absent;
        }
        out.commit(row - from, slot, nulls, positions, from);
        return row;
    }

    static int booleans(
            final MemorySegment pages, final int[] positions, final int from, final int to, final ColumnVector out) {
        int row = from;
        for (; row < to && positions[row] >= DeformedRows.NULL; row++) {
            if (positions[row] == DeformedRows.NULL) {
                out.appendNull();
                continue;
            }
            final int value = LittleEndian.getUnsignedByte(pages, positions[row]);
            if ((value & ~1) != 0) {
                break;
            }
            out.appendBoolean(value != 0);
        }
        return row;
    }

    /** Numerics of few digits, as decimals of 4 or 8 bytes. */
    static int decimals(
            final MemorySegment pages,
            final int[] positions,
            final int[] lengths,
            final boolean packable,
            final int from,
            final int to,
            final DecimalLookup lookup,
            final ColumnVector out) {
        final int slot = out.reserve(to - from);
        final MemorySegment values = out.values();
        LittleEndian.requireNative(pages);
        LittleEndian.requireNative(values);
        final int width = out.field().vectorWidth();
        long at = (long) slot * width;
        int row = from;
        int nulls = 0;
        for (; row < to; row++, at += width) {
            if (positions[row] == DeformedRows.NULL) {
                nulls++;
                continue;
            }
            final int header = headerBytes(pages, positions[row], lengths[row], packable);
            if (header == 0) {
                break;
            }
            final long value = lookup.small(pages, positions[row] + (long) header, lengths[row] - header);
            if (value == DecimalReader.NOT_SMALL) {
                break;
            }
            if (width == Long.BYTES) {
                LittleEndian.putLong(values, at, value);
            } else {
                LittleEndian.putInt(values, at, (int) value);
            }
        }
        out.commit(row - from, slot, nulls, positions, from);
        return row;
    }

    /** Bytes that stand in line, uncompressed. */
    static int bytes(
            final MemorySegment pages,
            final int[] positions,
            final int[] lengths,
            final boolean packable,
            final int from,
            final int to,
            final ColumnVector out) {
        return variable(pages, positions, lengths, packable, from, to, false, true, out);
    }

    /** Text that stands in line, uncompressed. @param asciiOnly whether what is not ASCII does not fit. */
    static int texts(
            final MemorySegment pages,
            final int[] positions,
            final int[] lengths,
            final boolean packable,
            final int from,
            final int to,
            final boolean asciiOnly,
            final ColumnVector out) {
        return variable(pages, positions, lengths, packable, from, to, true, !asciiOnly, out);
    }

    private static int variable(
            final MemorySegment pages,
            final int[] positions,
            final int[] lengths,
            final boolean packable,
            final int from,
            final int to,
            final boolean checked,
            final boolean utf8,
            final ColumnVector out) {
        final int slot = out.reserve(to - from);
        final MemorySegment ends = out.offsets();
        LittleEndian.requireNative(pages);
        LittleEndian.requireNative(ends);
        long endAt = (slot + 1L) * Integer.BYTES;
        long at = out.bytesAt();
        int row = from;
        int ahead = LEAST_ROWS_AHEAD;
        boolean common = true;
        final int noHeader = packable ? EMPTY_SHORT : 0;
        while (row < to && common) {
            // Few rows at first, then more: where many values are not common, each of these ends one such look ahead.
            final int most = Math.min(to, row + ahead);
            ahead = Math.min(2 * ahead, MOST_ROWS_AHEAD);
            int end = row;
            int bytes = 0;
            while (end < most && positions[end] >= DeformedRows.NULL) {
                bytes += lengths[end++];
            }
            common = end == most;
            out.commitBytesTo(at);
            final MemorySegment target = out.roomForBytes(bytes);
            LittleEndian.requireNative(target);
            final int first = row;
            final long begin = at;
            for (; row < end; row++, endAt += Integer.BYTES) {
                final int absent = positions[row] >> SIGN_SHIFT;
                final int position = positions[row] & ~absent;
                final int start = (LittleEndian.getUnsignedByte(pages, position) & ~absent) | (noHeader & absent);
                final int header = headerBytes(start, lengths[row], packable);
                if (header == 0) {
                    common = false;
                    break;
                }
                final int length = Math.max(0, lengths[row] - header);
                copy(pages, position + (long) header, length, target, at);
                at += length;
                LittleEndian.putInt(ends, endAt, (int) at);
            }
            if (checked && hasHighBit(target, begin, at)) {
                final int wrong = firstWrong(
                        target, begin, ends, endAt - (long) (row - first) * Integer.BYTES, row - first, utf8);
                if (wrong < row - first) {
                    common = false;
                    row = first + wrong;
                    at = LittleEndian.getUnsignedInt(ends, (slot + (long) (row - from)) * Integer.BYTES);
                }
            }
        }
        out.commit(row - from, slot, nulls(positions, from, row), positions, from);
        out.commitBytesTo(at);
        return row;
    }

    private static int nulls(final int[] positions, final int from, final int to) {
        int nulls = 0;
        for (int row = from; row < to; row++) {
            nulls += positions[row] >>> SIGN_SHIFT;
        }
        return nulls;
    }

    /** Whether any of these bytes is not ASCII. */
    private static boolean hasHighBit(final MemorySegment bytes, final long begin, final long end) {
        long at = begin;
        for (; at + STEP_BYTES <= end; at += STEP_BYTES) {
            final long four = LittleEndian.getLong(bytes, at)
                    | LittleEndian.getLong(bytes, at + Long.BYTES)
                    | LittleEndian.getLong(bytes, at + 2 * Long.BYTES)
                    | LittleEndian.getLong(bytes, at + 3 * Long.BYTES);
            if ((four & NOT_ASCII) != 0) {
                return true;
            }
        }
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            if ((LittleEndian.getLong(bytes, at) & NOT_ASCII) != 0) {
                return true;
            }
        }
        return at < end && (tail(bytes, at, (int) (end - at)) & NOT_ASCII) != 0;
    }

    /** Which of some values that follow each other is the first that does not fit for what it has beside ASCII; how many there are when all fit. */
    private static int firstWrong(
            final MemorySegment bytes,
            final long begin,
            final MemorySegment ends,
            final long endsAt,
            final int count,
            final boolean utf8) {
        long start = begin;
        for (int i = 0; i < count; i++) {
            final long end = LittleEndian.getUnsignedInt(ends, endsAt + (long) i * Integer.BYTES);
            if (hasHighBit(bytes, start, end) && !(utf8 && LakeValues.isUtf8(bytes, start, (int) (end - start)))) {
                return i;
            }
            start = end;
        }
        return count;
    }

    /** Of a varlena in line and uncompressed (varatt.h), with the header that it is formed with; 0 of any other, and of none. */
    static int headerBytes(final MemorySegment pages, final int position, final int length, final boolean packable) {
        if (position < 0) {
            return 0;
        }
        return headerBytes(LittleEndian.getUnsignedByte(pages, position), length, packable);
    }

    /** @param header its first byte. */
    private static int headerBytes(final int header, final int length, final boolean packable) {
        if ((header & 1) != 0) {
            return header == 1 || !packable ? 0 : SHORT_HEADER;
        }
        return (header & HEADER_FORM_MASK) == 0 && (!packable || length > SHORT_MOST + LONG_HEADER) ? LONG_HEADER : 0;
    }

    /** Copies four words and four words more, into memory with slack behind it: how long a value is no processor can tell before. */
    private static void copy(
            final MemorySegment from, final long start, final int length, final MemorySegment to, final long at) {
        if (start + length + STEP_BYTES > from.byteSize()) {
            MemorySegment.copy(from, start, to, at, length);
            return;
        }
        int done = 0;
        do {
            LittleEndian.putLong(to, at + done, LittleEndian.getLong(from, start + done));
            LittleEndian.putLong(to, at + done + Long.BYTES, LittleEndian.getLong(from, start + done + Long.BYTES));
            LittleEndian.putLong(
                    to, at + done + 2 * Long.BYTES, LittleEndian.getLong(from, start + done + 2 * Long.BYTES));
            LittleEndian.putLong(
                    to, at + done + 3 * Long.BYTES, LittleEndian.getLong(from, start + done + 3 * Long.BYTES));
            done += STEP_BYTES;
        } while (done < length);
    }

    /** Up to seven bytes: a word, if it does not reach beyond the pages. */
    private static long tail(final MemorySegment from, final long start, final int bytes) {
        if (start + Long.BYTES <= from.byteSize()) {
            return LittleEndian.getLong(from, start) & (1L << (bytes * Byte.SIZE)) - 1;
        }
        long word = 0;
        for (int i = 0; i < bytes; i++) {
            word |= (long) LittleEndian.getUnsignedByte(from, start + i) << (i * Byte.SIZE);
        }
        return word;
    }
}
