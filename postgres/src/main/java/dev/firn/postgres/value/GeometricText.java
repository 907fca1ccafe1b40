package dev.firn.postgres.value;

import dev.firn.postgres.MalformedDataException;

/** Points and what is made of them: utils/adt/geo_ops.c, utils/geo_decls.h. */
final class GeometricText {
    private static final int POINT_BYTES = 16;

    /** Of a path, after its varlena header: number of points, whether closed, padding. */
    private static final int PATH_POINTS = 12;

    /** Of a polygon: number of points, bounding box. */
    private static final int POLYGON_POINTS = 36;

    private GeometricText() {}

    static void printPoint(final DatumFlyweight datum, final int index, final TextBuffer out) {
        out.put('(');
        FloatText.print(datum.float64(index), out);
        out.put(',');
        FloatText.print(datum.float64(index + Double.BYTES), out);
        out.put(')');
    }

    /** path_encode. */
    private static void putPoints(final DatumFlyweight datum, final int index, final int count, final TextBuffer out) {
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.put(',');
            }
            printPoint(datum, index + i * POINT_BYTES, out);
        }
    }

    static void printSegment(final DatumFlyweight datum, final TextBuffer out) {
        out.put('[');
        putPoints(datum, 0, 2, out);
        out.put(']');
    }

    static void printBox(final DatumFlyweight datum, final TextBuffer out) {
        putPoints(datum, 0, 2, out);
    }

    static void printLine(final DatumFlyweight datum, final TextBuffer out) {
        out.put('{');
        FloatText.print(datum.float64(0), out);
        out.put(',');
        FloatText.print(datum.float64(Double.BYTES), out);
        out.put(',');
        FloatText.print(datum.float64(2 * Double.BYTES), out);
        out.put('}');
    }

    static void printCircle(final DatumFlyweight datum, final TextBuffer out) {
        out.put('<');
        printPoint(datum, 0, out);
        out.put(',');
        FloatText.print(datum.float64(POINT_BYTES), out);
        out.put('>');
    }

    static void printPath(final DatumFlyweight datum, final TextBuffer out) {
        final int count = points(datum, PATH_POINTS);
        final boolean closed = datum.int32(Integer.BYTES) != 0;
        out.put(closed ? '(' : '[');
        putPoints(datum, PATH_POINTS, count, out);
        out.put(closed ? ')' : ']');
    }

    static void printPolygon(final DatumFlyweight datum, final TextBuffer out) {
        final int count = points(datum, POLYGON_POINTS);
        out.put('(');
        putPoints(datum, POLYGON_POINTS, count, out);
        out.put(')');
    }

    private static int points(final DatumFlyweight datum, final int first) {
        final int count = datum.int32(0);
        if (count < 0 || count > (datum.length() - first) / POINT_BYTES) {
            throw new MalformedDataException(
                    "a path or polygon of " + count + " points in " + datum.length() + " bytes");
        }
        return count;
    }
}
