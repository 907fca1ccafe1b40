package dev.firn.walquorum.node;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout.OfInt;
import java.lang.foreign.ValueLayout.OfLong;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A WAL node's directory: {@code node} says whose it is, {@code logs/<id, 16 hex>} holds a log each. Of {@code node}, magic, version,
 * checksum and length stand where they stand in every version.
 *
 * <p>A log is deleted with one durable step, the renaming of its directory; what it held is removed afterwards, a file at a time,
 * and after a crash by the next life.
 *
 * <p>Blocks: for start, and for logs that are made or deleted.
 */
final class NodeDirectory implements AutoCloseable {
    private static final String MARKER = "node";
    private static final String NEW_MARKER = "node.new";
    private static final String LOGS = "logs";
    private static final String DELETED_SUFFIX = ".deleted";
    private static final int ID_DIGITS = 16;

    private static final OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** "FWND". */
    private static final int MAGIC = 0x444E_5746;

    private static final int VERSION = 1;
    private static final int MAGIC_AT = 0;
    private static final int VERSION_AT = 4;
    private static final int CRC_AT = 8;
    private static final int LENGTH_AT = 12;
    private static final int NODE_AT = 16;
    private static final int CLUSTER_AT = 24;
    private static final int MARKER_BYTES = 32;

    /** No version's marker is longer. */
    private static final int MAX_MARKER_BYTES = 4_096;

    private final Storage storage;
    private final DirectoryLock lock;

    /** Directories of logs that were deleted, with all that is still in them. */
    private final Deque<String> deleted = new ArrayDeque<>();

    private NodeDirectory(final Storage storage, final DirectoryLock lock) {
        this.storage = storage;
        this.lock = lock;
    }

    /**
     * Opens the directory of this node, or makes it.
     *
     * @throws WalNodeException when it is that of another node or cluster, or of a format that is not known; nothing is written then.
     */
    static NodeDirectory open(final Storage storage, final int nodeId, final long clusterId) {
        final DirectoryLock lock = storage.lock("");
        boolean isOpen = false;
        try {
            final NodeDirectory directory = new NodeDirectory(storage, lock);
            if (storage.exists(MARKER)) {
                directory.requireOwn(nodeId, clusterId);
            } else {
                directory.mark(nodeId, clusterId);
            }
            for (final String entry : storage.list(LOGS)) {
                if (entry.endsWith(DELETED_SUFFIX)) {
                    directory.deleted.add(LOGS + "/" + entry);
                }
            }
            isOpen = true;
            return directory;
        } finally {
            if (!isOpen) {
                lock.close();
            }
        }
    }

    private void requireOwn(final int nodeId, final long clusterId) {
        try (Arena arena = Arena.ofConfined();
                StorageFile file = storage.openForRead(MARKER, Access.BUFFERED)) {
            final MemorySegment marker = arena.allocate(MAX_MARKER_BYTES);
            final int found = file.read(0, marker);
            final int length = marker.get(INT, LENGTH_AT);
            if (found <= LENGTH_AT
                    || marker.get(INT, MAGIC_AT) != MAGIC
                    || length <= LENGTH_AT
                    || length > found
                    || Crc32c.compute(marker, LENGTH_AT, (long) length - LENGTH_AT) != marker.get(INT, CRC_AT)) {
                throw new WalNodeException("the WAL node's directory holds a file \"" + MARKER
                        + "\" that is damaged or not Firn's: give the node a directory of its own, or an empty one, and it"
                        + " fills itself from its peers");
            }
            if (marker.get(INT, VERSION_AT) != VERSION) {
                throw new WalNodeException("the WAL node's directory is of format " + marker.get(INT, VERSION_AT)
                        + ", which this version of Firn does not know: start the version that wrote it");
            }
            if (marker.get(LONG, CLUSTER_AT) != clusterId) {
                throw new WalNodeException("the WAL node's directory belongs to cluster "
                        + Long.toHexString(marker.get(LONG, CLUSTER_AT)) + ", not to cluster "
                        + Long.toHexString(clusterId) + ": give each its own directory");
            }
            if (marker.get(INT, NODE_AT) != nodeId) {
                throw new WalNodeException(
                        "the WAL node's directory belongs to node " + marker.get(INT, NODE_AT) + ", not to node "
                                + nodeId + ": give each its own directory; a copied one must not vote twice");
            }
        }
    }

    private void mark(final int nodeId, final long clusterId) {
        if (storage.exists(LOGS) && !storage.list(LOGS).isEmpty()) {
            throw new WalNodeException(
                    "the WAL node's directory holds logs, but its file \"" + MARKER
                            + "\" is missing, so whose they are is not known: restore the file, or give the node an empty directory");
        }
        storage.createDirectories(LOGS);
        if (storage.exists(NEW_MARKER)) {
            storage.delete(NEW_MARKER);
        }
        try (Arena arena = Arena.ofConfined();
                StorageFile file = storage.create(NEW_MARKER, Access.BUFFERED)) {
            final MemorySegment marker = arena.allocate(MARKER_BYTES);
            marker.set(INT, MAGIC_AT, MAGIC);
            marker.set(INT, VERSION_AT, VERSION);
            marker.set(INT, NODE_AT, nodeId);
            marker.set(LONG, CLUSTER_AT, clusterId);
            marker.set(INT, LENGTH_AT, MARKER_BYTES);
            marker.set(INT, CRC_AT, Crc32c.compute(marker, LENGTH_AT, MARKER_BYTES - LENGTH_AT));
            file.write(0, marker);
            file.sync();
        }
        storage.renameDurably(NEW_MARKER, MARKER);
    }

    static String directoryOf(final long logId) {
        return LOGS + "/" + nameOf(logId);
    }

    static String nameOf(final long logId) {
        return String.format("%0" + ID_DIGITS + "x", logId);
    }

    /** The ids of all logs, as far as their directories' names tell. */
    List<Long> logIds() {
        final List<Long> ids = new ArrayList<>();
        for (final String entry : storage.list(LOGS)) {
            if (entry.matches("[0-9a-f]{" + ID_DIGITS + "}")) {
                ids.add(Long.parseUnsignedLong(entry, 16));
            }
        }
        return ids;
    }

    /** Deletes a log, which must be closed: durable when this returns, though what it held still takes room. */
    void delete(final long logId) {
        finishDeleting(logId);
        final String directory = directoryOf(logId);
        if (storage.exists(directory)) {
            storage.renameDurably(directory, directory + DELETED_SUFFIX);
            deleted.add(directory + DELETED_SUFFIX);
        }
    }

    /** Removes all that a deleted log of this id has left. */
    void finishDeleting(final long logId) {
        final String directory = directoryOf(logId) + DELETED_SUFFIX;
        while (deleted.contains(directory)) {
            removeOneOf(directory);
        }
    }

    /** Removes one file of the logs that were deleted; returns how much was done. */
    int doWork() {
        if (deleted.isEmpty()) {
            return 0;
        }
        removeOneOf(deleted.peek());
        return 1;
    }

    private void removeOneOf(final String directory) {
        final List<String> entries = storage.list(directory);
        if (!entries.isEmpty()) {
            storage.delete(directory + "/" + entries.getFirst());
            return;
        }
        storage.deleteDurably(directory);
        deleted.remove(directory);
    }

    @Override
    public void close() {
        lock.close();
    }
}
