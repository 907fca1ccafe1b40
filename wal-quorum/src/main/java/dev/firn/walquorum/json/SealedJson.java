package dev.firn.walquorum.json;

import dev.firn.nativeio.checksum.Crc32c;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JSON object that begins with its format's name and version and ends with a line that has the CRC-32C of all bytes before that
 * line:
 *
 * <pre>{@code
 * {
 *   "format": "firn-timeline",
 *   "version": 1,
 *   …
 *   "crc32c": "0a1b2c3d"
 * }
 * }</pre>
 *
 * <p>The seal is the same in all versions: damage is told from a format of the future.
 */
public final class SealedJson {
    private static final String SEAL = "  \"crc32c\": \"";
    private static final String AFTER_SEAL = "\"\n}\n";
    private static final int SEAL_BYTES = SEAL.length() + 8 + AFTER_SEAL.length();
    private static final Pattern LAST_LINES =
            Pattern.compile(Pattern.quote(SEAL) + "([0-9a-f]{8})" + Pattern.quote(AFTER_SEAL));

    private SealedJson() {}

    /** The bytes of a text. */
    public static byte[] write(final String format, final int version, final Consumer<JsonWriter> fields) {
        final JsonWriter writer = new JsonWriter();
        writer.beginObject().text("format", format).number("version", version);
        fields.accept(writer);
        final byte[] body = writer.beforeNextLine().getBytes(StandardCharsets.UTF_8);
        final String seal = HexFormat.of().toHexDigits(Crc32c.compute(body, 0, body.length));
        return (new String(body, StandardCharsets.UTF_8) + SEAL + seal + AFTER_SEAL).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Opens a text.
     *
     * @param what how the text is called in errors: its key in the store.
     * @param newestVersion the newest version that the caller reads.
     * @return the fields, without those of the frame.
     * @throws MalformedJsonException in one sentence: damaged, of another format, or of a version of the future.
     */
    public static JsonFields open(final String what, final byte[] bytes, final String format, final int newestVersion) {
        final int sealAt = bytes.length - SEAL_BYTES;
        final Matcher seal = LAST_LINES.matcher(
                sealAt < 0 ? "" : new String(bytes, sealAt, SEAL_BYTES, StandardCharsets.ISO_8859_1));
        if (!seal.matches()) {
            throw new MalformedJsonException(what + " is damaged: it does not end with its checksum");
        }
        final int expected = HexFormat.fromHexDigits(seal.group(1));
        final int found = Crc32c.compute(bytes, 0, sealAt);
        if (found != expected) {
            throw new MalformedJsonException(what + " is damaged: its checksum is "
                    + HexFormat.of().toHexDigits(found) + ", not " + seal.group(1));
        }
        final JsonFields fields = new JsonFields(what, parse(what, bytes));
        final String foundFormat = fields.text("format");
        if (!foundFormat.equals(format)) {
            throw fields.error("is of the format " + foundFormat + ", not " + format);
        }
        final long version = fields.number("version");
        if (version < 1 || version > newestVersion) {
            throw fields.error("is of version " + version + " of the format " + format + "; this Firn reads up to "
                    + newestVersion + ": take a newer one");
        }
        fields.text("crc32c");
        return fields;
    }

    private static Map<String, Object> parse(final String what, final byte[] bytes) {
        final JsonTree tree = new JsonTree();
        final JsonParser parser = new JsonParser(tree);
        try {
            parser.feed(MemorySegment.ofArray(bytes), 0, bytes.length);
            parser.finish();
            return tree.object();
        } catch (final MalformedJsonException e) {
            throw new MalformedJsonException(what + " is malformed: " + e.getMessage(), e);
        }
    }
}
