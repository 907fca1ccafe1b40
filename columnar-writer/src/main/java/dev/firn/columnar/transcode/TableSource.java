package dev.firn.columnar.transcode;

import dev.firn.columnar.rebuild.RelationForm;
import dev.firn.postgres.catalog.DatabaseRow;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.source.RelationPages;
import dev.firn.postgres.tuple.DeformPlan;
import dev.firn.postgres.tuple.ToastFetcher;
import dev.firn.postgres.visibility.RowVisibility;
import java.util.Map;

/**
 * A relation at an LSN: what it is, and what is read through. All borrowed.
 *
 * @param name for messages.
 * @param form how its pages are rebuilt.
 * @param checksums whether its pages carry checksums: those of a data directory may, those that redo made do not.
 * @param metadata kept in the footers, beside what the transcoder says itself.
 */
public record TableSource(
        String name,
        DatabaseRow database,
        RelFileLocator locator,
        TableSchema schema,
        RelationForm form,
        DeformPlan plan,
        RelationPages pages,
        RowVisibility visibility,
        ToastFetcher toast,
        boolean checksums,
        Map<String, String> metadata) {
    public TableSource {
        metadata = Map.copyOf(metadata);
    }
}
