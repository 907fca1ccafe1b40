package dev.firn.tuning.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * The host's file tree beneath a root: {@code /} on a host, a directory of a test elsewhere.
 *
 * <p>All names are absolute names of the host ({@code /proc/meminfo}); this class alone knows where the root is. What
 * is absent, unreadable or too large is an empty reading.
 */
public final class SystemTree {
    /** No file that is read here comes near it; it bounds what a broken tree can make us hold. */
    public static final int MAX_FILE_BYTES = 4 << 20;

    /** Directories are read up to this many entries. */
    public static final int MAX_ENTRIES = 65_536;

    private final Path root;

    public SystemTree(final Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** The real path of a name of the host. */
    public Path resolve(final String name) {
        return root.resolve(name.startsWith("/") ? name.substring(1) : name);
    }

    /** The name of the host of a path beneath the root. */
    public String nameOf(final Path path) {
        return path.startsWith(root) ? "/" + root.relativize(path) : path.toString();
    }

    /** The file's text without white space at its ends. */
    public Optional<String> read(final String name) {
        return readBytes(name).map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip());
    }

    /** The file byte for byte, one character (ISO 8859-1) each: what is written back so is what was there. */
    public Optional<String> readExactly(final String name) {
        return readBytes(name).map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /**
     * One large read: a sysctl answers only a read at offset 0, and {@code Files.readString}, told that the file has 0
     * bytes, would begin with a single byte and take {@code 60} for {@code 6}.
     */
    private Optional<byte[]> readBytes(final String name) {
        try (InputStream in = Files.newInputStream(resolve(name))) {
            final byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            return bytes.length > MAX_FILE_BYTES ? Optional.empty() : Optional.of(bytes);
        } catch (final IOException absent) {
            return Optional.empty();
        }
    }

    public List<String> readLines(final String name) {
        return read(name).map(text -> text.lines().toList()).orElse(List.of());
    }

    /** The file's text when it is one decimal number. */
    public OptionalLong readLong(final String name) {
        return read(name).map(SystemTree::parseLong).orElse(OptionalLong.empty());
    }

    public boolean exists(final String name) {
        return Files.exists(resolve(name));
    }

    public boolean isDirectory(final String name) {
        return Files.isDirectory(resolve(name));
    }

    public boolean isExecutable(final String name) {
        final Path path = resolve(name);
        return Files.isRegularFile(path) && Files.isExecutable(path);
    }

    /** The names in a directory that pass, numbers in numeric order; empty when there is no such directory. */
    public List<String> list(final String directory, final Predicate<String> wanted) {
        final List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(resolve(directory))) {
            for (final Path entry : entries) {
                final String name = entry.getFileName().toString();
                if (wanted.test(name)) {
                    names.add(name);
                }
                if (names.size() == MAX_ENTRIES) {
                    break;
                }
            }
        } catch (final IOException | DirectoryIteratorException absent) {
            return List.of();
        }
        names.sort(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        return List.copyOf(names);
    }

    /** The name after every symbolic link has been followed. */
    public Optional<String> realName(final String name) {
        try {
            return Optional.of(nameOf(resolve(name).toRealPath()));
        } catch (final IOException absent) {
            return Optional.empty();
        }
    }

    /** The first of these programs that is there. */
    public Optional<String> firstProgram(final String... names) {
        for (final String name : names) {
            for (final String directory : List.of("/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/usr/local/bin/")) {
                if (isExecutable(directory + name)) {
                    return Optional.of(directory + name);
                }
            }
        }
        return Optional.empty();
    }

    static OptionalLong parseLong(final String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (final NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }
}
