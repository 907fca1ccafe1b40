package dev.firn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.server.home.UpRecord;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code firn postgres list}. */
@Command(
        name = "list",
        description = {
            "Lists the Postgres servers that the system runs itself, with the timeline that each writes.",
            "With --json: postgres, a list of timeline, state, version, url, pid and detail."
        })
final class PostgresListCommand implements Callable<Integer> {
    private static final List<String> KEYS = List.of("timeline", "state", "version", "url", "pid", "detail");

    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        final Optional<JsonNode> own =
                new RunningQuorum(UpRecord.require(directory.path), directory.path).ownPostgres();
        final PrintWriter out = spec.commandLine().getOut();
        if (json.asked) {
            out.println(Json.pretty(Map.of(
                    "postgres", own.map(PostgresListCommand::shown).stream().toList())));
        } else if (own.isEmpty()) {
            out.println("none: ./firn up --postgres 17 starts one");
        } else {
            final JsonNode its = own.get();
            out.printf(
                    "%-12s %-10s %-8s %s%n",
                    its.path("timeline").asText(),
                    its.path("state").asText(),
                    its.path("version").asText("–"),
                    its.path("url").asText(its.path("detail").asText()));
        }
        out.flush();
        return ExitCode.OK;
    }

    private static Map<String, Object> shown(final JsonNode postgres) {
        final Map<String, Object> document = new LinkedHashMap<>();
        KEYS.forEach(key -> document.put(key, postgres.path(key)));
        return document;
    }
}
