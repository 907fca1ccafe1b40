package dev.firn.server.lake;

import dev.firn.columnar.transcode.LakeTable;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The folder of a table: {@code DATABASE/SCHEMA.TABLE}. What a folder's name may not have, or would make two of them the same, is a percent sign and two digits. */
final class TablePath {
    private TablePath() {}

    static String of(final String database, final LakeTable table) {
        return name(database)
                + '/'
                + name(table.schema())
                + '.'
                + name(table.relation().name());
    }

    /** The folder of a database. */
    static String of(final String database) {
        return name(database);
    }

    private static String name(final String name) {
        final StringBuilder path = new StringBuilder();
        for (final byte unit : name.getBytes(StandardCharsets.UTF_8)) {
            final char c = (char) (unit & 0xFF);
            if (isPlain(c)) {
                path.append(c);
            } else {
                path.append(String.format(Locale.ROOT, "%%%02X", (int) c));
            }
        }
        return path.toString();
    }

    private static boolean isPlain(final char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }
}
