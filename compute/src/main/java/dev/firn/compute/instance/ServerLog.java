package dev.firn.compute.instance;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The file that a server writes its messages to, over all of its starts. */
final class ServerLog {
    /** What is read of it for a message: the last part. */
    private static final int TAIL_LIMIT_BYTES = 64 << 10;

    private static final List<String> FAILURES = List.of("PANIC:  ", "FATAL:  ", "ERROR:  ", "error: ");

    private final Path file;
    private long startBytes;

    ServerLog(final Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** What follows belongs to a new start. */
    void markStart() {
        startBytes = file.toFile().length();
    }

    /** The last lines since the last start. */
    List<String> tail(final int count) {
        final List<String> lines = sinceStart();
        return lines.subList(Math.max(0, lines.size() - count), lines.size());
    }

    /** The last thing that it could not go on after, without time stamp and level. */
    Optional<String> failure() {
        return failure(sinceStart());
    }

    /** The same, of the output of a server's program. */
    static Optional<String> failure(final List<String> lines) {
        for (final String level : FAILURES) {
            for (final String line : lines.reversed()) {
                final int at = line.indexOf(level);
                if (at >= 0) {
                    return Optional.of(line.substring(at + level.length()));
                }
            }
        }
        return Optional.empty();
    }

    private List<String> sinceStart() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            final long from = Math.max(startBytes, log.length() - TAIL_LIMIT_BYTES);
            final byte[] part = new byte[(int) Math.max(0, log.length() - from)];
            log.seek(from);
            log.readFully(part);
            return new String(part, StandardCharsets.UTF_8).lines().toList();
        } catch (final IOException e) {
            return List.of("(its log " + file + " cannot be read: " + e.getMessage() + ")");
        }
    }
}
