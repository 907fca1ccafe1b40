package dev.firn.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Temporary directories below {@code target}: the host's own may be in memory, where direct I/O is refused. */
public final class OnDisk implements TempDirFactory {
    @Override
    public Path createTempDirectory(final AnnotatedElementContext element, final ExtensionContext test)
            throws IOException {
        return Files.createTempDirectory(
                Files.createDirectories(Path.of("target")).toAbsolutePath(), "bench");
    }
}
