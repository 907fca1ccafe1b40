package dev.firn.columnar.rebuild;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * jsonb from its canonical text, as convertJsonbValue of utils/adt/jsonb_util.c lays it out: a container is a header, an entry for each child, and the
 * children; of an object first all keys, then all values, in the order in which they are printed. Goes over the text twice: once to count what is in each
 * container, which is written before it, once to write. Nesting is kept in arrays, not on the stack. Owned by one thread; the arrays grow to the most
 * that they have seen.
 */
final class JsonbDatums {
    // utils/jsonb.h.
    static final int SCALAR = 0x1000_0000;
    static final int OBJECT = 0x2000_0000;
    static final int ARRAY = 0x4000_0000;
    private static final int HAS_OFFSET = 0x8000_0000;
    static final int STRING = 0;
    static final int NUMERIC = 0x1000_0000;
    static final int FALSE = 0x2000_0000;
    static final int TRUE = 0x3000_0000;
    static final int NULL = 0x4000_0000;
    static final int CONTAINER = 0x5000_0000;

    /** JB_OFFSET_STRIDE: each entry of so many says where its child ends, not how long it is. */
    static final int STRIDE = 32;

    static final int ENTRY_BYTES = 4;
    private static final int HEXADECIMAL = 16;
    private static final int LEAST = 16;

    private final TextDatums texts;

    // Of each container in the order in which they are opened: its children, where its text ends, and which container
    // is the next one after it.
    private int[] counts = new int[LEAST];
    private long[] ends = new long[LEAST];
    private int[] nexts = new int[LEAST];

    // Of each level that is open: which container it is; where its text goes on, and the next container in it; where it
    // and its entries begin in what
    // is put; how many entries are set, and how long their children are together.
    private int[] open = new int[LEAST];
    private long[] texting = new long[LEAST];
    private int[] inner = new int[LEAST];
    private long[] begins = new long[LEAST];
    private long[] entries = new long[LEAST];
    private int[] done = new int[LEAST];
    private int[] lengths = new int[LEAST];
    private boolean[] objects = new boolean[LEAST];

    private MemorySegment segment;
    private long end;
    private DatumBytes out;
    private long origin;
    private int depth;
    private int containers;

    /** Where the text stands. */
    private long at;

    JsonbDatums(final TextDatums texts) {
        this.texts = texts;
    }

    /** Puts the datum of a text, without varlena header. Whether it is known; if not, what was put means nothing. */
    boolean put(final MemorySegment text, final long offset, final int length, final DatumBytes into) {
        segment = text;
        end = offset + length;
        out = into;
        origin = into.length();
        at = offset;
        if (!count()) {
            return false;
        }
        at = offset;
        depth = 0;
        final int first = peek();
        if (first == '{' || first == '[') {
            return open(0) && putAll() && at == end;
        }
        // A value alone stands in an array that is none.
        out.put32(1 | SCALAR | ARRAY);
        entries[0] = out.zeroes(ENTRY_BYTES);
        done[0] = 0;
        lengths[0] = 0;
        return putScalar(0) && at == end;
    }

    private int peek() {
        return at < end ? segment.get(JAVA_BYTE, at) & 0xFF : -1;
    }

    private boolean take(final int wanted) {
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    private boolean take(final String word) {
        for (int i = 0; i < word.length(); i++) {
            if (!take(word.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Steps over a string, which begins here. */
    private boolean skipString() {
        if (!take('"')) {
            return false;
        }
        while (at < end) {
            final int next = segment.get(JAVA_BYTE, at++);
            if (next == '"') {
                return true;
            }
            if (next == '\\') {
                at++;
            }
        }
        return false;
    }

    /** Counts the children of all containers, which are as many as there are commas, and one more. */
    private boolean count() {
        containers = 0;
        int level = 0;
        while (at < end) {
            final int next = peek();
            if (next == '"') {
                if (!skipString()) {
                    return false;
                }
                continue;
            }
            at++;
            switch (next) {
                case '{', '[' -> {
                    if (containers == counts.length) {
                        counts = Arrays.copyOf(counts, 2 * containers);
                        ends = Arrays.copyOf(ends, 2 * containers);
                        nexts = Arrays.copyOf(nexts, 2 * containers);
                    }
                    makeRoom(level);
                    counts[containers] = peek() == next + 2 ? 0 : 1;
                    open[level++] = containers++;
                }
                case '}', ']' -> {
                    if (level == 0) {
                        return false;
                    }
                    ends[open[--level]] = at;
                    nexts[open[level]] = containers;
                }
                case ',' -> {
                    if (level == 0) {
                        return false;
                    }
                    counts[open[level - 1]]++;
                }
                default -> {
                    // Of a number or a literal: looked at when it is written.
                }
            }
        }
        return level == 0;
    }

    private void makeRoom(final int level) {
        if (level == open.length) {
            final int more = 2 * level;
            open = Arrays.copyOf(open, more);
            texting = Arrays.copyOf(texting, more);
            inner = Arrays.copyOf(inner, more);
            begins = Arrays.copyOf(begins, more);
            entries = Arrays.copyOf(entries, more);
            done = Arrays.copyOf(done, more);
            lengths = Arrays.copyOf(lengths, more);
            objects = Arrays.copyOf(objects, more);
        }
    }

    /** Aligns to four bytes from the value's begin, where its varlena header is; how many bytes that took. */
    private int pad() {
        final int length = (int) (out.length() - origin);
        final int padding = -length & (ENTRY_BYTES - 1);
        out.zeroes(padding);
        return padding;
    }

    /** Begins the container whose text begins here, and if it is an object puts its keys. Text that is damaged has others than were counted. */
    private boolean open(final int container) {
        if (container >= containers) {
            return false;
        }
        final int level = depth++;
        makeRoom(level);
        objects[level] = peek() == '{';
        begins[level] = out.length();
        pad();
        final int count = counts[container];
        out.put32(count | (objects[level] ? OBJECT : ARRAY));
        entries[level] = out.zeroes(ENTRY_BYTES * (objects[level] ? 2 * count : count));
        done[level] = 0;
        lengths[level] = 0;
        open[level] = container;
        inner[level] = container + 1;
        at++;
        final long children = at;
        if (objects[level] && !putKeys(level, container)) {
            return false;
        }
        at = children;
        return true;
    }

    private boolean putKeys(final int level, final int container) {
        int next = container + 1;
        for (int i = 0; i < counts[container]; i++) {
            if ((i > 0 && !take(", ")) || peek() != '"' || !putString(level) || !take(": ")) {
                return false;
            }
            final int first = peek();
            if (first == '{' || first == '[') {
                if (next >= containers) {
                    return false;
                }
                at = ends[next];
                next = nexts[next];
            } else if (first == '"') {
                if (!skipString()) {
                    return false;
                }
            } else {
                while (at < end && peek() != ',' && peek() != '}') {
                    at++;
                }
            }
        }
        return true;
    }

    private boolean putAll() {
        while (true) {
            final int level = depth - 1;
            final int container = open[level];
            final int count = counts[container];
            final int finished = done[level] - (objects[level] ? count : 0);
            if (finished == count) {
                if (!take(objects[level] ? '}' : ']')) {
                    return false;
                }
                final int length = (int) (out.length() - begins[level]);
                depth--;
                if (depth == 0) {
                    return true;
                }
                setEntry(level - 1, CONTAINER, length);
                continue;
            }
            if ((finished > 0 && !take(", ")) || (objects[level] && (!skipString() || !take(": ")))) {
                return false;
            }
            final int first = peek();
            if (first == '{' || first == '[') {
                final int child = inner[level];
                if (!open(child)) {
                    return false;
                }
                inner[level] = nexts[child];
            } else if (!putScalar(level)) {
                return false;
            }
        }
    }

    private void setEntry(final int level, final int type, final int length) {
        final int index = done[level]++;
        lengths[level] += length;
        final int entry = index % STRIDE == 0 ? type | lengths[level] | HAS_OFFSET : type | length;
        LittleEndian.putInt(out.segment(), entries[level] + (long) index * ENTRY_BYTES, entry);
    }

    private boolean putScalar(final int level) {
        switch (peek()) {
            case '"' -> {
                return putString(level);
            }
            case 'n' -> {
                setEntry(level, NULL, 0);
                return take("null");
            }
            case 't' -> {
                setEntry(level, TRUE, 0);
                return take("true");
            }
            case 'f' -> {
                setEntry(level, FALSE, 0);
                return take("false");
            }
            default -> {
                return putNumber(level);
            }
        }
    }

    private boolean putNumber(final int level) {
        final long begin = at;
        while (at < end && peek() != ',' && peek() != '}' && peek() != ']') {
            at++;
        }
        final int padding = pad();
        final long header = out.length();
        out.put32(0);
        if (!texts.parseNumeric(segment, begin, (int) (at - begin), out)) {
            return false;
        }
        final int length = (int) (out.length() - header);
        LittleEndian.putInt(out.segment(), header, length << 2);
        setEntry(level, NUMERIC, padding + length);
        return true;
    }

    /** The reverse of escape_json. */
    private boolean putString(final int level) {
        final long begin = out.length();
        at++;
        while (at < end) {
            final int next = segment.get(JAVA_BYTE, at++);
            if (next == '"') {
                setEntry(level, STRING, (int) (out.length() - begin));
                return true;
            }
            if (next != '\\') {
                out.put8(next);
            } else if (!putEscaped()) {
                return false;
            }
        }
        return false;
    }

    private boolean putEscaped() {
        final int escaped = peek();
        at++;
        switch (escaped) {
            case 'b' -> out.put8('\b');
            case 'f' -> out.put8('\f');
            case 'n' -> out.put8('\n');
            case 'r' -> out.put8('\r');
            case 't' -> out.put8('\t');
            case '"', '\\' -> out.put8(escaped);
            case 'u' -> {
                if (!take("00")) {
                    return false;
                }
                final int high = Character.digit(peek(), HEXADECIMAL);
                at++;
                final int low = Character.digit(peek(), HEXADECIMAL);
                at++;
                out.put8(high * HEXADECIMAL + low);
                return high >= 0 && low >= 0;
            }
            default -> {
                return false;
            }
        }
        return true;
    }
}
