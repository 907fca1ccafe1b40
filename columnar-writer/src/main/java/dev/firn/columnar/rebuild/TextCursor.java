package dev.firn.columnar.rebuild;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** Reads canonical text from its begin. What is asked for and not there is no error: the text is not what was thought. Owned by one thread. */
final class TextCursor {
    /** What a number is that is none: no field of a value goes so far. */
    static final long NONE = Long.MIN_VALUE;

    private static final long MAX_BEFORE_DIGIT = Long.MAX_VALUE / 10 - 1;

    private MemorySegment segment;
    private long at;
    private long end;

    TextCursor wrap(final MemorySegment text, final long offset, final int length) {
        segment = text;
        at = offset;
        end = offset + length;
        return this;
    }

    boolean atEnd() {
        return at == end;
    }

    int left() {
        return (int) (end - at);
    }

    /** The next character; -1 at the end. */
    int peek() {
        return at < end ? segment.get(JAVA_BYTE, at) & 0xFF : -1;
    }

    /** Takes the next character; -1 at the end. */
    int next() {
        return at < end ? segment.get(JAVA_BYTE, at++) & 0xFF : -1;
    }

    /** A character, counted from the next one. */
    int peek(final int index) {
        return at + index < end ? segment.get(JAVA_BYTE, at + index) & 0xFF : -1;
    }

    /** Takes a character, if it is this. */
    boolean take(final char wanted) {
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    /** Takes a word, if it is this. */
    boolean take(final String ascii) {
        if (left() < ascii.length()) {
            return false;
        }
        for (int i = 0; i < ascii.length(); i++) {
            if (peek(i) != ascii.charAt(i)) {
                return false;
            }
        }
        at += ascii.length();
        return true;
    }

    void skip(final int count) {
        at += Math.min(count, left());
    }

    static boolean isDigit(final int character) {
        return character >= '0' && character <= '9';
    }

    /** Digits, at least one; {@link #NONE} when there are none, or too many. */
    long digits() {
        if (!isDigit(peek())) {
            return NONE;
        }
        long number = 0;
        while (isDigit(peek())) {
            if (number > MAX_BEFORE_DIGIT) {
                return NONE;
            }
            number = number * 10 + next() - '0';
        }
        return number;
    }

    /** Exactly so many digits. */
    long digits(final int count) {
        long number = 0;
        for (int i = 0; i < count; i++) {
            if (!isDigit(peek())) {
                return NONE;
            }
            number = number * 10 + next() - '0';
        }
        return number;
    }

    /** Hexadecimal digits of either case, at least one, of at most 64 bits; {@link #NONE} when it is none. */
    long hexadecimal(final int most) {
        long number = 0;
        int count = 0;
        while (count < most && Character.digit(peek(), 16) >= 0) {
            number = number << 4 | Character.digit(next(), 16);
            count++;
        }
        return count == 0 ? NONE : number;
    }
}
