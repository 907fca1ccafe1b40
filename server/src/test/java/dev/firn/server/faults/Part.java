package dev.firn.server.faults;

/** A process that {@code up} starts, by the folder that its record is in. */
enum Part {
    WAL_NODE_1("wal-node-1"),
    WAL_NODE_2("wal-node-2"),
    WAL_NODE_3("wal-node-3"),
    MEDIA_DRIVER("media-driver"),
    RECEIVER("attachments/main"),
    PAGE_SERVER("page-server");

    private final String folder;

    Part(final String folder) {
        this.folder = folder;
    }

    String folder() {
        return folder;
    }

    static Part walNode(final int node) {
        return values()[node - 1];
    }

    /** Whether commits must go on without it. */
    boolean isSpareToCommits() {
        return this != MEDIA_DRIVER && this != RECEIVER;
    }
}
