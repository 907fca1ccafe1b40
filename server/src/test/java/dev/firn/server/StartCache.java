package dev.firn.server;

import dev.firn.bench.harness.ForkedJvm;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * What makes the firn program start as soon in tests as {@code ./firn} makes it: its classes as jars, and the cache that {@link
 * Rehearsal} leaves. Both are made once for a build, by whichever test process wants them first.
 */
final class StartCache {
    private static final String FOLDER = "server/target/test-start";
    private static final String CLASSES_OF = "firn-%s-%s.jar";

    private final String classPath;
    private final List<String> flags;

    private StartCache(final String classPath, final List<String> flags) {
        this.classPath = classPath;
        this.flags = List.copyOf(flags);
    }

    private static final class Made {
        private static final StartCache CACHE = make(FirnProcess.quickFlags());
    }

    static StartCache get() {
        return Made.CACHE;
    }

    /** This process' class path, without folders. */
    String classPath() {
        return classPath;
    }

    /** Empty when there is no cache: then it starts later. */
    List<String> flags() {
        return flags;
    }

    private static StartCache make(final List<String> jvmFlags) {
        try {
            return makeIn(Files.createDirectories(Path.of(System.getProperty("firn.root"), FOLDER)), jvmFlags);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static StartCache makeIn(final Path folder, final List<String> jvmFlags) throws IOException {
        try (FileChannel lockFile =
                        FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = lockFile.lock()) {
            final List<String> jars = new ArrayList<>();
            for (final Path entry : classPathEntries()) {
                jars.add((Files.isDirectory(entry) ? jarOf(entry, folder) : entry).toString());
            }
            final String classPath = String.join(File.pathSeparator, jars);
            final Path cache = folder.resolve("firn.aot");
            final Path key = folder.resolve("firn.aot.key");
            final String wanted = key(jvmFlags, jars);
            if (!Files.exists(key) || !Files.readString(key).equals(wanted)) {
                rehearse(jvmFlags, classPath, cache, folder);
                Files.writeString(key, wanted);
            }
            return new StartCache(classPath, Files.exists(cache) ? ForkedJvm.fromCache(cache) : List.of());
        }
    }

    private static List<Path> classPathEntries() {
        final String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(classPath.split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .map(Path::of)
                .toList();
    }

    /** The cache is of these flags and these jars, and of no others. */
    private static String key(final List<String> jvmFlags, final List<String> jars) throws IOException {
        final StringBuilder key = new StringBuilder(ForkedJvm.javaExecutable());
        key.append('\n').append(jvmFlags);
        for (final String jar : jars) {
            key.append('\n').append(jar);
            if (Files.exists(Path.of(jar))) {
                key.append(' ').append(Files.getLastModifiedTime(Path.of(jar)).toMillis());
            }
        }
        return key.toString();
    }

    /** Made anew when something in the folder is newer; files that were taken away are left behind by whoever builds, here too. */
    private static Path jarOf(final Path classes, final Path folder) throws IOException {
        final String module = classes.getParent().getParent().getFileName().toString();
        final Path jar = folder.resolve(CLASSES_OF.formatted(module, classes.getFileName()));
        try (Stream<Path> walk = Files.walk(classes)) {
            final List<Path> files = walk.filter(Files::isRegularFile).sorted().toList();
            FileTime newest = FileTime.fromMillis(0);
            for (final Path file : files) {
                final FileTime time = Files.getLastModifiedTime(file);
                newest = time.compareTo(newest) > 0 ? time : newest;
            }
            if (Files.exists(jar) && Files.getLastModifiedTime(jar).compareTo(newest) >= 0) {
                return jar;
            }
            final Path begun = folder.resolve(jar.getFileName() + ".begun");
            try (OutputStream out = Files.newOutputStream(begun);
                    JarOutputStream entries = new JarOutputStream(out)) {
                entries.setLevel(0);
                for (final Path file : files) {
                    entries.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                    Files.copy(file, entries);
                }
            }
            // A process of before keeps the old one open.
            Files.move(begun, jar, StandardCopyOption.ATOMIC_MOVE);
            return jar;
        }
    }

    private static void rehearse(
            final List<String> jvmFlags, final String classPath, final Path cache, final Path folder)
            throws IOException {
        Files.deleteIfExists(cache);
        final Path scene = Files.createTempDirectory(folder, "rehearsal");
        final List<String> command = new ArrayList<>(List.of(ForkedJvm.javaExecutable()));
        command.addAll(jvmFlags);
        command.add("-XX:AOTCacheOutput=" + cache);
        command.addAll(List.of("-cp", classPath, Rehearsal.class.getName()));
        command.add(scene.resolve("data").toString());
        try {
            final Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("rehearsal.log").toFile())
                    .start();
            if (process.waitFor() != 0) {
                Files.deleteIfExists(cache);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a start is rehearsed", e);
        } finally {
            delete(scene);
        }
    }

    private static void delete(final Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            walk.sorted((a, b) -> b.compareTo(a)).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
