package dev.firn.nativeio.simulation;

import java.util.TreeMap;

/** A directory: its entries as the running system sees them, and as they stand on the platter. */
final class Directory implements Inode {
    private final TreeMap<String, Inode> durable = new TreeMap<>();
    private final long inode;
    private TreeMap<String, Inode> current = new TreeMap<>();
    private int failedSyncs;

    Directory(final long inode) {
        this.inode = inode;
    }

    long inode() {
        return inode;
    }

    /** How many syncs of it have failed. */
    int failedSyncs() {
        return failedSyncs;
    }

    void syncFailed() {
        failedSyncs++;
    }

    TreeMap<String, Inode> current() {
        return current;
    }

    void setCurrent(final String name, final Inode inode) {
        set(current, name, inode);
    }

    void setDurable(final String name, final Inode inode) {
        set(durable, name, inode);
    }

    /** After a crash only the platter is left. */
    void forgetCache() {
        current = new TreeMap<>(durable);
    }

    private static void set(final TreeMap<String, Inode> entries, final String name, final Inode inode) {
        if (inode == null) {
            entries.remove(name);
        } else {
            entries.put(name, inode);
        }
    }
}
