package dev.firn.nativeio.storage;

/** Linux error numbers (asm-generic/errno-base.h, errno.h) that storage code meets, with their names. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    public static final int ERANGE = 34;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int ENOTEMPTY = 39;
    public static final int ENODATA = 61;
    public static final int ETIME = 62;
    public static final int EOPNOTSUPP = 95;
    public static final int EALREADY = 114;
    public static final int EDQUOT = 122;
    public static final int ECANCELED = 125;

    private Errno() {}

    /** Name and meaning, as in {@code "ENOSPC (28): no space left on device"}. */
    public static String describe(final int errno) {
        return switch (errno) {
            case EPERM -> "EPERM (1): operation not permitted";
            case ENOENT -> "ENOENT (2): no such file or directory";
            case EINTR -> "EINTR (4): interrupted system call";
            case EIO -> "EIO (5): input/output error";
            case ENXIO -> "ENXIO (6): no such device or address";
            case EBADF -> "EBADF (9): bad file descriptor";
            case EAGAIN -> "EAGAIN (11): resource temporarily unavailable";
            case ENOMEM -> "ENOMEM (12): out of memory, or over the memlock limit";
            case EACCES -> "EACCES (13): permission denied";
            case EFAULT -> "EFAULT (14): bad address";
            case EBUSY -> "EBUSY (16): device or resource busy";
            case EEXIST -> "EEXIST (17): file exists";
            case ENODEV -> "ENODEV (19): no such device";
            case ENOTDIR -> "ENOTDIR (20): not a directory";
            case EISDIR -> "EISDIR (21): is a directory";
            case EINVAL -> "EINVAL (22): invalid argument";
            case ENFILE -> "ENFILE (23): too many open files on this host";
            case EMFILE -> "EMFILE (24): too many open files";
            case EFBIG -> "EFBIG (27): file too large";
            case ENOSPC -> "ENOSPC (28): no space left on device";
            case EROFS -> "EROFS (30): read-only file system";
            case ERANGE -> "ERANGE (34): result too large";
            case ENAMETOOLONG -> "ENAMETOOLONG (36): file name too long";
            case ENOSYS -> "ENOSYS (38): not implemented by this kernel";
            case ENOTEMPTY -> "ENOTEMPTY (39): directory not empty";
            case ENODATA -> "ENODATA (61): no such attribute";
            case ETIME -> "ETIME (62): timer expired";
            case EOPNOTSUPP -> "EOPNOTSUPP (95): not supported by this file system";
            case EALREADY -> "EALREADY (114): operation already in progress";
            case EDQUOT -> "EDQUOT (122): disk quota exceeded";
            case ECANCELED -> "ECANCELED (125): operation cancelled";
            default -> "errno " + errno;
        };
    }
}
