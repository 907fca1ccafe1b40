package dev.firn.pagestore.replay;

import dev.firn.pagestore.cluster.ClusterProgress;
import dev.firn.postgres.file.ClusterState;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.lsn.Lsn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where replay of a base begins, and how far it must come: InitWalRecovery of xlogrecovery.c. An online backup says so in
 * {@code backup_label}; any other directory in its control file.
 *
 * @param lsn where to begin to read.
 * @param skipsFirst whether the record there is the shutdown checkpoint that the base has already.
 * @param backupStart the redo point of an online backup of a primary, whose end must be seen; else {@link Lsn#INVALID}.
 * @param minimumEnd how far the log must reach at least, or {@link Lsn#INVALID}.
 */
record StartPoint(long lsn, boolean skipsFirst, long backupStart, long minimumEnd) {
    static final String BACKUP_LABEL = "backup_label";

    private static final String START = "START WAL LOCATION: ";
    private static final String FROM = "BACKUP FROM: ";

    static StartPoint of(final BaseDirectory base, final ControlFile control) {
        final byte[] label = base.bytes(BACKUP_LABEL);
        if (label != null) {
            return ofLabel(base, control, new String(label, StandardCharsets.UTF_8));
        }
        final long redo = control.checkpoint().redo();
        final boolean clean = control.state() == ClusterState.SHUT_DOWN;
        if (redo <= Lsn.INVALID || redo > control.checkpointLsn()) {
            throw new ReplayException(base.root().resolve(ControlFile.PATH) + " says that redo begins at "
                    + Lsn.format(redo) + ", with its checkpoint at " + Lsn.format(control.checkpointLsn()));
        }
        return new StartPoint(redo, clean && redo == control.checkpointLsn(), Lsn.INVALID, control.minRecoveryPoint());
    }

    private static StartPoint ofLabel(final BaseDirectory base, final ControlFile control, final String label) {
        final String start = field(label, START);
        final String from = field(label, FROM);
        final int end = start.indexOf(' ');
        final long lsn;
        try {
            lsn = Lsn.parse(end < 0 ? start : start.substring(0, end));
        } catch (final IllegalArgumentException e) {
            throw new ReplayException(
                    base.root().resolve(BACKUP_LABEL) + " has no line \"" + START + "X/Y (file NAME)\"", e);
        }
        return from.equals("standby")
                ? new StartPoint(lsn, false, Lsn.INVALID, control.minRecoveryPoint())
                : new StartPoint(lsn, false, lsn, Lsn.INVALID);
    }

    private static String field(final String label, final String name) {
        return label.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElse("");
    }

    /** What is missing when the log ends here: one sentence each. */
    List<String> unfinished(final long endLsn, final ClusterProgress progress) {
        final List<String> missing = new ArrayList<>();
        if (backupStart != Lsn.INVALID && progress.endedBackup() != backupStart) {
            missing.add("the base is an online backup that began at " + Lsn.format(backupStart) + ", and the log up to "
                    + Lsn.format(endLsn) + " does not have its end");
        }
        if (minimumEnd > endLsn) {
            missing.add("the base needs the log up to " + Lsn.format(minimumEnd) + ", and it ends at "
                    + Lsn.format(endLsn));
        }
        return missing;
    }
}
