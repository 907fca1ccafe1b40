package dev.firn.server.lake;

import dev.firn.postgres.catalog.CatalogPages;

/** What one thread of an export reads through and writes to. Opened, used and closed by that thread, which may block. */
public interface ExportSeat extends AutoCloseable {
    /** The timeline's pages at the export's LSN. */
    CatalogPages pages();

    ExportTarget target();

    @Override
    void close();
}
