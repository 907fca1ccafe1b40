package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.TreeMap;

/** The files of a log as bytes, to be damaged and put somewhere else. */
final class LogImage {
    final TreeMap<String, byte[]> files = new TreeMap<>();

    static LogImage of(final Storage storage, final String directory) {
        final LogImage image = new LogImage();
        for (final String name : storage.list(directory)) {
            try (Arena arena = Arena.ofConfined();
                    StorageFile file = storage.openForRead(directory + "/" + name, Access.BUFFERED)) {
                final MemorySegment bytes = arena.allocate(Math.max(1, file.lengthBytes()), FrameLayout.ALIGNMENT);
                final int length = file.read(0, bytes);
                image.files.put(name, bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return image;
    }

    LogImage copy() {
        final LogImage copy = new LogImage();
        files.forEach((name, bytes) -> copy.files.put(name, bytes.clone()));
        return copy;
    }

    void writeTo(final Storage storage, final String directory) {
        storage.createDirectories(directory);
        files.forEach((name, bytes) -> {
            try (Arena arena = Arena.ofConfined();
                    StorageFile file = storage.create(directory + "/" + name, Access.BUFFERED)) {
                final MemorySegment copy = arena.allocate(Math.max(1, bytes.length), FrameLayout.ALIGNMENT);
                MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
                file.write(0, copy.asSlice(0, bytes.length));
                file.sync();
            }
        });
    }

    byte[] control() {
        return files.get("control");
    }

    byte[] segment(final int which) {
        return files.get(segmentName(which));
    }

    /** @param which in the order of their numbers. */
    String segmentName(final int which) {
        return files.keySet().stream()
                .filter(name -> LogNames.segmentOf(name) >= 0)
                .skip(which)
                .findFirst()
                .orElseThrow();
    }

    boolean isSame(final LogImage other) {
        return files.keySet().equals(other.files.keySet())
                && files.keySet().stream().allMatch(name -> Arrays.equals(files.get(name), other.files.get(name)));
    }
}
