package dev.firn.server.config;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * One configuration file: JSON, in which {@code //} begins a comment. Each key is asked for by name; {@link #end} refuses what
 * nobody asked for. A key that stands twice, a value of another type, and text behind the end are refused as well.
 */
final class ConfigReader {
    /** A configuration is some lines long. */
    private static final long MAX_BYTES = 1 << 20;

    private static final ObjectReader READER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private final Path file;
    private final ObjectNode root;
    private final Set<String> asked = new LinkedHashSet<>();

    private ConfigReader(final Path file, final ObjectNode root) {
        this.file = file;
        this.root = root;
    }

    static ConfigReader open(final Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new CommandException(file + " is longer than " + MAX_BYTES + " bytes, so it is no configuration");
            }
            final String text = Files.readString(file);
            if (text.isBlank()) {
                throw new CommandException(
                        file + " is empty: write the configuration into it (docs/operations.md shows one)");
            }
            if (READER.readTree(text) instanceof final ObjectNode root) {
                return new ConfigReader(file, root);
            }
            throw new CommandException(file + " holds no configuration: it begins with { and ends with }");
        } catch (final NoSuchFileException e) {
            throw new CommandException("there is no file " + file + ": name the configuration with --config", e);
        } catch (final JsonProcessingException e) {
            throw new CommandException(
                    isCutOff(e)
                            ? file + " ends in the middle" + at(e) + ": write it again as a whole"
                            : file + " is not understood" + at(e) + ": " + reason(e),
                    e);
        } catch (final CharacterCodingException e) {
            throw new CommandException(file + " is not UTF-8: write it again as text", e);
        } catch (final IOException e) {
            throw new CommandException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Jackson has an exception for it that it does not always throw. */
    private static boolean isCutOff(final JsonProcessingException e) {
        return e instanceof JsonEOFException || e.getOriginalMessage().startsWith("Unexpected end-of-input");
    }

    private static String at(final JsonProcessingException e) {
        return e.getLocation() == null ? "" : ", at line " + e.getLocation().getLineNr();
    }

    private static String reason(final JsonProcessingException e) {
        final String message = e.getOriginalMessage();
        return e instanceof JsonParseException ? message : "there is more behind its end";
    }

    Path file() {
        return file;
    }

    boolean has(final String key) {
        asked.add(key);
        return root.hasNonNull(key);
    }

    String text(final String key) {
        return optionalText(key).orElseThrow(() -> missing(key));
    }

    Optional<String> optionalText(final String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        final JsonNode value = root.get(key);
        if (!value.isTextual() || value.asText().isEmpty()) {
            throw wrong(key, "is no text");
        }
        return Optional.of(value.asText());
    }

    String matching(final String key, final Pattern pattern, final String rule) {
        final String text = text(key);
        if (!pattern.matcher(text).matches()) {
            throw wrong(key, "is \"" + text + "\", and must be " + rule);
        }
        return text;
    }

    /** A path; a relative one is below the file's own folder. */
    Path path(final String key) {
        return optionalPath(key).orElseThrow(() -> missing(key));
    }

    Optional<Path> optionalPath(final String key) {
        return optionalText(key)
                .map(text -> file.toAbsolutePath().getParent().resolve(text).normalize());
    }

    int number(final String key, final int lowest, final int highest) {
        if (!has(key)) {
            throw missing(key);
        }
        final JsonNode value = root.get(key);
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.asInt() < lowest
                || value.asInt() > highest) {
            throw wrong(key, "is no whole number within " + lowest + ".." + highest);
        }
        return value.asInt();
    }

    int number(final String key, final int lowest, final int highest, final int other) {
        return has(key) ? number(key, lowest, highest) : other;
    }

    /** An object of which the keys are numbers and the values text. */
    SortedMap<Integer, String> texts(final String key) {
        if (!has(key)) {
            throw missing(key);
        }
        if (!(root.get(key) instanceof final ObjectNode object)) {
            throw wrong(key, "is no object such as {\"1\": \"10.0.0.1:7400\"}");
        }
        final SortedMap<Integer, String> texts = new TreeMap<>();
        for (final Map.Entry<String, JsonNode> entry : object.properties()) {
            if (!entry.getKey().matches("0|[1-9]\\d{0,4}")) {
                throw wrong(key, "has the key \"" + entry.getKey() + "\", which is no node id");
            }
            if (!entry.getValue().isTextual()) {
                throw wrong(key, "names no address for node " + entry.getKey());
            }
            texts.put(Integer.valueOf(entry.getKey()), entry.getValue().asText());
        }
        return texts;
    }

    /** A list of different numbers; none in another order than rising. */
    Set<Integer> numbers(final String key) {
        if (!has(key)) {
            throw missing(key);
        }
        final Set<Integer> numbers = new TreeSet<>();
        if (!root.get(key).isArray()) {
            throw wrong(key, "is no list such as [1, 2, 3]");
        }
        for (final JsonNode value : root.get(key)) {
            if (!value.isIntegralNumber() || !value.canConvertToInt() || !numbers.add(value.asInt())) {
                throw wrong(key, "is no list of different numbers such as [1, 2, 3]");
            }
        }
        return numbers;
    }

    /** Refuses keys that nobody has asked for. */
    void end() {
        root.fieldNames().forEachRemaining(name -> {
            if (!asked.contains(name)) {
                throw new CommandException(file + " has the key \"" + name + "\", which is none of "
                        + String.join(", ", asked) + ": correct or remove it");
            }
        });
    }

    CommandException wrong(final String key, final String what) {
        return wrong(key, what, null);
    }

    CommandException wrong(final String key, final String what, final Throwable cause) {
        return new CommandException(file + ": \"" + key + "\" " + what, cause);
    }

    private CommandException missing(final String key) {
        return new CommandException(file + " lacks \"" + key + "\": add it (docs/operations.md shows the file)");
    }
}
