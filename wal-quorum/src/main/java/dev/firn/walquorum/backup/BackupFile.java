package dev.firn.walquorum.backup;

/**
 * One file, directory or link of a base backup.
 *
 * @param archive which archive it stands in: an index into {@link BackupDescription#archives()}.
 * @param path within the archive's directory.
 * @param linkTarget empty but for a link.
 * @param mode the permission bits.
 * @param modifiedEpochSeconds when it was last changed.
 * @param offset where its content begins in the archive's object.
 * @param lengthBytes of its content.
 * @param crc CRC-32C of its content.
 */
public record BackupFile(
        int archive,
        FileKind kind,
        String path,
        String linkTarget,
        int mode,
        long modifiedEpochSeconds,
        long offset,
        long lengthBytes,
        int crc) {}
