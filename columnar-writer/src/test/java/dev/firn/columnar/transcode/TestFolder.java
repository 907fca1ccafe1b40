package dev.firn.columnar.transcode;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of plain files, each there when it is finished. */
public record TestFolder(Path root) implements LakeFolder {
    @Override
    public LakeFile create(final String name) {
        final Path path = root.resolve(name);
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        return new LakeFile() {
            @Override
            public void finish() {
                try {
                    Files.createDirectories(path.getParent());
                    Files.write(path, bytes.toByteArray());
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public void abandon() {
                try {
                    Files.deleteIfExists(path);
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public long offer(final MemorySegment from, final long offset, final long length) {
                bytes.writeBytes(from.asSlice(offset, length).toArray(JAVA_BYTE));
                return length;
            }
        };
    }
}
