package dev.firn.compute.binaries;

import dev.firn.compute.ComputeException;
import dev.firn.compute.process.UnprivilegedUser;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Finds a Postgres: an installed one first, else the release of the version table, from the cache or fetched into it.
 *
 * <p>{@code FIRN_CACHE} names another folder for the cache than {@code firn} in {@code XDG_CACHE_HOME} or {@code ~/.cache}; root's
 * is in {@code /var/cache}, because root's home is closed to the user who runs Postgres.
 */
public final class BinariesFinder {
    private static final String OPERATING_SYSTEM = "linux";
    private static final String PROCESSOR = "amd64";

    private final InstalledBinaries installed;
    private final BinariesCache cache;
    private final ReleaseSource source;
    private final Consumer<String> progress;

    BinariesFinder(
            final InstalledBinaries installed,
            final BinariesCache cache,
            final ReleaseSource source,
            final Consumer<String> progress) {
        this.installed = installed;
        this.cache = cache;
        this.source = source;
        this.progress = progress;
    }

    /** Of this machine. @param progress is told, in a line, before anything is fetched */
    public static BinariesFinder ofThisMachine(final Consumer<String> progress) {
        return new BinariesFinder(
                InstalledBinaries.ofThisMachine(),
                new BinariesCache(cacheDirectory().resolve("postgres")),
                new MavenReleaseSource("mvn"),
                progress);
    }

    /** A Postgres of this major version. */
    public PostgresBinaries find(final int major) {
        final PostgresRelease release = PostgresRelease.of(major);
        return installed.find(major).orElseGet(() -> fetch(release));
    }

    /** The release of the version table, also where another of the same major version is installed. */
    public PostgresBinaries release(final int major) {
        return fetch(PostgresRelease.of(major));
    }

    private PostgresBinaries fetch(final PostgresRelease release) {
        final String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        final String processor = System.getProperty("os.arch");
        if (!system.equals(OPERATING_SYSTEM) || !processor.equals(PROCESSOR)) {
            throw new ComputeException(
                    "Postgres " + release.major() + " is not installed, and there are no binaries to fetch for "
                            + system + " on " + processor + ": install it (Debian, Ubuntu: apt-get install postgresql-"
                            + release.major() + ")");
        }
        return cache.obtain(release, source, progress);
    }

    private static Path cacheDirectory() {
        final String named = System.getenv("FIRN_CACHE");
        if (named != null && !named.isEmpty()) {
            return Path.of(named);
        }
        if (UnprivilegedUser.find().dropping()) {
            return Path.of("/var/cache/firn");
        }
        final String caches = System.getenv("XDG_CACHE_HOME");
        return caches != null && !caches.isEmpty()
                ? Path.of(caches, "firn")
                : Path.of(System.getProperty("user.home"), ".cache", "firn");
    }
}
