package dev.firn.server.home;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Small text files that are replaced whole: a reader sees the old content or the new, also after a crash. */
public final class DurableText {
    static final String TEMPORARY = ".new";

    /** These files are a few hundred bytes; what is longer is not one of them. */
    static final int MAX_BYTES = 64 * 1024;

    private DurableText() {}

    public static void replace(final Storage storage, final String name, final String content) {
        final byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        final String temporary = name + TEMPORARY;
        if (storage.exists(temporary)) {
            storage.delete(temporary);
        }
        try (Arena arena = Arena.ofConfined();
                StorageFile file = storage.create(temporary, Access.BUFFERED)) {
            file.write(0, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
            file.sync();
        }
        storage.renameDurably(temporary, name);
    }

    public static String read(final Storage storage, final String name) {
        try (Arena arena = Arena.ofConfined();
                StorageFile file = storage.openForRead(name, Access.BUFFERED)) {
            final int lengthBytes = (int) Math.min(file.lengthBytes(), MAX_BYTES);
            final MemorySegment buffer =
                    arena.allocate(Math.max(1, lengthBytes)).asSlice(0, lengthBytes);
            final int read = file.read(0, buffer);
            return new String(buffer.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    /** Whether a name is that of a replacement that a crash left unfinished. */
    static boolean isTemporary(final String name) {
        return name.endsWith(TEMPORARY);
    }
}
