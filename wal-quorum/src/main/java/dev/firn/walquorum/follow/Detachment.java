package dev.firn.walquorum.follow;

import dev.firn.walquorum.catalog.CatalogOutcome;
import dev.firn.walquorum.catalog.TimelineCatalog;
import dev.firn.walquorum.pgwire.PgwireException;
import dev.firn.walquorum.pgwire.ReplicationConnection;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Ends an attachment whose follower has stopped: drops the slot, so that the server keeps no more WAL for it. The timeline's data
 * stays, unless it is to be purged. Each may be repeated.
 *
 * <p>Blocks, on the thread that runs it.
 */
public final class Detachment {
    private static final long REMOVAL_NS = 10_000_000_000L;

    private final String timeline;
    private final AttachTools tools;

    public Detachment(final String timeline, final AttachTools tools) {
        this.timeline = timeline;
        this.tools = tools;
    }

    /**
     * Drops the slot.
     *
     * @return what to do by hand, when the server cannot be reached or refuses: one sentence.
     */
    public Optional<String> dropSlot(final ConnInfo info) {
        final String slot = SlotNames.of(timeline);
        try (ReplicationConnection connection = ReplicationConnection.connect(info, tools.pgwire())) {
            if (connection.readSlot(slot).isPresent()) {
                connection.dropSlot(slot, true);
            }
            return Optional.empty();
        } catch (final PgwireException e) {
            return Optional.of("the replication slot " + slot + " may still be there and keep WAL on the server: "
                    + e.getMessage() + "; drop it there by: SELECT pg_drop_replication_slot('" + slot + "')");
        }
    }

    /**
     * Removes the log from its nodes, and everything of the timeline from the store, its entry last.
     *
     * @return the nodes that have the log still, as they did not answer: they hold it until it is purged again.
     * @throws AttachException when the store refuses; run it again.
     */
    public List<String> purge(final long logId, final Set<Integer> nodeIds) {
        final List<String> left = removeLog(logId, nodeIds);
        final CatalogOutcome outcome = StoreCalls.with(
                tools.store(),
                calls -> calls.ask(answer -> new TimelineCatalog(calls.session(), tools.memory(), tools.options())
                        .delete(timeline, answer)));
        if (outcome instanceof CatalogOutcome.Refused(final String sentence)) {
            throw new AttachException(sentence);
        }
        return left;
    }

    /**
     * Removes the log from its nodes.
     *
     * @return the nodes that have it still, as they did not answer.
     */
    public List<String> removeLog(final long logId, final Set<Integer> nodeIds) {
        return new QuorumLogs(tools).remove(logId, nodeIds, REMOVAL_NS);
    }
}
