package dev.firn.bench.pages;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a benchmark has its beds: empty at its start, gone with the run. */
final class PageDirectories {
    private PageDirectories() {}

    static Path make(final BenchContext context, final String name) throws BenchmarkException {
        final Path directory = context.resources().own(context.workDirectory().resolve(name));
        try {
            RunResources.delete(directory);
            return Files.createDirectory(directory);
        } catch (final IOException e) {
            throw new BenchmarkException("cannot make " + directory + ": " + e.getMessage(), e);
        }
    }
}
