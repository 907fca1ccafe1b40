package dev.firn.tuning.profile;

import dev.firn.tuning.host.Choices;
import dev.firn.tuning.host.SystemTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Changes one place of the host, and reads it. */
final class HostWriter {
    private final SystemTree tree;

    HostWriter(final SystemTree tree) {
        this.tree = tree;
    }

    /** What the place holds now, in the form in which it would be written back; empty when it is not there. */
    Optional<String> read(final Original.Kind kind, final String where) {
        return switch (kind) {
            case VALUE -> tree.read(where).map(Choices::chosen);
            case FILE -> tree.readExactly(where);
            case DIRECTORY -> tree.isDirectory(where) ? Optional.of("") : Optional.empty();
        };
    }

    /** One write of the whole value: the kernel takes each write(2) to such a file for itself. */
    void writeValue(final String where, final String value) throws IOException {
        Files.writeString(
                tree.resolve(where), value + "\n", StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    void writeFile(final String where, final String content) throws IOException {
        final Path file = tree.resolve(where);
        DurableFiles.createDirectories(file.getParent());
        DurableFiles.replace(file, content.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Puts back what was there. A value whose file has gone (the disk was pulled) has nothing to be put back to. */
    void restore(final Original original) throws IOException {
        final Path path = tree.resolve(original.where());
        if (original.kind() == Original.Kind.DIRECTORY) {
            removeIfEmpty(path);
        } else if (original.text().isEmpty()) {
            DurableFiles.delete(path);
        } else if (original.kind() == Original.Kind.FILE) {
            writeFile(original.where(), original.text().get());
        } else if (Files.exists(path)) {
            writeValue(original.where(), original.text().get());
        }
    }

    /** True when the place is as it was, or has gone together with what it belonged to. */
    boolean isRestored(final Original original) {
        final Optional<String> now = read(original.kind(), original.where());
        return now.equals(original.text())
                || (original.kind() == Original.Kind.VALUE && now.isEmpty())
                || (original.kind() == Original.Kind.DIRECTORY && isUsedByOthers(original.where()));
    }

    /** The failure as a clause: what the kernel said, without the file's name, which stands beside it. */
    static String reason(final IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return "the kernel does not permit it";
        }
        if (failure instanceof NoSuchFileException) {
            return "it is not there";
        }
        if (failure instanceof FileSystemException named && named.getReason() != null) {
            return named.getReason();
        }
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    private boolean isUsedByOthers(final String directory) {
        return !tree.list(directory, name -> true).isEmpty();
    }

    private static void removeIfEmpty(final Path directory) throws IOException {
        try {
            DurableFiles.delete(directory);
        } catch (final DirectoryNotEmptyException usedByOthers) {
            // Somebody else keeps files there now: it stays, and isRestored says so.
            return;
        }
    }
}
