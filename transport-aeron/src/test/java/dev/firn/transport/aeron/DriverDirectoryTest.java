package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DriverDirectoryTest {
    @TempDir
    private Path parent;

    @Test
    void shouldBePrivateAndVanishWhenClosed() throws IOException {
        final DriverDirectory directory = DriverDirectory.create(parent);
        final Path root = directory.driver().getParent();
        Files.createDirectories(directory.driver().resolve("publications"));
        Files.writeString(directory.driver().resolve("publications/1.logbuffer"), "x");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
                .isEqualTo("rwx------");
        directory.close();

        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void shouldLeaveOthersOfThisProcessAloneWhenAnotherStarts() {
        try (DriverDirectory first = DriverDirectory.create(parent);
                DriverDirectory second = DriverDirectory.create(parent)) {
            assertThat(first.driver()).isNotEqualTo(second.driver());
            assertThat(first.driver().getParent()).isDirectoryContaining("glob:**lock");
            assertThat(second.driver().getParent()).isDirectoryContaining("glob:**lock");
        }
    }

    @Test
    void shouldRemoveWhatAKilledProcessLeftButNotWhatALivingOneHolds() throws Exception {
        final Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        parent.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            final Path held = parent.resolve(output.readLine());
            DriverDirectory.create(parent).close();
            assertThat(held).as("held by a living process").isDirectory();

            process.destroyForcibly();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(held).as("left by a killed process").isDirectory();
            DriverDirectory.create(parent).close();
            assertThat(parent).isEmptyDirectory();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldWarnOnlyWhenLogBuffersWouldLieOnADisk() throws IOException {
        final String type = Files.getFileStore(parent).type();

        assertThat(DriverDirectory.warningAbout(parent).isPresent()).isEqualTo(!type.equals("tmpfs"));
        assertThat(DriverDirectory.warningAbout(parent.resolve("absent")).orElseThrow())
                .contains("cannot be examined");
    }

    @Test
    void shouldNotTouchForeignDirectoriesWhenItCleansUp() throws IOException {
        Files.createDirectory(parent.resolve("aeron-somebody"));
        Files.createDirectory(parent.resolve("firn-aeron-1-beingmade"));

        DriverDirectory.create(parent).close();

        assertThat(parent.resolve("aeron-somebody")).isDirectory();
        assertThat(parent.resolve("firn-aeron-1-beingmade")).isDirectory();
    }
}
