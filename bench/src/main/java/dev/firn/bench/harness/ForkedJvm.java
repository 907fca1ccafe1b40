package dev.firn.bench.harness;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a JVM is started that measures: with the flags of the product and this process' class path.
 *
 * <p>Why not in this JVM: {@code ./firn} may start its command line with flags that make it start fast, and a fresh process
 * has no heap, profile or compiled code from what ran before. A crash below the JVM then ends one benchmark, not the run.
 *
 * @param flags options of the java command, before the class path.
 * @param flagsSource where they come from, for the report.
 */
public record ForkedJvm(List<String> flags, String flagsSource) {
    private static final String OPTIONS_FILE = "tuning/jvm.options";
    private static final String CLASS_CACHE = "server/target/firn.aot";
    private static final String ROOT_PROPERTY = "firn.root";

    public ForkedJvm {
        flags = List.copyOf(flags);
    }

    /** With the project's {@code tuning/jvm.options}; with this JVM's own flags when there is no project around. */
    public static ForkedJvm ofProject(final Path root) {
        final Path options = root == null ? null : root.resolve(OPTIONS_FILE);
        if (options != null && Files.isReadable(options)) {
            return new ForkedJvm(List.of("@" + options), OPTIONS_FILE);
        }
        return new ForkedJvm(
                ManagementFactory.getRuntimeMXBean().getInputArguments(), "the flags of the launching JVM");
    }

    /** The same as {@code ./firn} starts the system and short commands: soon, from the cache of classes that it has made, if it has. */
    ForkedJvm startingSoon() {
        final List<String> added = new ArrayList<>(List.of("-XX:+UseSerialGC"));
        final Path root = findRoot();
        if (root != null && Files.isReadable(root.resolve(CLASS_CACHE))) {
            added.addAll(fromCache(root.resolve(CLASS_CACHE)));
        }
        return with(List.of("-XX:+UseZGC", "--add-modules=jdk.incubator.vector"), added);
    }

    /** A cache that is not of this JVM, these flags or these jars is left alone, without a word. */
    public static List<String> fromCache(final Path cache) {
        return List.of("-XX:AOTCache=" + cache, "-Xlog:aot*=off,cds*=off");
    }

    /** The same with some flags less and some more. */
    public ForkedJvm with(final List<String> removed, final List<String> added) {
        final List<String> changed = new ArrayList<>();
        for (final String flag : flags) {
            changed.addAll(flag.startsWith("@") ? read(Path.of(flag.substring(1))) : List.of(flag));
        }
        changed.removeAll(removed);
        changed.addAll(added);
        return new ForkedJvm(changed, flagsSource);
    }

    /** The flags of a java argument file that has one on each line. */
    private static List<String> read(final Path options) {
        try (Stream<String> lines = Files.lines(options)) {
            return lines.map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot read " + options, e);
        }
    }

    /** The project's root: {@code -Dfirn.root}, else the first directory upwards with the options file, else null. */
    public static Path findRoot() {
        final String named = System.getProperty(ROOT_PROPERTY);
        if (named != null) {
            return Path.of(named).toAbsolutePath();
        }
        Path directory = Path.of("").toAbsolutePath();
        while (directory != null && !Files.isReadable(directory.resolve(OPTIONS_FILE))) {
            directory = directory.getParent();
        }
        return directory;
    }

    public static String javaExecutable() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The command line that runs a main class on this process' class path. */
    public List<String> command(final Class<?> main, final List<String> extraFlags) {
        return command(main, extraFlags, List.of());
    }

    /**
     * The command line that runs a main class on more than this process' class path.
     *
     * @param moreClassPath jars, or folders of jars, each written as its path and {@code /*}.
     */
    public List<String> command(final Class<?> main, final List<String> extraFlags, final List<String> moreClassPath) {
        final List<String> classPath = new ArrayList<>();
        classPath.add(System.getProperty("java.class.path"));
        classPath.addAll(moreClassPath);
        final List<String> command = new ArrayList<>();
        command.add(javaExecutable());
        command.addAll(flags);
        command.addAll(extraFlags);
        command.add("-cp");
        command.add(String.join(File.pathSeparator, classPath));
        command.add(main.getName());
        return command;
    }
}
