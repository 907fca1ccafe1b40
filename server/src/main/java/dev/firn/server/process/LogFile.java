package dev.firn.server.process;

import dev.firn.server.CommandException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** The log of a process in the background, from where its newest life begins. */
public final class LogFile {
    /** A start moves a longer log out of the way; one older log is kept. */
    private static final long MAX_BYTES = 16L << 20;

    /** A sentence of an error is looked for in the last of a log. */
    private static final int TAIL_BYTES = 64 << 10;

    private static final String ERROR_PREFIX = "firn: ";

    private final Path path;
    private final long begin;

    private LogFile(final Path path, final long begin) {
        this.path = path;
        this.begin = begin;
    }

    /**
     * @param directory the data directory: logs are in its folder {@code log}.
     * @param name without ending.
     */
    public static LogFile in(final Path directory, final String name) {
        try {
            final Path folder = Files.createDirectories(directory.resolve("log"));
            final Path log = folder.resolve(name + ".log");
            if (Files.exists(log) && Files.size(log) > MAX_BYTES) {
                Files.move(log, folder.resolve(name + ".log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
            return new LogFile(log, Files.exists(log) ? Files.size(log) : 0);
        } catch (final IOException e) {
            throw new CommandException("the log below " + directory + " cannot be written: " + e.getMessage(), e);
        }
    }

    public Path path() {
        return path;
    }

    /** The sentence with which the process ended, without the program's name before it; empty when it gave none. */
    public Optional<String> lastError() {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            final long from = Math.max(begin, file.length() - TAIL_BYTES);
            final byte[] bytes = new byte[(int) Math.max(0, Math.min(TAIL_BYTES, file.length() - from))];
            file.seek(from);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(ERROR_PREFIX))
                    .map(line -> line.substring(ERROR_PREFIX.length()))
                    .reduce((first, second) -> second);
        } catch (final IOException e) {
            // The log is how errors are told; without it there is only the exit code.
            return Optional.empty();
        }
    }
}
