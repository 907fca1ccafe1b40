package dev.firn.server.lake;

import dev.firn.columnar.transcode.LakeDatabase;
import dev.firn.columnar.transcode.LakeTable;
import dev.firn.columnar.transcode.TranscodedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A table that is exported, with its TOAST table: both are written or none is. Several workers may have parts of it at the same time; who ends the last
 * one concludes it. Thread-safe.
 */
final class ExportRelation {
    private static final TranscodedTable NOTHING = new TranscodedTable(0, 0, 0, 0, 0, 0, 0, 0, 0);

    private final LakeDatabase database;
    private final String databaseName;
    private final LakeTable table;
    private final String path;
    private final String url;
    private final Map<String, String> metadata;
    private final List<String> files = new ArrayList<>();
    private int left;
    private TranscodedTable rows = NOTHING;
    private TranscodedTable toast;
    private String failure;

    /**
     * @param database borrowed.
     * @param path of its folder below the target.
     * @param url what to show to the user for that.
     * @param metadata for all of its files.
     */
    ExportRelation(
            final LakeDatabase database,
            final String databaseName,
            final LakeTable table,
            final String path,
            final String url,
            final Map<String, String> metadata) {
        this.database = database;
        this.databaseName = databaseName;
        this.table = table;
        this.path = path;
        this.url = url;
        this.metadata = Map.copyOf(metadata);
    }

    LakeDatabase database() {
        return database;
    }

    LakeTable table() {
        return table;
    }

    String path() {
        return path;
    }

    String url() {
        return url;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /** Before any worker has it. @param hasToast whether there is a TOAST table. */
    synchronized void expect(final int parts, final boolean hasToast) {
        left = parts;
        toast = hasToast ? NOTHING : null;
    }

    /** A file is there, or may be. */
    synchronized void written(final String file) {
        if (!files.contains(file)) {
            files.add(file);
        }
    }

    /** A file is not there any more. */
    synchronized void removed(final String file) {
        files.remove(file);
    }

    /** What has been written so far, and not been removed. */
    synchronized List<String> files() {
        return List.copyOf(files);
    }

    /** It cannot be written; the first reason is told. */
    synchronized void fail(final String why) {
        if (failure == null) {
            failure = why;
        }
    }

    /** Why it cannot be written; null when it can. */
    synchronized String failure() {
        return failure;
    }

    synchronized boolean hasFailed() {
        return failure != null;
    }

    /** A part is done. */
    synchronized void add(final boolean ofToast, final TranscodedTable part) {
        if (ofToast) {
            toast = toast.and(part);
        } else {
            rows = rows.and(part);
        }
    }

    /** A part has ended, well or not. True for the last one: who hears that concludes the relation. */
    synchronized boolean endPart() {
        left--;
        return left == 0;
    }

    /** Whether there is no file that says which columns it has. */
    synchronized boolean needsEmptyFile() {
        return failure == null && rows.files() == 0;
    }

    /** Whether its TOAST table has no file that says so. */
    synchronized boolean needsEmptyToastFile() {
        return failure == null && toast != null && toast.files() == 0;
    }

    /** What became of it, at the end. */
    synchronized ExportedTable result() {
        return failure == null
                ? new ExportedTable(databaseName, table.name(), url, rows, toast, null)
                : new ExportedTable(databaseName, table.name(), url, null, null, failure);
    }
}
