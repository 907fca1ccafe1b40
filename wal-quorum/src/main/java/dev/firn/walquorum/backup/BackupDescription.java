package dev.firn.walquorum.backup;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.walquorum.json.JsonFields;
import dev.firn.walquorum.json.SealedJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/**
 * What is known of a complete base backup: {@code backup.json}, the object that makes it one.
 *
 * @param timeline whose backup it is.
 * @param systemIdentifier of the cluster, unsigned.
 * @param postgresVersion as the server says it: {@code 17.11 (Debian 17.11-1)}.
 * @param startLsn where replay begins.
 * @param startTimeline Postgres' timeline there.
 * @param checkpointLsn the record of the checkpoint that it began with.
 * @param endLsn replay has to come so far before the backup is consistent.
 * @param endTimeline Postgres' timeline there.
 * @param label what it was called.
 * @param fromStandby whether the server was one.
 * @param takenAt when it was complete, to the second.
 * @param files how many files, directories and links there are.
 * @param contentBytes their content.
 * @param archives in the order in which they came; the data directory last.
 * @param indexBytes length of {@code files.index}.
 * @param indexCrc CRC-32C of it.
 * @param manifestBytes length of {@code backup_manifest}.
 * @param manifestCrc CRC-32C of it.
 */
public record BackupDescription(
        String timeline,
        long systemIdentifier,
        int postgresMajor,
        String postgresVersion,
        long startLsn,
        int startTimeline,
        long checkpointLsn,
        long endLsn,
        int endTimeline,
        String label,
        boolean fromStandby,
        Instant takenAt,
        long files,
        long contentBytes,
        List<BackupArchive> archives,
        long indexBytes,
        int indexCrc,
        long manifestBytes,
        int manifestCrc) {
    static final String FORMAT = "firn-base-backup";
    static final int VERSION = 1;

    /** Names of a backup's objects, within its prefix. */
    static final String OBJECT = "backup.json";

    static final String INDEX = "files.index";
    static final String MANIFEST = "backup_manifest";

    /** Most tablespaces of one cluster, the data directory included: what an index can number. */
    static final int MAX_ARCHIVES = 65_535;

    public BackupDescription {
        archives = List.copyOf(archives);
        takenAt = Instant.ofEpochSecond(takenAt.getEpochSecond());
    }

    /** The bytes of all archives. */
    public long archiveBytes() {
        return archives.stream().mapToLong(BackupArchive::lengthBytes).sum();
    }

    byte[] encode() {
        return SealedJson.write(
                FORMAT,
                VERSION,
                json -> json.text("timeline", timeline)
                        .text("systemIdentifier", Long.toUnsignedString(systemIdentifier))
                        .number("postgresMajor", postgresMajor)
                        .text("postgresVersion", postgresVersion)
                        .text("startLsn", Lsn.format(startLsn))
                        .number("startTimeline", Integer.toUnsignedLong(startTimeline))
                        .text("checkpointLsn", Lsn.format(checkpointLsn))
                        .text("endLsn", Lsn.format(endLsn))
                        .number("endTimeline", Integer.toUnsignedLong(endTimeline))
                        .text("label", label)
                        .text("from", fromStandby ? "standby" : "primary")
                        .text("takenAt", takenAt.toString())
                        .number("files", files)
                        .number("contentBytes", contentBytes)
                        .objects(
                                "archives",
                                archives,
                                (item, archive) -> item.text("name", archive.name())
                                        .number("oid", archive.tablespaceOid())
                                        .text("location", archive.location())
                                        .number("bytes", archive.lengthBytes())
                                        .text("crc32c", HexFormat.of().toHexDigits(archive.crc())))
                        .number("indexBytes", indexBytes)
                        .text("indexCrc32c", HexFormat.of().toHexDigits(indexCrc))
                        .number("manifestBytes", manifestBytes)
                        .text("manifestCrc32c", HexFormat.of().toHexDigits(manifestCrc)));
    }

    /**
     * Reads the durable form.
     *
     * @param what how it is called in errors: its key.
     * @throws dev.firn.walquorum.json.MalformedJsonException in one sentence.
     */
    static BackupDescription decode(final String what, final byte[] bytes) {
        final JsonFields fields = SealedJson.open(what, bytes, FORMAT, VERSION);
        try {
            final BackupDescription read = new BackupDescription(
                    fields.text("timeline"),
                    Long.parseUnsignedLong(fields.text("systemIdentifier")),
                    fields.integer("postgresMajor"),
                    fields.text("postgresVersion"),
                    Lsn.parse(fields.text("startLsn")),
                    (int) fields.number("startTimeline"),
                    Lsn.parse(fields.text("checkpointLsn")),
                    Lsn.parse(fields.text("endLsn")),
                    (int) fields.number("endTimeline"),
                    fields.text("label"),
                    fields.text("from").equals("standby"),
                    Instant.parse(fields.text("takenAt")),
                    fields.number("files"),
                    fields.number("contentBytes"),
                    fields.objects("archives").stream()
                            .map(BackupDescription::archive)
                            .toList(),
                    fields.number("indexBytes"),
                    HexFormat.fromHexDigits(fields.text("indexCrc32c")),
                    fields.number("manifestBytes"),
                    HexFormat.fromHexDigits(fields.text("manifestCrc32c")));
            fields.end();
            return read;
        } catch (final IllegalArgumentException | DateTimeException e) {
            throw fields.error("makes no sense: " + e.getMessage());
        }
    }

    private static BackupArchive archive(final JsonFields fields) {
        final BackupArchive archive = new BackupArchive(
                fields.text("name"),
                fields.number("oid"),
                fields.text("location"),
                fields.number("bytes"),
                HexFormat.fromHexDigits(fields.text("crc32c")));
        fields.end();
        return archive;
    }
}
