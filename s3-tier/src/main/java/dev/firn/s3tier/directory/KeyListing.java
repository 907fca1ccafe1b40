package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.AttemptRequest.ListPage;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.PageListed;
import dev.firn.s3tier.store.ListOutcome.Listed;
import dev.firn.s3tier.store.ListOutcome.ListedObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * One page of a list: walks the directories in the order of the keys, from where the page begins.
 *
 * <p>A directory is taken in as a subtree whose keys are neighbours ({@link KeyPaths}), so only directories on the
 * way to the page and in it are read. Of a directory at most {@link #WINDOW} entries are held, the smallest from
 * the page's beginning on; it is read again for the next ones. So a page costs a reading of the directories that it
 * touches, and memory for their windows, however large they are.
 *
 * <p>The token is the last key of the page ({@code k…}), or its last common prefix ({@code p…}). Whatever is
 * created or removed between two pages, a key that was there all the while is listed once.
 */
final class KeyListing {
    /** A page and one entry more. */
    static final int WINDOW = 1_024;

    private static final char AFTER_KEY = 'k';
    private static final char AFTER_PREFIX = 'p';

    private final Storage storage;
    private final ListPage request;
    private final String after;
    private final boolean afterPrefix;
    private final List<ListedObject> objects = new ArrayList<>();
    private final List<String> prefixes = new ArrayList<>();
    private String last;
    private boolean full;

    /**
     * @param begins what all its keys begin with; of a file its whole key.
     * @param order where its keys stand among its neighbours'.
     */
    private record Entry(String begins, String order, String path, boolean directory) {}

    private KeyListing(final Storage storage, final ListPage request) {
        this.storage = storage;
        this.request = request;
        this.after = request.token() == null ? null : request.token().substring(1);
        this.afterPrefix = request.token() != null && request.token().charAt(0) == AFTER_PREFIX;
    }

    static AttemptResult page(final Storage storage, final ListPage request) {
        final String token = request.token();
        if (token != null
                && (token.length() < 2 || (token.charAt(0) != AFTER_KEY && token.charAt(0) != AFTER_PREFIX))) {
            return Failures.rejected("\"" + token + "\" is no token of a list of this store");
        }
        final KeyListing listing = new KeyListing(storage, request);
        listing.walk("", "");
        return new PageListed(new Listed(listing.objects, listing.prefixes, listing.full ? listing.last : null));
    }

    /** @param begins what all keys in this directory begin with. */
    private void walk(final String directory, final String begins) {
        String from = null;
        while (!full) {
            final List<Entry> window = window(directory, begins, from);
            for (int i = 0; i < window.size() && !full; i++) {
                take(window.get(i));
            }
            if (window.size() < WINDOW) {
                return;
            }
            from = window.getLast().order();
        }
    }

    /** The smallest entries after {@code from} that can hold keys of the page, in order. */
    private List<Entry> window(final String directory, final String begins, final String from) {
        final Comparator<Entry> order = (one, other) -> KeyPaths.compare(one.order(), other.order());
        final PriorityQueue<Entry> smallest = new PriorityQueue<>(order.reversed());
        try {
            storage.visit(directory, (name, kind) -> {
                final Entry entry = entry(directory, begins, name, kind);
                if (entry != null && (from == null || KeyPaths.compare(entry.order(), from) > 0)) {
                    if (smallest.size() < WINDOW) {
                        smallest.add(entry);
                    } else if (order.compare(entry, smallest.peek()) < 0) {
                        smallest.remove();
                        smallest.add(entry);
                    }
                }
                return true;
            });
        } catch (final StorageException e) {
            // Removed, or replaced, while we were on the way.
            if (directory.isEmpty() || (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR)) {
                throw e;
            }
        }
        final List<Entry> window = new ArrayList<>(smallest);
        window.sort(order);
        return window;
    }

    /** Null when no key of the page can be there. */
    private Entry entry(final String directory, final String begins, final String name, final FileKind kind) {
        final boolean top = directory.isEmpty();
        if (kind == FileKind.OTHER || (top && name.equals(StoreLayout.ROOT))) {
            return null;
        }
        final String part = KeyPaths.partOf(name, top);
        if (part == null) {
            return null;
        }
        final boolean isDirectory = kind == FileKind.DIRECTORY;
        final boolean chunk = KeyPaths.isChunk(name);
        if (chunk && !isDirectory) {
            return null;
        }
        final String keys = begins + part + (isDirectory && !chunk ? "/" : "");
        final String path = top ? name : directory + "/" + name;
        final Entry entry = new Entry(keys, chunk ? begins + KeyPaths.orderOfChunk(part) : keys, path, isDirectory);
        return wanted(entry) ? entry : null;
    }

    private boolean wanted(final Entry entry) {
        final String keys = entry.begins();
        final boolean matches = keys.startsWith(request.prefix())
                || (entry.directory() && request.prefix().startsWith(keys));
        if (!matches || after == null) {
            return matches;
        }
        if (afterPrefix && keys.startsWith(after)) {
            return false;
        }
        return KeyPaths.compare(keys, after) > 0 || (entry.directory() && after.startsWith(keys));
    }

    private void take(final Entry entry) {
        final String folded = commonPrefix(entry.begins());
        if (folded != null) {
            if (!isLast(folded) && (entry.directory() ? holdsObject(entry.path()) : isObject(entry.path()))) {
                addPrefix(folded);
            }
        } else if (entry.directory()) {
            walk(entry.path(), entry.begins());
        } else {
            final ObjectFile.Version version = ObjectFile.listedAt(storage, entry.path());
            if (version != null && hasRoom()) {
                objects.add(new ListedObject(
                        entry.begins(), version.lengthBytes(), version.lastModifiedEpochMs(), version.etag()));
                last = AFTER_KEY + entry.begins();
            }
        }
    }

    /** What the delimiter folds all keys that begin so into; null when it does not fold them, or not all. */
    private String commonPrefix(final String begins) {
        final String delimiter = request.delimiter();
        if (delimiter == null || delimiter.isEmpty() || !begins.startsWith(request.prefix())) {
            return null;
        }
        final int at = begins.indexOf(delimiter, request.prefix().length());
        return at < 0 ? null : begins.substring(0, at + delimiter.length());
    }

    private boolean isLast(final String prefix) {
        return !prefixes.isEmpty() && prefixes.getLast().equals(prefix);
    }

    private void addPrefix(final String prefix) {
        if (hasRoom()) {
            prefixes.add(prefix);
            last = AFTER_PREFIX + prefix;
        }
    }

    private boolean hasRoom() {
        full |= objects.size() + prefixes.size() >= request.maxKeys();
        return !full;
    }

    private boolean isObject(final String path) {
        return ObjectFile.listedAt(storage, path) != null;
    }

    private boolean holdsObject(final String directory) {
        final List<String> below = new ArrayList<>();
        final boolean[] found = new boolean[1];
        try {
            storage.visit(directory, (name, kind) -> {
                if (KeyPaths.partOf(name, false) != null) {
                    found[0] |= kind == FileKind.FILE;
                    if (kind == FileKind.DIRECTORY) {
                        below.add(directory + "/" + name);
                    }
                }
                return !found[0];
            });
        } catch (final StorageException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                throw e;
            }
        }
        for (int i = 0; i < below.size() && !found[0]; i++) {
            found[0] = holdsObject(below.get(i));
        }
        return found[0];
    }
}
