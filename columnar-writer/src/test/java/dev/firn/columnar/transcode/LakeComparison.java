package dev.firn.columnar.transcode;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.rebuild.PageComparison;
import dev.firn.columnar.rebuild.RebuiltRelation;
import dev.firn.columnar.rebuild.RelationFiles;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.PageLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is wrong with transcoded tables: against what Postgres printed, by Parquet's own reader and by DuckDB, and against their heap pages. */
final class LakeComparison {
    /** More than these nobody reads. */
    private static final int MOST_SENTENCES = 40;

    private static final int MOST_CHARACTERS = 300;

    private final OffHeapMemory memory;
    private final List<String> wrong = new ArrayList<>();
    private long rowsCompared;
    private long pagesCompared;

    LakeComparison(final OffHeapMemory memory) {
        this.memory = memory;
    }

    List<String> wrong() {
        return wrong;
    }

    long rowsCompared() {
        return rowsCompared;
    }

    long pagesCompared() {
        return pagesCompared;
    }

    private void add(final String table, final String sentence) {
        if (wrong.size() < MOST_SENTENCES) {
            wrong.add(table + ": " + sentence.substring(0, Math.min(sentence.length(), MOST_CHARACTERS)));
        }
    }

    /** Compares each row's columns, and that there are no others. */
    void compareRows(final String table, final TranscodedRelation made, final Map<String, List<String>> rows)
            throws IOException {
        final Map<String, List<Object>> found = made.byAddress(made.rows("", "part"));
        if (!found.keySet().equals(rows.keySet())) {
            add(table, "it has rows " + difference(found, rows) + " and lacks rows " + difference(rows, found));
        }
        if (made.counts().rows() != found.size()
                || made.counts().deadRows() != made.rows("_firn", "dead").size()) {
            add(table, "its counts are not those of its files: " + made.counts());
        }
        rowsCompared += rows.size();
        rows.forEach((ctid, texts) -> {
            for (int i = 0; i < texts.size() && found.containsKey(ctid); i++) {
                final String difference = made.difference(found.get(ctid), i, texts.get(i));
                if (difference != null) {
                    final LakeColumn column = made.source().schema().column(i);
                    add(
                            table,
                            ctid + " " + column.type().name() + " "
                                    + column.attribute().name() + ": " + difference);
                }
            }
        });
    }

    private static List<String> difference(final Map<String, ?> one, final Map<String, ?> other) {
        return one.keySet().stream()
                .filter(key -> !other.containsKey(key))
                .limit(MOST_SENTENCES)
                .toList();
    }

    /** A glob over the folder finds the visible rows and no others, and columns whose text is the same in both. */
    void compareDuckDb(
            final Connection duck,
            final String table,
            final TranscodedRelation made,
            final Map<String, List<String>> rows)
            throws SQLException {
        final TableSchema schema = made.source().schema();
        final StringBuilder names = new StringBuilder();
        for (int i = 0; i < schema.fields().size(); i++) {
            // By number: to DuckDB names that differ in case are the same.
            names.append(i == 0 ? "c" : ", c").append(i);
        }
        final List<Integer> indexes = new ArrayList<>();
        final StringBuilder columns = new StringBuilder();
        for (int i = 0; i < schema.columnCount(); i++) {
            switch (schema.column(i).field().kind()) {
                case INT32, DECIMAL, STRING, DATE, UUID -> {
                    if (!schema.column(i).type().base().name().matches("money|reg.*")) {
                        indexes.add(i);
                        columns.append(", c").append(i).append("::VARCHAR");
                    }
                }
                default -> {
                    // DuckDB prints these in its own way; Parquet's reader has compared them.
                }
            }
        }
        long count = 0;
        try (Statement statement = duck.createStatement();
                ResultSet found = statement.executeQuery("SELECT c%d, c%d%s FROM read_parquet('%s/*.parquet') AS t(%s)"
                        .formatted(schema.firstHidden(), schema.firstHidden() + 1, columns, made.folder(), names))) {
            while (found.next()) {
                count++;
                final String ctid = "(" + found.getLong(1) + "," + found.getInt(2) + ")";
                for (int i = 0; i < indexes.size() && rows.containsKey(ctid); i++) {
                    final String value = found.getString(i + 3);
                    final String text = rows.get(ctid).get(indexes.get(i));
                    if (value != null && !isSame(schema.column(indexes.get(i)).field(), value, text)) {
                        add(table, ctid + " DuckDB: " + value + " is not " + text);
                    }
                }
            }
        }
        if (count != rows.size()) {
            add(table, "DuckDB finds " + count + " rows, not " + rows.size());
        }
    }

    /** DuckDB leaves the zero before the point out where a decimal has no digits there. */
    private static boolean isSame(final ColumnField field, final String value, final String text) {
        return field.kind() == ColumnKind.DECIMAL
                ? new BigDecimal(value).equals(new BigDecimal(text))
                : value.equals(text);
    }

    /** Rebuilds every page from the files alone. */
    void comparePages(final String table, final TranscodedRelation made, final CatalogPages truth) throws IOException {
        final RelationFiles files =
                new RelationFiles(made.files("", "part"), made.files("_firn", "dead"), made.files("_firn", "residue"));
        final long blocks = truth.blocks(made.source().locator(), Fork.MAIN);
        try (Arena arena = Arena.ofConfined();
                RebuiltRelation rebuilt = new RebuiltRelation(made.source().form(), files, memory)) {
            final PageComparison comparison = PageComparison.compare(
                    rebuilt,
                    blocks,
                    (block, into) -> truth.page(made.source().locator(), Fork.MAIN, block, into),
                    arena.allocate(PageLayout.PAGE_BYTES, Long.BYTES));
            comparison.first().forEach(sentence -> add(table, "rebuilt: " + sentence));
            if (comparison.pages() != blocks) {
                add(table, comparison.pages() + " pages were rebuilt of " + blocks);
            }
            pagesCompared += comparison.pages();
        }
    }
}
