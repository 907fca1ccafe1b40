package dev.firn.transport.aeron;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which process speaks for a node of this host, and under which number the media driver knows it: a file in the driver's directory.
 *
 * <p>The driver notices late that a process has been killed, and until then keeps the place of what that one had not read in every
 * log: those who send to the node run out of room, though it has long been started again. So the new process looks who was there
 * before it, and tells the driver when that one is dead.
 */
final class ClientRecord {
    private static final Pattern TEXT = Pattern.compile("client (-?\\d{1,20}) pid (\\d{1,10}) started (\\d{1,19})\\n");

    private final Path file;

    ClientRecord(final Path directory, final int nodeId) {
        this.file = directory.resolve("node-" + nodeId + ".client");
    }

    /** The number of the client that spoke for the node before, when its process is dead; a paused one is not. */
    OptionalLong dead() {
        try {
            final Matcher text = TEXT.matcher(Files.readString(file, StandardCharsets.US_ASCII));
            if (!text.matches() || isAlive(Long.parseLong(text.group(2)), Long.parseLong(text.group(3)))) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(Long.parseLong(text.group(1)));
        } catch (final IOException | NumberFormatException nobodyToTellOf) {
            // It is the first one here, or the record is not one of ours: the driver's time-out remains.
            return OptionalLong.empty();
        }
    }

    /** From now on this process speaks for the node. */
    void write(final long clientId) throws IOException {
        final ProcessHandle self = ProcessHandle.current();
        final Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(
                unfinished,
                "client " + clientId + " pid " + self.pid() + " started " + startedMs(self) + "\n",
                StandardCharsets.US_ASCII);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Process ids are used again, so the time of the start counts as well. */
    private static boolean isAlive(final long pid, final long startedMs) {
        return ProcessHandle.of(pid)
                .filter(process -> process.isAlive() && startedMs(process) == startedMs)
                .isPresent();
    }

    private static long startedMs(final ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }
}
