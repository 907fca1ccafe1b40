package dev.firn.walquorum.catalog;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.walquorum.json.JsonFields;
import dev.firn.walquorum.json.MalformedJsonException;
import dev.firn.walquorum.json.SealedJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;

/**
 * What is said of a branch when it is made, and never changes: {@code timelines/NAME/branch.json}, the object that makes it one.
 *
 * @param timelineId names it in requests; of its quorum log, once it has WAL of its own.
 * @param parent the timeline that it is a branch of.
 * @param branchLsn where it left its parent.
 * @param createdAt to the second.
 */
public record BranchEntry(String name, long timelineId, String parent, long branchLsn, Instant createdAt) {
    static final String FORMAT = "firn-branch";
    static final int VERSION = 1;

    public BranchEntry {
        if (!TimelineKeys.isName(name) || !TimelineKeys.isName(parent) || name.equals(parent)) {
            throw new IllegalArgumentException(name + " cannot be a branch of " + parent);
        }
        if (branchLsn <= Lsn.INVALID) {
            throw new IllegalArgumentException(Lsn.format(branchLsn) + " is no LSN to branch off at");
        }
        createdAt = Instant.ofEpochSecond(createdAt.getEpochSecond());
    }

    /** Where the entry of a branch is. */
    static String key(final String name) {
        return new TimelineKeys(name).branch();
    }

    /** The durable form: text, sealed with its checksum. */
    byte[] encode() {
        return SealedJson.write(
                FORMAT,
                VERSION,
                json -> json.text("name", name)
                        .text("timelineId", HexFormat.of().toHexDigits(timelineId))
                        .text("parent", parent)
                        .text("branchLsn", Lsn.format(branchLsn))
                        .text("createdAt", createdAt.toString()));
    }

    /**
     * Reads the durable form.
     *
     * @throws MalformedJsonException in one sentence, when it is damaged, of a future format, or of another branch.
     */
    static BranchEntry decode(final byte[] bytes, final String name) {
        final JsonFields fields = SealedJson.open(key(name), bytes, FORMAT, VERSION);
        try {
            final BranchEntry entry = new BranchEntry(
                    fields.text("name"),
                    HexFormat.fromHexDigitsToLong(fields.text("timelineId")),
                    fields.text("parent"),
                    Lsn.parse(fields.text("branchLsn")),
                    Instant.parse(fields.text("createdAt")));
            fields.end();
            if (!entry.name.equals(name)) {
                throw fields.error("is the entry of the branch " + entry.name + ", not of " + name);
            }
            return entry;
        } catch (final IllegalArgumentException | DateTimeException e) {
            throw fields.error("makes no sense: " + e.getMessage());
        }
    }
}
