package dev.firn.s3tier.location;

import dev.firn.s3tier.location.StoreLocation.DirectoryLocation;
import dev.firn.s3tier.store.ObjectKeys;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Which directory store a path leads into, and where in it: the store is the nearest directory above that is one, and the key
 * is what follows, letter for letter.
 */
final class DirectoryAddress {
    /** What makes a directory a store. */
    private static final String MARK = ".firn/format";

    private DirectoryAddress() {}

    static boolean isStore(final Path directory) {
        return Files.exists(directory.resolve(MARK));
    }

    /** A path that names an object. Above it is a store, or else the directory that it stands in is to become one. */
    static ObjectAddress ofObject(final String path) {
        final String absolute = absolute(path);
        final int root = rootLength(absolute.substring(0, absolute.lastIndexOf('/')));
        final int end = root < 0 ? absolute.lastIndexOf('/') : root;
        return new ObjectAddress(
                new DirectoryLocation(normal(end == 0 ? "/" : absolute.substring(0, end))),
                ObjectKeys.requireValid(absolute.substring(end + 1)));
    }

    /** A path that names a store or a prefix in one. Without a store at it or above it, the directory is to become one. */
    static ObjectAddress ofPrefix(final String path) {
        final String absolute = absolute(path).replaceFirst("/+$", "");
        final int root = rootLength(absolute);
        final boolean below = root >= 0 && root < absolute.length();
        final String directory = below ? absolute.substring(0, root) : absolute;
        return new ObjectAddress(
                new DirectoryLocation(normal(directory.isEmpty() ? "/" : directory)),
                below ? absolute.substring(root + 1) + "/" : "");
    }

    /** How much of a path leads to the nearest store at it or above it; -1 when there is none. */
    private static int rootLength(final String path) {
        for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
            final String candidate = path.substring(0, end);
            if (!candidate.endsWith("/") && isStore(normal(candidate))) {
                return end;
            }
        }
        return -1;
    }

    private static String absolute(final String path) {
        return path.startsWith("/") ? path : Path.of("").toAbsolutePath() + "/" + path;
    }

    static Path normal(final String path) {
        try {
            return Path.of(path).toAbsolutePath().normalize();
        } catch (final InvalidPathException e) {
            throw new IllegalArgumentException("this is no path: " + e.getReason(), e);
        }
    }
}
