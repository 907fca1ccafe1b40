package dev.firn.server.redo;

import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What of a data directory the log determines, by path. */
final class ClusterFiles {
    /** Relations and relation maps; what of transactions is on disk; mappings and positions of logical replication. */
    private static final List<String> FOLDERS = List.of(
            "base",
            "global",
            "pg_tblspc",
            "pg_xact",
            "pg_multixact",
            "pg_commit_ts",
            "pg_twophase",
            "pg_logical/mappings");

    private ClusterFiles() {}

    /** Relation files but of the free space map, which Postgres does not log. */
    static Map<String, RelationPath.Location> relations(final Path data, final PostgresVersion version)
            throws IOException {
        final Map<String, RelationPath.Location> relations = new TreeMap<>();
        for (final String path : list(data)) {
            final RelationPath.Location location = RelationPath.parse(version, path);
            if (location != null && location.fork() != Fork.FREE_SPACE_MAP) {
                relations.put(path, location);
            }
        }
        return relations;
    }

    /** All others. The control file has a comparison of its own; what serves as a cache or says when it was written is left out. */
    static List<String> others(final Path data, final PostgresVersion version) throws IOException {
        return list(data).stream()
                .filter(path -> RelationPath.parse(version, path) == null)
                .filter(path -> !path.endsWith("pg_internal.init") && !path.equals("global/pg_control"))
                .toList();
    }

    private static List<String> list(final Path data) throws IOException {
        final List<String> paths = new ArrayList<>();
        for (final String folder : FOLDERS) {
            if (!Files.isDirectory(data.resolve(folder))) {
                continue;
            }
            // A tablespace may be a link.
            try (Stream<Path> tree = Files.walk(data.resolve(folder), FileVisitOption.FOLLOW_LINKS)) {
                tree.filter(Files::isRegularFile)
                        .map(file -> data.relativize(file).toString())
                        .forEach(paths::add);
            }
        }
        paths.sort(null);
        return paths;
    }
}
