package dev.firn.columnar.rebuild;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.value.ValueKind;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Geometric values from their canonical text (utils/geo_decls.h): numbers in the order in which they are printed, and for paths and polygons how many. */
final class GeometricDatums {
    private static final int POINT_BYTES = 2 * Double.BYTES;
    private static final int CORNERS = 2;

    private GeometricDatums() {}

    static boolean parse(
            final ValueKind kind, final MemorySegment text, final long offset, final int length, final DatumBytes out) {
        return switch (kind) {
            case POINT -> putNumbers(text, offset, length, out) == 2;
            case LSEG, BOX -> putNumbers(text, offset, length, out) == 4;
            case LINE, CIRCLE -> putNumbers(text, offset, length, out) == 3;
            case PATH -> putPath(text, offset, length, out);
            default -> putPolygon(text, offset, length, out);
        };
    }

    /** All numbers of a text; how many, less than 0 when something is none. Each makes a string. */
    private static int putNumbers(final MemorySegment text, final long offset, final int length, final DatumBytes out) {
        int count = 0;
        final long end = offset + length;
        long at = offset;
        while (at < end) {
            long next = at;
            while (next < end && !isPunctuation(text.get(JAVA_BYTE, next))) {
                next++;
            }
            if (next > at) {
                try {
                    final byte[] number = text.asSlice(at, next - at).toArray(JAVA_BYTE);
                    out.put64(
                            Double.doubleToLongBits(Double.parseDouble(new String(number, StandardCharsets.US_ASCII))));
                } catch (final NumberFormatException _) {
                    return -1;
                }
                count++;
            }
            at = next + 1;
        }
        return count;
    }

    private static boolean isPunctuation(final byte character) {
        return switch (character) {
            case '(', ')', '[', ']', '{', '}', '<', '>', ',' -> true;
            default -> false;
        };
    }

    /** How many points, whether it is closed, and four bytes of padding. */
    private static boolean putPath(
            final MemorySegment text, final long offset, final int length, final DatumBytes out) {
        final long header = out.zeroes(3 * Integer.BYTES);
        final int numbers = putNumbers(text, offset, length, out);
        LittleEndian.putInt(out.segment(), header, numbers / 2);
        LittleEndian.putInt(
                out.segment(), header + Integer.BYTES, length > 0 && text.get(JAVA_BYTE, offset) == '(' ? 1 : 0);
        return numbers > 0 && numbers % 2 == 0;
    }

    /** How many points, and the box around them: make_bound_box of utils/adt/geo_ops.c. */
    private static boolean putPolygon(
            final MemorySegment text, final long offset, final int length, final DatumBytes out) {
        final long header = out.zeroes(Integer.BYTES + CORNERS * POINT_BYTES);
        final long points = out.length();
        final int numbers = putNumbers(text, offset, length, out);
        if (numbers < 2 || numbers % 2 != 0) {
            return false;
        }
        final MemorySegment memory = out.segment();
        LittleEndian.putInt(memory, header, numbers / 2);
        for (int axis = 0; axis < 2; axis++) {
            double low = coordinate(memory, points, axis);
            double high = low;
            for (int i = 1; i < numbers / 2; i++) {
                final double value = coordinate(memory, points + (long) i * POINT_BYTES, axis);
                low = value < low ? value : low;
                high = value > high ? value : high;
            }
            final long box = header + Integer.BYTES + (long) axis * Double.BYTES;
            LittleEndian.putLong(memory, box, Double.doubleToRawLongBits(high));
            LittleEndian.putLong(memory, box + POINT_BYTES, Double.doubleToRawLongBits(low));
        }
        return true;
    }

    private static double coordinate(final MemorySegment memory, final long point, final int axis) {
        return Double.longBitsToDouble(LittleEndian.getLong(memory, point + (long) axis * Double.BYTES));
    }
}
