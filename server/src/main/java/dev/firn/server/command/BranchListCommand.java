package dev.firn.server.command;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.walquorum.catalog.BranchEntry;
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
import picocli.CommandLine.Spec;

/** {@code firn branch list}. */
@Command(
        name = "list",
        description = {"Lists the branches.", "With --json: branches, each with name, parent, branchLsn, createdAt."})
final class BranchListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        return StoreTask.stoppable(spec, "the list", signal -> {
            try (BranchTask task = new BranchTask(directory.path, signal)) {
                print(task.all());
                return ExitCode.OK;
            }
        });
    }

    private void print(final List<BranchEntry> branches) {
        final PrintWriter out = spec.commandLine().getOut();
        if (json.asked) {
            final List<Map<String, Object>> documents = new ArrayList<>();
            for (final BranchEntry branch : branches) {
                final Map<String, Object> document = new LinkedHashMap<>();
                document.put("name", branch.name());
                document.put("parent", branch.parent());
                document.put("branchLsn", Lsn.format(branch.branchLsn()));
                document.put("createdAt", branch.createdAt().toString());
                documents.add(document);
            }
            out.println(Json.pretty(Map.of("branches", documents)));
        } else {
            branches.forEach(branch -> out.printf(
                    Locale.ROOT,
                    "%-20s %-20s %-18s %s%n",
                    branch.name(),
                    branch.parent(),
                    Lsn.format(branch.branchLsn()),
                    branch.createdAt()));
        }
        out.flush();
    }
}
