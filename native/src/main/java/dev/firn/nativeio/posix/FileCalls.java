package dev.firn.nativeio.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** File calls of the C library (open(2), pread(2), fallocate(2), statx(2), flock(2), …) for x86-64 and arm64 Linux. */
public final class FileCalls {
    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_DIRECT = System.getProperty("os.arch").equals("aarch64") ? 0x10000 : 0x4000;
    public static final int O_DIRECTORY = System.getProperty("os.arch").equals("aarch64") ? 0x4000 : 0x10000;
    public static final int O_CLOEXEC = 0x80000;

    public static final int LOCK_EXCLUSIVE = 2;
    public static final int LOCK_NON_BLOCKING = 4;

    /** Most bytes that one read or write moves: MAX_RW_COUNT of the kernel. */
    public static final int MAX_TRANSFER_BYTES = 0x7fff_f000;

    private static final MethodHandle OPEN = Libc.function(
            "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE = Libc.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle PREAD =
            Libc.function("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle PWRITE =
            Libc.function("pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle PREADV =
            Libc.function("preadv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG));
    private static final MethodHandle PWRITEV =
            Libc.function("pwritev", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG));
    private static final MethodHandle FSYNC = Libc.function("fsync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FDATASYNC = Libc.function("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FALLOCATE =
            Libc.function("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FTRUNCATE =
            Libc.function("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle STATX =
            Libc.function("statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle FLOCK =
            Libc.function("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle RENAME =
            Libc.function("rename", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle REMOVE = Libc.function("remove", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle MKDIR =
            Libc.function("mkdir", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

    private static final MethodHandle RENAMEAT2 =
            Libc.function("renameat2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle LINK = Libc.function("link", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle GETDENTS64 =
            Libc.function("getdents64", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle FSETXATTR = Libc.function(
            "fsetxattr", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle FGETXATTR =
            Libc.function("fgetxattr", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
    private static final MethodHandle GETXATTR =
            Libc.function("getxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));

    /** fcntl.h: paths are taken from the working directory, and all of ours are absolute. */
    private static final int AT_FDCWD = -100;

    /** linux/fs.h. */
    private static final int RENAME_NOREPLACE = 1;

    private FileCalls() {}

    /** open(2): the descriptor, or the negative errno. */
    public static int open(final String path, final int flags, final int mode) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) OPEN.invokeExact(errno.segment(), arena.allocateFrom(path), flags, mode));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    public static int close(final int descriptor) {
        return onDescriptor(CLOSE, descriptor);
    }

    public static int fsync(final int descriptor) {
        return onDescriptor(FSYNC, descriptor);
    }

    public static int fdatasync(final int descriptor) {
        return onDescriptor(FDATASYNC, descriptor);
    }

    private static int onDescriptor(final MethodHandle call, final int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) call.invokeExact(errno.segment(), descriptor));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** fsync(2) with the caller's capture: for threads that call often. */
    public static int fsync(final ErrnoCapture errno, final int descriptor) {
        try {
            return (int) errno.orErrno((int) FSYNC.invokeExact(errno.segment(), descriptor));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** fdatasync(2) with the caller's capture. */
    public static int fdatasync(final ErrnoCapture errno, final int descriptor) {
        try {
            return (int) errno.orErrno((int) FDATASYNC.invokeExact(errno.segment(), descriptor));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /**
     * pread(2). By address, because the memory may be another thread's: the caller keeps it alive during the call.
     */
    public static long pread(
            final ErrnoCapture errno,
            final int descriptor,
            final long address,
            final long lengthBytes,
            final long fileOffset) {
        try {
            return errno.orErrno(
                    (long) PREAD.invokeExact(errno.segment(), descriptor, address, lengthBytes, fileOffset));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** pwrite(2): see {@link #pread}. */
    public static long pwrite(
            final ErrnoCapture errno,
            final int descriptor,
            final long address,
            final long lengthBytes,
            final long fileOffset) {
        try {
            return errno.orErrno(
                    (long) PWRITE.invokeExact(errno.segment(), descriptor, address, lengthBytes, fileOffset));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /**
     * preadv(2).
     *
     * @param vectors the address of {@code count} native {@code struct iovec}.
     */
    public static long preadv(
            final ErrnoCapture errno,
            final int descriptor,
            final long vectors,
            final int count,
            final long fileOffset) {
        try {
            return errno.orErrno((long) PREADV.invokeExact(errno.segment(), descriptor, vectors, count, fileOffset));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** pwritev(2): see {@link #preadv}. */
    public static long pwritev(
            final ErrnoCapture errno,
            final int descriptor,
            final long vectors,
            final int count,
            final long fileOffset) {
        try {
            return errno.orErrno((long) PWRITEV.invokeExact(errno.segment(), descriptor, vectors, count, fileOffset));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** fallocate(2) in mode 0: reserves, and extends the file when it is shorter. */
    public static int fallocate(
            final ErrnoCapture errno, final int descriptor, final long fileOffset, final long lengthBytes) {
        try {
            return (int)
                    errno.orErrno((int) FALLOCATE.invokeExact(errno.segment(), descriptor, 0, fileOffset, lengthBytes));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    public static int ftruncate(final int descriptor, final long lengthBytes) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) FTRUNCATE.invokeExact(errno.segment(), descriptor, lengthBytes));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** statx(2) of an open file into {@link StatxLayout}. */
    static int statx(final int descriptor, final int mask, final MemorySegment result) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) STATX.invokeExact(
                    errno.segment(), descriptor, arena.allocateFrom(""), StatxLayout.AT_EMPTY_PATH, mask, result));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    public static int flock(final int descriptor, final int operation) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) FLOCK.invokeExact(errno.segment(), descriptor, operation));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    public static int rename(final String from, final String to) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno(
                    (int) RENAME.invokeExact(errno.segment(), arena.allocateFrom(from), arena.allocateFrom(to)));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** remove(3): unlinks a file, or removes an empty directory. */
    public static int remove(final String path) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) REMOVE.invokeExact(errno.segment(), arena.allocateFrom(path)));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    public static int mkdir(final String path, final int mode) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) MKDIR.invokeExact(errno.segment(), arena.allocateFrom(path), mode));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** renameat2(2) with RENAME_NOREPLACE: EEXIST when the new name is taken, EINVAL where the file system cannot do it. */
    public static int renameExclusively(final String from, final String to) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) RENAMEAT2.invokeExact(
                    errno.segment(),
                    AT_FDCWD,
                    arena.allocateFrom(from),
                    AT_FDCWD,
                    arena.allocateFrom(to),
                    RENAME_NOREPLACE));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    public static int link(final String existing, final String added) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno(
                    (int) LINK.invokeExact(errno.segment(), arena.allocateFrom(existing), arena.allocateFrom(added)));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** statx(2) of a path into {@link StatxLayout}, links followed. */
    static int statx(final String path, final int mask, final MemorySegment result) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno(
                    (int) STATX.invokeExact(errno.segment(), AT_FDCWD, arena.allocateFrom(path), 0, mask, result));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** getdents64(2) into {@link DirectoryEntries}: the bytes filled, 0 at the end, or the negative errno. */
    static long getdents(final ErrnoCapture errno, final int descriptor, final MemorySegment buffer) {
        try {
            return errno.orErrno((long) GETDENTS64.invokeExact(errno.segment(), descriptor, buffer, buffer.byteSize()));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** fsetxattr(2), creating or replacing. */
    public static int setAttribute(final int descriptor, final String attribute, final byte[] value) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) FSETXATTR.invokeExact(
                    errno.segment(),
                    descriptor,
                    arena.allocateFrom(attribute),
                    arena.allocateFrom(JAVA_BYTE, value),
                    (long) value.length,
                    0));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** fgetxattr(2) into the buffer: the attribute's length, or the negative errno. */
    public static long attribute(
            final ErrnoCapture errno, final int descriptor, final MemorySegment attribute, final MemorySegment value) {
        try {
            return errno.orErrno(
                    (long) FGETXATTR.invokeExact(errno.segment(), descriptor, attribute, value, value.byteSize()));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** getxattr(2) into the buffer: the attribute's length, or the negative errno. */
    public static long attribute(
            final ErrnoCapture errno,
            final MemorySegment path,
            final MemorySegment attribute,
            final MemorySegment value) {
        try {
            return errno.orErrno(
                    (long) GETXATTR.invokeExact(errno.segment(), path, attribute, value, value.byteSize()));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }
}
