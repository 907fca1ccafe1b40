package dev.firn.server.lake;

import dev.firn.server.CommandException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of a folder, where they lie. */
final class DirectoryFiles implements ExportedFiles {
    private final Path root;

    DirectoryFiles(final Path root) {
        this.root = root;
    }

    @Override
    public List<String> paths() {
        if (!Files.isDirectory(root)) {
            throw new CommandException("there is no folder " + root + ": ./firn lake export writes one");
        }
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> path.getFileName().toString().endsWith(SUFFIX))
                    .map(path -> root.relativize(path).toString().replace(File.separatorChar, '/'))
                    .sorted()
                    .toList();
        } catch (final IOException e) {
            throw new CommandException("cannot look into " + root + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Path open(final String path) {
        return root.resolve(path);
    }

    @Override
    public void release() {
        // They stay where they are.
    }

    @Override
    public String addressOf(final String path) {
        return root.resolve(path).toString();
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
