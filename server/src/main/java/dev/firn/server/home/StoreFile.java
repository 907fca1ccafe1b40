package dev.firn.server.home;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.server.CommandException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The content of {@code firn.store}: where the data directory's objects are. Two lines, the second guards the first:
 *
 * <pre>
 * store s3://bucket/prefix/?endpoint=https://store.example:9000
 * crc32c 1a2b3c4d
 * </pre>
 *
 * The directory's own store is {@code objects}, so that the directory can be moved as a whole.
 */
final class StoreFile {
    static final String NAME = "firn.store";

    /** In place of a URL, of which every one has a scheme: the folder of this name in the data directory. */
    static final String OWN = "objects";

    private static final Pattern CONTENT = Pattern.compile("(store ([^\n]+)\n)crc32c ([0-9a-f]{8})\n");

    private StoreFile() {}

    static String content(final String store) {
        final String line = "store " + store + "\n";
        return line + String.format(Locale.ROOT, "crc32c %08x", checksumOf(line)) + "\n";
    }

    /** What {@link #content} was made of. */
    static String decode(final String directory, final String content) {
        final Matcher matcher = CONTENT.matcher(content);
        if (!matcher.matches() || Integer.parseUnsignedInt(matcher.group(3), 16) != checksumOf(matcher.group(1))) {
            throw new CommandException(
                    directory + "/" + NAME + " is damaged, and says where the objects are: restore it"
                            + " from a backup of the directory, or delete it and name the store with --store");
        }
        return matcher.group(2);
    }

    private static int checksumOf(final String line) {
        final byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return Crc32c.compute(bytes, 0, bytes.length);
    }
}
