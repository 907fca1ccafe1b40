package dev.firn.compute.binaries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.compute.ComputeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InstalledBinariesTest {
    @TempDir
    Path temporary;

    @Test
    void shouldFindThePackagesFolderWhenThereIsOne() throws Exception {
        final Path folder = programs("packages/17/bin", 17);
        assertThat(installed("").find(17)).contains(new PostgresBinaries(17, "17.99", folder));
    }

    @Test
    void shouldFollowTheLinkWhenTheSearchPathHasOne() throws Exception {
        final Path folder = programs("elsewhere", 17);
        final Path links = Files.createDirectories(temporary.resolve("links"));
        Files.createSymbolicLink(links.resolve("postgres"), folder.resolve("postgres"));
        assertThat(installed(links.toString()).find(17)).contains(new PostgresBinaries(17, "17.99", folder));
    }

    @Test
    void shouldPassOverWhatTellsAnotherVersionWhenItIsFirst() throws Exception {
        programs("packages/17/bin", 15);
        final Path other = programs("other", 16);
        final Path right = programs("right", 17);
        assertThat(installed(other + ":" + right).find(17)).contains(new PostgresBinaries(17, "17.99", right));
    }

    @Test
    void shouldPassOverAFolderWhenAServersProgramIsMissing() throws Exception {
        Files.delete(programs("packages/17/bin", 17).resolve("initdb"));
        assertThat(installed("").find(17)).isEmpty();
    }

    @Test
    void shouldNameThePackageWhenAProgramIsMissing() throws Exception {
        programs("packages/17/bin", 17);
        final PostgresBinaries binaries = installed("").find(17).orElseThrow();
        assertThat(binaries.has("psql")).isFalse();
        assertThatThrownBy(() -> binaries.program("psql"))
                .isInstanceOf(ComputeException.class)
                .hasMessage("Postgres 17.99 in " + binaries.folder() + " comes without psql");
    }

    @Test
    void shouldReadTheVersionWhenItIsNotYetReleased() throws Exception {
        final Path folder = programs("beta", 18);
        final Path program = folder.resolve("postgres");
        Files.writeString(program, "#!/bin/sh\necho 'postgres (PostgreSQL) 18beta2 (Debian 18~beta2-1)'\n");
        assertThat(installed(folder.toString()).find(18)).contains(new PostgresBinaries(18, "18beta2", folder));
    }

    private InstalledBinaries installed(final String searchPath) {
        return new InstalledBinaries(List.of(temporary.resolve("packages") + "/%d/bin"), searchPath);
    }

    private Path programs(final String name, final int major) throws IOException {
        final Path folder = Files.createDirectories(temporary.resolve(name)).toRealPath();
        for (final String program : List.of("postgres", "initdb", "pg_ctl")) {
            Files.writeString(folder.resolve(program), SmallRelease.script(program, major));
            Files.setPosixFilePermissions(folder.resolve(program), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return folder;
    }
}
