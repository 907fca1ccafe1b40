package dev.firn.server.lake;

import dev.firn.columnar.rebuild.PageComparison;

/**
 * What came of rebuilding one table.
 *
 * @param comparison null when its files cannot be compared at all.
 * @param failure why not; null when they can.
 */
public record VerifiedTable(String database, String table, PageComparison comparison, String failure) {}
