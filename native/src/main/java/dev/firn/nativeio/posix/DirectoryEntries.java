package dev.firn.nativeio.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Reads a directory by getdents64(2): {@code struct linux_dirent64} of linux/dirent.h. */
public final class DirectoryEntries {
    /** What d_type says (bits of dirent.h); file systems may leave it unknown. */
    public static final int TYPE_UNKNOWN = 0;

    public static final int TYPE_DIRECTORY = 4;
    public static final int TYPE_REGULAR = 8;
    public static final int TYPE_LINK = 10;

    /** A few hundred entries a call: a large directory costs few calls, a look at the first entry not much. */
    private static final long BUFFER_BYTES = 16 << 10;

    private static final long RECORD_LENGTH_OFFSET = 16;
    private static final long TYPE_OFFSET = 18;
    private static final long NAME_OFFSET = 19;

    /** Receives the entries but {@code .} and {@code ..}; a name that is not UTF-8 comes with replacement characters. */
    @FunctionalInterface
    public interface Receiver {
        /** @return whether to go on. */
        boolean onEntry(String name, int type);
    }

    private DirectoryEntries() {}

    /**
     * Shows all entries, or as many as are asked for.
     *
     * @param descriptor an open directory.
     * @return 0, or the negative errno.
     */
    public static int read(final int descriptor, final Receiver receiver) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            final MemorySegment buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);
            while (true) {
                final long filled = FileCalls.getdents(errno, descriptor, buffer);
                if (filled <= 0) {
                    return (int) filled;
                }
                long at = 0;
                while (at < filled) {
                    final String name = buffer.getString(at + NAME_OFFSET);
                    final int type = buffer.get(JAVA_BYTE, at + TYPE_OFFSET);
                    at += buffer.get(JAVA_SHORT, at + RECORD_LENGTH_OFFSET);
                    if (!name.equals(".") && !name.equals("..") && !receiver.onEntry(name, type)) {
                        return 0;
                    }
                }
            }
        }
    }
}
