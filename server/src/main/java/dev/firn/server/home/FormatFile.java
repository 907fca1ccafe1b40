package dev.firn.server.home;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.server.CommandException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The content of {@code firn.version}: which format the data directory is in. Two lines, the second guards the first:
 *
 * <pre>
 * format 1
 * crc32c 1a2b3c4d
 * </pre>
 */
final class FormatFile {
    static final String NAME = "firn.version";

    /** The one format that this version reads and writes. */
    static final int CURRENT = 1;

    private static final Pattern CONTENT = Pattern.compile("(format (\\d{1,9})\n)crc32c ([0-9a-f]{8})\n");

    private FormatFile() {}

    static String content(final int format) {
        final String line = "format " + format + "\n";
        return line + String.format("crc32c %08x%n", checksumOf(line));
    }

    /**
     * Refuses what this version cannot work with.
     *
     * @param elsewhere what to do when the directory is no good: {@code "choose another directory with --dir"}.
     */
    static void check(final String directory, final String content, final String elsewhere) {
        final Matcher matcher = CONTENT.matcher(content);
        if (!matcher.matches() || Integer.parseUnsignedInt(matcher.group(3), 16) != checksumOf(matcher.group(1))) {
            throw new CommandException(
                    directory + "/" + NAME + " is damaged: restore it from a backup of the directory, or " + elsewhere);
        }
        final int format = Integer.parseInt(matcher.group(2));
        if (format > CURRENT) {
            throw new CommandException(directory + " is in format " + format + " and this version of firn knows up to "
                    + CURRENT + ": run a newer firn on it, or " + elsewhere);
        }
        if (format < 1) {
            throw new CommandException(
                    directory + " is in format " + format + ", which no version of firn has written: " + elsewhere);
        }
    }

    private static int checksumOf(final String line) {
        final byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return Crc32c.compute(bytes, 0, bytes.length);
    }
}
