package dev.firn.compute.instance;

import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of a data directory as off-heap memory that lives as long as this object. */
final class DataDirectory implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final Path root;

    DataDirectory(final Path root) {
        this.root = root;
    }

    Path path(final String relative) {
        return root.resolve(relative);
    }

    MemorySegment read(final String relative) throws IOException {
        final byte[] bytes = Files.readAllBytes(root.resolve(relative));
        final MemorySegment segment = arena.allocate(bytes.length, 8);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }

    MemorySegment allocate(final long bytes) {
        return arena.allocate(bytes, 8);
    }

    /** A fork whose main file has this path, as {@code pg_relation_filepath} gives it. */
    MemorySegment readFork(final String mainPath, final Fork fork) throws IOException {
        return read(mainPath + fork.suffix());
    }

    /** Every file of a relation that there is, by its path. */
    Map<String, RelationPath.Location> relations(final PostgresVersion version) throws IOException {
        final Map<String, RelationPath.Location> found = new TreeMap<>();
        for (final String top : List.of("base", "global")) {
            try (Stream<Path> files = Files.walk(root.resolve(top))) {
                for (final Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                    final String relative = root.relativize(file).toString();
                    final RelationPath.Location location = RelationPath.parse(version, relative);
                    if (location != null) {
                        found.put(relative, location);
                    }
                }
            }
        }
        return found;
    }

    @Override
    public void close() {
        arena.close();
    }
}
