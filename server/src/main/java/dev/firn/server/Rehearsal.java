package dev.firn.server;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.server.command.FirnCommand;
import dev.firn.server.up.FirnSystem;
import dev.firn.server.up.UpConfig;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * A start that nobody waits for: loads the program's own classes, and has a system up for a moment, with all roles in this process.
 * A JVM that runs it with {@code -XX:AOTCacheOutput} writes down what it has loaded and linked, and those that start later read that
 * in place of jars. {@code ./firn} does so after a build.
 */
final class Rehearsal {
    private static final String JAR_OF_THE_PROGRAM = "firn-";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String CLASS_FILE = ".class";

    private Rehearsal() {}

    /** @param arguments a directory that does not exist yet; whoever starts this removes it. */
    public static void main(final String[] arguments) throws IOException, InterruptedException {
        final Path directory = Path.of(arguments[0]);
        haltInTime();
        loadProgram();
        try (FirnSystem system = FirnSystem.start(
                directory,
                UpConfig.of(0, Optional.empty(), true),
                HostStorage::new,
                SystemClock.INSTANCE,
                SystemRandom.secure())) {
            FirnCommand.run("status", "--dir", system.path().toString());
            FirnCommand.run("branch", "list", "--dir", system.path().toString());
        }
        System.exit(0);
    }

    /** A build waits for this. */
    private static void haltInTime() {
        Thread.ofPlatform().daemon().name("limit").start(() -> {
            final long deadlineNs = SystemClock.INSTANCE.nanoTime() + LIMIT.toNanos();
            while (SystemClock.INSTANCE.nanoTime() - deadlineNs < 0) {
                LockSupport.parkNanos(LIMIT.toNanos());
            }
            Runtime.getRuntime().halt(1);
        });
    }

    private static void loadProgram() throws IOException {
        for (final String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            final Path path = Path.of(entry);
            if (path.getFileName().toString().startsWith(JAR_OF_THE_PROGRAM)) {
                try (JarFile jar = new JarFile(path.toFile())) {
                    final long loaded = jar.stream()
                            .map(JarEntry::getName)
                            .filter(name -> name.endsWith(CLASS_FILE))
                            .filter(Rehearsal::isLoaded)
                            .count();
                    System.out.println(loaded + " classes of " + path.getFileName());
                }
            }
        }
    }

    /** What wants something that is not there, as kernels want the vector module, is not what a start needs. */
    private static boolean isLoaded(final String file) {
        final String name =
                file.substring(0, file.length() - CLASS_FILE.length()).replace('/', '.');
        try {
            Class.forName(name, false, Rehearsal.class.getClassLoader());
            return true;
        } catch (final ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
