package dev.firn.server.command;

import dev.firn.s3tier.location.ObjectAddress;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.server.CommandException;
import dev.firn.server.store.ObjectUpload;
import dev.firn.server.store.StoreConnection;
import dev.firn.server.store.TransferProgress;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn store put}: a file into an object. */
@Command(
        name = "put",
        description = {
            "Writes a file, or standard input (-), into an object. The object appears whole, or not at all; parts of an upload"
                    + " that is stopped or fails are removed.",
            "With --json: url, bytes, parts (0 when it went in one piece), etag, overtaken, seconds.",
            "Exit code 1 also when the condition does not hold."
        })
final class StorePutCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Parameters(index = "0", paramLabel = "FILE", description = "What is written: a file, or - for standard input.")
    private String file;

    @Parameters(index = "1", paramLabel = "URL", description = "The object: s3://bucket/key?..., or a file of a store.")
    private String url;

    @ArgGroup
    private Condition condition;

    /** At most one of these. */
    static final class Condition {
        @Option(names = "--if-absent", description = "Only when there is no such object.")
        private boolean absent;

        @Option(
                names = "--if-match",
                paramLabel = "ETAG",
                description = "Only when the object has this ETag, as store ls --json shows it.")
        private String etag;
    }

    @Override
    public Integer call() {
        final ObjectAddress address = StoreTask.object(spec, url);
        return StoreTask.writing(spec, "the transfer", address.store(), connection -> {
            final TransferProgress progress = StoreTask.progress("put " + address.key());
            try {
                final WriteCondition asked = condition(connection, address.key());
                final ObjectUpload upload = new ObjectUpload(connection, progress);
                return report(
                        connection.addressOf(address.key()),
                        file.equals(STANDARD_INPUT)
                                ? upload.fromStandardInput(address.key(), asked)
                                : upload.fromFile(address.key(), asked, Path.of(file)));
            } finally {
                progress.clear();
            }
        });
    }

    private WriteCondition condition(final StoreConnection connection, final String key) {
        if (condition == null) {
            return WriteCondition.ALWAYS;
        }
        if (condition.absent) {
            return WriteCondition.IF_ABSENT;
        }
        final String etag = condition.etag.startsWith("\"") ? condition.etag : "\"" + condition.etag + "\"";
        final String address = connection.addressOf(key);
        final HeadOutcome.Found found = connection
                .head(key)
                .orElseThrow(() -> new CommandException("nothing was written: there is no object " + address));
        if (!found.version().etag().equals(etag)) {
            throw new CommandException("nothing was written: " + address + " has the ETag "
                    + found.version().etag() + ", not " + etag);
        }
        return WriteCondition.ifVersion(found.version());
    }

    private int report(final String address, final ObjectUpload.Result result) {
        final PrintWriter out = spec.commandLine().getOut();
        final String etag = result.stored().version().etag();
        if (json.asked) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("url", address);
            document.put("bytes", result.bytes());
            document.put("parts", result.parts());
            document.put("etag", etag);
            document.put("overtaken", result.stored().overtaken());
            document.put("seconds", result.seconds());
            out.println(Json.pretty(document));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s: %s in %.1f s, ETag %s%s%n",
                    address,
                    StoreTask.size(result.bytes()),
                    result.seconds(),
                    etag,
                    result.stored().overtaken() ? "; another writer has replaced it since" : "");
        }
        out.flush();
        return ExitCode.OK;
    }
}
