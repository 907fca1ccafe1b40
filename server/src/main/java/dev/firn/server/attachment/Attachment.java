package dev.firn.server.attachment;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.server.CommandException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * One Postgres that is followed.
 *
 * @param name of the timeline that it becomes.
 * @param node the receiver's node id.
 * @param wish what is to become of it.
 */
public record Attachment(String name, int node, Wish wish) {
    /** What was asked for last. */
    public enum Wish {
        /** Follow it. */
        FOLLOW("follow"),
        /** Let go of the primary, and forget it; what is held of it stays. */
        DETACH("detach"),
        /** And delete all that is held of it. */
        PURGE("purge");

        private final String word;

        Wish(final String word) {
            this.word = word;
        }

        /** As the file has it. */
        public String word() {
            return word;
        }

        static Wish of(final String word) {
            for (final Wish wish : values()) {
                if (wish.word.equals(word)) {
                    return wish;
                }
            }
            throw new IllegalArgumentException("no wish is called " + word);
        }
    }

    /** The timeline of the Postgres that the system runs itself: a name that nobody else's gets. */
    public static final String OWN = "own";

    static final int FORMAT = 1;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Whether it is of the Postgres that the system runs itself. */
    public boolean isOwn() {
        return name.equals(OWN);
    }

    public Attachment withWish(final Wish other) {
        return new Attachment(name, node, other);
    }

    String encode() {
        final ObjectNode json = MAPPER.createObjectNode();
        json.put("format", FORMAT);
        json.put("name", name);
        json.put("node", node);
        json.put("wish", wish.word());
        json.put("crc32c", checksum(FORMAT, name, node, wish.word()));
        return json.toPrettyString() + "\n";
    }

    static Attachment decode(final Path file, final String text) {
        try {
            final JsonNode json = MAPPER.readTree(text);
            final int format = json.required("format").asInt();
            if (format > FORMAT) {
                throw new CommandException(file + " is in format " + format + " and this version of firn knows up to "
                        + FORMAT + ": run a newer firn on the directory");
            }
            final Attachment found = new Attachment(
                    json.required("name").asText(),
                    json.required("node").asInt(),
                    Wish.of(json.required("wish").asText()));
            if (!json.required("crc32c").asText().equals(checksum(format, found.name, found.node, found.wish.word()))) {
                throw new IllegalArgumentException("wrong checksum");
            }
            return found;
        } catch (final JacksonException | IllegalArgumentException e) {
            throw new CommandException(
                    file + " is damaged: restore it from a backup of the directory, or move " + file.getParent()
                            + " away, and attach again under another name",
                    e);
        }
    }

    private static String checksum(final int format, final String name, final int node, final String wish) {
        final byte[] bytes = (format + " " + name + " " + node + " " + wish).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().toHexDigits(Crc32c.compute(bytes, 0, bytes.length));
    }
}
