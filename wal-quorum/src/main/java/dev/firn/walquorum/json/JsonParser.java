package dev.firn.walquorum.json;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Reads one JSON text that is fed in pieces of any size, and tells a handler of its parts. Holds no more of it than the text
 * or number that it stands in.
 */
public final class JsonParser {
    /** Deepest nesting of objects and arrays. */
    public static final int MAX_DEPTH = 16;

    /** Longest text or key, in bytes. */
    public static final int MAX_TEXT_BYTES = 64 << 10;

    private static final int MAX_NUMBER_LENGTH = 20;
    private static final int FIRST_TEXT_BYTES = 128;
    private static final int ESCAPED_DIGITS = 4;

    private enum State {
        VALUE,
        FIRST_VALUE_OR_END,
        KEY,
        FIRST_KEY_OR_END,
        COLON,
        COMMA_OR_END,
        TEXT,
        ESCAPE,
        ESCAPE_DIGITS,
        NUMBER,
        WORD,
        DONE
    }

    private final JsonHandler handler;
    private final boolean[] inObject = new boolean[MAX_DEPTH];
    private byte[] text = new byte[FIRST_TEXT_BYTES];
    private int textBytes;
    private int depth;
    private State state = State.VALUE;
    private boolean textIsKey;
    private int escapeDigits;
    private int escaped;

    /** The first half of a character beyond U+FFFF, or 0. */
    private char highSurrogate;

    private long position;

    public JsonParser(final JsonHandler handler) {
        this.handler = Objects.requireNonNull(handler, "handler");
    }

    /** @throws MalformedJsonException when this can not go on like that. */
    public void feed(final MemorySegment bytes, final long offset, final long lengthBytes) {
        for (long i = 0; i < lengthBytes; i++) {
            take(bytes.get(JAVA_BYTE, offset + i));
            position++;
        }
    }

    /** @throws MalformedJsonException when the text is not complete. */
    public void finish() {
        if (state == State.NUMBER && depth == 0) {
            endNumber();
        }
        if (state != State.DONE) {
            throw malformed("the text ends too early");
        }
    }

    private void take(final byte value) {
        final char c = (char) (value & 0xFF);
        switch (state) {
            case TEXT -> inText(value, c);
            case ESCAPE -> inEscape(c);
            case ESCAPE_DIGITS -> inEscapeDigits(c);
            case NUMBER, WORD -> inNumberOrWord(value, c);
            default -> {
                if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                    between(c);
                }
            }
        }
    }

    private void between(final char c) {
        switch (state) {
            case FIRST_VALUE_OR_END -> {
                if (c == ']') {
                    endArray();
                } else {
                    beginValue(c);
                }
            }
            case VALUE -> beginValue(c);
            case FIRST_KEY_OR_END -> {
                if (c == '}') {
                    endObject();
                } else {
                    beginKey(c);
                }
            }
            case KEY -> beginKey(c);
            case COLON -> {
                if (c != ':') {
                    throw malformed("a colon is missing");
                }
                state = State.VALUE;
            }
            case COMMA_OR_END -> commaOrEnd(c);
            default -> throw malformed("something follows the end of the text");
        }
    }

    private void commaOrEnd(final char c) {
        final boolean object = inObject[depth - 1];
        if (c == ',') {
            state = object ? State.KEY : State.VALUE;
        } else if (c == '}' && object) {
            endObject();
        } else if (c == ']' && !object) {
            endArray();
        } else {
            throw malformed("a comma is missing");
        }
    }

    private void beginKey(final char c) {
        if (c != '"') {
            throw malformed("a key does not begin with a quotation mark");
        }
        beginText(true);
    }

    private void beginText(final boolean isKey) {
        textIsKey = isKey;
        textBytes = 0;
        state = State.TEXT;
    }

    private void beginValue(final char c) {
        switch (c) {
            case '{' -> {
                push(true);
                state = State.FIRST_KEY_OR_END;
                handler.beginObject();
            }
            case '[' -> {
                push(false);
                state = State.FIRST_VALUE_OR_END;
                handler.beginArray();
            }
            case '"' -> beginText(false);
            default -> {
                textBytes = 0;
                if (c == '-' || isDigit(c)) {
                    state = State.NUMBER;
                } else if (c >= 'a' && c <= 'z') {
                    state = State.WORD;
                } else {
                    throw malformed("no value begins like this");
                }
                append((byte) c);
            }
        }
    }

    private void push(final boolean object) {
        if (depth == MAX_DEPTH) {
            throw malformed("objects and arrays are nested deeper than " + MAX_DEPTH);
        }
        inObject[depth++] = object;
    }

    private void endObject() {
        depth--;
        valueEnded();
        handler.endObject();
    }

    private void endArray() {
        depth--;
        valueEnded();
        handler.endArray();
    }

    private void valueEnded() {
        state = depth == 0 ? State.DONE : State.COMMA_OR_END;
    }

    private void inText(final byte value, final char c) {
        if (c == '\\') {
            state = State.ESCAPE;
            return;
        }
        if (highSurrogate != 0) {
            throw malformed("half a character stands alone");
        }
        if (c == '"') {
            endText();
        } else if (c < ' ') {
            throw malformed("a text holds a control character");
        } else {
            append(value);
        }
    }

    private void endText() {
        final String decoded = decoded();
        if (textIsKey) {
            state = State.COLON;
            handler.key(decoded);
        } else {
            valueEnded();
            handler.text(decoded);
        }
    }

    private String decoded() {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(text, 0, textBytes))
                    .toString();
        } catch (final CharacterCodingException e) {
            throw new MalformedJsonException(malformed("a text is not UTF-8").getMessage(), e);
        }
    }

    private void inEscape(final char c) {
        if (c == 'u') {
            escapeDigits = 0;
            escaped = 0;
            state = State.ESCAPE_DIGITS;
            return;
        }
        if (highSurrogate != 0) {
            throw malformed("half a character stands alone");
        }
        append(
                switch (c) {
                    case '"', '\\', '/' -> (byte) c;
                    case 'b' -> (byte) '\b';
                    case 'f' -> (byte) '\f';
                    case 'n' -> (byte) '\n';
                    case 'r' -> (byte) '\r';
                    case 't' -> (byte) '\t';
                    default -> throw malformed("there is no such escape");
                });
        state = State.TEXT;
    }

    private void inEscapeDigits(final char c) {
        final int digit = Character.digit(c, 16);
        if (digit < 0) {
            throw malformed("an escape has four hexadecimal digits");
        }
        escaped = (escaped << 4) | digit;
        if (++escapeDigits == ESCAPED_DIGITS) {
            appendEscaped((char) escaped);
            state = State.TEXT;
        }
    }

    private void appendEscaped(final char c) {
        final String whole;
        if (highSurrogate != 0) {
            if (!Character.isLowSurrogate(c)) {
                throw malformed("half a character stands alone");
            }
            whole = new String(new char[] {highSurrogate, c});
            highSurrogate = 0;
        } else if (Character.isHighSurrogate(c)) {
            highSurrogate = c;
            return;
        } else if (Character.isLowSurrogate(c)) {
            throw malformed("half a character stands alone");
        } else {
            whole = String.valueOf(c);
        }
        for (final byte b : whole.getBytes(StandardCharsets.UTF_8)) {
            append(b);
        }
    }

    private void inNumberOrWord(final byte value, final char c) {
        if (isDigit(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '+' || c == '-' || c == 'E') {
            if (textBytes > MAX_NUMBER_LENGTH) {
                throw malformed("a number is too long");
            }
            append(value);
            return;
        }
        if (state == State.NUMBER) {
            endNumber();
        } else {
            endWord();
        }
        take(value);
    }

    private void endNumber() {
        final String digits = new String(text, 0, textBytes, StandardCharsets.US_ASCII);
        final int first = digits.charAt(0) == '-' ? 1 : 0;
        for (int i = first; i < digits.length(); i++) {
            if (!isDigit(digits.charAt(i))) {
                throw malformed("only whole numbers are expected, not " + digits);
            }
        }
        if (digits.length() == first || (digits.charAt(first) == '0' && digits.length() > first + 1)) {
            throw malformed(digits + " is no number");
        }
        valueEnded();
        handler.number(digits);
    }

    private void endWord() {
        final String word = new String(text, 0, textBytes, StandardCharsets.US_ASCII);
        valueEnded();
        switch (word) {
            case "true" -> handler.bool(true);
            case "false" -> handler.bool(false);
            case "null" -> handler.nothing();
            default -> throw malformed(word + " is no value");
        }
    }

    private void append(final byte value) {
        if (textBytes == MAX_TEXT_BYTES) {
            throw malformed("a text is longer than " + MAX_TEXT_BYTES + " bytes");
        }
        if (textBytes == text.length) {
            text = Arrays.copyOf(text, Math.min(2 * text.length, MAX_TEXT_BYTES));
        }
        text[textBytes++] = value;
    }

    private static boolean isDigit(final char c) {
        return c >= '0' && c <= '9';
    }

    private MalformedJsonException malformed(final String what) {
        return new MalformedJsonException(what + ", at byte " + position);
    }
}
