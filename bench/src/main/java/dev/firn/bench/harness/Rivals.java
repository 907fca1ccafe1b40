package dev.firn.bench.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The folder of libraries that are measured beside Firn and are no part of it. */
public final class Rivals {
    private static final Path FOLDER = Path.of("bench", "target", "rivals");

    private Rivals() {}

    /**
     * What is added to the class path of a process that measures them.
     *
     * @throws BenchmarkException when the folder is not there: only the build of a source tree makes it.
     */
    public static List<String> classPath() throws BenchmarkException {
        final Path root = ForkedJvm.findRoot();
        final Path folder = root == null ? FOLDER : root.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            throw new BenchmarkException(
                    "the rivals' libraries are missing: the build of a source tree puts them into " + folder);
        }
        return List.of(folder + "/*");
    }
}
