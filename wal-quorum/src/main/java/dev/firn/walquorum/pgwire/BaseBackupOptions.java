package dev.firn.walquorum.pgwire;

/**
 * What BASE_BACKUP is asked for.
 *
 * @param label            what the backup is called in its {@code backup_label}.
 * @param isCheckpointFast whether the checkpoint that it begins with is done at full speed.
 * @param withSizes        whether the server finds out the sizes of the tablespaces first, so that progress has a measure.
 * @param withWal          whether the WAL that the backup needs goes into its {@code base.tar}.
 * @param waitsForArchive  whether it ends only when the server's own archiver has the WAL that it needs.
 * @param withManifest     whether a manifest with CRC32C checksums follows.
 * @param withTablespaceMap whether {@code base.tar} holds a {@code tablespace_map}.
 * @param verifiesChecksums whether the server checks its pages as it reads them; a bad one is a warning, and an error at the end.
 * @param maxRateKiB       the most KiB a second; 0 is no limit.
 */
public record BaseBackupOptions(
        String label,
        boolean isCheckpointFast,
        boolean withSizes,
        boolean withWal,
        boolean waitsForArchive,
        boolean withManifest,
        boolean withTablespaceMap,
        boolean verifiesChecksums,
        int maxRateKiB) {
    /** MAX_RATE_LOWER and MAX_RATE_UPPER of backup/basebackup.h. */
    private static final int MIN_RATE_KIB = 32;

    private static final int MAX_RATE_KIB = 1 << 20;

    public BaseBackupOptions {
        if (maxRateKiB != 0 && (maxRateKiB < MIN_RATE_KIB || maxRateKiB > MAX_RATE_KIB)) {
            throw new IllegalArgumentException("Postgres takes a rate from " + MIN_RATE_KIB + " to " + MAX_RATE_KIB
                    + " KiB/s for a base backup, not " + maxRateKiB);
        }
    }

    /** Fast checkpoint, sizes, manifest and tablespace map; no WAL, no waiting for an archive, no limit. */
    public static BaseBackupOptions of(final String label) {
        return new BaseBackupOptions(label, true, true, false, false, true, true, true, 0);
    }

    /** BASE_BACKUP as backup/basebackup.c reads it. */
    String command() {
        return "BASE_BACKUP (LABEL " + Quoting.literal(label)
                + ", PROGRESS " + withSizes
                + ", CHECKPOINT " + (isCheckpointFast ? "'fast'" : "'spread'")
                + ", WAL " + withWal
                + ", WAIT " + waitsForArchive
                + (withManifest ? ", MANIFEST 'yes', MANIFEST_CHECKSUMS 'CRC32C'" : ", MANIFEST 'no'")
                + ", TABLESPACE_MAP " + withTablespaceMap
                + ", VERIFY_CHECKSUMS " + verifiesChecksums
                + (maxRateKiB == 0 ? "" : ", MAX_RATE " + maxRateKiB)
                + ")";
    }

    public BaseBackupOptions withFastCheckpoint(final boolean isFast) {
        return new BaseBackupOptions(
                label,
                isFast,
                withSizes,
                withWal,
                waitsForArchive,
                withManifest,
                withTablespaceMap,
                verifiesChecksums,
                maxRateKiB);
    }

    public BaseBackupOptions withMaxRateKiB(final int rateKiB) {
        return new BaseBackupOptions(
                label,
                isCheckpointFast,
                withSizes,
                withWal,
                waitsForArchive,
                withManifest,
                withTablespaceMap,
                verifiesChecksums,
                rateKiB);
    }

    public BaseBackupOptions withWalIncluded(final boolean isIncluded) {
        return new BaseBackupOptions(
                label,
                isCheckpointFast,
                withSizes,
                isIncluded,
                waitsForArchive,
                withManifest,
                withTablespaceMap,
                verifiesChecksums,
                maxRateKiB);
    }
}
