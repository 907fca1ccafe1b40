package dev.firn.walquorum.pgwire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The rows of one command, as they came. */
record ResultSet(String[] columns, List<byte[][]> rows) {
    /** The only row's value as text; null for NULL. */
    String text(final int row, final int column) {
        return text(rows.get(row)[column]);
    }

    QueryResult texts() {
        final List<List<String>> texts = new ArrayList<>(rows.size());
        for (final byte[][] row : rows) {
            texts.add(Arrays.stream(row).map(ResultSet::text).toList());
        }
        return new QueryResult(List.of(columns), texts);
    }

    private static String text(final byte[] value) {
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }
}
