package dev.firn.columnar.parquet;

import java.util.List;

/**
 * What an Iceberg manifest says of a file.
 *
 * @param splitOffsets where row groups begin.
 * @param columns the leaves, in the file's order.
 */
public record FileStatistics(long rows, long bytes, List<Long> splitOffsets, List<ColumnStatistics> columns) {}
