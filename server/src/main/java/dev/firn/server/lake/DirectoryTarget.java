package dev.firn.server.lake;

import dev.firn.columnar.transcode.LakeFile;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A folder. A file is written under another name, and gets its own once it is on disk. */
final class DirectoryTarget implements ExportTarget {
    private static final String UNFINISHED = ".unfinished";

    private final Path root;

    DirectoryTarget(final Path root) {
        this.root = root;
    }

    @Override
    public boolean isFree(final String path) {
        return !holds(path, _ -> true);
    }

    @Override
    public boolean hasUnfinished(final String path) {
        return holds(path, file -> file.getFileName().toString().endsWith(UNFINISHED));
    }

    private boolean holds(final String path, final Predicate<Path> file) {
        final Path folder = root.resolve(path);
        if (!Files.exists(folder)) {
            return false;
        }
        try (Stream<Path> found = Files.walk(folder)) {
            return found.filter(Files::isRegularFile).anyMatch(file);
        } catch (final IOException e) {
            throw new CommandException("cannot look into " + folder + ": " + e.getMessage(), e);
        }
    }

    @Override
    public LakeFile create(final String path) {
        final Path file = root.resolve(path);
        final Path unfinished = unfinished(file);
        try {
            Files.createDirectories(file.getParent());
            return new PlainFile(
                    file,
                    unfinished,
                    FileChannel.open(
                            unfinished,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE));
        } catch (final IOException e) {
            throw cannotWrite(file, e);
        }
    }

    @Override
    public long fileMemoryBytes() {
        return 0;
    }

    @Override
    public void remove(final String path) {
        delete(root.resolve(path));
    }

    private static void delete(final Path file) {
        try {
            Files.deleteIfExists(unfinished(file));
            Files.deleteIfExists(file);
        } catch (final IOException e) {
            throw new CommandException("cannot remove " + file + ": " + e.getMessage(), e);
        }
    }

    private static Path unfinished(final Path file) {
        return file.resolveSibling(file.getFileName() + UNFINISHED);
    }

    @Override
    public String addressOf(final String path) {
        return root.resolve(path).toString();
    }

    private static CommandException cannotWrite(final Path file, final IOException cause) {
        return new CommandException("cannot write " + file + ": " + cause.getMessage(), cause);
    }

    private record PlainFile(Path file, Path unfinished, FileChannel channel) implements LakeFile {
        @Override
        public long offer(final MemorySegment bytes, final long offset, final long length) {
            final long portion = Math.min(length, Integer.MAX_VALUE);
            final ByteBuffer buffer = bytes.asSlice(offset, portion).asByteBuffer();
            try {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (final IOException e) {
                throw cannotWrite(file, e);
            }
            return portion;
        }

        @Override
        public void finish() {
            try {
                channel.force(true);
                channel.close();
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (final IOException e) {
                throw cannotWrite(file, e);
            }
        }

        @Override
        public void abandon() {
            try {
                channel.close();
            } catch (final IOException e) {
                throw cannotWrite(file, e);
            } finally {
                delete(file);
            }
        }
    }

    @Override
    public void close() {
        // Every file closes its own channel.
    }
}
