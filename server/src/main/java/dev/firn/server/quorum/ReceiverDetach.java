package dev.firn.server.quorum;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.server.CommandException;
import dev.firn.walquorum.catalog.BranchEntry;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.follow.AttachException;
import dev.firn.walquorum.follow.Detachment;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Takes back what a receiver holds: its slot on the primary always; the log and the objects when that is asked for, or when the
 * timeline was never made whole. Blocks, and can be repeated. The receiver has ended.
 */
public final class ReceiverDetach {
    private ReceiverDetach() {}

    /**
     * Runs it.
     *
     * @param purge whether everything of the timeline is deleted.
     * @return what is left for the user to do.
     */
    public static Optional<String> run(
            final ReceiverSetup setup,
            final boolean purge,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random) {
        final Optional<ConnInfo> primary = ReceiverTools.primary(setup.connInfoFile());
        try (ReceiverTools tools = new ReceiverTools(setup, memory, clock, random);
                RoleNetwork network = RoleNetwork.open(setup.network(), clock, random)) {
            final Detachment detachment =
                    new Detachment(setup.timeline(), tools.attach(network.endpoint(), () -> false));
            final Optional<String> remark = primary.flatMap(detachment::dropSlot);
            final Optional<TimelineEntry> entry = tools.entry();
            final Optional<BranchEntry> branch = tools.branch();
            if (purge || entry.isEmpty()) {
                final long logId = entry.map(TimelineEntry::logId).orElseGet(() -> tools.logId(branch));
                if (purge) {
                    tools.child().ifPresent(child -> {
                        throw new CommandException(
                                "the branch " + child + " is one of " + setup.timeline() + ": delete it first");
                    });
                }
                // What a branch shares with its parent stays, when a Postgres was never attached to it.
                final List<String> left = purge || branch.isEmpty()
                        ? detachment.purge(logId, setup.network().walNodes())
                        : detachment.removeLog(logId, setup.network().walNodes());
                if (!left.isEmpty()) {
                    throw new CommandException(
                            "its log is still held: " + String.join(", ", left) + "; detach again when they are up");
                }
            }
            return remark;
        } catch (final AttachException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }
}
