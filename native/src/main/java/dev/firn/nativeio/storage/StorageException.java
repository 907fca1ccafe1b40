package dev.firn.nativeio.storage;

/** An operation on a file failed: says which operation, which file, where in it, and the errno. */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String operation;
    private final String file;
    private final long fileOffset;
    private final int errno;

    public StorageException(final String operation, final String file, final long fileOffset, final int errno) {
        super(operation + (file.isEmpty() ? "" : " " + file) + (fileOffset < 0 ? "" : " at offset " + fileOffset) + ": "
                + Errno.describe(errno));
        this.operation = operation;
        this.file = file;
        this.fileOffset = fileOffset;
        this.errno = errno;
    }

    /** The operation as {@link OperationKind#name()} or the system call's name. */
    public String operation() {
        return operation;
    }

    public String file() {
        return file;
    }

    /** Where in the file, or -1 when the operation has no offset. */
    public long fileOffset() {
        return fileOffset;
    }

    public int errno() {
        return errno;
    }
}
