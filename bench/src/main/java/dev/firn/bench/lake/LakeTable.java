package dev.firn.bench.lake;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The tables that are measured, each made by its SQL in Postgres. */
enum LakeTable {
    LINEITEM("lineitem", 155, """
            l_orderkey BIGINT, l_partkey BIGINT, l_suppkey BIGINT, l_linenumber INTEGER, l_quantity DECIMAL(15, 2),
            l_extendedprice DECIMAL(15, 2), l_discount DECIMAL(15, 2), l_tax DECIMAL(15, 2), l_returnflag VARCHAR,
            l_linestatus VARCHAR, l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct VARCHAR,
            l_shipmode VARCHAR, l_comment VARCHAR"""),
    ACCOUNTS("pgbench_accounts", 128, "aid INTEGER, bid INTEGER, abalance INTEGER, filler VARCHAR"),
    EVENTS("events", 360, """
            id BIGINT, occurred_at TIMESTAMPTZ, tenant INTEGER, user_id BIGINT, session_id UUID, kind VARCHAR, path VARCHAR,
            referrer VARCHAR, campaign VARCHAR, country VARCHAR, city VARCHAR, device VARCHAR, os VARCHAR, browser VARCHAR,
            app_version VARCHAR, language VARCHAR, screen_width INTEGER, screen_height INTEGER, status SMALLINT,
            duration_ms DOUBLE, bytes BIGINT, amount DECIMAL(12, 2), currency VARCHAR, is_bot BOOLEAN, experiment VARCHAR,
            properties VARCHAR""");

    private static final String ROWS = ":rows";

    private final String table;

    /** Heap bytes of a row, about, with its line pointer. */
    private final int rowBytes;

    private final String duckDbColumns;

    LakeTable(final String table, final int rowBytes, final String duckDbColumns) {
        this.table = table;
        this.rowBytes = rowBytes;
        this.duckDbColumns = duckDbColumns;
    }

    /** How results call it. */
    String variant() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<LakeTable> all() {
        return Arrays.asList(values());
    }

    String table() {
        return table;
    }

    /** The columns as DuckDB declares them: what the lake's types are in it. */
    String duckDbColumns() {
        return duckDbColumns;
    }

    /** Makes it, with about so many bytes of heap. */
    String sql(final long heapBytes) {
        final String name = variant() + ".sql";
        try (InputStream in = LakeTable.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace(ROWS, Long.toString(Math.max(1, heapBytes / rowBytes)));
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }
}
