package dev.firn.columnar.rebuild;

import dev.firn.postgres.LittleEndian;

/** Network addresses from their canonical text: family, bits of netmask, address. */
final class NetworkDatums {
    private static final int FAMILY_V4 = 2;
    private static final int FAMILY_V6 = 3;
    private static final int HEADER_BYTES = 2;
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final int V6_WORDS = 8;
    private static final int WORD_DIGITS = 4;
    private static final int BITS = 8;

    private NetworkDatums() {}

    static boolean parse(final TextCursor text, final DatumBytes out) {
        boolean six = false;
        for (int i = 0; i < text.left(); i++) {
            six |= text.peek(i) == ':';
        }
        final int bytes = six ? V6_BYTES : V4_BYTES;
        final long at = out.zeroes(HEADER_BYTES + bytes);
        if (!(six ? v6(text, at + HEADER_BYTES, out) : v4(text, at + HEADER_BYTES, out))) {
            return false;
        }
        final long bits = text.take('/') ? text.digits() : bytes * BITS;
        LittleEndian.putByte(out.segment(), at, six ? FAMILY_V6 : FAMILY_V4);
        LittleEndian.putByte(out.segment(), at + 1, (int) bits);
        return bits != TextCursor.NONE && text.atEnd();
    }

    private static boolean v4(final TextCursor text, final long at, final DatumBytes out) {
        for (int i = 0; i < V4_BYTES; i++) {
            if (i > 0 && !text.take('.')) {
                return false;
            }
            final long number = text.digits();
            if (number == TextCursor.NONE) {
                return false;
            }
            LittleEndian.putByte(out.segment(), at + i, (int) number);
        }
        return true;
    }

    private static boolean v6(final TextCursor text, final long at, final DatumBytes out) {
        int word = 0;
        int gap = -1;
        if (text.take("::")) {
            gap = 0;
        }
        while (word < V6_WORDS && Character.digit(text.peek(), 16) >= 0) {
            if (isV4(text)) {
                if (word > V6_WORDS - 2 || !v4(text, at + 2L * word, out)) {
                    return false;
                }
                word += 2;
                break;
            }
            final long number = text.hexadecimal(WORD_DIGITS);
            putWord(out, at, word++, (int) number);
            if (gap < 0 && text.take("::")) {
                gap = word;
            } else if (!text.take(':')) {
                break;
            }
        }
        if (gap < 0) {
            return word == V6_WORDS;
        }
        // What stands after the gap goes to the end.
        final int moved = word - gap;
        for (int i = 1; i <= moved; i++) {
            final int value = LittleEndian.getUnsignedShort(out.segment(), at + 2L * (word - i));
            LittleEndian.putShort(out.segment(), at + 2L * (word - i), 0);
            LittleEndian.putShort(out.segment(), at + 2L * (V6_WORDS - i), value);
        }
        return true;
    }

    private static boolean isV4(final TextCursor text) {
        int at = 0;
        while (TextCursor.isDigit(text.peek(at))) {
            at++;
        }
        return text.peek(at) == '.';
    }

    private static void putWord(final DatumBytes out, final long at, final int word, final int number) {
        LittleEndian.putByte(out.segment(), at + 2L * word, number >>> BITS);
        LittleEndian.putByte(out.segment(), at + 2L * word + 1, number);
    }

    static boolean parseMac(final TextCursor text, final int bytes, final DatumBytes out) {
        for (int i = 0; i < bytes; i++) {
            if (i > 0 && !text.take(':')) {
                return false;
            }
            final long number = text.hexadecimal(2);
            if (number == TextCursor.NONE) {
                return false;
            }
            out.put8((int) number);
        }
        return text.atEnd();
    }
}
