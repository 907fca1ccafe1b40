package dev.firn.postgres.value;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where text is printed: bytes that grow to the longest value and stay. Owned by one thread.
 *
 * <p>On the heap: the printer fills it byte by byte, and its reader copies it once into the column where it belongs.
 */
public final class TextBuffer {
    /** Longest text: MaxAllocSize of utils/memutils.h. Postgres can't print a longer one either. */
    public static final int MAX_BYTES = 0x3FFFFFFF;

    private static final int LEAST_BYTES = 256;
    private static final int DECIMAL = 10;
    private static final int MAX_DIGITS = 20;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LEAST_LONG = "-9223372036854775808".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = new byte[LEAST_BYTES];
    private MemorySegment memory = MemorySegment.ofArray(bytes);
    private int length;

    /** Forgets the text; the memory stays. */
    public TextBuffer clear() {
        length = 0;
        return this;
    }

    /** How many bytes the text has. */
    public int length() {
        return length;
    }

    /** The memory that begins with the text; borrowed until the next append. */
    public MemorySegment segment() {
        return memory;
    }

    /** One byte of the text. */
    public byte at(final int index) {
        return bytes[index];
    }

    private void ensure(final long more) {
        final long wanted = length + more;
        if (wanted <= bytes.length) {
            return;
        }
        if (wanted > MAX_BYTES) {
            throw new MalformedDataException("a value's text of more than " + MAX_BYTES + " bytes");
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_BYTES, Math.max(wanted, 2L * bytes.length)));
        memory = MemorySegment.ofArray(bytes);
    }

    TextBuffer put(final int character) {
        ensure(1);
        bytes[length++] = (byte) character;
        return this;
    }

    /** Appends ASCII. */
    TextBuffer put(final String ascii) {
        ensure(ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            bytes[length++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    TextBuffer put(final byte[] text) {
        ensure(text.length);
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
        return this;
    }

    /** Appends a part of a value as it is. */
    TextBuffer put(final DatumFlyweight datum, final int index, final int count) {
        datum.require(index, count);
        ensure(count);
        MemorySegment.copy(datum.segment(), ValueLayout.JAVA_BYTE, datum.base() + index, bytes, length, count);
        length += count;
        return this;
    }

    /** Appends bytes up to the first that JSON has to escape; how many those are. */
    int putPlain(final MemorySegment from, final long offset, final int count) {
        ensure(count);
        final byte[] into = bytes;
        final int at = length;
        int i = 0;
        for (; i < count; i++) {
            final int character = LittleEndian.getUnsignedByte(from, offset + i);
            if (character < ' ' || character == '"' || character == '\\') {
                break;
            }
            into[at + i] = (byte) character;
        }
        length = at + i;
        return i;
    }

    TextBuffer putZeros(final int count) {
        ensure(count);
        Arrays.fill(bytes, length, length + count, (byte) '0');
        length += count;
        return this;
    }

    TextBuffer putDecimal(final long value) {
        if (value == Long.MIN_VALUE) {
            return put(LEAST_LONG);
        }
        if (value < 0) {
            put('-');
        }
        return putPadded(Math.abs(value), 1);
    }

    /** Appends the digits of a number of 64 bits without sign. */
    TextBuffer putUnsigned(final long value) {
        if (value >= 0) {
            return putPadded(value, 1);
        }
        return putPadded(Long.divideUnsigned(value, DECIMAL), 1)
                .put('0' + (int) Long.remainderUnsigned(value, DECIMAL));
    }

    /** Appends the digits of a number that is not negative, with zeroes before it up to a width. */
    TextBuffer putPadded(final long value, final int width) {
        ensure(Math.max(MAX_DIGITS, width));
        int digits = 1;
        for (long rest = value / DECIMAL; rest != 0; rest /= DECIMAL) {
            digits++;
        }
        digits = Math.max(digits, width);
        long rest = value;
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % DECIMAL);
            rest /= DECIMAL;
        }
        length += digits;
        return this;
    }

    /** Appends a byte as two hexadecimal digits. */
    TextBuffer putHex(final int value) {
        ensure(2);
        bytes[length++] = HEX[(value >>> 4) & 0xF];
        bytes[length++] = HEX[value & 0xF];
        return this;
    }

    /** Appends a number as hexadecimal digits without leading zeroes. */
    TextBuffer putHexNumber(final int value, final boolean upperCase) {
        int shift = Integer.SIZE - 4;
        while (shift > 0 && value >>> shift == 0) {
            shift -= 4;
        }
        for (; shift >= 0; shift -= 4) {
            final int digit = HEX[(value >>> shift) & 0xF];
            put(upperCase && digit >= 'a' ? digit - 'a' + 'A' : digit);
        }
        return this;
    }

    /** Takes away what is past an index. */
    void cut(final int newLength) {
        length = newLength;
    }

    /** Moves the byte after an index before it, and puts a decimal point between the two: {@code 0123} becomes {@code 1.23}. */
    void pointAfterFirst(final int index) {
        bytes[index] = bytes[index + 1];
        bytes[index + 1] = '.';
    }

    /** Takes one byte out. */
    void dropAt(final int index) {
        System.arraycopy(bytes, index + 1, bytes, index, length - index - 1);
        length--;
    }

    /** Puts what was appended since an index into double quotes where the enclosing type demands it, and escapes what is in them. */
    void quoteFrom(final int start, final Quoting quoting, final int delimiter) {
        boolean needed = length == start || (quoting == Quoting.ARRAY && isNullWord(start));
        int escapes = 0;
        for (int at = start; at < length; at++) {
            final int character = bytes[at];
            if (character == '"' || character == '\\') {
                escapes++;
                needed = true;
            } else if (!needed) {
                needed = quoting.demands(character, delimiter);
            }
        }
        if (!needed) {
            return;
        }
        ensure(escapes + 2L);
        int from = length - 1;
        int to = length + escapes + 1;
        length = to + 1;
        bytes[to--] = '"';
        for (; from >= start; from--) {
            final byte character = bytes[from];
            bytes[to--] = character;
            if (character == '"' || character == '\\') {
                bytes[to--] = quoting == Quoting.ARRAY ? (byte) '\\' : character;
            }
        }
        bytes[start] = '"';
    }

    private boolean isNullWord(final int start) {
        return length - start == 4
                && (bytes[start] | 0x20) == 'n'
                && (bytes[start + 1] | 0x20) == 'u'
                && (bytes[start + 2] | 0x20) == 'l'
                && (bytes[start + 3] | 0x20) == 'l';
    }

    /** The text as a string, for messages and tests; taken as UTF-8. */
    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
