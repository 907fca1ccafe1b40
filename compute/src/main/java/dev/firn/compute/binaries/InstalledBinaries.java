package dev.firn.compute.binaries;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Postgres as the distribution installed it: the packages' versioned folders first, then the search path. Whatever is found has
 * to say that it is the version wanted: a {@code postgres} on the search path may be a link, or of another version.
 */
public final class InstalledBinaries {
    /** Debian and Ubuntu; the PostgreSQL project's own packages for the Red Hat family. */
    private static final List<String> PACKAGE_FOLDERS = List.of("/usr/lib/postgresql/%d/bin", "/usr/pgsql-%d/bin");

    private final List<String> packageFolders;
    private final String searchPath;

    /**
     * @param packageFolders where packages install, with %d for the major version
     * @param searchPath     folders in the manner of PATH
     */
    InstalledBinaries(final List<String> packageFolders, final String searchPath) {
        this.packageFolders = List.copyOf(packageFolders);
        this.searchPath = searchPath;
    }

    /** Of this machine, by this process' PATH. */
    public static InstalledBinaries ofThisMachine() {
        return new InstalledBinaries(
                PACKAGE_FOLDERS, Optional.ofNullable(System.getenv("PATH")).orElse(""));
    }

    /** The installed programs of a major version. */
    public Optional<PostgresBinaries> find(final int major) {
        for (final Path folder : folders(major)) {
            final Optional<PostgresBinaries> binaries =
                    PostgresBinaries.in(folder).filter(found -> found.major() == major);
            if (binaries.isPresent()) {
                return binaries;
            }
        }
        return Optional.empty();
    }

    private Set<Path> folders(final int major) {
        final List<Path> candidates = new ArrayList<>();
        packageFolders.forEach(folder -> candidates.add(Path.of(folder.formatted(major))));
        for (final String folder : searchPath.split(File.pathSeparator, -1)) {
            if (!folder.isEmpty()) {
                candidates.add(Path.of(folder));
            }
        }
        final Set<Path> folders = new LinkedHashSet<>();
        for (final Path candidate : candidates) {
            final Path program = candidate.resolve("postgres");
            if (Files.isExecutable(program)) {
                try {
                    folders.add(program.toRealPath().getParent());
                } catch (final IOException e) {
                    // It went away between two looks: it is not installed.
                    continue;
                }
            }
        }
        return folders;
    }
}
