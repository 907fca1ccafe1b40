package dev.firn.server.lake;

import dev.firn.columnar.transcode.TranscodedTable;

/**
 * What became of one table.
 *
 * @param toast what became of its TOAST table; null when it has none.
 * @param result null when it could not be written.
 * @param failure why not; null when it was.
 */
public record ExportedTable(
        String database, String table, String url, TranscodedTable result, TranscodedTable toast, String failure) {}
