package dev.firn.server.command;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.location.ObjectAddress;
import dev.firn.server.store.ObjectDownload;
import dev.firn.server.store.StoreConnection;
import dev.firn.server.store.TransferProgress;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn store get}: an object into a file. */
@Command(
        name = "get",
        description = {
            "Writes an object into a file, or to standard output (-). The file appears under its name whole and durable, or not"
                    + " at all.",
            "With --json: url, file, bytes, etag, seconds."
        })
final class StoreGetCommand implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";

    @Spec
    private CommandSpec spec;

    @Mixin
    private JsonOption json;

    @Parameters(index = "0", paramLabel = "URL", description = "The object: s3://bucket/key?..., or a file of a store.")
    private String url;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description = "Where it goes: a file, a directory, or - (default: the last part of the key, here).")
    private String file;

    @Override
    public Integer call() {
        final ObjectAddress address = StoreTask.object(spec, url);
        final boolean toOutput = STANDARD_OUTPUT.equals(file);
        if (toOutput && json.asked) {
            throw new ParameterException(spec.commandLine(), "--json and - both want standard output");
        }
        final Path target = toOutput ? null : target(address.key());
        return StoreTask.reading(spec, "the transfer", address.store(), connection -> {
            final TransferProgress progress = StoreTask.progress("get " + address.key());
            try {
                final ObjectDownload download = new ObjectDownload(connection, SystemRandom.secure(), progress);
                return toOutput ? toOutput(download, address.key()) : toFile(download, address, connection, target);
            } finally {
                progress.clear();
            }
        });
    }

    private Path target(final String key) {
        final String name = key.substring(key.lastIndexOf('/') + 1);
        if (file == null) {
            return Path.of(name);
        }
        final Path path = Path.of(file);
        return Files.isDirectory(path) ? path.resolve(name) : path;
    }

    private static int toOutput(final ObjectDownload download, final String key) {
        download.toStandardOutput(key);
        return ExitCode.OK;
    }

    private int toFile(
            final ObjectDownload download,
            final ObjectAddress address,
            final StoreConnection connection,
            final Path target) {
        final ObjectDownload.Result result = download.toFile(address.key(), target);
        final PrintWriter out = spec.commandLine().getOut();
        if (json.asked) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("url", connection.addressOf(address.key()));
            document.put("file", target.toAbsolutePath().normalize().toString());
            document.put("bytes", result.bytes());
            document.put("etag", result.version().etag());
            document.put("seconds", result.seconds());
            out.println(Json.pretty(document));
        } else {
            out.printf(Locale.ROOT, "%s: %s in %.1f s%n", target, StoreTask.size(result.bytes()), result.seconds());
        }
        out.flush();
        return ExitCode.OK;
    }
}
