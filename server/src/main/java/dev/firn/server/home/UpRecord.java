package dev.firn.server.home;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How other commands find the process that is up on a directory: {@code up.json} in it.
 *
 * @param url root of its status endpoint, with a slash at the end.
 */
public record UpRecord(ProcessIdentity process, String url, String version) {
    public static final String FILE_NAME = "up.json";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    String toJson() {
        final ObjectNode node = MAPPER.createObjectNode();
        node.put("pid", process.pid());
        node.put("startTicks", process.startTicks());
        node.put("bootId", process.bootId());
        node.put("url", url);
        node.put("version", version);
        return node.toPrettyString() + "\n";
    }

    /** The record in a directory, whether or not its process lives; empty when there is none. */
    public static Optional<UpRecord> read(final Path directory) {
        final Path file = directory.resolve(FILE_NAME);
        try {
            final JsonNode node = MAPPER.readTree(Files.readString(file));
            final ProcessIdentity process = new ProcessIdentity(
                    node.required("pid").asLong(),
                    node.required("startTicks").asLong(),
                    node.required("bootId").asText());
            return Optional.of(new UpRecord(
                    process,
                    node.required("url").asText(),
                    node.required("version").asText()));
        } catch (final NoSuchFileException e) {
            return Optional.empty();
        } catch (final JacksonException | IllegalArgumentException e) {
            throw new CommandException(
                    file + " is damaged: stop the firn process on this directory, if there is one, and"
                            + " delete the file",
                    e);
        } catch (final IOException e) {
            throw new CommandException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The record of the process that is up on a directory now. Says what to do when there is none. */
    public static UpRecord require(final Path directory) {
        final Path path = directory.toAbsolutePath().normalize();
        final UpRecord found = read(path)
                .orElseThrow(() ->
                        new CommandException("nothing is up on " + path + ": start it with ./firn up --dir " + path));
        if (!found.process().alive()) {
            throw new CommandException(
                    "nothing is up on " + path + ": process " + found.process().pid()
                            + " ended without a clean stop; ./firn up --dir " + path + " goes on where it was");
        }
        return found;
    }
}
