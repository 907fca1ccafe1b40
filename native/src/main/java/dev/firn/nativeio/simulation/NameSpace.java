package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The directory tree: the part of the fault model that is about names. */
final class NameSpace {
    /** Unsynced changes kept; past it the oldest reaches the platter, as a journal would commit it sooner or later. */
    static final int MAX_UNSYNCED_CHANGES = 4_096;

    private static final int MAX_NAME_LENGTH = 255;

    private static final long ROOT_INODE = 2;

    private final Directory root = new Directory(ROOT_INODE);
    private List<EntryChange> unsynced = new ArrayList<>();

    /** The inode with this name, or null. */
    Inode find(final String path) {
        Inode inode = root;
        for (final String part : parts(path)) {
            if (!(inode instanceof Directory directory)) {
                return null;
            }
            inode = directory.current().get(part);
        }
        return inode;
    }

    /** The directory with this name; what is not there or not a directory is an error of the operation. */
    Directory directory(final String path, final String operation, final String subject) {
        Inode inode = root;
        for (final String part : parts(path)) {
            inode = inode instanceof Directory directory ? directory.current().get(part) : inode;
            if (inode == null) {
                throw new StorageException(operation, subject, -1, Errno.ENOENT);
            }
        }
        if (inode instanceof Directory directory) {
            return directory;
        }
        throw new StorageException(operation, subject, -1, Errno.ENOTDIR);
    }

    void create(final Directory parent, final String name, final Inode inode) {
        change(EntryChange.creation(parent, name, inode));
        if (inode instanceof FileImage file) {
            file.linked();
        }
    }

    void delete(final Directory parent, final String name) {
        final Inode inode = parent.current().get(name);
        change(EntryChange.deletion(parent, name));
        if (inode instanceof FileImage file) {
            file.unlinked();
        }
    }

    void rename(final Directory from, final String fromName, final Directory to, final String toName) {
        final Inode replaced = to.current().get(toName);
        change(EntryChange.rename(from, fromName, to, toName, from.current().get(fromName)));
        if (replaced instanceof FileImage file) {
            file.unlinked();
        }
    }

    /** What a sync of this directory that starts now has to make durable. */
    DirectorySync beginSync(final Directory directory) {
        return new DirectorySync(
                directory,
                unsynced.stream().filter(change -> change.touches(directory)).toList(),
                directory.failedSyncs());
    }

    /**
     * Makes durable what of it was only to be synced in this directory still, and what that rests on.
     *
     * @return false when another sync that it ran beside has failed: this one has failed with it.
     */
    boolean finishSync(final DirectorySync sync) {
        if (sync.failures() != sync.directory().failedSyncs()) {
            return false;
        }
        for (final EntryChange change : sync.changes()) {
            change.synced(sync.directory());
        }
        settle();
        return true;
    }

    void failSync(final DirectorySync sync) {
        sync.directory().syncFailed();
        for (final EntryChange change : sync.changes()) {
            change.syncFailed(sync.directory());
        }
    }

    /** Power is lost: each unsynced change survives or not; none survives without those before it on the same entries. */
    void crash(final CrashDice dice, final Trace trace, final int node) {
        final List<EntryChange> lost = new ArrayList<>();
        for (final EntryChange change : unsynced) {
            if (dependsOnAny(change, lost) || !dice.survives()) {
                lost.add(change);
                trace.fault(FaultKind.ENTRY_LOST, node, change.name(), 0, 0);
            } else {
                change.applyToPlatter();
                trace.fault(FaultKind.ENTRY_SURVIVED, node, change.name(), 0, 0);
            }
        }
        unsynced = new ArrayList<>();
        forgetCache(root);
    }

    /** Every file that can be reached, in the order of the names. */
    void forEachFile(final FileVisitor visitor) {
        visit(root, "", visitor);
    }

    /** Receives files with their names. */
    @FunctionalInterface
    interface FileVisitor {
        void onFile(String name, FileImage file);
    }

    /** Refuses what the contract of names refuses, and splits the rest. */
    static List<String> parts(final String path) {
        if (path.isEmpty()) {
            return List.of();
        }
        final List<String> parts = new ArrayList<>();
        int start = 0;
        while (start <= path.length()) {
            final int slash = path.indexOf('/', start);
            final int end = slash < 0 ? path.length() : slash;
            final String part = path.substring(start, end);
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw new IllegalArgumentException("\"" + path
                        + "\" is not a name within a storage: it must be relative, without empty parts, . and ..");
            }
            if (part.length() > MAX_NAME_LENGTH) {
                throw new StorageException("open", path, -1, Errno.ENAMETOOLONG);
            }
            parts.add(part);
            start = end + 1;
        }
        return parts;
    }

    private void change(final EntryChange change) {
        change.applyToCache();
        unsynced.add(change);
        if (unsynced.size() > MAX_UNSYNCED_CHANGES) {
            unsynced.removeFirst().applyToPlatter();
        }
    }

    private void settle() {
        final List<EntryChange> settled = new ArrayList<>();
        final List<EntryChange> open = new ArrayList<>();
        for (int i = unsynced.size() - 1; i >= 0; i--) {
            final EntryChange change = unsynced.get(i);
            (change.durable() || dependsOnAny(change, settled) ? settled : open).add(change);
        }
        settled.reversed().forEach(EntryChange::applyToPlatter);
        unsynced = new ArrayList<>(open.reversed());
    }

    private static boolean dependsOnAny(final EntryChange change, final List<EntryChange> others) {
        for (final EntryChange other : others) {
            if (change.overlaps(other)) {
                return true;
            }
        }
        return false;
    }

    private static void forgetCache(final Directory directory) {
        directory.forgetCache();
        for (final Inode inode : directory.current().values()) {
            if (inode instanceof Directory child) {
                forgetCache(child);
            }
        }
    }

    private static void visit(final Directory directory, final String prefix, final FileVisitor visitor) {
        for (final Map.Entry<String, Inode> entry : directory.current().entrySet()) {
            switch (entry.getValue()) {
                case Directory child -> visit(child, prefix + entry.getKey() + "/", visitor);
                case FileImage file -> visitor.onFile(prefix + entry.getKey(), file);
            }
        }
    }
}
