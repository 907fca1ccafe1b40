package dev.firn.server.store;

import java.util.function.Consumer;

/**
 * Adds up objects by the first part of their keys below a root, from a list in the order of keys: those of one prefix come in a row, so
 * that no more than one sum is kept, however many there are.
 */
public final class StoreUsage {
    private final String root;
    private final Consumer<Row> rows;
    private String prefix;
    private long prefixObjects;
    private long prefixBytes;
    private long directObjects;
    private long directBytes;
    private long objects;
    private long bytes;

    /**
     * One sum.
     *
     * @param prefix ends with a slash; the root for the objects that stand directly below it.
     */
    public record Row(String prefix, long objects, long bytes) {}

    /**
     * @param root what all keys begin with.
     * @param rows hears each sum when its last object has been added.
     */
    public StoreUsage(final String root, final Consumer<Row> rows) {
        this.root = root;
        this.rows = rows;
    }

    public void add(final String key, final long lengthBytes) {
        objects++;
        bytes += lengthBytes;
        final int slash = key.indexOf('/', root.length());
        if (slash < 0) {
            directObjects++;
            directBytes += lengthBytes;
            return;
        }
        if (prefix == null || !(prefix.length() == slash + 1 && key.startsWith(prefix))) {
            endPrefix();
            prefix = key.substring(0, slash + 1);
        }
        prefixObjects++;
        prefixBytes += lengthBytes;
    }

    /** No more objects follow. */
    public void finish() {
        endPrefix();
        if (directObjects > 0) {
            rows.accept(new Row(root, directObjects, directBytes));
        }
    }

    private void endPrefix() {
        if (prefix != null) {
            rows.accept(new Row(prefix, prefixObjects, prefixBytes));
        }
        prefix = null;
        prefixObjects = 0;
        prefixBytes = 0;
    }

    public long objects() {
        return objects;
    }

    public long bytes() {
        return bytes;
    }
}
