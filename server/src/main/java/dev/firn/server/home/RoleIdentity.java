package dev.firn.server.home;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.server.CommandException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whose a role's directory is, for good: {@code firn.role} in it. Two lines, the second guards the first:
 *
 * <pre>
 * role wal-node node 2 cluster main
 * crc32c 1a2b3c4d
 * </pre>
 *
 * So a disk that was mounted in the wrong place, or copied from another cluster, is refused before anything is read from it.
 *
 * @param role as {@code firn run} calls it.
 * @param node its id; 0 for a role without one.
 * @param cluster the name that all nodes of a deployment have in their configuration.
 */
public record RoleIdentity(String role, int node, String cluster) {
    static final String FILE_NAME = "firn.role";

    private static final Pattern CONTENT = Pattern.compile(
            "(role ([a-z-]+) node (\\d{1,5}) cluster ([a-z0-9][a-z0-9_-]{0,62})\n)crc32c ([0-9a-f]{8})\n");

    String content() {
        final String line = "role " + role + " node " + node + " cluster " + cluster + "\n";
        return line + String.format(Locale.ROOT, "crc32c %08x", checksumOf(line)) + "\n";
    }

    /** What {@link #content} was made of. */
    static RoleIdentity decode(final String directory, final String content) {
        final Matcher matcher = CONTENT.matcher(content);
        if (!matcher.matches() || Integer.parseUnsignedInt(matcher.group(5), 16) != checksumOf(matcher.group(1))) {
            throw new CommandException(
                    directory + "/" + FILE_NAME + " is damaged, and says whose the directory is: restore it"
                            + " from a backup of the directory, or name another directory");
        }
        return new RoleIdentity(matcher.group(2), Integer.parseInt(matcher.group(3)), matcher.group(4));
    }

    /** Refuses the directory of another. */
    void check(final String directory, final String content) {
        final RoleIdentity found = decode(directory, content);
        if (!found.equals(this)) {
            throw new CommandException(directory + " belongs to the " + found.describe() + ", and this is the "
                    + describe() + ": name another directory in the configuration");
        }
    }

    /** As sentences call it. */
    public String describe() {
        return role + (node == 0 ? "" : " " + node) + " of cluster " + cluster;
    }

    private static int checksumOf(final String line) {
        final byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return Crc32c.compute(bytes, 0, bytes.length);
    }
}
