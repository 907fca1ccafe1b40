package dev.firn.server.home;

import dev.firn.server.CommandException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Small text files that only their owner may read, because there is a secret in them. Replaced whole, like
 * {@link DurableText}; the mode is there from the first byte on.
 */
public final class PrivateText {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private PrivateText() {}

    /** Replaces the file durably; it has mode 0600. */
    public static void replace(final Path file, final String content) {
        final Path temporary = file.resolveSibling(file.getFileName() + DurableText.TEMPORARY);
        try {
            Files.deleteIfExists(temporary);
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
                final ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncDirectory(file.getParent());
        } catch (final IOException e) {
            throw new CommandException(file + " cannot be written: " + reason(e), e);
        }
    }

    /** The file's text; empty when there is no such file. */
    public static Optional<String> read(final Path file) {
        try {
            if (Files.size(file) > DurableText.MAX_BYTES) {
                throw new CommandException(file + " is longer than " + DurableText.MAX_BYTES
                        + " bytes, so it is not what its name says: move it away");
            }
            return Optional.of(Files.readString(file));
        } catch (final NoSuchFileException e) {
            return Optional.empty();
        } catch (final IOException e) {
            throw new CommandException(file + " cannot be read: " + reason(e), e);
        }
    }

    /** Makes a folder that only its owner may enter; no error when it is there. Its name is durable. */
    public static void createFolder(final Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder.getParent());
                Files.createDirectory(folder, OWNER_ONLY_FOLDER);
                syncDirectory(folder.getParent());
            }
        } catch (final IOException e) {
            throw new CommandException("the directory " + folder + " cannot be made: " + reason(e), e);
        }
    }

    /** Makes names that were made or removed in a directory survive a crash. */
    public static void syncDirectory(final Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String reason(final IOException e) {
        return e.getClass().getSimpleName() + " " + e.getMessage();
    }
}
