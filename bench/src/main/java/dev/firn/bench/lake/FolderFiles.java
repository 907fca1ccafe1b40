package dev.firn.bench.lake;

import dev.firn.columnar.transcode.LakeFile;
import dev.firn.columnar.transcode.LakeFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files of a local folder, written as they come, and not synced: nor are the rivals'. */
final class FolderFiles implements LakeFolder {
    private final Path root;
    private long bytes;

    FolderFiles(final Path root) {
        this.root = root;
    }

    /** All that was written. */
    long bytes() {
        return bytes;
    }

    @Override
    public LakeFile create(final String name) {
        final Path path = root.resolve(name);
        try {
            Files.createDirectories(path.getParent());
            return new Written(path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot make " + path, e);
        }
    }

    private final class Written implements LakeFile {
        private final Path path;
        private final FileChannel channel;

        Written(final Path path, final FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        @Override
        public long offer(final MemorySegment from, final long offset, final long length) {
            try {
                final int written = channel.write(from.asSlice(offset, length).asByteBuffer());
                bytes += written;
                return written;
            } catch (final IOException e) {
                throw new UncheckedIOException("cannot write " + path, e);
            }
        }

        @Override
        public void finish() {
            try {
                channel.close();
            } catch (final IOException e) {
                throw new UncheckedIOException("cannot close " + path, e);
            }
        }

        @Override
        public void abandon() {
            try {
                channel.close();
                Files.deleteIfExists(path);
            } catch (final IOException e) {
                throw new UncheckedIOException("cannot delete " + path, e);
            }
        }
    }
}
