package dev.firn.server.command;

import dev.firn.server.CommandException;
import dev.firn.server.home.UpRecord;
import dev.firn.server.store.StoppedException;
import dev.firn.server.up.StopSignal;
import java.io.PrintWriter;
import java.util.Map;
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
            "Deletes a branch with all that was written to it. Its parent stays as it is. One that a Postgres is attached to is not deleted.",
            "With --json: deleted."
        })
final class BranchDeleteCommand implements Callable<Integer> {
    /** Some seconds: the page server looks every two. A page server that is away finds it gone when it comes. */
    private static final int MOST_LOOKS = 50;

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
                task.requireNoBranchesOf(name);
                requireDetached();
                if (task.hasLog(name)) {
                    purge(signal);
                    deleteAll(task, signal);
                } else {
                    task.delete(name);
                }
                final PrintWriter out = spec.commandLine().getOut();
                out.println(json.asked ? Json.pretty(Map.of("deleted", name)) : name + " is deleted.");
                out.flush();
                return ExitCode.OK;
            }
        });
    }

    private RunningQuorum quorum() {
        return new RunningQuorum(UpRecord.require(directory.path), directory.path);
    }

    private void requireDetached() {
        if (isAttached(quorum())) {
            throw new CommandException(
                    "a Postgres is attached to the branch " + name + ": ./firn detach " + name + " first");
        }
    }

    private boolean isAttached(final RunningQuorum quorum) {
        return quorum.timeline(name)
                .filter(timeline -> timeline.path("receiver").isObject())
                .isPresent();
    }

    /** The system takes its log from the WAL nodes. */
    private void purge(final StopSignal signal) {
        final RunningQuorum quorum = quorum();
        quorum.detach(name, true);
        while (isAttached(quorum)) {
            await(signal);
        }
    }

    /** Again, until the page server has seen that it is gone: what that was uploading then may have come after the first time. */
    private void deleteAll(final BranchTask task, final StopSignal signal) {
        final RunningQuorum quorum = quorum();
        task.delete(name);
        for (int i = 0; i < MOST_LOOKS && quorum.timeline(name).isPresent(); i++) {
            await(signal);
            if (task.names().contains(name)) {
                task.delete(name);
            }
        }
    }

    private static void await(final StopSignal signal) {
        try {
            if (signal.await(RunningQuorum.POLL)) {
                throw new StoppedException();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException();
        }
    }
}
