package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.Errno;

/**
 * A fault that is aimed: which operation, on which file and where in it, after how many that pass, how often.
 *
 * <p>{@code FaultRule.on(DiskOperation.SYNC).file("wal/1").skip(2).failing(Errno.EIO)} lets two syncs of that file pass
 * and fails the third.
 *
 * @param file the name it was opened with, or null for any; of a rename the old name, of a directory's sync the directory.
 * @param fromOffset first byte of the range that a read, write or allocation must touch.
 * @param toOffset first byte after the range.
 * @param skip how many that match pass first.
 * @param times how many fail then.
 * @param errno what they fail with; 0 for a short transfer.
 * @param shortBytes how many bytes a short transfer moves.
 */
public record FaultRule(
        DiskOperation operation,
        String file,
        long fromOffset,
        long toOffset,
        int skip,
        int times,
        int errno,
        int shortBytes) {
    public FaultRule {
        if (skip < 0 || times < 1 || (errno <= 0 && shortBytes < 1)) {
            throw new IllegalArgumentException(
                    "a fault rule fails at least one operation with an errno, or moves at least" + " one byte: skip "
                            + skip + ", times " + times + ", errno " + errno + ", bytes " + shortBytes);
        }
    }

    /** The next such operation on any file, anywhere, once, with EIO. */
    public static FaultRule on(final DiskOperation operation) {
        return new FaultRule(operation, null, 0, Long.MAX_VALUE, 0, 1, Errno.EIO, 0);
    }

    public FaultRule file(final String name) {
        return new FaultRule(operation, name, fromOffset, toOffset, skip, times, errno, shortBytes);
    }

    public FaultRule within(final long from, final long to) {
        return new FaultRule(operation, file, from, to, skip, times, errno, shortBytes);
    }

    public FaultRule skip(final int matches) {
        return new FaultRule(operation, file, fromOffset, toOffset, matches, times, errno, shortBytes);
    }

    public FaultRule times(final int matches) {
        return new FaultRule(operation, file, fromOffset, toOffset, skip, matches, errno, shortBytes);
    }

    public FaultRule failing(final int withErrno) {
        return new FaultRule(operation, file, fromOffset, toOffset, skip, times, withErrno, 0);
    }

    /** For {@link DiskOperation#READ} and {@link DiskOperation#WRITE} on a ring. */
    public FaultRule moving(final int bytes) {
        return new FaultRule(operation, file, fromOffset, toOffset, skip, times, 0, bytes);
    }

    boolean matches(final DiskOperation asked, final String name, final long offset, final long count) {
        return asked == operation
                && (file == null || file.equals(name))
                && (offset < 0 || (offset < toOffset && offset + Math.max(1, count) > fromOffset));
    }
}
