package dev.firn.bench.lake;

import dev.firn.bench.harness.BenchmarkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** A table in DuckDB's memory, of the rows that Postgres printed; by one thread. */
final class DuckDbTable implements AutoCloseable {
    private final Connection connection;
    private final LakeTable table;
    private final String columns;

    DuckDbTable(final LakeTable table, final LakeCorpus.Facts facts) throws SQLException, BenchmarkException {
        this.table = table;
        connection = DriverManager.getConnection("jdbc:duckdb:");
        execute("SET threads = 1");
        execute("SET preserve_insertion_order = true");
        execute("CREATE TABLE " + table.table() + " (" + table.duckDbColumns() + ")");
        execute("COPY " + table.table() + " FROM '" + facts.csv()
                + "' (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR '\\N')");
        final long rows = number("SELECT count(*) FROM " + table.table());
        if (rows != facts.rows()) {
            throw new BenchmarkException(
                    "DuckDB has " + rows + " rows of " + table.table() + ", Postgres " + facts.rows());
        }
        final StringJoiner names = new StringJoiner(", ");
        RowArrays.columns(connection, table.table()).forEach(column -> names.add(column.name()));
        columns = names.toString();
    }

    Connection connection() {
        return connection;
    }

    private void execute(final String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private long number(final String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }

    /** Zstd at its default, level 3; row groups and pages at theirs. */
    void write(final Path file) throws SQLException {
        execute("COPY " + table.table() + " TO '" + file + "' (FORMAT parquet, COMPRESSION zstd)");
    }

    /** Compares Firn's visible rows with its own, as multisets; says how large the files are. */
    FileSizes compare(final Path folder) throws SQLException, IOException, BenchmarkException {
        final String files = "'" + folder + "/*.parquet'";
        final String theirs = "SELECT " + columns + " FROM read_parquet(" + files + ")";
        final String own = "SELECT " + columns + " FROM " + table.table();
        final long differing = number("SELECT count(*) FROM ((" + own + " EXCEPT ALL " + theirs + ") UNION ALL ("
                + theirs + " EXCEPT ALL " + own + "))");
        if (differing != 0) {
            throw new BenchmarkException(
                    differing + " rows of " + table.table() + " differ between Postgres and " + folder);
        }
        final List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.filter(Files::isRegularFile).toList();
        }
        long bytes = 0;
        long visible = 0;
        for (final Path file : all) {
            bytes += Files.size(file);
            visible += file.getParent().equals(folder) ? Files.size(file) : 0;
        }
        return new FileSizes(
                bytes,
                visible,
                number("SELECT sum(total_compressed_size) FROM parquet_metadata(" + files
                        + ") WHERE starts_with(path_in_schema, '_firn_')"));
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
