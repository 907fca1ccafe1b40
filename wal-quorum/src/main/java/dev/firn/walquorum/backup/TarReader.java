package dev.firn.walquorum.backup;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a tar archive that is fed in pieces: POSIX ustar as Postgres writes it (tarCreateHeader of tar.c), with sizes in base 256
 * beyond 8 GiB, and the extended headers of POSIX.1-2001 for long names. Holds a header, and an extended header, and nothing else.
 *
 * <p>What is neither file, directory nor symbolic link, and paths that lead out of the archive's directory, are errors.
 */
final class TarReader {
    static final int BLOCK_BYTES = 512;

    /** Longest extended header: two paths and some room. */
    static final int MAX_EXTENDED_BYTES = 64 << 10;

    /** Longest path. */
    static final int MAX_PATH_BYTES = 4_096;

    private static final int NAME = 0;
    private static final int NAME_BYTES = 100;
    private static final int MODE = 100;
    private static final int SIZE = 124;
    private static final int MODIFIED = 136;
    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_BYTES = 8;
    private static final int TYPE = 156;
    private static final int LINK = 157;
    private static final int MAGIC = 257;
    private static final int PREFIX = 345;
    private static final int PREFIX_BYTES = 155;
    private static final int SHORT_NUMBER = 8;
    private static final int LONG_NUMBER = 12;
    private static final byte[] USTAR = {'u', 's', 't', 'a', 'r'};
    private static final int BASE_256 = 0x80;
    private static final int MODE_BITS = 07777;

    private enum State {
        HEADER,
        CONTENT,
        EXTENDED,
        PADDING,
        END
    }

    private final String archive;
    private final TarHandler handler;
    private final byte[] header = new byte[BLOCK_BYTES];
    private final MemorySegment headerSegment = MemorySegment.ofArray(header);
    private final Map<String, String> extended = new HashMap<>();
    private byte[] extendedBytes;
    private State state = State.HEADER;
    private int gathered;
    private long left;
    private int padding;
    private long position;
    private TarEntry entry;

    /** @param archive how it is called in errors. */
    TarReader(final String archive, final TarHandler handler) {
        this.archive = archive;
        this.handler = handler;
    }

    /** How many bytes have been fed. */
    long position() {
        return position;
    }

    /** @throws BackupException when this is no tar archive that Postgres wrote. */
    void feed(final MemorySegment bytes, final long offset, final long lengthBytes) {
        long at = 0;
        while (at < lengthBytes) {
            final long taken = take(bytes, offset + at, lengthBytes - at);
            at += taken;
        }
    }

    private long take(final MemorySegment bytes, final long offset, final long lengthBytes) {
        final long taken;
        switch (state) {
            case HEADER -> {
                taken = Math.min(lengthBytes, BLOCK_BYTES - gathered);
                MemorySegment.copy(bytes, offset, headerSegment, gathered, taken);
                gathered += (int) taken;
                position += taken;
                if (gathered == BLOCK_BYTES) {
                    gathered = 0;
                    onHeader();
                }
            }
            case CONTENT -> {
                taken = Math.min(lengthBytes, left);
                handler.onContent(bytes, offset, taken);
                left -= taken;
                position += taken;
                if (left == 0) {
                    endOfContent();
                }
            }
            case EXTENDED -> {
                taken = Math.min(lengthBytes, left);
                MemorySegment.copy(
                        bytes, JAVA_BYTE, offset, extendedBytes, (int) (extendedBytes.length - left), (int) taken);
                left -= taken;
                position += taken;
                if (left == 0) {
                    onExtended();
                    state = padding == 0 ? State.HEADER : State.PADDING;
                }
            }
            case PADDING -> {
                taken = Math.min(lengthBytes, padding);
                padding -= (int) taken;
                position += taken;
                if (padding == 0) {
                    state = State.HEADER;
                }
            }
            default -> {
                for (long i = 0; i < lengthBytes; i++) {
                    if (bytes.get(JAVA_BYTE, offset + i) != 0) {
                        throw malformed("something follows its end");
                    }
                }
                taken = lengthBytes;
                position += taken;
            }
        }
        return taken;
    }

    private void endOfContent() {
        handler.onEntryEnd(entry);
        entry = null;
        state = padding == 0 ? State.HEADER : State.PADDING;
    }

    /** @throws BackupException when the archive is not complete. */
    void finish() {
        if (entry != null) {
            throw malformed("it ends within " + entry.path());
        }
        if (state != State.END) {
            throw malformed("it ends without the blocks that end an archive");
        }
    }

    private void onHeader() {
        if (isZero()) {
            if (!extended.isEmpty()) {
                throw malformed("an extended header is followed by nothing");
            }
            state = State.END;
            return;
        }
        if (number(CHECKSUM, CHECKSUM_BYTES) != checksum()) {
            throw malformed("the checksum of a header is wrong");
        }
        for (int i = 0; i < USTAR.length; i++) {
            if (header[MAGIC + i] != USTAR[i]) {
                throw malformed("a header is not of the ustar format");
            }
        }
        final char type = (char) header[TYPE];
        switch (type) {
            case '0', '\0' -> begin(FileKind.FILE);
            case '5' -> begin(FileKind.DIRECTORY);
            case '2' -> begin(FileKind.LINK);
            case 'x' -> beginExtended();
            default -> throw malformed("a member is of the type '" + type + "', which Postgres does not write");
        }
    }

    private void beginExtended() {
        final long bytes = number(SIZE, LONG_NUMBER);
        if (bytes < 1 || bytes > MAX_EXTENDED_BYTES) {
            throw malformed(
                    "an extended header has " + bytes + " bytes, and at most " + MAX_EXTENDED_BYTES + " are read");
        }
        extendedBytes = new byte[(int) bytes];
        left = bytes;
        padding = paddingOf(bytes);
        state = State.EXTENDED;
    }

    /** Records of "length key=value\n", the length counting all of the record. */
    private void onExtended() {
        int at = 0;
        while (at < extendedBytes.length) {
            int length = 0;
            int digit = at;
            while (digit < extendedBytes.length && extendedBytes[digit] >= '0' && extendedBytes[digit] <= '9') {
                length = length * 10 + extendedBytes[digit] - '0';
                digit++;
                if (length > MAX_EXTENDED_BYTES) {
                    throw malformed("a record of an extended header is too long");
                }
            }
            final int end = at + length;
            if (digit == at
                    || digit >= extendedBytes.length
                    || extendedBytes[digit] != ' '
                    || end > extendedBytes.length
                    || end <= digit + 1
                    || extendedBytes[end - 1] != '\n') {
                throw malformed("a record of an extended header is malformed");
            }
            final String record = text(extendedBytes, digit + 1, end - 1);
            final int equals = record.indexOf('=');
            if (equals < 1) {
                throw malformed("a record of an extended header has no key");
            }
            extended.put(record.substring(0, equals), record.substring(equals + 1));
            at = end;
        }
        extendedBytes = null;
    }

    private void begin(final FileKind kind) {
        final String path = path();
        final String link = kind == FileKind.LINK
                ? extended.getOrDefault("linkpath", text(header, LINK, endOf(LINK, NAME_BYTES)))
                : "";
        final long size = kind == FileKind.FILE ? size() : 0;
        extended.clear();
        if (kind != FileKind.FILE && number(SIZE, LONG_NUMBER) != 0) {
            throw malformed("the directory or link " + path + " has content");
        }
        if (kind == FileKind.LINK && link.isEmpty()) {
            throw malformed("the link " + path + " leads nowhere");
        }
        left = size;
        padding = paddingOf(size);
        entry = new TarEntry(
                kind,
                path,
                link,
                (int) number(MODE, SHORT_NUMBER) & MODE_BITS,
                number(MODIFIED, LONG_NUMBER),
                position,
                size);
        handler.onEntry(entry);
        state = State.CONTENT;
        if (size == 0) {
            endOfContent();
        }
    }

    private long size() {
        final String given = extended.get("size");
        if (given == null) {
            return number(SIZE, LONG_NUMBER);
        }
        try {
            final long size = Long.parseLong(given);
            if (size >= 0) {
                return size;
            }
        } catch (final NumberFormatException e) {
            throw new BackupException(
                    malformed("an extended header has the size " + given).getMessage(), e);
        }
        throw malformed("an extended header has the size " + given);
    }

    private String path() {
        String path = extended.get("path");
        if (path == null) {
            final String prefix = text(header, PREFIX, endOf(PREFIX, PREFIX_BYTES));
            final String name = text(header, NAME, endOf(NAME, NAME_BYTES));
            path = prefix.isEmpty() ? name : prefix + "/" + name;
        }
        while (path.startsWith("./")) {
            path = path.substring(2);
        }
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        requireInside(path);
        return path;
    }

    private void requireInside(final String path) {
        if (path.isEmpty() || path.startsWith("/") || path.length() > MAX_PATH_BYTES || path.indexOf('\0') >= 0) {
            throw malformed("a member has the path \"" + path + "\"");
        }
        int start = 0;
        while (start <= path.length()) {
            final int slash = path.indexOf('/', start);
            final int end = slash < 0 ? path.length() : slash;
            final String part = path.substring(start, end);
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw malformed("a member has the path \"" + path + "\"");
            }
            start = end + 1;
        }
    }

    private int endOf(final int at, final int bytes) {
        int end = at;
        while (end < at + bytes && header[end] != 0) {
            end++;
        }
        return end;
    }

    private String text(final byte[] bytes, final int from, final int to) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString();
        } catch (final CharacterCodingException e) {
            throw new BackupException(
                    malformed("the name of a member is not UTF-8 ("
                                    + new String(bytes, from, to - from, StandardCharsets.ISO_8859_1)
                                    + "): rename it, or remove it")
                            .getMessage(),
                    e);
        }
    }

    /** Octal digits, or, with the first bit set, bytes of base 256. */
    private long number(final int at, final int bytes) {
        long value = 0;
        if ((header[at] & BASE_256) != 0) {
            for (int i = at + bytes - Math.min(bytes - 1, Long.BYTES); i < at + bytes; i++) {
                value = (value << Byte.SIZE) | (header[i] & 0xFF);
            }
            boolean small = header[at] == (byte) BASE_256;
            for (int i = at + 1; i < at + bytes - Long.BYTES; i++) {
                small &= header[i] == 0;
            }
            if (!small || value < 0) {
                throw malformed("a number of a header is out of range");
            }
            return value;
        }
        int i = at;
        while (i < at + bytes && header[i] == ' ') {
            i++;
        }
        for (; i < at + bytes && header[i] != 0 && header[i] != ' '; i++) {
            if (header[i] < '0' || header[i] > '7') {
                throw malformed("a number of a header is not octal");
            }
            value = (value << 3) | (header[i] - '0');
        }
        return value;
    }

    /** The sum of all bytes of the header, those of the checksum taken for spaces. */
    private long checksum() {
        long sum = 0;
        for (int i = 0; i < BLOCK_BYTES; i++) {
            sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_BYTES ? ' ' : header[i] & 0xFF;
        }
        return sum;
    }

    private boolean isZero() {
        for (final byte b : header) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private static int paddingOf(final long bytes) {
        return (int) (-bytes & (BLOCK_BYTES - 1));
    }

    private BackupException malformed(final String what) {
        return new BackupException(
                archive + " is not a tar archive as Postgres writes it: " + what + ", before byte " + position);
    }
}
