package dev.firn.server.faults;

import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Inserts numbered rows into a Postgres, each writer on a session of its own, and notes each number that was acknowledged before it
 * goes on. A process of its own, which knows nothing of Firn; it ends with its standard input.
 *
 * <p>A row whose COMMIT was not answered, or was answered with a warning (it is then on the primary alone), counts as not
 * acknowledged, and its number is never used again.
 */
final class CommitClient {
    /** The numbers of a writer begin with its own. */
    static final long NUMBERS_A_WRITER = 100_000_000L;

    /** A line is a number, a blank, and when it was acknowledged in milliseconds since 1970: a file's length tells how many it holds. */
    static final String LINE = "%012d %013d%n";

    static final int LINE_BYTES = 27;

    private static final long PAUSE_MS = 50;

    private CommitClient() {}

    /** Arguments: a JDBC URL, the folder of what was acknowledged, how many writers. */
    public static void main(final String[] arguments) throws IOException {
        for (int writer = 1; writer <= Integer.parseInt(arguments[2]); writer++) {
            final int its = writer;
            final Path file = fileOf(Path.of(arguments[1]), writer);
            final Thread thread = new Thread(() -> write(arguments[0], its, file), "writer-" + writer);
            thread.start();
        }
        final int end = System.in.read();
        Runtime.getRuntime().halt(end < 0 ? 0 : 1);
    }

    static Path fileOf(final Path folder, final int writer) {
        return folder.resolve("acknowledged-" + writer);
    }

    private static void write(final String url, final int writer, final Path file) {
        final CountDownLatch never = new CountDownLatch(1);
        long number = writer * NUMBERS_A_WRITER;
        try (FileChannel acknowledged =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (true) {
                try (Connection connection = DriverManager.getConnection(url);
                        PreparedStatement insert = connection.prepareStatement("INSERT INTO acked VALUES (?)")) {
                    while (true) {
                        insert.setLong(1, ++number);
                        insert.executeUpdate();
                        if (insert.getWarnings() == null) {
                            note(acknowledged, number);
                        }
                        insert.clearWarnings();
                    }
                } catch (final SQLException e) {
                    // The server is away, or was: what it did with the last row nobody knows.
                    never.await(PAUSE_MS, TimeUnit.MILLISECONDS);
                }
            }
        } catch (final IOException | InterruptedException e) {
            throw new IllegalStateException(file.toString(), e);
        }
    }

    private static void note(final FileChannel acknowledged, final long number) throws IOException {
        final long ms = TimeUnit.NANOSECONDS.toMillis(SystemClock.INSTANCE.epochNs());
        final ByteBuffer bytes = ByteBuffer.wrap(LINE.formatted(number, ms).getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            acknowledged.write(bytes);
        }
    }
}
