package dev.firn.server.command;

import dev.firn.s3tier.location.ObjectAddress;
import dev.firn.s3tier.store.ListOutcome.ListedObject;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.server.store.StoreConnection;
import dev.firn.server.store.StoreUsage;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn store du}: how much is below a URL. */
@Command(
        name = "du",
        description = {
            "Adds up the objects below a URL: for each first-level prefix its length, the number of its objects and its name;"
                    + " what stands on no prefix is named (objects). Unfinished uploads are not counted.",
            "With --json: url, usage (each with prefix, objects, bytes; that of what stands on none is the URL's own), objects,"
                    + " bytes."
        })
final class StoreUsageCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Parameters(paramLabel = "URL", description = "A store, or a prefix in it.")
    private String url;

    @Override
    public Integer call() {
        final ObjectAddress address = StoreTask.prefix(spec, url);
        return StoreTask.reading(spec, "the count", address.store(), connection -> count(address.key(), connection));
    }

    private int count(final String prefix, final StoreConnection connection) {
        final PrintWriter out = spec.commandLine().getOut();
        final List<Map<String, Object>> rows = new ArrayList<>();
        final StoreUsage usage = new StoreUsage(prefix, row -> {
            if (json.asked) {
                rows.add(document(row));
            } else {
                print(out, row.bytes(), row.objects(), row.prefix().equals(prefix) ? "(objects)" : row.prefix());
            }
        });
        connection.list(ListRequest.ofPrefix(prefix), page -> {
            for (final ListedObject object : page.objects()) {
                usage.add(object.key(), object.lengthBytes());
            }
            return !out.checkError();
        });
        usage.finish();
        if (json.asked) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("url", url);
            document.put("usage", rows);
            document.put("objects", usage.objects());
            document.put("bytes", usage.bytes());
            out.println(Json.pretty(document));
        } else {
            print(out, usage.bytes(), usage.objects(), "total");
        }
        out.flush();
        return ExitCode.OK;
    }

    private static void print(final PrintWriter out, final long bytes, final long objects, final String name) {
        out.printf(Locale.ROOT, "%10s  %,9d objects  %s%n", StoreTask.size(bytes), objects, name);
    }

    private static Map<String, Object> document(final StoreUsage.Row row) {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("prefix", row.prefix());
        document.put("objects", row.objects());
        document.put("bytes", row.bytes());
        return document;
    }
}
