package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.FileStatus;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.s3tier.store.WriteStamp;
import java.util.HexFormat;

/**
 * One version of an object: an open file with what its attribute says. Open, it stays that version whatever happens
 * to the name.
 *
 * <p>A file without the attribute (copied in by hand, or by a program that drops attributes) is an object too: its
 * etag is made of length, time of the last change and inode, so that it changes as far as the file system can tell.
 */
record ObjectFile(StorageFile file, Version version) {
    private static final long NANOS_A_MILLISECOND = 1_000_000L;
    private static final HexFormat HEX = HexFormat.of();

    /**
     * What is known of a version.
     *
     * @param crc32c of the whole content, or null when nobody has written it down.
     * @param damage why it cannot be read, or null.
     */
    record Version(
            String etag, long lengthBytes, long lastModifiedEpochMs, WriteStamp stamp, Integer crc32c, String damage) {}

    /** Opens what stands under a path now; null when no object does. */
    static ObjectFile open(final Storage storage, final String path) {
        final StorageFile file;
        try {
            file = storage.openForRead(path, Access.BUFFERED);
        } catch (final StorageException e) {
            if (noObject(e.errno())) {
                return null;
            }
            throw e;
        }
        try {
            final FileStatus status = file.status();
            if (status.kind() == FileKind.FILE) {
                return new ObjectFile(file, versionOf(status, file.attribute(StoreLayout.ATTRIBUTE)));
            }
        } catch (final StorageException e) {
            file.close();
            throw e;
        }
        file.close();
        return null;
    }

    /** The version that stands under a path now; null when no object does. */
    static Version versionAt(final Storage storage, final String path) {
        final ObjectFile object = open(storage, path);
        if (object == null) {
            return null;
        }
        object.file.close();
        return object.version;
    }

    /** For lists: by one system call where the attribute is there. Null when no object is. */
    static Version listedAt(final Storage storage, final String path) {
        try {
            final byte[] bytes = storage.attribute(path, StoreLayout.ATTRIBUTE);
            final ObjectAttribute attribute = bytes == null ? null : ObjectAttribute.decode(bytes);
            if (attribute != null) {
                return versionOf(attribute);
            }
            final FileStatus status = storage.status(path);
            return status == null || status.kind() != FileKind.FILE ? null : versionOf(status, null);
        } catch (final StorageException e) {
            if (noObject(e.errno())) {
                return null;
            }
            throw e;
        }
    }

    private static boolean noObject(final int errno) {
        return errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.EISDIR;
    }

    private static Version versionOf(final FileStatus status, final byte[] bytes) {
        if (bytes == null) {
            final String etag = "\"~" + Long.toHexString(status.lengthBytes()) + "-"
                    + HEX.toHexDigits(status.modifiedEpochNs()) + "-" + Long.toHexString(status.inode()) + "\"";
            return new Version(
                    etag,
                    status.lengthBytes(),
                    status.modifiedEpochNs() / NANOS_A_MILLISECOND,
                    WriteStamp.NONE,
                    null,
                    null);
        }
        final ObjectAttribute attribute = ObjectAttribute.decode(bytes);
        if (attribute == null) {
            return damaged(status, "its attribute " + StoreLayout.ATTRIBUTE + " is damaged");
        }
        if (attribute.lengthBytes() != status.lengthBytes()) {
            return damaged(
                    status,
                    "it was written with " + attribute.lengthBytes() + " bytes and has " + status.lengthBytes());
        }
        return versionOf(attribute);
    }

    private static Version versionOf(final ObjectAttribute attribute) {
        return new Version(
                attribute.etag(),
                attribute.lengthBytes(),
                attribute.writtenEpochMs(),
                attribute.stamp(),
                attribute.crc32c(),
                null);
    }

    private static Version damaged(final FileStatus status, final String damage) {
        return new Version(
                "\"damaged\"",
                status.lengthBytes(),
                status.modifiedEpochNs() / NANOS_A_MILLISECOND,
                WriteStamp.NONE,
                null,
                damage);
    }
}
