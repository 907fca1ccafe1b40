package dev.firn.columnar.parquet;

/**
 * What an Iceberg manifest says of a column of a file.
 *
 * @param storedBytes dictionary and pages, in all row groups.
 * @param valueCount with nulls, and with the empty lists that have a slot.
 * @param lowerBound in Iceberg's single-value form (Appendix D of its specification); null when unknown.
 */
public record ColumnStatistics(
        int fieldId,
        String name,
        long storedBytes,
        long valueCount,
        long nullCount,
        byte[] lowerBound,
        byte[] upperBound) {}
