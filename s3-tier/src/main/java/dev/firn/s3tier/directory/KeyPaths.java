package dev.firn.s3tier.directory;

import java.nio.charset.StandardCharsets;

/**
 * Where an object's file stands: a key is a path below the store's directory, part for part, so that any reader
 * finds the object by its key.
 *
 * <p>Parts that no file can be named by, or that the store needs for itself, are written with {@value #ESCAPE}
 * before them:
 *
 * <ul>
 *   <li>an empty part (of {@code a//b}, or after a slash at the end) is {@code .~};
 *   <li>a part that begins with {@code .~}, and {@code .firn} at the top, get {@code .~} before them;
 *   <li>a part of {@value #LONG_BYTES} bytes or more is a directory {@code .~+} with its first {@value #CHUNK_BYTES}
 *       bytes (fewer where a character would be cut), and below that the rest, written by the same rules.
 * </ul>
 *
 * <p>The order of keys survives: all keys below one directory are neighbours. The limits are chosen for that: a
 * plain name is always shorter than a whole chunk, and what follows a chunk that was cut short stands behind all
 * that a plain name can go on with ({@link #orderOfChunk}).
 */
final class KeyPaths {
    static final String ESCAPE = ".~";
    static final String CHUNK = ".~+";

    /** From so many bytes on a part is split: NAME_MAX is 255, and the escape takes its share. */
    static final int LONG_BYTES = 252;

    static final int CHUNK_BYTES = 252;

    private KeyPaths() {}

    /** The path of a key's file, relative to the store's directory. */
    static String pathOf(final String key) {
        if (isPlain(key)) {
            return key;
        }
        final StringBuilder path = new StringBuilder(key.length() + 16);
        int start = 0;
        while (start <= key.length()) {
            final int slash = key.indexOf('/', start);
            final int end = slash < 0 ? key.length() : slash;
            if (start > 0) {
                path.append('/');
            }
            appendPart(path, key.substring(start, end), start == 0);
            start = end + 1;
        }
        return path.toString();
    }

    /**
     * What the entry of a directory adds to the key, without the slash; null when the store would never name one
     * so.
     */
    static String partOf(final String name, final boolean top) {
        final String part;
        if (!name.startsWith(ESCAPE)) {
            part = name;
        } else if (name.startsWith(CHUNK)) {
            final String chunk = name.substring(CHUNK.length());
            return utf8Length(chunk) > CHUNK_BYTES - 4 && utf8Length(chunk) <= CHUNK_BYTES ? chunk : null;
        } else {
            part = name.substring(ESCAPE.length());
        }
        final StringBuilder canonical = new StringBuilder(name.length() + 2);
        appendPart(canonical, part, top);
        return canonical.toString().equals(name) ? part : null;
    }

    /** Whether a directory of this name holds the rest of a long part: what is in it follows without a slash. */
    static boolean isChunk(final String name) {
        return name.startsWith(CHUNK);
    }

    /**
     * Where the keys below a chunk stand. A chunk that was cut short for a character of n bytes is followed by
     * characters of n bytes only, and they stand behind all shorter ones, with which neighbours may go on: so it
     * stands where the first of n bytes would.
     */
    static String orderOfChunk(final String chunk) {
        return switch (CHUNK_BYTES - utf8Length(chunk)) {
            case 0 -> chunk;
            case 1 -> chunk + '\u0080';
            case 2 -> chunk + '\u0800';
            default -> chunk + Character.toString(Character.MIN_SUPPLEMENTARY_CODE_POINT);
        };
    }

    private static boolean isPlain(final String key) {
        if (key.startsWith("/") || key.endsWith("/") || key.startsWith(StoreLayout.ROOT)) {
            return false;
        }
        return !key.contains("//") && !key.contains(ESCAPE) && key.length() < LONG_BYTES / 3;
    }

    private static void appendPart(final StringBuilder path, final String part, final boolean top) {
        String rest = part;
        while (utf8Length(rest) >= LONG_BYTES) {
            final int cut = chunkEnd(rest);
            path.append(CHUNK).append(rest, 0, cut).append('/');
            rest = rest.substring(cut);
        }
        if (rest.isEmpty() || rest.startsWith(ESCAPE) || (top && rest.equals(StoreLayout.ROOT))) {
            path.append(ESCAPE);
        }
        path.append(rest);
    }

    /** How many chars make the longest beginning of at most {@link #CHUNK_BYTES} bytes. */
    private static int chunkEnd(final String part) {
        int bytes = 0;
        int at = 0;
        while (at < part.length()) {
            final int codePoint = part.codePointAt(at);
            bytes += utf8Length(codePoint);
            if (bytes > CHUNK_BYTES) {
                return at;
            }
            at += Character.charCount(codePoint);
        }
        return at;
    }

    private static int utf8Length(final String text) {
        return text.length() < LONG_BYTES / 3 ? text.length() : text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static int utf8Length(final int codePoint) {
        if (codePoint < 0x80) {
            return 1;
        } else if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < 0x10000 ? 3 : 4;
    }

    /** Compares as the UTF-8 bytes of the two compare. */
    static int compare(final String one, final String other) {
        final int common = Math.min(one.length(), other.length());
        for (int i = 0; i < common; i++) {
            final char a = one.charAt(i);
            final char b = other.charAt(i);
            if (a != b) {
                // UTF-16 puts the supplementary characters before U+E000; UTF-8 puts them last.
                final boolean supplementaryA = Character.isSurrogate(a);
                final boolean supplementaryB = Character.isSurrogate(b);
                return supplementaryA == supplementaryB ? Character.compare(a, b) : supplementaryA ? 1 : -1;
            }
        }
        return Integer.compare(one.length(), other.length());
    }
}
