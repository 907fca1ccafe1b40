package dev.firn.compute.binaries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.compute.ComputeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BinariesCacheTest {
    private static final int MAJOR = 17;

    @TempDir
    Path temporary;

    private final List<String> progress = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger fetches = new AtomicInteger();
    private Path jar;
    private Path directory;
    private BinariesCache cache;

    @BeforeEach
    void makeCache() throws Exception {
        jar = SmallRelease.jar(temporary, MAJOR);
        directory = temporary.resolve("cache");
        cache = new BinariesCache(directory);
    }

    @Test
    void shouldFetchOnceAndSaySoWhenAskedTwice() throws Exception {
        final PostgresRelease release = SmallRelease.release(MAJOR, jar);
        final PostgresBinaries first = cache.obtain(release, this::copy, progress::add);
        final PostgresBinaries second = new BinariesCache(directory).obtain(release, this::copy, progress::add);

        assertThat(first).isEqualTo(second);
        assertThat(first.version()).isEqualTo("17.99");
        assertThat(fetches).hasValue(1);
        assertThat(progress).singleElement().asString().contains("getting", release.coordinates());
        assertThat(entries())
                .containsExactlyInAnyOrder(
                        "lock", first.folder().getParent().getFileName().toString());
    }

    @Test
    void shouldBeReadableByEverybodyWhenUnpacked() throws Exception {
        final Path home = cache.obtain(SmallRelease.release(MAJOR, jar), this::copy, progress::add)
                .folder()
                .getParent();
        for (final String executable : List.of(".", "bin", "bin/initdb", "lib")) {
            assertThat(Files.getPosixFilePermissions(home.resolve(executable)))
                    .as(executable)
                    .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        assertThat(Files.getPosixFilePermissions(home.resolve("share/readme")))
                .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(home.resolve("lib/libpq.so")).isSymbolicLink().hasContent("library");
    }

    @Test
    void shouldRefuseTheJarWhenItsChecksumDiffers() throws Exception {
        final PostgresRelease release = SmallRelease.release(MAJOR, jar);
        Files.write(jar, new byte[] {0}, StandardOpenOption.APPEND);

        assertThatThrownBy(() -> cache.obtain(release, this::copy, progress::add))
                .isInstanceOf(ComputeException.class)
                .hasMessageContaining("is not the one that Firn knows")
                .hasMessageContaining(release.sha256());
        assertThat(entries()).containsExactly("lock");
    }

    @Test
    void shouldRefuseTheJarWhenAnEntryLeavesItsDirectory() throws Exception {
        jar = SmallRelease.jar(temporary, MAJOR, "share/../../../escaped");
        final PostgresRelease release = SmallRelease.release(MAJOR, jar);

        assertThatThrownBy(() -> cache.obtain(release, this::copy, progress::add))
                .isInstanceOf(ComputeException.class)
                .hasMessageContaining("holds an entry that leaves its directory");
        assertThat(entries()).containsExactly("lock");
    }

    @Test
    void shouldRefuseTheReleaseWhenItsProgramsAreOfAnotherVersion() throws Exception {
        final PostgresRelease other = SmallRelease.release(15, jar);
        assertThatThrownBy(() -> cache.obtain(other, this::copy, progress::add))
                .isInstanceOf(ComputeException.class)
                .hasMessageContaining("do not run as Postgres 15");
    }

    @Test
    void shouldFetchOnceWhenManyAskAtOnce() throws Exception {
        final PostgresRelease release = SmallRelease.release(MAJOR, jar);
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            final List<Future<PostgresBinaries>> results = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                results.add(
                        threads.submit(() -> new BinariesCache(directory).obtain(release, this::copy, progress::add)));
            }
            for (final Future<PostgresBinaries> result : results) {
                assertThat(result.get().major()).isEqualTo(MAJOR);
            }
        }
        assertThat(fetches).hasValue(1);
    }

    @Test
    void shouldSweepWhatAKilledProcessLeftWhenItFetchesAgain() throws Exception {
        final Path left = Files.createDirectories(directory.resolve("unfinished-1/unpacked/bin"));
        Files.writeString(left.resolve("postgres"), "half");
        cache.obtain(SmallRelease.release(MAJOR, jar), this::copy, progress::add);
        assertThat(directory.resolve("unfinished-1")).doesNotExist();
    }

    @Test
    void shouldMakeItAgainWhenWhatIsThereIsBroken() throws Exception {
        final PostgresRelease release = SmallRelease.release(MAJOR, jar);
        Files.delete(cache.obtain(release, this::copy, progress::add).program("initdb"));
        assertThat(cache.obtain(release, this::copy, progress::add).has("initdb"))
                .isTrue();
        assertThat(fetches).hasValue(2);
    }

    private Path copy(final PostgresRelease release, final Path target) {
        fetches.incrementAndGet();
        try {
            return Files.copy(jar, target.resolve(release.version() + ".jar"));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> entries() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
