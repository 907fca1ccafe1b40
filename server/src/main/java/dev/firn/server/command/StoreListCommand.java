package dev.firn.server.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.firn.s3tier.location.ObjectAddress;
import dev.firn.s3tier.store.ListOutcome.Listed;
import dev.firn.s3tier.store.ListOutcome.ListedObject;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.server.store.StoreConnection;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn store ls}: what is below a URL. */
@Command(
        name = "ls",
        description = {
            "Lists the objects and prefixes directly below a URL: time of writing, length, key. With --recursive, every"
                    + " object.",
            "With --json, one document, written as the list arrives: url, entries (each with type object or prefix, key, and"
                    + " for an object bytes, modified, etag), objects, prefixes, bytes."
        })
final class StoreListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Parameters(paramLabel = "URL", description = "A store, or a prefix in it.")
    private String url;

    @Option(
            names = {"-r", "--recursive"},
            description = "Every object, not only the first level.")
    private boolean recursive;

    private long objects;
    private long prefixes;
    private long bytes;

    @Override
    public Integer call() {
        final ObjectAddress address = StoreTask.prefix(spec, url);
        return StoreTask.reading(spec, "the list", address.store(), connection -> {
            try {
                return json.asked ? printJson(address, connection) : printLines(address, connection);
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private int printLines(final ObjectAddress address, final StoreConnection connection) {
        final PrintWriter out = spec.commandLine().getOut();
        list(address, connection, page -> {
            merged(page, prefix -> out.printf("%20s  %10s  %s%n", "", "", prefix), object -> {
                out.printf(
                        Locale.ROOT,
                        "%s  %10s  %s%n",
                        time(object),
                        StoreTask.size(object.lengthBytes()),
                        object.key());
            });
            return !out.checkError();
        });
        out.flush();
        return ExitCode.OK;
    }

    private int printJson(final ObjectAddress address, final StoreConnection connection) throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        try (JsonGenerator document = new JsonFactory().createGenerator(out)) {
            // A list that breaks off must not pass for a whole document.
            document.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                    .disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
            document.writeStartObject();
            document.writeStringField("url", url);
            document.writeArrayFieldStart("entries");
            list(address, connection, page -> {
                merged(page, prefix -> write(document, prefix, null), object -> write(document, object.key(), object));
                return !out.checkError();
            });
            document.writeEndArray();
            document.writeNumberField("objects", objects);
            document.writeNumberField("prefixes", prefixes);
            document.writeNumberField("bytes", bytes);
            document.writeEndObject();
            document.writeRaw('\n');
        }
        out.flush();
        return ExitCode.OK;
    }

    private static void write(final JsonGenerator document, final String key, final ListedObject object) {
        try {
            document.writeRaw('\n');
            document.writeStartObject();
            document.writeStringField("type", object == null ? "prefix" : "object");
            document.writeStringField("key", key);
            if (object != null) {
                document.writeNumberField("bytes", object.lengthBytes());
                document.writeStringField("modified", time(object));
                document.writeStringField("etag", object.etag());
            }
            document.writeEndObject();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is below the prefix; when there is nothing, the object that the URL names without its last slash. */
    private void list(
            final ObjectAddress address, final StoreConnection connection, final StoreConnection.PageHandler handler) {
        final String prefix = address.key();
        connection.list(recursive ? ListRequest.ofPrefix(prefix) : ListRequest.ofLevel(prefix), handler);
        if (objects + prefixes == 0 && !prefix.isEmpty() && !url.endsWith("/")) {
            final String key = prefix.substring(0, prefix.length() - 1);
            connection
                    .head(key)
                    .ifPresent(found -> handler.onPage(new Listed(
                            List.of(new ListedObject(
                                    key,
                                    found.lengthBytes(),
                                    found.lastModifiedEpochMs(),
                                    found.version().etag())),
                            List.of(),
                            null)));
        }
    }

    /** Objects and prefixes of a page, in the one order that both have. */
    private void merged(final Listed page, final Consumer<String> onPrefix, final Consumer<ListedObject> onObject) {
        final Iterator<String> folded = page.commonPrefixes().iterator();
        String prefix = folded.hasNext() ? folded.next() : null;
        for (final ListedObject object : page.objects()) {
            while (prefix != null && prefix.compareTo(object.key()) < 0) {
                prefixes++;
                onPrefix.accept(prefix);
                prefix = folded.hasNext() ? folded.next() : null;
            }
            objects++;
            bytes += object.lengthBytes();
            onObject.accept(object);
        }
        while (prefix != null) {
            prefixes++;
            onPrefix.accept(prefix);
            prefix = folded.hasNext() ? folded.next() : null;
        }
    }

    private static String time(final ListedObject object) {
        return Instant.ofEpochMilli(object.lastModifiedEpochMs())
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }
}
