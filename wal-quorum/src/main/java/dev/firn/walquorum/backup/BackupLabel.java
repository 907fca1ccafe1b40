package dev.firn.walquorum.backup;

import dev.firn.postgres.lsn.Lsn;
import java.nio.charset.StandardCharsets;

/**
 * What {@code backup_label} says (build_backup_content of xlogbackup.c).
 *
 * @param startLsn where replay begins.
 * @param checkpointLsn where the record of the checkpoint is that the backup began with.
 */
record BackupLabel(long startLsn, long checkpointLsn, int timeline, String label, boolean fromStandby) {
    private static final String START = "START WAL LOCATION: ";
    private static final String CHECKPOINT = "CHECKPOINT LOCATION: ";
    private static final String TIMELINE = "START TIMELINE: ";
    private static final String LABEL = "LABEL: ";
    private static final String FROM = "BACKUP FROM: ";

    /** @throws BackupException when it is none. */
    static BackupLabel parse(final byte[] bytes) {
        long start = Lsn.INVALID;
        long checkpoint = Lsn.INVALID;
        int timeline = 0;
        String label = "";
        boolean standby = false;
        try {
            for (final String line :
                    new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
                if (line.startsWith(START)) {
                    final int end = line.indexOf(' ', START.length());
                    start = Lsn.parse(line.substring(START.length(), end < 0 ? line.length() : end));
                } else if (line.startsWith(CHECKPOINT)) {
                    checkpoint = Lsn.parse(line.substring(CHECKPOINT.length()));
                } else if (line.startsWith(TIMELINE)) {
                    timeline = Integer.parseUnsignedInt(line.substring(TIMELINE.length()));
                } else if (line.startsWith(LABEL)) {
                    label = line.substring(LABEL.length());
                } else if (line.startsWith(FROM)) {
                    standby = line.substring(FROM.length()).equals("standby");
                }
            }
        } catch (final IllegalArgumentException e) {
            throw new BackupException("the backup_label is malformed: " + e.getMessage(), e);
        }
        if (start == Lsn.INVALID || checkpoint == Lsn.INVALID || timeline == 0) {
            throw new BackupException("the backup_label does not say where the backup starts");
        }
        return new BackupLabel(start, checkpoint, timeline, label, standby);
    }
}
