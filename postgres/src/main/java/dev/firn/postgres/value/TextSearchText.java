package dev.firn.postgres.value;

import dev.firn.postgres.MalformedDataException;

/** tsvector and tsquery, as tsearch/ts_type.h lays them out: tsvectorout, tsqueryout. */
final class TextSearchText {
    /** Deepest nesting of a query: far beyond what Postgres' stack of 2 MiB lets in. */
    static final int MAX_DEPTH = 2_000;

    private static final int ENTRIES = 4;
    private static final int ENTRY_BYTES = 4;
    private static final int LENGTH_MASK = 0x7FF;
    private static final int POSITION_MASK = 0x3FFF;
    private static final int POSITION_BITS = 14;
    private static final int ITEM_BYTES = 12;
    private static final int VALUE = 1;
    private static final int OPERATOR = 2;
    private static final int NOT = 1;
    private static final int AND = 2;
    private static final int OR = 3;
    private static final int PHRASE = 4;

    private TextSearchText() {}

    static void printVector(final DatumFlyweight datum, final TextBuffer out) {
        final int count = count(datum, ENTRY_BYTES);
        final int lexemes = ENTRIES + count * ENTRY_BYTES;
        for (int i = 0; i < count; i++) {
            final int entry = datum.int32(ENTRIES + i * ENTRY_BYTES);
            final int length = (entry >>> 1) & LENGTH_MASK;
            final int begin = lexemes + (entry >>> 12);
            if (i > 0) {
                out.put(' ');
            }
            putLexeme(datum, begin, length, out);
            if ((entry & 1) != 0) {
                // The lexeme's end is aligned to two bytes; lexemes begin at a multiple of four.
                putPositions(datum, (begin + length + 1) & -2, out);
            }
        }
    }

    private static void putPositions(final DatumFlyweight datum, final int index, final TextBuffer out) {
        final int count = datum.unsignedShort(index);
        for (int i = 1; i <= count; i++) {
            final int position = datum.unsignedShort(index + i * Short.BYTES);
            out.put(i == 1 ? ':' : ',').putDecimal(position & POSITION_MASK);
            final int weight = position >>> POSITION_BITS;
            if (weight != 0) {
                out.put('D' - weight);
            }
        }
    }

    private static void putLexeme(final DatumFlyweight datum, final int begin, final int length, final TextBuffer out) {
        datum.require(begin, length);
        out.put('\'');
        for (int i = 0; i < length; i++) {
            final int character = datum.unsignedByte(begin + i);
            if (character == '\'' || character == '\\') {
                out.put(character);
            }
            out.put(character);
        }
        out.put('\'');
    }

    private static int count(final DatumFlyweight datum, final int itemBytes) {
        final int count = datum.int32(0);
        if (count < 0 || count > (datum.length() - ENTRIES) / itemBytes) {
            throw new MalformedDataException(
                    "a text search value of " + count + " items in " + datum.length() + " bytes");
        }
        return count;
    }

    static void printQuery(final DatumFlyweight datum, final TextBuffer out) {
        final int count = count(datum, ITEM_BYTES);
        if (count > 0) {
            putItem(datum, 0, count, -1, false, 0, out);
        }
    }

    /** infix: in a query, an operator's right operand comes next, the left one where it says. */
    private static void putItem(
            final DatumFlyweight datum,
            final int item,
            final int count,
            final int parentPriority,
            final boolean isRightOfPhrase,
            final int depth,
            final TextBuffer out) {
        if (item < 0 || item >= count || depth > MAX_DEPTH) {
            throw new MalformedDataException("a text search query whose item " + item + " of " + count
                    + " is not there, or nested deeper than " + MAX_DEPTH);
        }
        final int at = ENTRIES + item * ITEM_BYTES;
        final int type = datum.unsignedByte(at);
        if (type == VALUE) {
            putOperand(datum, at, ENTRIES + count * ITEM_BYTES, out);
            return;
        }
        final int operator = datum.unsignedByte(at + 1);
        if (type != OPERATOR || operator < NOT || operator > PHRASE) {
            throw new MalformedDataException("a text search query with operator " + operator + " of type " + type);
        }
        final int priority = priority(operator);
        final boolean parentheses = priority < parentPriority || (operator == PHRASE && isRightOfPhrase);
        if (parentheses) {
            out.put("( ");
        }
        if (operator == NOT) {
            out.put('!');
            putItem(datum, item + 1, count, priority, false, depth + 1, out);
        } else {
            final int left = datum.int32(at + 4);
            if (left <= 0 || left >= count) {
                throw new MalformedDataException("a text search query with its left operand " + left + " items on");
            }
            putItem(datum, item + left, count, priority, false, depth + 1, out);
            putOperator(operator, (short) datum.unsignedShort(at + 2), out);
            putItem(datum, item + 1, count, priority, operator == PHRASE, depth + 1, out);
        }
        if (parentheses) {
            out.put(" )");
        }
    }

    private static int priority(final int operator) {
        return switch (operator) {
            case NOT -> 4;
            case AND -> 2;
            case OR -> 1;
            default -> 3;
        };
    }

    private static void putOperator(final int operator, final int distance, final TextBuffer out) {
        if (operator == PHRASE && distance != 1) {
            out.put(" <").putDecimal(distance).put("> ");
        } else {
            out.put(operator == AND ? " & " : operator == OR ? " | " : " <-> ");
        }
    }

    private static void putOperand(final DatumFlyweight datum, final int at, final int operands, final TextBuffer out) {
        final int weight = datum.unsignedByte(at + 1);
        final boolean prefix = datum.unsignedByte(at + 2) != 0;
        final int field = datum.int32(at + 8);
        putLexeme(datum, operands + (field >>> 12), field & 0xFFF, out);
        if (weight == 0 && !prefix) {
            return;
        }
        out.put(':');
        if (prefix) {
            out.put('*');
        }
        for (int bit = 3; bit >= 0; bit--) {
            if (((weight >>> bit) & 1) != 0) {
                out.put('D' - bit);
            }
        }
    }
}
