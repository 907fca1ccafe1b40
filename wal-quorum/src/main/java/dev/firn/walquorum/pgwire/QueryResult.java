package dev.firn.walquorum.pgwire;

import java.util.List;

/**
 * A result set, in Postgres' text form.
 *
 * @param rows each with one value a column; NULL is null.
 */
public record QueryResult(List<String> columns, List<List<String>> rows) {
    static final QueryResult EMPTY = new QueryResult(List.of(), List.of());
}
