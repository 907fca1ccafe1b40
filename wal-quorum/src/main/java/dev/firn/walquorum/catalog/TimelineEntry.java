package dev.firn.walquorum.catalog;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalSegments;
import dev.firn.walquorum.json.JsonFields;
import dev.firn.walquorum.json.MalformedJsonException;
import dev.firn.walquorum.json.SealedJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * What is said of a timeline when it is made, and never changes.
 *
 * @param name see {@link TimelineKeys}.
 * @param logId the name of its quorum log.
 * @param systemIdentifier of the Postgres cluster, unsigned.
 * @param postgresMajor one that Firn reads.
 * @param walSegmentBytes {@code wal_segment_size} of the cluster.
 * @param startLsn where the log begins: the first byte of a segment, at or before the start of the first base backup.
 * @param postgresTimeline Postgres' timeline at {@code startLsn}.
 * @param members the acceptors of generation 1.
 * @param createdAt to the second.
 */
public record TimelineEntry(
        String name,
        long logId,
        long systemIdentifier,
        int postgresMajor,
        int walSegmentBytes,
        long startLsn,
        int postgresTimeline,
        List<Long> members,
        Instant createdAt) {
    static final String FORMAT = "firn-timeline";
    static final int VERSION = 1;

    public TimelineEntry {
        Objects.requireNonNull(createdAt, "createdAt");
        members = List.copyOf(members);
        if (!TimelineKeys.isName(name)) {
            throw TimelineKeys.noName(name);
        }
        PostgresVersion.ofMajor(postgresMajor);
        if (!WalSegments.isValidSize(walSegmentBytes)) {
            throw new IllegalArgumentException(
                    "a WAL segment size of " + walSegmentBytes + " bytes is not a power of two from 1 MiB to 1 GiB");
        }
        if (startLsn <= Lsn.INVALID || startLsn % walSegmentBytes != 0) {
            throw new IllegalArgumentException("a log begins with a segment, and no segment of " + walSegmentBytes
                    + " bytes begins at " + Lsn.format(startLsn));
        }
        if (postgresTimeline == 0 || members.isEmpty()) {
            throw new IllegalArgumentException(
                    "a timeline has a Postgres timeline and members, not " + postgresTimeline + " and " + members);
        }
        createdAt = Instant.ofEpochSecond(createdAt.getEpochSecond());
    }

    public TimelineKeys keys() {
        return new TimelineKeys(name);
    }

    /** The durable form: text, sealed with its checksum. */
    public byte[] encode() {
        final HexFormat hex = HexFormat.of();
        return SealedJson.write(
                FORMAT,
                VERSION,
                json -> json.text("name", name)
                        .text("logId", hex.toHexDigits(logId))
                        .text("systemIdentifier", Long.toUnsignedString(systemIdentifier))
                        .number("postgresMajor", postgresMajor)
                        .number("walSegmentBytes", walSegmentBytes)
                        .text("startLsn", Lsn.format(startLsn))
                        .number("postgresTimeline", Integer.toUnsignedLong(postgresTimeline))
                        .texts("members", members.stream().map(hex::toHexDigits).toList())
                        .text("createdAt", createdAt.toString()));
    }

    /**
     * Reads the durable form.
     *
     * @param what how it is called in errors: its key.
     * @param name whose entry it should be.
     * @throws MalformedJsonException in one sentence, when it is damaged, of a future format, or of another timeline.
     */
    public static TimelineEntry decode(final String what, final byte[] bytes, final String name) {
        final JsonFields fields = SealedJson.open(what, bytes, FORMAT, VERSION);
        try {
            final TimelineEntry entry = new TimelineEntry(
                    fields.text("name"),
                    HexFormat.fromHexDigitsToLong(fields.text("logId")),
                    Long.parseUnsignedLong(fields.text("systemIdentifier")),
                    fields.integer("postgresMajor"),
                    fields.integer("walSegmentBytes"),
                    Lsn.parse(fields.text("startLsn")),
                    (int) fields.number("postgresTimeline"),
                    fields.texts("members").stream()
                            .map(HexFormat::fromHexDigitsToLong)
                            .toList(),
                    Instant.parse(fields.text("createdAt")));
            fields.end();
            if (!entry.name.equals(name)) {
                throw fields.error("is the entry of the timeline " + entry.name + ", not of " + name);
            }
            return entry;
        } catch (final IllegalArgumentException | DateTimeException e) {
            throw fields.error("makes no sense: " + e.getMessage());
        }
    }
}
