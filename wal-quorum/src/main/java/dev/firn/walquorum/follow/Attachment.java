package dev.firn.walquorum.follow;

import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.walquorum.backup.BackupException;
import dev.firn.walquorum.backup.BackupSinkConfig;
import dev.firn.walquorum.backup.BackupSource;
import dev.firn.walquorum.backup.BaseBackupReader;
import dev.firn.walquorum.backup.BaseBackupReceiver;
import dev.firn.walquorum.backup.BaseBackupSink;
import dev.firn.walquorum.catalog.CatalogOutcome;
import dev.firn.walquorum.catalog.TimelineCatalog;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.catalog.TimelineKeys;
import dev.firn.walquorum.pgwire.BaseBackupOptions;
import dev.firn.walquorum.pgwire.PgwireException;
import dev.firn.walquorum.pgwire.ReplicationConnection;
import dev.firn.walquorum.pgwire.SlotState;
import dev.firn.walquorum.pgwire.SystemIdentity;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogSpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Attaches a running Postgres: checks it, makes a slot that keeps its WAL, has the log made, writes the timeline's entry, and takes
 * a base backup. Then a {@link Follower} can follow.
 *
 * <p><b>Repeatable.</b> It may end anywhere and be run again with the same plan: what is there is found and used. The slot comes
 * first, so that no WAL is lost between the steps, and the entry before the backup, so that the name is taken. What failed before
 * there was an entry leaves nothing behind, as far as it can be reached; after that, run it again or detach.
 *
 * <p><b>Of a branch</b> there is no backup: it is made of its parent's pages. Its log begins with the segment in which it left its
 * parent, whose bytes up to there are the same; the server is followed only when it has the very bytes that the branch has, up to where
 * they end. Otherwise nothing is made or changed.
 *
 * <p>Blocks, on the thread that runs it.
 */
public final class Attachment {
    private static final long NS_A_SECOND = 1_000_000_000L;
    private static final long REMOVAL_NS = 3 * NS_A_SECOND;

    /** Whether a complete backup is there, or why nobody can say. */
    private record Backups(boolean isThere, String failure) {}

    private final AttachPlan plan;
    private final AttachTools tools;
    private final AttachProgress progress;
    private final QuorumLogs logs;
    private final String slot;
    private final TimelineKeys keys;

    public Attachment(final AttachPlan plan, final AttachTools tools, final AttachProgress progress) {
        this.plan = plan;
        this.tools = tools;
        this.progress = progress;
        this.logs = new QuorumLogs(tools);
        this.slot = SlotNames.of(plan.timeline());
        this.keys = new TimelineKeys(plan.timeline());
    }

    /**
     * Attaches, or goes on with it.
     *
     * @return the timeline's entry; its base backup is complete, or there is none, as it is a branch.
     * @throws AttachException in one sentence.
     */
    public TimelineEntry run() {
        try (StoreCalls calls = new StoreCalls(tools.store())) {
            progress.onStep("checking the server");
            final Optional<TimelineEntry> there = findEntry(calls);
            try (ReplicationConnection connection = ReplicationConnection.connect(plan.info(), tools.pgwire())) {
                final TimelineEntry entry =
                        there.isPresent() ? goOn(connection, there.get()) : makeEntry(calls, connection);
                if (plan.branch() == null && !hasBackup(calls)) {
                    takeBackup(calls, connection, entry);
                }
                return entry;
            }
        } catch (final PgwireException | BackupException | FollowFailedException e) {
            throw new AttachException(e.getMessage(), e);
        }
    }

    // --- the entry ------------------------------------------------------------------------------------------------

    private Optional<TimelineEntry> findEntry(final StoreCalls calls) {
        final Optional<TimelineEntry> found = read(calls, plan.timeline());
        found.ifPresent(entry -> {
            if (entry.logId() != plan.logId()) {
                throw new AttachException("there is a timeline " + entry.name() + " already, of cluster "
                        + Long.toUnsignedString(entry.systemIdentifier())
                        + ": choose another name, or detach that one");
            }
        });
        return found;
    }

    private Optional<TimelineEntry> read(final StoreCalls calls, final String name) {
        final CatalogOutcome outcome = calls.ask(answer -> catalog(calls).read(name, answer));
        return switch (outcome) {
            case CatalogOutcome.Entry(final TimelineEntry entry) -> Optional.of(entry);
            case CatalogOutcome.None _ -> Optional.empty();
            case CatalogOutcome.Refused(final String sentence) -> throw new AttachException(sentence);
            default -> throw new IllegalStateException("no answer to a read: " + outcome);
        };
    }

    private TimelineCatalog catalog(final StoreCalls calls) {
        return new TimelineCatalog(calls.session(), tools.memory(), tools.options());
    }

    /** An earlier try has got as far as the entry: the server must be the same, and the slot be there. */
    private TimelineEntry goOn(final ReplicationConnection connection, final TimelineEntry entry) {
        ServerChecks.requireSameCluster(
                new PostgresPrimary.Session(connection), connection.identifySystem(), specOf(entry));
        final boolean isSlotThere = connection.readSlot(slot).isPresent();
        if (plan.branch() != null) {
            progress.onStep("comparing its WAL with that of the branch");
            requireSharedPast(logs.end(specOf(entry), plan.nodeIds(), Membership.of(entry.members())), isSlotThere);
        }
        if (!isSlotThere) {
            connection.createPhysicalSlot(slot, true);
        }
        return entry;
    }

    /** On a connection of its own, which the stream takes. */
    private void requireSharedPast(final long endLsn, final boolean isKnown) {
        try (ReplicationConnection connection = ReplicationConnection.connect(plan.info(), tools.pgwire())) {
            new SharedPast(plan.branch(), tools.stop())
                    .require(connection, connection.identifySystem(), endLsn, isKnown);
        }
    }

    private TimelineEntry makeEntry(final StoreCalls calls, final ReplicationConnection connection) {
        final SystemIdentity identity = connection.identifySystem();
        ServerChecks.requireFollowable(new PostgresPrimary.Session(connection));
        if (plan.branch() == null) {
            requireNotAttached(calls, identity.systemIdentifier());
        } else {
            ServerChecks.requireSameCluster(
                    new PostgresPrimary.Session(connection),
                    identity,
                    branchSpec(plan.branch().branch().branchLsn()));
            requireNoOthers(calls, connection);
            progress.onStep("comparing its WAL with that of the branch");
            requireSharedPast(plan.branch().branch().branchLsn(), false);
        }
        progress.onStep("making the replication slot " + slot);
        final boolean isSlotMade = connection.readSlot(slot).isEmpty();
        if (isSlotMade) {
            connection.createPhysicalSlot(slot, true);
        }
        boolean isDone = false;
        try {
            final TimelineEntry entry = makeEntry(calls, connection, identity);
            isDone = true;
            return entry;
        } finally {
            if (!isDone && isSlotMade) {
                dropSlot(connection);
            }
        }
    }

    private LogSpec branchSpec(final long fromLsn) {
        final BranchWal wal = plan.branch();
        return new LogSpec(
                plan.logId(),
                plan.timeline(),
                wal.systemIdentifier(),
                wal.postgresMajor(),
                wal.walSegmentBytes(),
                fromLsn & -(long) wal.walSegmentBytes());
    }

    private TimelineEntry makeEntry(
            final StoreCalls calls, final ReplicationConnection connection, final SystemIdentity identity) {
        if (plan.branch() != null) {
            return makeEntry(
                    calls,
                    branchSpec(plan.branch().branch().branchLsn()),
                    plan.branch().postgresTimeline());
        }
        final SlotState state = connection
                .readSlot(slot)
                .orElseThrow(() -> new AttachException(
                        "the replication slot " + slot + " was dropped while it was made: attach again"));
        if (!Lsn.isValid(state.restartLsn())) {
            throw new AttachException("the replication slot " + slot + " keeps no WAL: drop it, and attach again");
        }
        final int segmentBytes = ServerChecks.walSegmentBytes(new PostgresPrimary.Session(connection));
        final LogSpec spec = new LogSpec(
                plan.logId(),
                plan.timeline(),
                identity.systemIdentifier(),
                connection.serverVersion().major(),
                segmentBytes,
                state.restartLsn() & -(long) segmentBytes);
        return makeEntry(
                calls, spec, (int) (state.restartTimeline() == 0 ? identity.timeline() : state.restartTimeline()));
    }

    private TimelineEntry makeEntry(final StoreCalls calls, final LogSpec spec, final int postgresTimeline) {
        progress.onStep("making the log on the WAL nodes");
        // An earlier try may have made it from another position on; without an entry it holds nothing.
        logs.remove(plan.logId(), plan.nodeIds(), REMOVAL_NS);
        final Membership membership = logs.make(spec, plan.nodeIds());
        final TimelineEntry entry = new TimelineEntry(
                plan.timeline(),
                plan.logId(),
                spec.systemIdentifier(),
                spec.postgresMajor(),
                spec.walSegmentBytes(),
                spec.startLsn(),
                postgresTimeline,
                membership.members(),
                Instant.ofEpochSecond(tools.clock().epochNs() / NS_A_SECOND));
        return create(calls, entry);
    }

    private TimelineEntry create(final StoreCalls calls, final TimelineEntry entry) {
        final CatalogOutcome outcome = calls.ask(answer -> catalog(calls).create(entry, answer));
        return switch (outcome) {
            case CatalogOutcome.Entry(final TimelineEntry made) -> made;
            case CatalogOutcome.Taken(final TimelineEntry by) ->
                throw new AttachException("another has taken the name " + by.name() + " meanwhile: choose another");
            case CatalogOutcome.Refused(final String sentence) -> throw new AttachException(sentence);
            default -> throw new IllegalStateException("no answer to a create: " + outcome);
        };
    }

    private void requireNotAttached(final StoreCalls calls, final long systemIdentifier) {
        for (final String name : names(calls)) {
            read(calls, name).ifPresent(entry -> {
                if (entry.systemIdentifier() == systemIdentifier) {
                    throw new AttachException("this cluster, with system identifier "
                            + Long.toUnsignedString(systemIdentifier) + ", is attached already, as " + name
                            + ": detach it with --purge before it gets another name, or attach a Postgres that was"
                            + " restored from it to a branch, with --branch");
                }
            });
        }
    }

    /** A slot is never restored: a server that has another timeline's is that one's. */
    private void requireNoOthers(final StoreCalls calls, final ReplicationConnection connection) {
        for (final String name : names(calls)) {
            if (!name.equals(plan.timeline())
                    && connection.readSlot(SlotNames.of(name)).isPresent()) {
                throw new AttachException("the server at " + connection.host() + " is followed as " + name
                        + " already: start another on what ./firn restore --branch " + plan.timeline()
                        + " writes, and attach that");
            }
        }
    }

    private List<String> names(final StoreCalls calls) {
        final CatalogOutcome outcome = calls.ask(answer -> catalog(calls).list(answer));
        return switch (outcome) {
            case CatalogOutcome.Names(final List<String> all) -> all;
            case CatalogOutcome.Refused(final String sentence) -> throw new AttachException(sentence);
            default -> throw new IllegalStateException("no answer to a list: " + outcome);
        };
    }

    private void dropSlot(final ReplicationConnection connection) {
        try {
            connection.dropSlot(slot, false);
        } catch (final PgwireException e) {
            progress.onWarning(
                    "the replication slot " + slot + " is left on the server, and keeps its WAL: " + e.getMessage());
        }
    }

    private static LogSpec specOf(final TimelineEntry entry) {
        return new LogSpec(
                entry.logId(),
                entry.name(),
                entry.systemIdentifier(),
                entry.postgresMajor(),
                entry.walSegmentBytes(),
                entry.startLsn());
    }

    // --- the backup -----------------------------------------------------------------------------------------------

    private boolean hasBackup(final StoreCalls calls) {
        final Backups backups = calls.ask(answer -> BaseBackupReader.list(
                calls.session(),
                keys,
                tools.options(),
                found -> answer.accept(new Backups(!found.isEmpty(), null)),
                sentence -> answer.accept(new Backups(false, sentence))));
        if (backups.failure() != null) {
            throw new AttachException(backups.failure());
        }
        return backups.isThere();
    }

    private void takeBackup(final StoreCalls calls, final ReplicationConnection connection, final TimelineEntry entry) {
        progress.onStep("taking a base backup");
        try (BaseBackupSink sink = new BaseBackupSink(
                calls.session(),
                tools.store().limits(),
                keys,
                new BackupSource(
                        entry.systemIdentifier(),
                        entry.postgresMajor(),
                        connection.serverVersion().text()),
                tools.clock(),
                BackupSinkConfig.DEFAULT,
                (archive, bytes, estimated, allBytes, allEstimated) -> progress.onBackup(allBytes, allEstimated))) {
            final BaseBackupReceiver receiver = new BaseBackupReceiver(
                    sink,
                    calls.session(),
                    IdleProfile.SHARED_MACHINE.newIdleStrategy(),
                    tools.stop(),
                    progress::onWarning);
            try {
                receiver.finish(connection.baseBackup(
                        BaseBackupOptions.of("firn " + plan.timeline())
                                .withFastCheckpoint(plan.isCheckpointFast())
                                .withMaxRateKiB(plan.maxRateKiB()),
                        receiver));
            } catch (final PgwireException e) {
                receiver.abort(e.getMessage());
                throw e;
            }
        }
    }
}
