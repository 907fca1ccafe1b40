package dev.firn.columnar.rebuild;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageLayout;

/** Values that are lists of words, from their canonical text: tsvector (tsearch/ts_type.h), and hstore and ltree of contrib. */
final class LexemeDatums {
    private static final int POSITION_BITS = 14;
    private static final int LENGTH_SHIFT = 1;
    private static final int BEGIN_SHIFT = 12;
    private static final int HSTORE_VERSION = 0x8000_0000;
    private static final int FIRST_ENTRY = 0x8000_0000;
    private static final int NULL_ENTRY = 0x4000_0000;

    private LexemeDatums() {}

    /** tsvectorin: how many, an entry for each, then lexemes, each with its positions. */
    static boolean putVector(final TextCursor text, final DatumBytes out) {
        final int count = countLexemes(text);
        out.put32(count);
        final long entries = out.zeroes(count * Integer.BYTES);
        final long begin = out.length();
        for (int i = 0; i < count; i++) {
            if (i > 0 && !text.take(' ')) {
                return false;
            }
            final long lexeme = out.length();
            if (!takeQuoted(text, '\'', out)) {
                return false;
            }
            final int length = (int) (out.length() - lexeme);
            final boolean positioned = text.take(':');
            if (positioned && !putPositions(text, begin, out)) {
                return false;
            }
            LittleEndian.putInt(
                    out.segment(),
                    entries + (long) i * Integer.BYTES,
                    (positioned ? 1 : 0) | length << LENGTH_SHIFT | (int) (lexeme - begin) << BEGIN_SHIFT);
        }
        return text.atEnd();
    }

    private static boolean putPositions(final TextCursor text, final long begin, final DatumBytes out) {
        out.zeroes((int) (out.length() - begin) & 1);
        final long countAt = out.length();
        out.put16(0);
        int count = 0;
        do {
            final long position = text.digits();
            if (position == TextCursor.NONE) {
                return false;
            }
            final int weight = text.peek() >= 'A' && text.peek() <= 'C' ? 'D' - text.next() : 0;
            out.put16((int) position | weight << POSITION_BITS);
            count++;
        } while (text.take(','));
        LittleEndian.putShort(out.segment(), countAt, count);
        return true;
    }

    /** hstorePairs of contrib/hstore: how many pairs, where each key and each value ends, then all of them. */
    static boolean putStore(final TextCursor text, final DatumBytes out) {
        final int pairs = countPairs(text);
        out.put32(pairs | HSTORE_VERSION);
        final long entries = out.zeroes(2 * pairs * Integer.BYTES);
        final long begin = out.length();
        for (int i = 0; i < pairs; i++) {
            if ((i > 0 && !text.take(", ")) || !takeQuoted(text, '"', out)) {
                return false;
            }
            final long key = entries + 2L * i * Integer.BYTES;
            LittleEndian.putInt(out.segment(), key, (int) (out.length() - begin) | (i == 0 ? FIRST_ENTRY : 0));
            if (!text.take("=>")) {
                return false;
            }
            final boolean isNull = text.take("NULL");
            if (!isNull && !takeQuoted(text, '"', out)) {
                return false;
            }
            LittleEndian.putInt(
                    out.segment(), key + Integer.BYTES, (int) (out.length() - begin) | (isNull ? NULL_ENTRY : 0));
        }
        return text.atEnd();
    }

    /** parse_ltree of contrib/ltree: how many levels, and each with its length, aligned. */
    static boolean putLabels(final TextCursor text, final DatumBytes out) {
        final long header = out.zeroes(Integer.BYTES);
        int levels = 0;
        while (!text.atEnd()) {
            if (levels > 0 && !text.take('.')) {
                return false;
            }
            final long level = out.length();
            out.put16(0);
            int length = 0;
            while (!text.atEnd() && text.peek() != '.') {
                out.put8(text.next());
                length++;
            }
            LittleEndian.putShort(out.segment(), level, length);
            out.zeroes(PageLayout.align(Short.BYTES + length) - Short.BYTES - length);
            levels++;
        }
        LittleEndian.putShort(out.segment(), header, levels);
        return true;
    }

    /** How many lexemes there are: as many as quotes open. */
    private static int countLexemes(final TextCursor text) {
        int count = 0;
        boolean inQuotes = false;
        for (int i = 0; i < text.left(); i++) {
            final int next = text.peek(i);
            if (inQuotes && next == text.peek(i + 1) && (next == '\'' || next == '\\')) {
                i++;
            } else if (next == '\'') {
                inQuotes = !inQuotes;
                count += inQuotes ? 1 : 0;
            }
        }
        return count;
    }

    /** As many as there are arrows outside of quotes. */
    private static int countPairs(final TextCursor text) {
        int pairs = 0;
        boolean inQuotes = false;
        for (int i = 0; i < text.left(); i++) {
            final int next = text.peek(i);
            if (next == '\\') {
                i++;
            } else if (next == '"') {
                inQuotes = !inQuotes;
            } else if (!inQuotes && next == '=') {
                pairs++;
            }
        }
        return pairs;
    }

    /** Takes a word in quotes: within them a quote is written twice or escaped, and a backslash is written twice. */
    private static boolean takeQuoted(final TextCursor text, final char quote, final DatumBytes out) {
        if (!text.take(quote)) {
            return false;
        }
        while (!text.atEnd()) {
            final int next = text.next();
            if (next == '\\') {
                out.put8(text.next());
            } else if (next != quote) {
                out.put8(next);
            } else if (text.take(quote)) {
                out.put8(quote);
            } else {
                return true;
            }
        }
        return false;
    }
}
