package dev.firn.server.command;

import dev.firn.server.CommandException;
import dev.firn.server.pages.BranchEntry;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn branch delete}. */
@Command(
        name = "delete",
        description = {
            "Deletes a branch with all that was written to it. Its parent stays as it is.",
            "With --json: deleted."
        })
final class BranchDeleteCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Parameters(index = "0", paramLabel = "NAME", description = "The branch.")
    private String name;

    @Override
    public Integer call() {
        return StoreTask.stoppable(spec, "the deletion", signal -> {
            try (BranchTask task = new BranchTask(directory.path, signal)) {
                if (task.branch(name).isEmpty()) {
                    throw new CommandException("there is no branch " + name + ": ./firn branch list shows them");
                }
                final Optional<BranchEntry> child = task.all().stream()
                        .filter(branch -> branch.parent().equals(name))
                        .findFirst();
                if (child.isPresent()) {
                    throw new CommandException(
                            "the branch " + child.get().name() + " is one of " + name + ": delete it first");
                }
                task.delete(name);
                final PrintWriter out = spec.commandLine().getOut();
                out.println(json.asked ? Json.pretty(Map.of("deleted", name)) : name + " is deleted.");
                out.flush();
                return ExitCode.OK;
            }
        });
    }
}
