package dev.firn.nativeio.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.nativeio.posix.ErrnoCapture;
import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.StorageException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Extended attributes of host files: see xattr(7). */
final class ExtendedAttributes {
    /** What is tried first; nearly every value fits. */
    private static final int USUAL_BYTES = 1 << 10;

    /** XATTR_SIZE_MAX of linux/limits.h. */
    private static final int MAX_BYTES = 64 << 10;

    private ExtendedAttributes() {}

    static byte[] read(final String name, final int descriptor, final String attribute) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            final MemorySegment attributeName = arena.allocateFrom(attribute);
            MemorySegment value = arena.allocate(USUAL_BYTES);
            long length = FileCalls.attribute(errno, descriptor, attributeName, value);
            if (length == -Errno.ERANGE) {
                value = arena.allocate(MAX_BYTES);
                length = FileCalls.attribute(errno, descriptor, attributeName, value);
            }
            return valueOf("FGETXATTR", name, value, length);
        }
    }

    static byte[] read(final String name, final String path, final String attribute) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            final MemorySegment pathName = arena.allocateFrom(path);
            final MemorySegment attributeName = arena.allocateFrom(attribute);
            MemorySegment value = arena.allocate(USUAL_BYTES);
            long length = FileCalls.attribute(errno, pathName, attributeName, value);
            if (length == -Errno.ERANGE) {
                value = arena.allocate(MAX_BYTES);
                length = FileCalls.attribute(errno, pathName, attributeName, value);
            }
            return valueOf("GETXATTR", name, value, length);
        }
    }

    private static byte[] valueOf(
            final String operation, final String name, final MemorySegment value, final long length) {
        if (length == -Errno.ENODATA || length == -Errno.EOPNOTSUPP) {
            return null;
        }
        if (length < 0) {
            throw new StorageException(operation, name, -1, (int) -length);
        }
        return value.asSlice(0, length).toArray(JAVA_BYTE);
    }
}
