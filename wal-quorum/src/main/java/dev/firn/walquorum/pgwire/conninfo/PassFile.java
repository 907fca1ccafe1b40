package dev.firn.walquorum.pgwire.conninfo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A password file: lines of host:port:database:user:password, in which * stands for anything and \ takes : and \. */
final class PassFile {
    private static final int FIELDS = 5;
    private static final Set<PosixFilePermission> OPEN = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private PassFile() {}

    /** The first line that fits; null when there is none, or no file. */
    static String find(final Path file, final String host, final int port, final String database, final String user) {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        final List<String> lines;
        try {
            if (Files.getPosixFilePermissions(file).stream().anyMatch(OPEN::contains)) {
                throw new ConnInfoException("the password file " + file
                        + " can be read by others, and is not used before it cannot: chmod 0600 " + file);
            }
            lines = Files.readAllLines(file);
        } catch (final IOException e) {
            throw new ConnInfoException("the password file " + file + " cannot be read: " + e, e);
        }
        final List<String> wanted = List.of(host, Integer.toString(port), database, user);
        for (final String line : lines) {
            if (!line.startsWith("#")) {
                final List<String> fields = fields(line);
                if (fields.size() >= FIELDS && fits(fields, wanted)) {
                    return unescape(fields.get(FIELDS - 1));
                }
            }
        }
        return null;
    }

    private static boolean fits(final List<String> fields, final List<String> wanted) {
        for (int i = 0; i < wanted.size(); i++) {
            final String field = fields.get(i);
            if (!"*".equals(field) && !unescape(field).equals(wanted.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<String> fields(final String line) {
        final List<String> fields = new ArrayList<>(FIELDS);
        final StringBuilder field = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            final char c = line.charAt(i);
            if (c == '\\' && i + 1 < line.length()) {
                field.append(c).append(line.charAt(++i));
            } else if (c == ':') {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    private static String unescape(final String field) {
        final StringBuilder text = new StringBuilder(field.length());
        for (int i = 0; i < field.length(); i++) {
            final char c = field.charAt(i);
            text.append(c == '\\' && i + 1 < field.length() ? field.charAt(++i) : c);
        }
        return text.toString();
    }
}
