package dev.firn.tuning.profile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Small files that are there as a whole or not at all, whenever the power goes. */
final class DurableFiles {
    private static final String TEMPORARY = ".firn-new";

    private DurableFiles() {}

    /**
     * Writes beside the file, flushes, renames over it, flushes the directory. Keeps the permissions of what was
     * there.
     */
    static void replace(final Path file, final byte[] content) throws IOException {
        final Path directory = file.toAbsolutePath().getParent();
        final Path temporary = directory.resolve(file.getFileName() + TEMPORARY);
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                final ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                if (Files.exists(file)) {
                    Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(file));
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        syncDirectory(directory);
    }

    static void delete(final Path file) throws IOException {
        Files.deleteIfExists(file);
        syncDirectory(file.toAbsolutePath().getParent());
    }

    /** Makes the directory and those above it; each new name is flushed. */
    static void createDirectories(final Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        final Path parent = directory.toAbsolutePath().getParent();
        createDirectories(parent);
        Files.createDirectory(directory);
        syncDirectory(parent);
    }

    private static void syncDirectory(final Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
