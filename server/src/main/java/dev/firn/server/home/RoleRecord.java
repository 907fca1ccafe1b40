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
 * How others find the process that runs a role on a directory: {@code role.json} in it. It is there from the moment that the
 * process holds the directory, so before the role serves; whether it does, {@code /healthz} tells.
 *
 * @param role as {@code firn run} calls it.
 * @param url root of its endpoint, with a slash at the end.
 * @param aeronDirectory of a media driver that serves; empty for every other role, and before it does.
 */
public record RoleRecord(ProcessIdentity process, String role, String url, String version, String aeronDirectory) {
    public static final String FILE_NAME = "role.json";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    String toJson() {
        final ObjectNode node = MAPPER.createObjectNode();
        node.put("role", role);
        node.put("pid", process.pid());
        node.put("startTicks", process.startTicks());
        node.put("bootId", process.bootId());
        node.put("url", url);
        node.put("version", version);
        node.put("aeronDirectory", aeronDirectory);
        return node.toPrettyString() + "\n";
    }

    public RoleRecord withAeronDirectory(final String directory) {
        return new RoleRecord(process, role, url, version, directory);
    }

    /** The record in a directory, whether or not its process lives; empty when there is none. */
    public static Optional<RoleRecord> read(final Path directory) {
        final Path file = directory.resolve(FILE_NAME);
        try {
            final JsonNode node = MAPPER.readTree(Files.readString(file));
            final ProcessIdentity process = new ProcessIdentity(
                    node.required("pid").asLong(),
                    node.required("startTicks").asLong(),
                    node.required("bootId").asText());
            return Optional.of(new RoleRecord(
                    process,
                    node.required("role").asText(),
                    node.required("url").asText(),
                    node.required("version").asText(),
                    node.required("aeronDirectory").asText()));
        } catch (final NoSuchFileException e) {
            return Optional.empty();
        } catch (final JacksonException | IllegalArgumentException e) {
            throw new CommandException(
                    file + " is damaged: stop the firn process on this directory, if there is one, and delete the file",
                    e);
        } catch (final IOException e) {
            throw new CommandException(file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
